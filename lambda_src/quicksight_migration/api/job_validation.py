"""The body of POST /jobs: what its schema says, what the document alone shows, and what the configuration knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.api.override_validation import override_problems, tag_problems
from quicksight_migration.assets.types import parse_arn
from shared.schemas import Problem, problems

SCHEMA = "start-migration-job"
PREFIX = "PREFIX"
PRINCIPAL_ACCOUNT = 4

Body = Mapping[str, Any]
Accounts = Mapping[str, BiAccount]


def document_problems(body: Any) -> list[Problem]:
    """What is wrong with the document itself: for the command line, before anything is sent."""
    found = problems(SCHEMA, body)
    if isinstance(body, dict):
        if isinstance(body.get("overrides"), dict):
            found += override_problems(body["overrides"], str(body.get("targetAccountId")))
        if isinstance(body.get("overrideTags"), dict):
            found += tag_problems(body["overrideTags"])
    if not found:
        found = [*_prefix(body.get("options", {})), *_assets(body), *_permissions(body)]
    return found


def account_problems(body: Body, sources: Accounts, targets: Accounts) -> list[Problem]:
    """What is wrong with a valid document in this configuration. The tenants are looked at by whoever knows the
    principal."""
    source, target = sources.get(body["sourceAccountId"]), targets.get(body["targetAccountId"])
    found = []
    if source is None:
        found.append(Problem("$.sourceAccountId", "is not a source account that is configured"))
    else:
        found += _regions(body, source.region)
    if target is None:
        found.append(Problem("$.targetAccountId", "is not a target account that is configured"))
    elif target.tenant_id and body.get("tenantId", target.tenant_id) != target.tenant_id:
        found.append(Problem("$.tenantId", "is not the tenant of the target account"))
    return found


def tenant_of(body: Body, target: BiAccount) -> str:
    """The tenant that a job belongs to; empty for none."""
    return str(body.get("tenantId") or target.tenant_id)


def _prefix(options: Mapping[str, Any]) -> Iterator[Problem]:
    wants, has = options.get("conflictPolicy") == PREFIX, "prefix" in options
    if wants and not has:
        yield Problem("$.options.prefix", "is required with conflictPolicy PREFIX")
    if has and not wants:
        yield Problem("$.options.prefix", "is only taken with conflictPolicy PREFIX")


def _assets(body: Body) -> Iterator[Problem]:
    for index, arn in enumerate(body["assets"]):
        try:
            _, place = parse_arn(arn)
        except ValueError:
            yield Problem(f"$.assets[{index}]", "is not the ARN of an asset that can be migrated")
            continue
        if place.account_id != body["sourceAccountId"]:
            yield Problem(f"$.assets[{index}]", "is not in the source account")


def _regions(body: Body, region: str) -> Iterator[Problem]:
    for index, arn in enumerate(body["assets"]):
        if parse_arn(arn)[1].region != region:
            yield Problem(f"$.assets[{index}]", f"is not in {region}, the Region of the source account")


def _permissions(body: Body) -> Iterator[Problem]:
    for index, entry in enumerate(body.get("permissions", [])):
        if ("assetTypes" in entry) == ("assetIds" in entry):
            yield Problem(f"$.permissions[{index}]", "must name either assetTypes or assetIds")
        for place, arn in enumerate(entry["principals"]):
            if arn.split(":")[PRINCIPAL_ACCOUNT] != body["targetAccountId"]:
                yield Problem(f"$.permissions[{index}].principals[{place}]", "is not of the target account")
