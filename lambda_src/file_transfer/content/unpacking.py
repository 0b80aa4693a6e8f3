"""The step unzip: members of an archive become objects, and each object a message to the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from file_transfer.content.archives import open_archive
from file_transfer.content.objects import Content, Objects
from file_transfer.intake.taking import IGNORED_ENDINGS
from file_transfer.workflows.rules import Section

TRIGGER = "Archive"


class Messages(Protocol):
    """Where the messages go, as shared.sqs.Queue has it."""

    def send(self, messages: Sequence[Mapping[str, Any]], delay_seconds: int = 0) -> None: ...


@dataclass(frozen=True)
class Unpacking:
    """What it takes to unpack."""

    objects: Objects
    queue: Messages

    def unpack(self, path: Path, transfer: Mapping[str, Any], limits: Section) -> int:
        """The number of members; all are there before the first is announced.

        Raises Rejection ARCHIVE_REFUSED and the taxonomy's errors. What a call before this one has unpacked is found,
        and its message says the same: the same version of the same object is the same transfer.
        """
        with open_archive(path, limits, IGNORED_ENDINGS) as archive:
            contents = []
            for member in archive.members():
                key = f"unpacked/{transfer['id']}/{member.path}"
                content = self.objects.find(key)
                if content is None:
                    with archive.open(member) as file:
                        content = self.objects.keep(key, file)
                contents.append(content)
        self.queue.send([_message(content, transfer) for content in contents])
        return len(contents)


def _message(content: Content, transfer: Mapping[str, Any]) -> dict[str, Any]:
    """As schemas/canonical-message.schema.json has it."""
    message = {
        "bucket": content["bucket"],
        "key": content["key"],
        "versionId": content["versionId"],
        "etag": content["etag"],
        "workflowId": transfer["workflowId"],
        "customerId": transfer["customerId"],
        "triggeredBy": TRIGGER,
        "parentId": transfer["id"],
    }
    return {name: value for name, value in message.items() if value}
