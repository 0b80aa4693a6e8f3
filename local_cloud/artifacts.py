"""The Lambda packages of this checkout, in a bucket of the local cloud.

From S3 the provider creates a function at once; from a file it takes five seconds each, one after the other.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud import settings
from local_cloud.process import CannotRun
from local_cloud.settings import REPOSITORY, Settings

BUCKET = "towpath-artifacts"
PACKAGES = REPOSITORY / "build" / "packages"


def publish(chosen: Settings, packages: Path = PACKAGES) -> dict[str, dict[str, str]]:
    """Uploads what is new; returns name → {s3_bucket, s3_key, source_code_hash}, as modules take packages.

    Keys contain the content's digest, so that an unchanged package is an unchanged plan. Raises CannotRun when the
    packages have not been built.
    """
    manifest_path = packages / "manifest.json"
    if not manifest_path.exists():
        raise CannotRun(f"{manifest_path} is missing: build the packages with `make package`")
    s3 = _s3(chosen)
    s3.create_bucket(Bucket=BUCKET)  # in us-east-1 creating one's own bucket again is no error
    manifest: dict[str, dict[str, str]] = json.loads(manifest_path.read_text())
    return {name: _publish(s3, packages, name, package) for name, package in manifest.items()}


def _publish(s3: Any, packages: Path, name: str, package: dict[str, str]) -> dict[str, str]:
    key = f"{name}/{package['sha256']}.zip"
    try:
        s3.head_object(Bucket=BUCKET, Key=key)
    except ClientError:
        s3.put_object(Bucket=BUCKET, Key=key, Body=(packages / package["filename"]).read_bytes())
    return {"s3_bucket": BUCKET, "s3_key": key, "source_code_hash": package["source_code_hash"]}


def _s3(chosen: Settings) -> Any:
    return botocore.session.get_session().create_client(
        "s3",
        region_name=settings.REGION,
        endpoint_url=chosen.endpoint_url,
        aws_access_key_id=settings.ACCESS_KEY_ID,
        aws_secret_access_key=settings.SECRET_ACCESS_KEY,
        config=Config(s3={"addressing_style": "path"}),
    )
