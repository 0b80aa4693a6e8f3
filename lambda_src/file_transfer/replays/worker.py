"""Carries a replay out: a page of failures is sent to the intake, then noted. A page sent twice replays once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from file_transfer.replays.orders import replay_order
from file_transfer.replays.replay import COMPLETED, Filter, filter_of, status_key
from file_transfer.replays.selection import Item, select
from file_transfer.replays.store import ReplayStore, advanced
from shared.clock import Clock
from shared.questions import Asker
from shared.sqs import Queue

DONE, GO_ON, LOST, UNKNOWN = "DONE", "GO_ON", "LOST", "UNKNOWN"


@dataclass(frozen=True)
class ReplayWorker:
    """`queue` is the intake's."""

    store: ReplayStore
    asker: Asker
    failure_table: str
    queue: Queue
    clock: Clock

    def run(self, replay_id: str, has_time: Callable[[], bool]) -> str:
        """DONE; GO_ON when the time is up; LOST to another worker of the same replay; UNKNOWN when it has expired."""
        item = self.store.get(replay_id)
        if item is None:
            return UNKNOWN
        wanted = filter_of(item["selection"])
        while item["status"] != COMPLETED:
            item = self._page(item, wanted)
            if item is None:
                return LOST
            if item["status"] != COMPLETED and not has_time():
                return GO_ON
        return DONE

    def _page(self, item: Item, wanted: Filter) -> Item | None:
        """The replay after one more page, or None when somebody else has noted it."""
        selected = select(self.asker, self.failure_table, wanted, item.get("position"))
        replay_id, by = item["replayId"], item["startedBy"]
        keys = [status_key(failure) for failure in selected.items]
        self.queue.send([replay_order(pk, sk, replay_id, by, wanted.confirmed) for pk, sk in keys])
        following = advanced(item, len(keys), selected.left, selected.position, self.clock())
        return following if self.store.save(following) else None
