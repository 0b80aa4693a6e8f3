"""Overrides under QuickSight's service model, and what of it a migration does not take.

Credentials are refused as text: a job is stored, shown and logged. A secret's ARN is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from quicksight_migration.assets.api_shapes import shape
from shared import model_checks
from shared.clock import parse
from shared.schemas import Problem

OVERRIDES, TAGS = "AssetBundleImportJobOverrideParameters", "AssetBundleImportJobOverrideTags"
PREFIX_MEMBER = "ResourceIdOverrideConfiguration"
REFUSED_CREDENTIALS = ("CredentialPair", "CopySourceArn")
SECRET_ACCOUNT = re.compile(r"arn:[-a-z0-9]*:secretsmanager:[-a-z0-9]*:([0-9]{12}):secret:.+")
FINDING = re.compile(r"(?P<length>length of )?(?P<path>\S+) (?P<message>.*)", re.DOTALL)


def override_problems(overrides: Mapping[str, Any], target_account_id: str) -> list[Problem]:
    """What is wrong with `overrides`; no message repeats a value."""
    found = []
    if PREFIX_MEMBER in overrides:
        found.append(Problem(f"$.overrides.{PREFIX_MEMBER}", "is not taken: use options.conflictPolicy PREFIX"))
    kept = {name: value for name, value in overrides.items() if name != PREFIX_MEMBER}
    sources = kept.get("DataSources")
    if isinstance(sources, list):
        for index, source in enumerate(sources):
            found += _credential_problems(source, f"$.overrides.DataSources[{index}].Credentials", target_account_id)
        kept["DataSources"] = [_without_credentials(source) for source in sources]
    return [*found, *_under_model(OVERRIDES, kept, "$.overrides")]


def tag_problems(tags: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with `overrideTags`."""
    return list(_under_model(TAGS, tags, "$.overrideTags"))


def _credential_problems(source: Any, path: str, target_account_id: str) -> Iterator[Problem]:
    credentials = source.get("Credentials") if isinstance(source, dict) else None
    if not isinstance(credentials, dict):
        return
    for name in REFUSED_CREDENTIALS:
        if name in credentials:
            yield Problem(f"{path}.{name}", "is refused: name a secret of the target account as SecretArn")
    secret = credentials.get("SecretArn")
    named = SECRET_ACCOUNT.fullmatch(secret) if isinstance(secret, str) else None
    if named and named[1] != target_account_id:
        yield Problem(f"{path}.SecretArn", "must be a secret of the target account")


def _without_credentials(source: Any) -> Any:
    """The data source without the credentials that were refused: no message of the model quotes them."""
    if not isinstance(source, dict) or not isinstance(source.get("Credentials"), dict):
        return source
    kept = {name: value for name, value in source["Credentials"].items() if name not in REFUSED_CREDENTIALS}
    return {**source, "Credentials": kept}


def _under_model(name: str, value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    wanted = shape(name)
    for finding in model_checks.problems(wanted, _typed(wanted, value)):
        told = FINDING.fullmatch(finding)
        if told is None:
            raise ValueError("a finding has no path")
        message = re.sub(r", not '.*", "", told["message"], flags=re.DOTALL)
        yield Problem(f"{path}.{told['path']}", f"its length {message}" if told["length"] else message)


def _typed(wanted: Any, value: Any) -> Any:
    """JSON's texts and numbers as the model has them: times from ISO 8601, numbers with a fraction as floats."""
    if isinstance(value, Mapping) and wanted.type_name == "structure":
        members = wanted.members
        return {name: _typed(members[name], each) if name in members else each for name, each in value.items()}
    if isinstance(value, list) and wanted.type_name == "list":
        return [_typed(wanted.member, each) for each in value]
    if isinstance(value, Decimal):
        return float(value)
    return _time(value) if wanted.type_name == "timestamp" and isinstance(value, str) else value


def _time(text: str) -> datetime | str:
    try:
        return parse(text)
    except ValueError:
        return text
