"""Upload the packages of a stack and write the artefact variables that a pull request then shows as a change.

    python -m tools.publish --env dev --stack file-transfer --bucket my-artefacts

Keys name the content (packages/<name>/<sha256>.zip), so an object is never replaced, and publishing the same code twice
uploads nothing and changes no file. Credentials and region are those of the AWS SDK's own settings.
"""

from __future__ import annotations

import argparse
import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from tools.hcl import parse_module
from tools.paths import BUILD, STACKS, shown

LAYER = "layer-lambda"
# What a stack takes besides its package and the layer, if it declares the variable.
OPTIONAL_LAYERS = {"content_layer": "layer-content-lambda"}
ARTIFACTS_FILE = "artifacts.auto.tfvars.json"


class ObjectStore(Protocol):
    """The part of an S3 client that publishing needs."""

    def list_objects_v2(self, **arguments: Any) -> Mapping[str, Any]: ...

    def put_object(self, **arguments: Any) -> Mapping[str, Any]: ...


def publish(store: ObjectStore, bucket: str, packages: Path, stack_folder: Path) -> Path:
    """Upload what is not there yet and write the stack's artefact variables; returns the file written.

    Raises SystemExit where the stack or its package does not exist.
    """
    if not stack_folder.is_dir():
        raise SystemExit(f"{shown(stack_folder)} does not exist: give ENV and STACK of a folder envs/<env>/<stack>.")
    manifest = json.loads((packages / "manifest.json").read_text())
    names = {"package": stack_folder.name.replace("-", "_"), "layer": LAYER} | optional_layers(stack_folder)
    artifacts = {}
    for variable, name in names.items():
        if name not in manifest:
            raise SystemExit(f"there is no package {name}; make package built: {', '.join(manifest)}.")
        entry = manifest[name]
        key = f"packages/{name}/{entry['sha256']}.zip"
        _upload_once(store, bucket, key, packages / entry["filename"])
        artifacts[variable] = {"s3_bucket": bucket, "s3_key": key, "source_code_hash": entry["source_code_hash"]}
    written = stack_folder / ARTIFACTS_FILE
    written.write_text(json.dumps(artifacts, indent=2) + "\n")
    return written


def optional_layers(stack_folder: Path) -> dict[str, str]:
    """Variable => package, for those of OPTIONAL_LAYERS that the stack declares."""
    declared = {block.labels[0] for block in parse_module(stack_folder).of_type("variable")}
    return {variable: name for variable, name in OPTIONAL_LAYERS.items() if variable in declared}


def _upload_once(store: ObjectStore, bucket: str, key: str, path: Path) -> None:
    listed = store.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
    if listed.get("KeyCount"):
        print(f"· already there: s3://{bucket}/{key}")
        return
    print(f"· uploading s3://{bucket}/{key} ({path.stat().st_size:,} bytes)", flush=True)
    checksum = base64.b64encode(bytes.fromhex(named_digest(key))).decode()
    store.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), ChecksumSHA256=checksum)


def named_digest(key: str) -> str:
    """The hex SHA-256 that a key names; S3 refuses an upload whose bytes have another one."""
    return key.rpartition("/")[2].removesuffix(".zip")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("env", "stack", "bucket"):
        parser.add_argument(f"--{option}", required=True)
    arguments = parser.parse_args()
    missing = [option for option in ("env", "stack", "bucket") if not getattr(arguments, option)]
    if missing:
        raise SystemExit(f"say {' '.join(option.upper() + '=…' for option in missing)}")

    import boto3  # noqa: PLC0415  (slow to import, and the other commands of make do without)

    store = boto3.client("s3")
    written = publish(store, arguments.bucket, BUILD / "packages", STACKS / arguments.env / arguments.stack)
    print(f"· wrote {shown(written)}: commit it")


if __name__ == "__main__":
    main()
