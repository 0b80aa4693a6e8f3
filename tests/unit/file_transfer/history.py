"""The life of one status item, image by image, as its stream shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.copy_object import record as receipt
from file_transfer.copying.copier import Outcome
from file_transfer.intake.judgement import Case, Judge
from file_transfer.intake.messages import read_body
from file_transfer.intake.new_item import new_item
from file_transfer.intake.source import Source
from file_transfer.records.claim import Claimant
from file_transfer.workflows.definition import read_definition
from shared.dynamodb import to_item
from tests.unit.given import NOW, SETTINGS, definition, s3_event
from tests.unit.settle import failed, settled

Image = dict[str, Any]
Change = tuple[Image, Image]
AT = [f"2025-06-28T22:02:{second:02d}.000000Z" for second in range(60)]


class OneWorkflow:
    """A lookup that knows one definition."""

    def __init__(self, **changes: Any) -> None:
        self.workflow = read_definition(definition(**changes))

    def resolve(self, _arrival: object) -> list[Any]:
        return [self.workflow]


def claimed_item(size: int = 4352176, **changes: Any) -> Image:
    """The bank's file just after its claim, with ids as long as S3's and SQS's."""
    version = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH"
    arrival: Any = read_body(s3_event(version=version), AT[0])
    source = Source(version, "d41d8cd98f00b204e9800998ecf8427e", "2025-06-28T22:01:30.000000Z", size)
    case: Case = Judge(SETTINGS, OneWorkflow(**changes)).judge(arrival, source)
    message_id = "059f36b4-87a3-44ab-83d2-661975830a7d"
    return new_item(arrival, source, case, Claimant(message_id), NOW, SETTINGS)


def copied(target_id: str, at: str, overwrite: str = "newest-wins") -> dict[str, Any]:
    """The result of a copy, with a receipt of real length."""
    outcome = Outcome(
        "SUCCEEDED", "", "d41d8cd98f00b204e9800998ecf8427e", "0bOyvGCFhUE=", "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH"
    )
    target = {"id": target_id, "overwrite": overwrite, "attempts": 0}
    return {"id": target_id, "state": "SUCCEEDED", "record": receipt({"etag": outcome.etag}, target, outcome, at)}


def reclaimed(item: Mapping[str, Any], owner: str, at: str, *, takeover: bool = False) -> Image:
    """The item after the next claim."""
    new = {**item, "status": "IN_PROGRESS", "attempt": item["attempt"] + 1, "leaseUntil": at, "leaseOwner": owner}
    new.pop("nextAttemptAt", None)
    if takeover:
        new["takeovers"] = [*item.get("takeovers", []), at]
    return new


def with_duplicate(item: Mapping[str, Any], at: str) -> Image:
    """The item after a dropped duplicate."""
    number = item.get("duplicates", 0) + 1
    return {**item, "duplicates": number, "duplicateAt": at, "revision": item["revision"] + 1}


def success() -> list[Change]:
    """Claim, both copies, settled."""
    first = claimed_item()
    return [({}, first), (first, settled(first, "SUCCESS", AT[9], [copied("s3", AT[7]), copied("sftp", AT[8])]))]


def troubled() -> list[Change]:
    """A duplicate, a failed copy, a retry whose worker dies, a takeover, and a late duplicate of the delivered file."""
    images: list[Image] = [{}, claimed_item()]
    images.append(with_duplicate(images[-1], AT[1]))
    results = [copied("s3", AT[2]), failed("sftp", "THROTTLED", AT[3])]
    images.append(settled(images[-1], "RETRYING", AT[4], results, ("THROTTLED", "sftp: slow down")))
    images.append(reclaimed(images[-1], "m2", AT[10]))
    images.append(reclaimed(images[-1], "m3", AT[20], takeover=True))
    images.append(settled(images[-1], "SUCCESS", AT[30], [copied("sftp", AT[29])]))
    images.append(with_duplicate(images[-1], AT[40]))
    return list(zip(images, images[1:], strict=False))


def failure() -> list[Change]:
    """One target reached, the other denied for good."""
    first = claimed_item()
    results = [copied("s3", AT[2]), failed("sftp", "PERMISSION_DENIED", AT[3])]
    error = ("PERMISSION_DENIED", "sftp: AccessDenied")
    return [({}, first), (first, settled(first, "PARTIAL", AT[4], results, error))]


def rejected() -> list[Change]:
    """A file without a workflow's blessing."""
    first = claimed_item(size=0)
    return [({}, first), (first, settled(first, "REJECTED", AT[4], [], ("EMPTY_FILE", "the file has no bytes")))]


def stream_records(changes: list[Change]) -> list[dict[str, Any]]:
    """As Lambda gets them."""
    return [
        {
            "eventName": "MODIFY" if old else "INSERT",
            "dynamodb": {
                "Keys": to_item({"PK": new["PK"], "SK": new["SK"]}),
                "NewImage": to_item(new),
                "SequenceNumber": str(1000 + number),
                "ApproximateCreationDateTime": NOW.timestamp(),
                **({"OldImage": to_item(old)} if old else {}),
            },
        }
        for number, (old, new) in enumerate(changes)
    ]
