"""The audit trail leaves its table, is locked and sealed, and a copy of it is verified by the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.transfers import Route, Transfers

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def bucket(transfers: Transfers) -> str:
    name: str = transfers.cloud.outputs("file-transfer")["audit"]["bucket_name"]
    return name


def exported(transfers: Transfers, bucket: str, route: Route, name: str) -> list[dict[str, Any]]:
    """The records of a file in the bucket, each once, in order."""
    found = {}
    for page in transfers.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="audit/"):
        for entry in page.get("Contents", []):
            for line in transfers.content(bucket, entry["Key"]).decode().splitlines():
                record = json.loads(line)
                if record["PK"] == f"FILE#{route.customer}#{name}":
                    found[record["SK"]] = record
    return [found[key] for key in sorted(found)]


def all_exported(transfers: Transfers, bucket: str, route: Route, name: str) -> list[dict[str, Any]]:
    """Waits until the bucket has every record that the table has."""

    def both() -> list[dict[str, Any]] | None:
        there = exported(transfers, bucket, route, name)
        return there if there and there == transfers.queries.audit_records(route.customer, name) else None

    records: list[dict[str, Any]] = transfers.eventually(both, f"the export of {name}")
    return records


def test_every_record_is_exported_and_locked(transfers: Transfers, bucket: str) -> None:
    # Given a delivered file
    route = transfers.route()
    transfers.upload(route, "daily.csv")
    transfers.settled(route, "daily.csv")
    # Then its trail is in the bucket as well
    all_exported(transfers, bucket, route, "daily.csv")
    # and nobody can take it out, nor write over it
    [entry, *_] = transfers.s3.list_objects_v2(Bucket=bucket, Prefix="audit/")["Contents"]
    [version] = transfers.versions(bucket, entry["Key"])
    with pytest.raises(ClientError, match="AccessDenied"):
        transfers.s3.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=version["VersionId"])


def test_an_export_survives_lost_answers_throttling_and_a_killed_function(transfers: Transfers, bucket: str) -> None:
    role = "*file-transfer-export-audit*"
    rules = [
        fault("s3", "PutObject", "lost_response", principal=role, nth=[1]),
        fault("s3", "PutObject", "throttle", principal=role, nth=[2, 3]),
        killed("file-transfer-export-audit", 1, nth=[3]),
    ]
    transfers.cloud.inject([rule | {"id": f"rule-{number}"} for number, rule in enumerate(rules)])
    route = transfers.route()
    for number in range(3):
        transfers.upload(route, f"f{number}.csv")
        transfers.settled(route, f"f{number}.csv")
        all_exported(transfers, bucket, route, f"f{number}.csv")
    assert transfers.cloud.injected()


def test_a_sealed_copy_is_verified_and_any_change_is_found(transfers: Transfers, bucket: str, tmp_path: Path) -> None:
    # Given records of an hour that is over: those of a delivered file, put there as the export would have done then
    route = transfers.route()
    transfers.upload(route, "sealed.csv")
    transfers.settled(route, "sealed.csv")
    records = all_exported(transfers, bucket, route, "sealed.csv")
    past = (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H")
    lines = "".join(json.dumps(record, sort_keys=True, separators=(",", ":")) + "\n" for record in records)
    transfers.s3.put_object(Bucket=bucket, Key=f"audit/{past}/1-2.jsonl", Body=lines.encode())
    # When the hours are sealed, as the schedule does
    names = transfers.cloud.outputs("file-transfer")["audit"]["function_names"]
    sealed = transfers.cloud.tick(names["seal-audit"])["sealed"]
    assert past in [each["hour"] for each in sealed] or transfers.s3.head_object(
        Bucket=bucket, Key=f"manifests/{past}.json"
    )
    copied = copy_of(transfers, bucket, tmp_path)
    # Then the command line finds the copy whole
    whole = verify(copied)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    # and whatever is changed, wrong
    victim = next(path for path in (copied / "audit").rglob("*.jsonl") if path.parent.name == past)
    victim.write_text(victim.read_text().replace("SUCCESS", "FAILED"))
    broken = verify(copied, "--json")
    assert broken.returncode == 1
    assert {each["kind"] for each in json.loads(broken.stdout)["findings"]} >= {"EDITED"}


def copy_of(transfers: Transfers, bucket: str, folder: Path) -> Path:
    """As `aws s3 sync` would."""
    for page in transfers.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page["Contents"]:
            path = folder / entry["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(transfers.content(bucket, entry["Key"]))
    return folder


def verify(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`towpath audit verify`, as a person runs it."""
    command = [sys.executable, "cli/launch.py", "audit", "verify", str(folder), *options]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
