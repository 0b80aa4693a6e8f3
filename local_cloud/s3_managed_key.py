"""Writes that ask for SSE-KMS and name no key.

S3 takes the account's own key for them, `aws/s3`, whatever the bucket's default is (S3 API reference, PutObject and
CreateMultipartUpload, `x-amz-server-side-encryption-aws-kms-key-id`). ministack refuses them. Whoever may read the
object may use that key by its own policy, so answers name the algorithm and no key that a policy could be asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import s3

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.services.s3", "_resolve_sse_write_headers", "2affef5a7d37a055"),)
Resolved = tuple[dict[str, str] | None, Any]
ALGORITHM = "x-amz-server-side-encryption"
KEY = f"{ALGORITHM}-aws-kms-key-id"
CUSTOMER = f"{ALGORITHM}-customer-"


def install() -> None:
    """Answers for such writes, and leaves all others to ministack."""
    original: Callable[[Mapping[str, str], str], Resolved] = s3._resolve_sse_write_headers

    def resolve(headers: Mapping[str, str], bucket_name: str) -> Resolved:
        if takes_managed_key(headers):
            return {ALGORITHM: "aws:kms"}, None
        return original(headers, bucket_name)

    s3._resolve_sse_write_headers = resolve


def takes_managed_key(headers: Mapping[str, str]) -> bool:
    """True for SSE-KMS without a key; a customer's key beside it is a contradiction, which S3 refuses."""
    others = [name for name, value in headers.items() if value and (name == KEY or name.startswith(CUSTOMER))]
    return headers.get(ALGORITHM) == "aws:kms" and not others
