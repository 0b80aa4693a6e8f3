"""One upload, and everything that may happen to its transfer: workers, duplicates, losses, deaths, late answers."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from file_transfer.intake.judgement import Judge
from file_transfer.intake.outcome_store import OutcomeStore
from file_transfer.intake.source import Source
from file_transfer.intake.taking import Intake
from file_transfer.records.status_store import StatusStore
from file_transfer.settings import AddOns
from file_transfer.sweep.unfinished import messages_for
from file_transfer.workflows.arrival import Arrival
from local_cloud.virtual.clients import plain
from local_cloud.virtual.tables import Tables
from tests.properties.file_transfer.intake_queue import Message, Queue
from tests.properties.file_transfer.outside import Outside, outcome
from tests.properties.file_transfer.promises import ENDS, Promises
from tests.properties.file_transfer.workers import Step, work
from tests.unit.file_transfer.history import OneWorkflow
from tests.unit.given import ARCHIVE, SETTINGS, TickingClock, record, s3_event

#: An Express execution ends itself after so many seconds, asl/file_transfer.asl.json.
EXECUTION_SECONDS = 290
GRACE = timedelta(seconds=60)
CONNECTORS = ("partner", "clearing")
TARGETS = {
    "s3": {"uri": f"s3://{ARCHIVE}/in/"},
    **{name: {"uri": f"sftp-connector://{name}/in/"} for name in CONNECTORS},
}
GROUP = {"group": {"by": "DONE_FILE", "pattern": "^done$", "waitMinutes": 60}}
SOURCE = Source("v1", "e1", "2025-06-28T22:00:00.000000Z", 7)


class Sources:
    """The upload is there, whoever asks."""

    def find(self, _arrival: Arrival) -> Source:
        return SOURCE


@dataclass
class Worker:
    """An execution at work on a message; `until` it ends itself. `answer` is that of Validate Input.

    `writes`: it may still write. `fenced`: its own message was delivered again and has taken its claim.
    """

    message: Message
    run: Generator[None, Step, None]
    until: datetime
    answer: dict[str, Any]
    writes: bool = False
    fenced: bool = False


class World:
    """`broken` says what went wrong. `grouped`: the file waits for another one."""

    def __init__(self, *, grouped: bool = False) -> None:
        self.clock = TickingClock()
        self.queue = Queue()
        self.outside = Outside()
        self.promises = Promises()
        self.workers: list[Worker] = []
        self.tables = Tables()
        self.table = self.tables.create("FileTransferStatus", ("PK", "SK"))
        self.tables.watchers.append(lambda *_: self.promises.written(self.item()))
        self.dynamodb = plain("dynamodb", self.tables)
        settings = replace(SETTINGS, add_ons=AddOns(content=True, connectors=True))
        workflow = OneWorkflow(targets=TARGETS, targetType=None, **({"rules": GROUP} if grouped else {}))
        self.intake = Intake(
            settings,
            Sources(),
            Judge(settings, workflow),
            StatusStore(self.dynamodb, self.table, settings.lease_seconds),
            self.clock,
            OutcomeStore(self.dynamodb, self.table),
        )
        self.replays = 0
        self.send(s3_event(), 0)

    @property
    def broken(self) -> list[str]:
        return self.promises.broken

    def item(self) -> dict[str, Any]:
        """The transfer's item, empty before the first claim."""
        return next(iter(self.tables.items(self.table)), {})

    def send(self, body: dict[str, Any], delay: float) -> None:
        self.queue.send(body, self.clock(), delay)

    # --- what may happen

    def receive(self, choice: int, *, again: bool = False) -> None:
        """A worker takes a message; with `again` one that another has got already."""
        self._end_executions()
        message = self.queue.receive(choice, self.clock(), again=again)
        if message is None:
            return
        answer = self.intake.take(record(message.body, message.id, message.receives))
        until = self.clock() + timedelta(seconds=EXECUTION_SECONDS)
        worker = Worker(message, work(self, message, answer), until, answer)
        worker.writes = answer["action"] in ("COPY", "PREPARE", "CLOSE", "REVIEW") and "transfer" in answer
        if message.body.get("kind") == "towpath.replay" and worker.writes:
            # What was under way when the transfer was ended: whoever replays that wants it sent again.
            self.outside.given_up |= set(self.outside.deliveries)
        self._check_claim(worker)
        self.workers.append(worker)
        next(worker.run)

    def step(self, choice: int, step: Step) -> None:
        """A worker goes on to its next call."""
        self._end_executions()
        if not self.workers:
            return
        worker = self.workers[choice % len(self.workers)]
        try:
            worker.run.send(step)
        except StopIteration:
            self.workers.remove(worker)

    def die(self, choice: int) -> None:
        if self.workers:
            self.workers.pop(choice % len(self.workers))

    def end_delivery(self, choice: int, state: str, *, lost: bool = False, twice: bool = False) -> None:
        """A delivery ends; what is said of it may get lost, or come twice."""
        running = self.outside.running()
        if running:
            message = self.outside.end(running[choice % len(running)], state)
            for _ in range(0 if lost else 2 if twice else 1):
                self.send(message, 0)

    def sweep(self) -> None:
        """What the sweep sends for a transfer that nobody goes on with."""
        item = self.item()
        for message in messages_for(item, self.clock(), GRACE) if item else []:
            if message["kind"] == "towpath.outcome":
                self.outside.given_up.add(message["operation"])
            self.send(message, 0)

    def replay(self, *, twice: bool = False) -> None:
        """Somebody replays the transfer."""
        item = self.item()
        if not item:
            return
        self.replays += 1
        message = {"kind": "towpath.replay", "pk": item["PK"], "sk": item["SK"], "replayId": f"r{self.replays}"}
        for _ in range(2 if twice else 1):
            self.send({**message, "by": "somebody"}, 0)

    def late_answer(self, choice: int) -> None:
        """An outcome of long ago comes again."""
        ended = [each for each in self.outside.deliveries.values() if each.ended]
        if ended:
            delivery = ended[choice % len(ended)]
            reason = {"FAILED": "TRANSIENT", "SKIPPED": "EXISTS"}.get(delivery.ended, "")
            self.send(outcome(delivery.order, delivery.ended, reason), 0)

    def marker_arrives(self) -> None:
        """The group is whole: its members are released."""
        if not self.outside.marker:
            self.outside.marker = True
            self.release()

    def release(self) -> None:
        for (pk, sk), attempt in self.outside.members.items():
            self.send({"kind": "towpath.retry", "pk": pk, "sk": sk, "attempt": attempt}, 0)

    # --- the end of it

    def calm_down(self, rounds: int = 60) -> None:
        """Nothing goes wrong any more; the sweep runs, deliveries end well, and every message is worked off."""
        self.workers.clear()
        self.marker_arrives()
        for _ in range(rounds):
            self.clock.forward(400)
            self.sweep()
            while self.outside.running():
                self.end_delivery(0, "SUCCEEDED")
            for _ in range(len(self.queue.messages)):
                self.receive(0)
                while self.workers:
                    self.step(0, Step())
            if not self.queue.messages and self.item().get("status") in ENDS:
                return

    # --- who may write

    def has_written(self, message: Message, transfer: Mapping[str, Any], held: bool) -> None:
        """The execution that made this claim has settled, or found that it may not."""
        for each in self.workers:
            if each.message is message and each.answer.get("transfer", {}).get("attempt") == transfer["attempt"]:
                each.writes = False
                if held and each.fenced:
                    self.broken.append(f"{message.id} wrote with attempt {transfer['attempt']}, which was taken over")

    def _check_claim(self, worker: Worker) -> None:
        """At most one execution may write, but for those whose own message came again: the fence is theirs."""
        if not worker.writes:
            return
        for each in (each for each in self.workers if each.writes and not each.fenced):
            if each.message is worker.message:
                each.fenced = True
            else:
                self.broken.append(f"{worker.message.id} writes beside {each.message.id}")
        targets = self.item()["targets"]
        again = [each["id"] for each in worker.answer.get("targets", []) if targets[each["id"]]["state"] == "SUCCEEDED"]
        self.broken.extend(f"{each} would be copied again" for each in again)

    def _end_executions(self) -> None:
        self.workers = [each for each in self.workers if each.until > self.clock()]
