"""Replays: a transfer that ended short of its targets is judged again, by the definitions of now, and claimed.

What it reached stays reached. The id of the replay makes it happen once, however often its message comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from file_transfer.errors import Transient
from file_transfer.intake import results
from file_transfer.intake.claiming import Claims, Item
from file_transfer.intake.judgement import Case, Judge
from file_transfer.intake.messages import Delivery
from file_transfer.intake.new_item import new_item
from file_transfer.intake.source import Source
from file_transfer.intake.transfer_messages import Replay
from file_transfer.records import identity
from file_transfer.records.claim import REPLAYABLE, Claimant
from file_transfer.records.deliveries import DELIVERED_STATES
from file_transfer.workflows.arrival import Arrival
from shared.clock import stamp

LookUp = Callable[[Delivery, Arrival], tuple[Source | None, str]]


@dataclass(frozen=True)
class Replays:
    """All that taking in a replay needs. `look_up`: the source and S3's refusal, as for an arrival."""

    claims: Claims
    judge: Judge
    look_up: LookUp

    def take(self, delivery: Delivery, replay: Replay) -> dict[str, Any]:
        """The claim's answer, or DROP when there is nothing to replay."""
        existing = self.claims.store.get(replay.key)
        if not existing:
            return results.nothing_to_do(delivery, "NOT_FOUND", f"there is no transfer {replay.pk} {replay.sk}")
        if existing.get("lastReplay") == replay.replay_id:
            return self._again(delivery, existing)
        if existing["status"] not in REPLAYABLE:
            return results.nothing_to_do(delivery, "NOT_FAILED", f"the transfer is {existing['status']}")
        if "replayedAs" in existing:
            return results.nothing_to_do(delivery, "REPLAYED", f"{existing['replayedAs']} took its place")
        return self._start(delivery, replay, existing)

    def _again(self, delivery: Delivery, existing: Item) -> dict[str, Any]:
        """The same replay: its own worker may have died."""
        if "replayedAs" in existing:
            key = identity.StatusKey(existing["replayedAs"], existing["SK"])
            existing = self.claims.store.get(key) or existing
        return self.claims.claim(delivery, _claimant(delivery), existing, existing)

    def _start(self, delivery: Delivery, replay: Replay, existing: Item) -> dict[str, Any]:
        arrival = arrival_of(existing, replay.confirmed)
        known = arrival.version_id or arrival.etag
        source, denial = self.look_up(delivery, arrival) if known else (None, "")
        case = self.judge.judge(arrival, source, denial)
        item = self._item(delivery, replay, existing, arrival, source, case)
        if item["PK"] != existing["PK"]:
            return self._elsewhere(delivery, existing, item, source)
        held, met = self.claims.store.replay(existing, item)
        if held:
            return results.claimed(delivery, met, self.claims.settings, source)
        return self.claims.claim(delivery, _claimant(delivery), item, met or None, source)

    def _item(  # noqa: PLR0913  (what was, what is asked, and what was found)
        self,
        delivery: Delivery,
        replay: Replay,
        existing: Item,
        arrival: Arrival,
        source: Source | None,
        case: Case,
    ) -> Item:
        now = self.claims.clock()
        item = new_item(arrival, source, case, _claimant(delivery), now, self.claims.settings)
        item |= {
            "SK": existing["SK"],
            "lastReplay": replay.replay_id,
            "replayedAt": stamp(now),
            "replayedBy": replay.by,
        }
        if case.rejection or item["PK"] == existing["PK"]:
            whose = {"PK": existing["PK"], "customerId": existing["customerId"]}
            return item | whose | _reached(existing, item, keep_all=case.rejection is not None)
        # The name of a delivery holds the transfer's id and its round, and the id is that of the version: the same.
        return item | {"replayOf": existing["PK"], "replays": existing.get("replays", 0) + 1}

    def _elsewhere(self, delivery: Delivery, existing: Item, item: Item, source: Source | None) -> dict[str, Any]:
        """Another customer's file by now: a transfer under that key, claimed in one write with the note of it.

        Another worker may judge the same replay by the definition of a moment before. Raises Transient when the
        transfer was replayed otherwise meanwhile.
        """
        moved, there, here = self.claims.store.replay_elsewhere(existing, item)
        if moved:
            return results.claimed(delivery, item, self.claims.settings, source)
        if here.get("lastReplay") == item["lastReplay"]:
            return self._again(delivery, here)
        if there:
            return self.claims.claim(delivery, _claimant(delivery), item, there, source)
        raise Transient(f"{existing['PK']} {existing['SK']} was replayed by somebody else at this moment")


def arrival_of(item: Mapping[str, Any], confirmed: bool) -> Arrival:
    """The arrival behind a status item, as it would be announced now.

    A verdict on the upload itself stands unless somebody vouches for it.
    """
    requested, metadata = item.get("requested", {}), item["metadata"]
    review = {} if confirmed else item.get("review", {})
    unconfirmed = review.get("reason") == "UNCONFIRMED_UPLOAD"
    return Arrival(
        bucket=item["sourceBucket"],
        key=item["sourceKey"],
        triggered_by=metadata.get("triggeredBy", "Replay"),
        occurred_at=identity.arrival_of(item["SK"]),
        version_id=item.get("versionId"),
        etag=item.get("etag"),
        workflow_id=requested.get("workflowId"),
        customer_id=requested.get("customerId"),
        targets=requested.get("targets", {}),
        failure_code=review["reason"] if review.get("uploadFailed") and not unconfirmed else None,
        user=metadata.get("uploadedBy"),
        size=metadata.get("fileSizeBytes"),
        parent_id=metadata.get("parentId"),
        confirmed=not unconfirmed,
    )


def _claimant(delivery: Delivery) -> Claimant:
    return Claimant(delivery.message_id, delivery.receives)


def _reached(existing: Item, item: Item, *, keep_all: bool) -> Item:
    """`target` and `targets` with what was reached before; all as it was where no new targets were found."""
    if keep_all:
        return {"target": existing["target"], "targets": existing["targets"]}
    target, targets = dict(item["target"]), dict(item["targets"])
    for each, record in existing["targets"].items():
        same_place = target.get(each, existing["target"][each]) == existing["target"][each]
        if record["state"] in DELIVERED_STATES and same_place:
            target[each], targets[each] = existing["target"][each], record
    return {"target": target, "targets": targets}
