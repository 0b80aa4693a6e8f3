"""Files that one CopyObject cannot take: in parts by the copy function, or by a machine of their own.

The stack has small thresholds: parts of 5 MiB, copied by the copy function above 6 MiB and by the machine above 11 MiB.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from local_cloud.crc64 import crc64nvme
from local_cloud.session import LocalCloud
from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.transfers import Route, Transfers
from tests.e2e.permissions import left_over, refused, roles_of

MIB = 1024**2
MEDIUM, LARGE, LONGER = 8 * MIB, 12 * MIB, 27 * MIB
UNUSED = {
    ("plan-copy", "s3:ListBucket"): "without it S3 answers 403 instead of 404 for a target that is not there yet",
    ("plan-copy", "s3:ListBucketVersions"): "asked only where two versions without sequencer meet at a target",
    ("complete-copy", "s3:ListBucket"): "without it S3 answers 403 instead of 404 for a target that is gone",
    ("complete-copy", "s3:ListBucketVersions"): "asked only where two versions without sequencer meet at a target",
    ("copy-parts", "s3:GetObject"): "needed where the landing bucket has no versions to name",
}


class LargeFiles:
    """What the tests do with large files."""

    def __init__(self, transfers: Transfers) -> None:
        self.transfers = transfers
        self.cloud = transfers.cloud
        self.system = transfers.cloud.outputs("file-transfer")["large_files"]
        self.machines = transfers.cloud.client("stepfunctions")
        self.control = transfers.system["table_names"]["FileTransferControl"]
        self.places: set[tuple[str, str]] = set()

    def put(self, route: Route, name: str, size: int, seed: int = 1) -> bytes:
        """A file with the checksum that uploads have by default, put into the landing bucket."""
        content = random.Random(seed).randbytes(size)
        checksum = base64.b64encode(crc64nvme(content).to_bytes(8)).decode()
        place = {"Bucket": self.transfers.landing, "Key": f"{route.prefix}{name}"}
        targets = {(bucket, f"{route.customer}/") for bucket in (self.transfers.archive, self.transfers.partner_bucket)}
        self.places |= {(self.transfers.landing, route.prefix), *targets}
        self.transfers.s3.put_object(**place, Body=content, ChecksumCRC64NVME=checksum)
        return content

    def remove(self) -> None:
        """Deletes the files that were put, and their copies."""
        for bucket, prefix in self.places:
            for version in self.transfers.versions(bucket, prefix):
                self.transfers.s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])

    def executions(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        """Executions of the machine that were about a transfer, oldest first."""
        answer = self.machines.list_executions(stateMachineArn=self.system["state_machine_arn"], maxResults=1000)
        own = [each for each in answer["executions"] if each["name"].startswith(item["SK"].rpartition("#")[2])]
        return sorted(own, key=lambda each: str(each["startDate"]))

    def running(self, route: Route, name: str) -> str:
        """ARN of the execution that copies a file, as soon as there is one."""

        def found() -> str | None:
            item = self.transfers.queries.latest_status(route.customer, name)
            own = self.executions(item) if item else []
            return own[-1]["executionArn"] if own and own[-1]["status"] == "RUNNING" else None

        arn: str = self.transfers.eventually(found, f"an execution for {name}")
        return arn

    def calls(self, operation: str, route: Route) -> list[dict[str, Any]]:
        """Calls of an S3 operation on a customer's targets, injected failures left out."""
        found = [call for call in self.cloud.calls() if (call["service"], call["operation"]) == ("s3", operation)]
        return [call for call in found if f"/{route.customer}/" in call["resource"] and not call["error"]]

    def left(self, route: Route) -> list[Any]:
        """Unfinished uploads of a customer's targets, and notes of uploads."""
        uploads = [
            upload["Key"]
            for bucket in (self.transfers.archive, self.transfers.partner_bucket)
            for upload in self.transfers.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
            if upload["Key"].startswith(f"{route.customer}/")
        ]
        notes = self.transfers.dynamodb.scan(TableName=self.control)["Items"]
        targets = [item["target"]["S"] for item in notes if item["PK"]["S"].startswith("UPLOAD#")]
        return uploads + [target for target in targets if f"/{route.customer}/" in target]

    def delivered(self, route: Route, name: str, content: bytes, retries: int = 0) -> dict[str, Any]:
        """SUCCESS; each target holds the file once, with its checksum, and nothing is left of uploads."""
        item = self.transfers.settled(route, name)
        assert (item["status"], item["retryCount"]) == ("SUCCESS", retries), item
        for target, bucket in {"s3": self.transfers.archive, "sftp": self.transfers.partner_bucket}.items():
            if target not in item["targets"]:
                continue
            key = f"{route.customer}/{name}"
            assert len(self.transfers.versions(bucket, key)) == 1
            assert hashlib.sha256(self.transfers.content(bucket, key)).digest() == hashlib.sha256(content).digest()
            head = self.transfers.s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
            whole = base64.b64encode(crc64nvme(content).to_bytes(8)).decode()
            assert (head["ChecksumCRC64NVME"], head["ChecksumType"]) == (whole, "FULL_OBJECT")
            record = item["targets"][target]
            assert (record["state"], record["checksum"], record["etag"]) == (
                "SUCCEEDED",
                whole,
                head["ETag"].strip('"'),
            )
        assert self.left(route) == []
        self.transfers.assert_complete(route, name, item)
        return item


@pytest.fixture
def large(transfers: Transfers) -> Iterator[LargeFiles]:
    """Takes the files away after the test: a local cloud that ends writes all that it holds."""
    files = LargeFiles(transfers)
    yield files
    files.remove()


def test_a_medium_file_is_copied_in_parts_within_one_invocation(transfers: Transfers, large: LargeFiles) -> None:
    route = transfers.route(to=("s3", "sftp"), source="S3")

    content = large.put(route, "medium.bin", MEDIUM)

    item = large.delivered(route, "medium.bin", content)
    assert len(large.calls("UploadPartCopy", route)) == 4
    assert large.calls("CopyObject", route) == []
    assert large.executions(item) == []


def test_a_medium_file_survives_a_lost_answer_a_dead_function_and_throttling(
    transfers: Transfers, large: LargeFiles
) -> None:
    route = transfers.route(source="S3")
    transfers.cloud.inject(
        [
            fault("s3", "UploadPartCopy", "throttle", nth=[1], resource="*archive*"),
            killed("file-transfer-copy-object", 250, nth=[1]),
            fault("s3", "CompleteMultipartUpload", "lost_response", nth=[1], resource="*archive*"),
        ]
    )

    content = large.put(route, "medium.bin", MEDIUM)

    item = transfers.settled(route, "medium.bin")
    assert item["status"] == "SUCCESS", item
    assert len(transfers.cloud.injected()) == 3
    assert len(transfers.versions(transfers.archive, f"{route.customer}/")) == 1
    assert transfers.content(transfers.archive, f"{route.customer}/medium.bin") == content
    transfers.assert_complete(route, "medium.bin", item)


def test_a_large_file_is_copied_by_a_machine_of_its_own(transfers: Transfers, large: LargeFiles) -> None:
    route = transfers.route(to=("s3", "sftp"), source="S3")

    content = large.put(route, "large.bin", LARGE)

    item = large.delivered(route, "large.bin", content)
    names = sorted(each["name"] for each in large.executions(item))
    identity = item["SK"].rpartition("#")[2]
    assert names == [f"{identity}-s3-r0-0", f"{identity}-sftp-r0-0"]
    assert len(large.calls("UploadPartCopy", route)) == 6
    kinds = [event["eventType"] for event in transfers.queries.audit_trail(route.customer, "large.bin")]
    assert kinds.count("COPY_TO_S3") == 1


def test_faults_of_every_step_cost_no_file(transfers: Transfers, large: LargeFiles) -> None:
    route = transfers.route(source="S3")
    transfers.cloud.inject(
        [
            killed("file-transfer-plan-copy", 50, nth=[1]),
            killed("file-transfer-copy-parts", 400, nth=[1]),
            killed("file-transfer-complete-copy", 50, nth=[1]),
            fault("s3", "UploadPartCopy", "throttle", nth=[2], principal="*file-transfer-copy-parts*"),
            fault("s3", "ListParts", "error", code="InternalError", status=500, nth=[1], principal="*file-transfer*"),
            fault("s3", "CompleteMultipartUpload", "lost_response", nth=[1], principal="*file-transfer-complete*"),
            fault(
                "sqs", "SendMessage", "error", code="InternalFailure", status=500, nth=[1], principal="*large-files*"
            ),
        ]
    )

    content = large.put(route, "large.bin", LONGER)

    large.delivered(route, "large.bin", content)
    assert len(transfers.cloud.injected()) == 7
    # Six parts; only what was under way when the function died may have been copied again.
    assert 6 <= len(large.calls("UploadPartCopy", route)) <= 8


def test_a_stopped_execution_is_tried_again_and_goes_on_with_its_parts(transfers: Transfers, large: LargeFiles) -> None:
    # Given a copy whose completion hangs
    route = transfers.route(source="S3")
    slow = fault(
        "s3", "CompleteMultipartUpload", "error", code="InternalError", status=500, principal="*complete-copy*"
    )
    transfers.cloud.inject([slow])
    content = large.put(route, "large.bin", LARGE)
    arn = large.running(route, "large.bin")
    transfers.eventually(lambda: len(large.calls("UploadPartCopy", route)) == 3, "all parts")

    # When somebody stops its execution
    transfers.cloud.clear_faults()
    large.machines.stop_execution(executionArn=arn)

    # Then the event of that is the outcome, and the next round finds the parts where they are
    item = large.delivered(route, "large.bin", content, retries=1)
    assert len(large.calls("UploadPartCopy", route)) == 3
    assert [each["status"] for each in large.executions(item)] == ["ABORTED", "SUCCEEDED"]


def test_a_target_that_was_taken_meanwhile_frees_the_parts(transfers: Transfers, large: LargeFiles) -> None:
    # Given a copy that cannot be completed, and a newer file of somebody else at its target
    route = transfers.route(source="S3")
    broken = {"code": "InternalError", "status": 500, "principal": "*complete-copy*"}
    transfers.cloud.inject([fault("s3", "CompleteMultipartUpload", "error", **broken)])
    large.put(route, "large.bin", LARGE)
    arn = large.running(route, "large.bin")
    item = transfers.queries.latest_status(route.customer, "large.bin")
    assert item is not None
    transfers.next_second(item)
    transfers.s3.put_object(Bucket=transfers.archive, Key=f"{route.customer}/large.bin", Body=b"theirs")

    # When its execution is stopped, and the next one plans
    large.machines.stop_execution(executionArn=arn)

    # Then it leaves the target alone, and nothing is left of its upload
    ended = transfers.settled(route, "large.bin")
    assert (ended["status"], ended["retryCount"]) == ("SUPERSEDED", 1)
    assert transfers.content(transfers.archive, f"{route.customer}/large.bin") == b"theirs"
    assert large.left(route) == []


def test_an_upload_that_somebody_aborted_is_begun_anew(transfers: Transfers, large: LargeFiles) -> None:
    # Given a copy that cannot be completed for a moment
    route = transfers.route(source="S3")
    busy = fault("s3", "CompleteMultipartUpload", "throttle", principal="*complete-copy*", times=2)
    transfers.cloud.inject([busy])
    content = large.put(route, "large.bin", LARGE)

    # When its upload is aborted, as a lifecycle rule would
    def aborted() -> bool:
        if not transfers.cloud.injected():
            return False
        for upload in transfers.s3.list_multipart_uploads(Bucket=transfers.archive).get("Uploads", []):
            if upload["Key"].startswith(route.customer):
                place = {"Bucket": transfers.archive, "Key": upload["Key"], "UploadId": upload["UploadId"]}
                transfers.s3.abort_multipart_upload(**place)
                return True
        return False

    transfers.eventually(aborted, "the upload")

    # Then the machine plans again
    large.delivered(route, "large.bin", content)
    assert len(large.calls("CreateMultipartUpload", route)) == 2


def test_the_same_order_again_makes_nothing_twice(transfers: Transfers, large: LargeFiles) -> None:
    # Given a large file that was delivered
    route = transfers.route(source="S3")
    content = large.put(route, "large.bin", LARGE)
    item = large.delivered(route, "large.bin", content)
    (execution,) = large.executions(item)
    order = large.machines.describe_execution(executionArn=execution["executionArn"])["input"]

    # When the same order is given under another name, as nobody does
    again = large.machines.start_execution(stateMachineArn=large.system["state_machine_arn"], input=order)
    ended = transfers.eventually(
        lambda: (
            found
            if (found := large.machines.describe_execution(executionArn=again["executionArn"]))["status"] != "RUNNING"
            else None
        ),
        "the second execution",
    )

    # Then it finds the copy, reports it, and the report is dropped
    assert json.loads(ended["output"])["state"] == "SUCCEEDED"
    assert len(transfers.versions(transfers.archive, f"{route.customer}/")) == 1
    assert transfers.settled(route, "large.bin")["revision"] >= item["revision"]
    assert transfers.settled(route, "large.bin")["status"] == "SUCCESS"


def test_a_newer_large_file_is_never_replaced_by_an_older_one(transfers: Transfers, large: LargeFiles) -> None:
    # Given a large file whose parts are copied, and which cannot be completed
    route = transfers.route(source="S3")
    transfers.cloud.inject(
        [fault("s3", "CompleteMultipartUpload", "latency", ms=4000, principal="*complete*", nth=[1])]
    )
    large.put(route, "report.bin", LARGE, seed=1)
    large.running(route, "report.bin")
    first = transfers.queries.latest_status(route.customer, "report.bin")
    assert first is not None

    # When a newer version of it comes, and is delivered before
    transfers.next_second(first)
    newer = large.put(route, "report.bin", LARGE, seed=2)
    item = transfers.settled(route, "report.bin", after=first["SK"])

    # Then the newer one stays
    assert item["status"] == "SUCCESS"

    def older() -> dict[str, Any] | None:
        found = [each for each in transfers.queries.history(route.customer, "report.bin") if each["SK"] == first["SK"]]
        return found[0] if found and found[0]["status"] != "IN_PROGRESS" else None

    assert transfers.eventually(older, "the older one to settle")["status"] in ("SUCCESS", "SUPERSEDED")
    assert transfers.content(transfers.archive, f"{route.customer}/report.bin") == newer
    assert large.left(route) == []


def test_a_target_that_refuses_fails_and_frees_its_parts(transfers: Transfers, large: LargeFiles) -> None:
    route = transfers.route(to=("s3", "sftp"), source="S3")
    denied = {"code": "AccessDenied", "status": 403, "principal": "*file-transfer-complete*"}
    transfers.cloud.inject([fault("s3", "CompleteMultipartUpload", "error", resource="*partner*", **denied)])

    large.put(route, "large.bin", LARGE)

    item = transfers.settled(route, "large.bin")
    assert (item["status"], item["failureReason"]) == ("PARTIAL", "PERMISSION_DENIED")
    assert [item["targets"][target]["state"] for target in ("s3", "sftp")] == ["SUCCEEDED", "FAILED"]
    assert large.left(route) == []
    transfers.assert_complete(route, "large.bin", item)


@pytest.mark.last(5)
def test_each_role_for_large_files_may_do_exactly_what_it_was_seen_to_need(cloud: LocalCloud) -> None:
    system = cloud.outputs("file-transfer")["large_files"]
    assert left_over(cloud, roles_of(system), UNUSED) == ""


@pytest.mark.last(6)
def test_no_role_for_large_files_was_refused_anything(cloud: LocalCloud) -> None:
    system = cloud.outputs("file-transfer")["large_files"]
    assert refused(cloud, roles_of(system)) == set()
