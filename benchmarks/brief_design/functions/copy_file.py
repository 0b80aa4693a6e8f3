"""The copies: SFTP to S3, and SFTP to the bucket behind the partner's SFTP server."""

from __future__ import annotations

import json
import os
from typing import Any

import boto3
from records import audit

s3 = boto3.client("s3")
SFTP_BACKENDS: dict[str, str] = json.loads(os.environ["SFTP_BACKENDS"])


def to_s3(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The function lambda_sftp_to_s3 of the brief."""
    bucket, _, prefix = event["targets"]["s3"].removeprefix("s3://").partition("/")
    return _copy(event, "COPY_TO_S3", bucket, prefix)


def to_sftp(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The function lambda_sftp_to_sftp of the brief: the partner's server keeps its files in a bucket."""
    server, _, prefix = event["targets"]["sftp"].removeprefix("sftp://").partition("/")
    return _copy(event, "COPY_TO_SFTP", SFTP_BACKENDS[server], prefix)


def _copy(event: dict[str, Any], event_type: str, bucket: str, prefix: str) -> dict[str, Any]:
    key = prefix + event["fileName"]
    s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": event["bucket"], "Key": event["key"]})
    audit(event, event_type, "IN_PROGRESS", f"Copied to {bucket}/{key}")
    return {"bucket": bucket, "key": key}
