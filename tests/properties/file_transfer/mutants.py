"""Bugs that claims could have, put into the system one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from file_transfer.intake import replaying
from file_transfer.intake.outcome_store import OutcomeStore
from file_transfer.intake.transfer_messages import Outcome
from file_transfer.records import claim, deliveries, status_store
from file_transfer.records.status_store import StatusStore
from shared.dynamodb import from_item, to_item
from tests.properties.file_transfer.scripts import FAILURES, SECONDS, STATES, Deed, carry_out, some
from tests.properties.mutation import Mutant, Patch

RUNS = 60


def random_runs() -> list[str]:
    """What the first of these runs finds that finds something."""
    for seed in range(RUNS):
        for grouped in (False, True):
            world = carry_out(some(seed), grouped=grouped)
            world.tables.drop()
            if world.broken:
                return world.broken
    return []


def a_replay_that_comes_twice() -> list[str]:
    """A target is refused, and again in a replay whose message comes twice."""
    refused = Deed("step", FAILURES.index("PERMISSION_DENIED"))
    ends = [Deed("end"), Deed("receive"), *[refused] * 3]
    first = [Deed("receive"), *[refused] * 8, *ends, *ends]
    return carry_out([*first, Deed("replay", odd=True), Deed("receive"), *[refused] * 4, Deed("receive")]).broken


def an_answer_of_the_round_before() -> list[str]:
    """A delivery fails and is started again; then its failure is told once more, and time passes."""
    failed = STATES.index("FAILED")
    half_a_minute, two_hours = Deed("time", SECONDS.index(31)), Deed("time", SECONDS.index(8000))
    going_on = [Deed("receive"), *[Deed("step")] * 5]
    started = [Deed("receive"), *[Deed("step")] * 8, Deed("end", failed), *going_on, Deed("end"), *going_on]
    again = [half_a_minute, *going_on]
    return carry_out([*started, *again, Deed("late"), *going_on, two_hours, Deed("sweep"), *going_on, *again]).broken


def leases_do_not_hold(patch: Patch) -> None:
    """Whoever comes takes over."""
    patch.setattr(claim, "_seconds_until", lambda _text, _now: 0.0)


def claims_raise_no_fence(patch: Patch) -> None:
    """A claim leaves the attempt as it is."""
    patch.setattr(status_store, "_LEASE", status_store._LEASE.replace("attempt = attempt + :one", "marked = :one"))


def nobody_closes(patch: Patch) -> None:
    """The end of the last delivery claims nothing."""
    patch.setattr(claim, "under_way", lambda _item: ["partner"])


def a_dead_closer_copies_again(patch: Patch) -> None:
    """Deliveries of this round that have failed are started again at once, under their own names."""
    patch.setattr(deliveries, "is_closable", lambda _item: False)


def rounds_have_one_name(patch: Patch) -> None:
    """The delivery of a retry is called like the one before."""
    patch.setattr(deliveries, "round_of", lambda _item: "0-0")


def outcomes_are_taken_for_any_round(patch: Patch) -> None:
    """An answer that comes late is noted for the delivery that is under way now."""
    note = OutcomeStore.note

    def of_any(self: OutcomeStore, outcome: Outcome, at: str) -> tuple[bool, dict[str, Any]]:
        key = to_item({"PK": outcome.pk, "SK": outcome.sk})
        item = from_item(self._dynamodb.get_item(TableName=self._table, Key=key)["Item"])
        operation = item["targets"][outcome.target].get("operation", outcome.operation)
        return note(self, replace(outcome, operation=operation), at)

    patch.setattr(OutcomeStore, "note", of_any)


def replays_forget_what_was_reached(patch: Patch) -> None:
    """A replay starts from nothing."""
    patch.setattr(replaying, "_reached", lambda _existing, _item, **_: {})


def replays_forget_their_names(patch: Patch) -> None:
    """A replay whose message comes twice takes place twice."""
    replay = StatusStore.replay

    def nameless(self: StatusStore, existing: Mapping[str, Any], item: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
        return replay(self, existing, {**item, "lastReplay": "forgotten"})

    patch.setattr(StatusStore, "replay", nameless)


def outcomes_claim_at_once(patch: Patch) -> None:
    """The end of a delivery closes the transfer, whoever is at work on it."""
    patch.setattr(claim, "is_awaiting", lambda _item: True)
    patch.setattr(claim, "under_way", lambda _item: [])
    close = status_store._LEASE + " REMOVE awaitingSince"
    patch.setattr(
        StatusStore,
        "close",
        lambda self, existing, owner, now: self._update(
            status_store._key(existing),
            close,
            "attempt = :attempt AND #status = :inProgress",
            {**self._lease(owner, now), ":attempt": existing["attempt"]},
        ),
    )


def delivered_targets_are_copied_again(patch: Patch) -> None:
    """Every claim copies every target."""
    patch.setattr(claim, "remaining", list)


def ended_ends_are_replayed(patch: Patch) -> None:
    """A replay starts whatever it meets."""
    patch.setattr(replaying, "REPLAYABLE", frozenset({"SUCCESS", "IN_PROGRESS", "RETRYING", "FAILED", "PARTIAL"}))


_BUGS = (
    leases_do_not_hold,
    claims_raise_no_fence,
    nobody_closes,
    a_dead_closer_copies_again,
    rounds_have_one_name,
    replays_forget_what_was_reached,
    outcomes_claim_at_once,
    delivered_targets_are_copied_again,
    ended_ends_are_replayed,
)
ALL = (
    *(Mutant(bug.__name__, bug, random_runs) for bug in _BUGS),
    Mutant("outcomes_are_taken_for_any_round", outcomes_are_taken_for_any_round, an_answer_of_the_round_before),
    Mutant("replays_forget_their_names", replays_forget_their_names, a_replay_that_comes_twice),
)
