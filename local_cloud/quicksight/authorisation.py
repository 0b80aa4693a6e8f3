"""Bundle jobs with the permissions of whoever started them, as the local IAM has them."""

from __future__ import annotations

from collections.abc import Sequence

from ministack.core.responses import request_scope
from ministack.services import s3

from local_cloud.aws_models.authorisation import Policies
from local_cloud.quicksight.engine import ObjectRefused
from local_cloud.quicksight.permissions import Authorise, Need
from local_cloud.symbols import PatchedSymbol

_S3 = "ministack.services.s3"
SYMBOLS = (
    PatchedSymbol(_S3, "_bucket_owner_account", "4352c25646a80a31"),
    PatchedSymbol(_S3, "_get_object_data", "8735d1f5e3313076"),
    PatchedSymbol(_S3, "_stored_sse_headers", "d621904bcfb0adf0"),
)
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_KEYS = {"aws:SecureTransport": "true"}


def authorise_in(region: str) -> Authorise:
    """The question for jobs of one Region."""

    def denied(principal: str, needs: Sequence[Need]) -> list[str]:
        policies = Policies(principal)
        return [action for action, resource in needs if not policies.allow(action, resource, region, _KEYS)]

    return denied


def read_object(principal: str, account: str, uri: str, region: str) -> bytes:
    """An object of S3 if the principal may read it; buckets of other accounts are refused. Raises ObjectRefused."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    owner = s3._bucket_owner_account(bucket)
    if owner is None:
        raise ObjectRefused("NoSuchBucket", f"bucket {bucket} does not exist")
    if owner != account:
        raise ObjectRefused("AccessDenied", f"bucket {bucket} is not in account {account}")
    policies = Policies(principal)
    with request_scope(account, region):
        if not policies.allow("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", region, _KEYS, with_policy_of="s3"):
            raise ObjectRefused("AccessDenied", f"{principal} is not authorized to perform: s3:GetObject on {uri}")
        record = s3._buckets[bucket]["objects"].get(key)
        if record is None:
            raise ObjectRefused("NoSuchKey", f"{uri} does not exist")
        encryption_key = s3._stored_sse_headers(record).get(_KEY, "")
        if encryption_key and not encryption_key.startswith("arn:"):
            encryption_key = f"arn:aws:kms:{region}:{account}:key/{encryption_key}"
        if encryption_key and not policies.allow("kms:Decrypt", encryption_key, region, _KEYS, with_policy_of="kms"):
            raise ObjectRefused("AccessDenied", f"{principal} is not authorized to perform: kms:Decrypt on the key")
        return bytes(s3._get_object_data(bucket, key))
