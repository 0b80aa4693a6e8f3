"""Elastic Disaster Recovery of one account in one Region, without network, threads or a clock of its own.

    simulator = Simulator(ManualClock(), seed=1)
    simulator.seed(inventory)
    job = simulator.call("StartRecovery", {"sourceServers": [{"sourceServerID": "s-…"}], "isDrill": True})["job"]
    simulator.advance_to(simulator.next_due())

Time passes when somebody says so: `call` first catches up with the clock, `advance_to` goes on to a moment, `next_due`
says when something will happen by itself. The same seed, inventory and calls give the same jobs, ids and times.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from local_cloud.aws_models.errors import ApiError, LostResponse
from local_cloud.aws_models.models import check_answer, check_request
from local_cloud.drs import acts, failback, inventory, launching, terminating
from local_cloud.drs.engine import Engine, EventSink
from local_cloud.drs.fidelity import deviations, dressed
from local_cloud.drs.injections import CATALOGUE, strike
from local_cloud.drs.jobs import end_job
from local_cloud.drs.operations import ALWAYS, OPERATIONS, SERVICE, Call
from local_cloud.drs.permissions import Authorise, everything
from local_cloud.drs.state import FIDELITIES, Fidelity, Record, State, plain
from local_cloud.simulation.clock import Clock, Stamp, stamp
from local_cloud.simulation.simulator import Simulation

BEGIN = {
    "TERMINATE": terminating.begin_server,
    "FAILBACK": failback.begin_server,
}


class Simulator(Simulation[Engine]):
    """DRS of one account and Region.

    `events` gets each EventBridge event at its time, `authorise` is asked for the permissions that DRS needs of its
    caller. `set_scale` says how many seconds of DRS's work pass in one second of the clock.
    """

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        fidelity: Fidelity = "observed",
        *,
        account: str = "000000000000",
        region: str = "us-east-1",
        events: EventSink = lambda _event: None,
        authorise: Authorise = everything,
    ) -> None:
        state = State(account=account, region=region, seed=seed, fidelity=fidelity)
        super().__init__(clock, Engine(state, events, authorise), CATALOGUE)
        self.engine.steps |= {
            "start_job": self._start_job,
            "end_job": self._step(end_job),
            "end_phase": self._step(launching.end_phase),
            "fail_phase": self._step(launching.fail_phase),
            "terminated": self._step(terminating.terminated),
            "not_terminated": self._step(terminating.not_terminated),
            "failback_ready": self._step(failback.failback_ready),
            "failed_back": self._step(failback.failed_back),
            "reveal": self._reveal,
            "act": self._step(acts.act),
        }

    @property
    def state(self) -> State:
        """Everything there is to know; change it through the methods only."""
        return self.engine.state

    @property
    def events(self) -> EventSink:
        """Who gets the events."""
        return self.engine.events

    @events.setter
    def events(self, sink: EventSink) -> None:
        self.engine.events = sink

    # ---- the API

    def call(self, operation: str, parameters: Mapping[str, Any] | None = None, principal: str = "") -> dict[str, Any]:
        """The answer of an operation, in the shape that boto3 gives.

        Raises ApiError as the service would, LostResponse when an injection loses the answer of a call that was
        carried out, and AnswerBreaksModel for a bug of the simulator.
        """
        at = self._catch_up()
        given = plain(dict(parameters or {}))
        struck = self._struck(operation, at)
        if operation not in ALWAYS and not self.state.initialised:
            raise ApiError("UninitializedAccountException", "Elastic Disaster Recovery is not initialized here")
        check_request(SERVICE, operation, given, deviations(self.state.fidelity))
        if operation not in OPERATIONS:
            raise ApiError("NotImplemented", f"{operation} is not simulated", HTTPStatus.NOT_IMPLEMENTED)
        size = struck.get("size", self.state.page_size)
        answer = plain(OPERATIONS[operation](self.engine, Call(at, given, principal, size)))
        if struck["type"] == "late_visibility":
            self._conceal(answer, at, struck["seconds"])
        if struck["type"] == "lost_response":
            raise LostResponse(operation)
        answer = dressed(self.state.fidelity, operation, answer)
        check_answer(SERVICE, operation, answer, deviations(self.state.fidelity))
        return answer

    def _struck(self, operation: str, at: Stamp) -> Record:
        """The injection that hits a call, or one that does nothing. Raises ApiError for refusals."""
        struck = strike(self.state, "call", at, operation=operation) or {"type": "none"}
        if struck["type"] == "throttle":
            seconds = str(struck["retryAfterSeconds"])
            status = HTTPStatus.TOO_MANY_REQUESTS
            raise ApiError("ThrottlingException", "injected", status, retryAfterSeconds=seconds)
        if struck["type"] == "error":
            wait = struck["retryAfterSeconds"]
            more = {"retryAfterSeconds": wait} if wait else {}
            raise ApiError(struck["code"], struck["message"], struck["status"], **more)
        return struck

    def _conceal(self, answer: Record, at: Stamp, seconds: float) -> None:
        if "job" in answer:
            self.state.jobs[answer["job"]["jobID"]]["_"]["concealed"] = True
            self.engine.after(at, seconds, "reveal", job=answer["job"]["jobID"])

    def _reveal(self, at: Stamp, job: str) -> None:
        if job in self.state.jobs:
            self.state.jobs[job]["_"]["concealed"] = False

    # ---- setting things up

    def seed(self, document: Mapping[str, Any]) -> list[str]:
        """Makes the account what an inventory says and returns its source servers. Raises BadInventory."""
        inventory.fill(self.state, document, stamp(self.clock.now()))
        return list(self.state.servers)

    def configure(self, *, fidelity: str | None = None, page_size: int | None = None) -> None:
        """Changes the mode, or the largest page of every listing. Raises ValueError."""
        if fidelity is not None:
            if fidelity not in FIDELITIES:
                raise ValueError(f"fidelity must be one of {', '.join(FIDELITIES)}, not {fidelity!r}")
            self.state.fidelity = "model" if fidelity == "model" else "observed"
        if page_size is not None:
            self.state.page_size = page_size or None

    def __deepcopy__(self, memo: dict[int, Any]) -> Simulator:
        """A copy that goes its own way, with the same clock, sink and permissions."""
        twin = Simulator(self.clock, events=self.engine.events, authorise=self.engine.authorise)
        twin.load_json(self.to_json())
        return twin

    # ---- steps

    def _start_job(self, at: Stamp, job: str) -> None:
        record = self.state.jobs[job]
        record["status"] = "STARTED"
        self.engine.log(job, "JOB_START", at)
        kind = "FAILBACK" if record["initiatedBy"] == "FAILBACK" else record["type"]
        begin = BEGIN.get(kind, launching.begin_server)
        for server in record["_"]["servers"]:
            begin(self.engine, at, job, server)
