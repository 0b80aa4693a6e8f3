"""What nobody may read in a record, a log or a plan: secrets by the name of their member, and by how they look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"
#: A member whose name ends so holds a secret. An ARN or the name of one only says where it lies.
SECRET_NAMES = re.compile(
    r"(?:password|passphrase|secret|secretkey|secretaccesskey|token|credentials?|credentialpair|privatekey|apikey|"
    r"accesskey|externalid|username)$"
)
SECRET_TEXT = re.compile(
    r"X-Amz-(?:Signature|Security-Token|Credential)=[^&\s\"']+"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^/\s:@]+:[^/\s:@]+(?=@)"
    r"|(?i:\b(?:password|pwd)\s*=\s*)(?:'[^']*'|[^\s;&]+)",
    re.DOTALL,
)


def redacted(value: Any, name: str = "") -> Any:
    """A copy without secrets; `name` is the member that holds the value.

    Below a member of credentials only what says where a secret lies (`SecretArn`) is kept.
    """
    plain = re.sub(r"[^a-z]", "", name.lower())
    if isinstance(value, Mapping):
        hides = bool(SECRET_NAMES.search(plain))
        return {
            key: HIDDEN if hides and not str(key).lower().endswith("arn") else redacted(each, str(key))
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(each, name) for each in value]
    if value is not None and SECRET_NAMES.search(plain):
        return HIDDEN
    return SECRET_TEXT.sub(HIDDEN, value) if isinstance(value, str) else value
