"""The simulator under any sequence of calls, injections and waiting: what always holds of it.

A simulator that broke its own rules would let what is built on it pass for correct.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from local_cloud.drs import ApiError, LostResponse
from local_cloud.drs.injections import ON_PHASES, PHASES
from tests.unit.drs_simulator.account import Account, inventory, server_id

QUOTAS = {"concurrentJobs": 3, "serversPerJob": 4, "serversInAllJobs": 6}
SERVERS = 8
REFUSALS = {"ConflictException", "ServiceQuotaExceededException", "ValidationException", "ResourceNotFoundException"}
ENDED = {"LAUNCHED", "FAILED", "TERMINATED"}
ORDER = {"PENDING": 0, "IN_PROGRESS": 1, "LAUNCHED": 2, "FAILED": 2, "TERMINATED": 2}
JOB_ORDER = ["PENDING", "STARTED", "COMPLETED"]


class Run(RuleBasedStateMachine):
    """Somebody who starts, terminates, waits and breaks things at random."""

    @initialize(seed=st.integers(0, 1000), fidelity=st.sampled_from(["observed", "model"]))
    def begin(self, seed: int, fidelity: Any) -> None:
        self.account = Account(document=inventory(SERVERS, quotas=QUOTAS), seed=seed, fidelity=fidelity)
        self.known: dict[str, dict[str, Any]] = {}
        self.logs: dict[str, list[Any]] = {}
        self.lost = 0

    @rule(numbers=st.sets(st.integers(1, SERVERS + 1), min_size=1, max_size=6), drill=st.booleans())
    def start(self, numbers: set[int], drill: bool) -> None:
        before = self.account.drs.to_json()["jobs"].keys()
        locked = self.account.drs.state.locks()
        try:
            self.account.start(*sorted(numbers), isDrill=drill)
        except ApiError as refused:
            assert refused.code in REFUSALS
            assert self.account.drs.state.jobs.keys() == before
        except LostResponse:
            assert len(self.account.drs.state.jobs) == len(before) + 1
        else:
            assert not {server_id(each) for each in numbers} & locked.keys()

    @rule(data=st.data())
    def terminate(self, data: st.DataObject) -> None:
        there = sorted(self.account.drs.state.instances)
        if not there:
            return
        wanted = data.draw(st.lists(st.sampled_from(there), min_size=1, unique=True))
        try:
            self.account.call("TerminateRecoveryInstances", recoveryInstanceIDs=wanted)
        except ApiError as refused:
            assert refused.code in REFUSALS

    @rule(seconds=st.sampled_from([1, 30, 200, 600, 3600]))
    def wait(self, seconds: int) -> None:
        self.account.wait(seconds)

    @rule(scale=st.sampled_from([0.5, 1, 60]))
    def hurry(self, scale: float) -> None:
        self.account.drs.set_scale(scale)

    @rule(
        kind=st.sampled_from(sorted(ON_PHASES.keys() - {"hang"})),
        phase=st.sampled_from(PHASES),
        number=st.integers(1, SERVERS),
    )
    def break_a_phase(self, kind: str, phase: str, number: int) -> None:
        self.account.drs.inject({"server": f"host-{number}", "phase": phase, "times": 1, "action": {"type": kind}})

    @rule()
    def lose_an_answer(self) -> None:
        self.account.drs.inject({"operation": "StartRecovery", "times": 1, "action": {"type": "lost_response"}})

    @rule(number=st.integers(1, SERVERS))
    def meddle(self, number: int) -> None:
        self.account.drs.inject({"action": {"type": "external_job", "servers": [f"host-{number}"]}})

    @invariant()
    def no_server_is_in_two_live_jobs(self) -> None:
        taking_part = [server for job in self.account.drs.state.open_jobs() for server in job["_"]["servers"]]
        assert len(taking_part) == len(set(taking_part))

    @invariant()
    def quotas_are_kept(self) -> None:
        live = self.account.drs.state.open_jobs()
        assert len(live) <= QUOTAS["concurrentJobs"]
        assert sum(len(job["_"]["servers"]) for job in live) <= QUOTAS["serversInAllJobs"]
        assert all(len(job["_"]["servers"]) <= QUOTAS["serversPerJob"] for job in live)

    @invariant()
    def nothing_goes_back(self) -> None:
        for identifier, job in self.account.drs.to_json()["jobs"].items():
            before = self.known.get(identifier, job)
            assert JOB_ORDER.index(before["status"]) <= JOB_ORDER.index(job["status"])
            for earlier, later in zip(before["participatingServers"], job["participatingServers"], strict=True):
                assert ORDER[earlier["launchStatus"]] <= ORDER[later["launchStatus"]]
            log = self.account.drs.to_json()["logs"][identifier]
            assert log[: len(self.logs.get(identifier, []))] == self.logs.get(identifier, [])
            self.known[identifier], self.logs[identifier] = job, log

    @invariant()
    def a_completed_job_has_ended_servers_but_for_those_left(self) -> None:
        for job in self.account.drs.state.jobs.values():
            for entry in job["participatingServers"]:
                if job["status"] == "COMPLETED" and entry["sourceServerID"] not in job["_"]["left"]:
                    assert entry["launchStatus"] in ENDED

    @invariant()
    def a_server_has_at_most_one_instance_and_knows_it(self) -> None:
        state = self.account.drs.state
        owners = [each["sourceServerID"] for each in state.instances.values()]
        assert len(owners) == len(set(owners))
        for identifier, instance in state.instances.items():
            assert state.servers[instance["sourceServerID"]]["recoveryInstanceId"] == identifier

    def teardown(self) -> None:
        """Whatever happened, everything ends by itself, and every launched server made exactly one event."""
        if not hasattr(self, "account"):
            return
        self.account.drs.set_scale(1)
        for _ in range(100):
            self.account.wait(3600)
        state = self.account.drs.state
        assert state.open_jobs() == []
        assert state.agenda == []
        ends = [
            (job["jobID"], each["sourceServerID"])
            for job in state.jobs.values()
            for each in job["participatingServers"]
            if job["type"] == "LAUNCH" and each["launchStatus"] in ENDED
        ]
        told = [(event["detail"]["job-id"], event["resources"][0].split("/")[1]) for event in self.account.events]
        assert sorted(told) == sorted(ends)


Run.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_what_always_holds = Run.TestCase
