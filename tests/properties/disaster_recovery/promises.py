"""What a run of the virtual cloud has to keep to, watched while it runs and checked at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from disaster_recovery.launch.adoption import EXECUTION_TAG
from disaster_recovery.launch.locks import ServerLocks
from disaster_recovery.records.execution import Execution, Server, Wave
from disaster_recovery.records.history import TaskToken
from disaster_recovery.records.record import Item, Record
from disaster_recovery.records.statuses import ENDED_WAVES, TERMINAL_STATUSES
from local_cloud.virtual.recovery.system import VirtualRecovery

#: A call that was on its way when a cancel was stored may still arrive.
ON_ITS_WAY_SECONDS = 5.0
#: How old the picture may be by which a wave was judged.
STALE_SECONDS = 180.0
Tags = tuple[str, str, str, str]


@dataclass
class Launch:
    """An instance that came to be: of which server, by which job, when."""

    server: str
    job: str
    at: float


@dataclass
class Promises:
    """`items` gives everything that is stored; `broken` collects what was not kept, in words."""

    cloud: VirtualRecovery
    items: Callable[[], list[Item]]
    broken: list[str] = field(default_factory=list)
    jobs: dict[str, Tags] = field(default_factory=dict)
    launches: dict[str, Launch] = field(default_factory=dict)
    cancelled: dict[str, float] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    servers: dict[str, list[Server]] = field(default_factory=dict)
    asked: set[tuple[str, str, str, str]] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.cloud.account.watchers.append(self._called)
        self.cloud.store.watchers.append(self._written)

    # --- while it runs

    def _called(self, operation: str, parameters: Mapping[str, Any]) -> None:
        state = self.cloud.account.simulator.state
        self._see_launches()
        if operation == "StartRecovery":
            job = next(reversed(state.jobs.values()))
            tags = job["tags"]
            names = ("executionId", "wave", "attempt", "chunk")
            self.jobs[job["jobID"]] = tuple(tags[f"towpath:{name}"] for name in names)  # type: ignore[assignment]
            self._launched_once(self.jobs[job["jobID"]], job["_"]["servers"])
            self._started(tags[EXECUTION_TAG], int(tags["towpath:wave"]))
            self._within_quotas()
        if operation == "TerminateRecoveryInstances":
            self._terminated(parameters["recoveryInstanceIDs"])

    def _launched_once(self, tags: Tags, servers: Sequence[str]) -> None:
        """A server is launched once in an attempt of a wave, by whatever job."""
        for server in servers:
            if (*tags[:3], server) in self.asked:
                self.broken.append(f"{server} was launched again in attempt {tags[2]} of wave {tags[1]}")
            self.asked.add((*tags[:3], server))

    def _started(self, execution_id: str, wave_number: int) -> None:
        now = self.cloud.kernel.now
        if now > self.cancelled.get(execution_id, now) + ON_ITS_WAY_SECONDS:
            self.broken.append(f"{execution_id} started wave {wave_number} after it was cancelled")
        if execution_id in self.ended:
            self.broken.append(f"{execution_id} started wave {wave_number} after it had ended")
        for wave in self.cloud.peek.waves(execution_id):
            if wave.wave_number < wave_number and wave.wave_status not in ENDED_WAVES:
                self.broken.append(f"wave {wave_number} started while wave {wave.wave_number} was {wave.wave_status}")

    def _within_quotas(self) -> None:
        state = self.cloud.account.simulator.state
        live = [job for job in state.jobs.values() if job["status"] != "COMPLETED"]
        servers = [each["sourceServerID"] for job in live for each in job["participatingServers"]]
        limits = state.quotas
        found = {
            "concurrentJobs": len(live),
            "serversPerJob": max(len(job["participatingServers"]) for job in live),
            "serversInAllJobs": len(servers),
        }
        self.broken += [f"{name}: {value} of {limits[name]}" for name, value in found.items() if value > limits[name]]
        self.broken += [f"{name} is in {count} live jobs" for name, count in Counter(servers).items() if count > 1]

    def _terminated(self, instances: Sequence[str]) -> None:
        for instance in instances:
            launch = self.launches.get(instance)
            if launch is None or launch.job not in self.jobs:
                self.broken.append(f"{instance} was terminated and is not ours")

    def _written(self, records: Sequence[Record]) -> None:
        self._see_launches()
        for record in records:
            if isinstance(record, Execution):
                self._execution_written(record)
            elif isinstance(record, TaskToken):
                self.tokens |= {record.token} - {""}
            elif isinstance(record, Wave) and record.wave_status in ENDED_WAVES:
                self._wave_ended(record)

    def _execution_written(self, execution: Execution) -> None:
        identifier = execution.execution_id
        if execution.cancel_requested:
            self.cancelled.setdefault(identifier, self.cloud.kernel.now)
        if execution.status in TERMINAL_STATUSES:
            if identifier not in self.ended:
                self.servers[identifier] = self.cloud.peek.servers(identifier)
            self.ended[identifier] = execution.status
        elif identifier in self.ended:
            self.broken.append(f"{identifier} was {self.ended[identifier]} and is {execution.status} again")

    def _wave_ended(self, wave: Wave) -> None:
        """What the record says of each server is what DRS's truth implies, give or take the age of the picture."""
        now = self.cloud.kernel.now
        for server in self.cloud.peek.servers(wave.execution_id, wave.wave_number):
            launched = self._launched_at(wave.execution_id, server.source_server_id)
            if server.launch_status == "LAUNCHED" and launched is None:
                self.broken.append(f"{server.source_server_id} is LAUNCHED and never was")
            if server.launch_status == "FAILED" and launched is not None and launched < now - STALE_SECONDS:
                self.broken.append(f"{server.source_server_id} is FAILED and had launched")

    def _launched_at(self, execution_id: str, server: str) -> float | None:
        ours = (
            launch.at
            for launch in self.launches.values()
            if launch.server == server and self.jobs.get(launch.job, ("",))[0] == execution_id
        )
        return min(ours, default=None)

    def _see_launches(self) -> None:
        for identifier, instance in self.cloud.account.simulator.state.instances.items():
            if identifier not in self.launches:
                at = self.cloud.seconds_at(instance["_"]["launchedAt"])
                self.launches[identifier] = Launch(instance["sourceServerID"], instance["jobID"], at)

    # --- at its end

    def at_the_end(self) -> list[str]:
        """Everything that was not kept."""
        for run in self.cloud.machine.runs.values():
            if run.outcome is None:
                self.broken.append(f"{run.execution.name} still runs")
        for identifier in self.cloud.started:
            self._check_end(identifier)
        self.broken += [f"two jobs of one intent: {tags}" for tags, n in Counter(self.jobs.values()).items() if n > 1]
        self._check_locks()
        self._check_tokens()
        return self.broken

    def _check_end(self, identifier: str) -> None:
        execution = self.cloud.peek.execution(identifier)
        if execution is None or execution.status not in TERMINAL_STATUSES:
            self.broken.append(f"{identifier} is {execution.status if execution else 'gone'} for ever")
            return
        servers = self.servers[identifier]
        launched = [each for each in servers if each.launch_status == "LAUNCHED"]
        expected = _expected(len(launched), sum(1 for each in servers if each.launched_at), len(servers))
        skipped = any(each.wave_status == "SKIPPED" for each in self.cloud.peek.waves(identifier))
        status = str(execution.status)
        if status == "CANCELLED" and not self._may_be_cancelled(execution):
            self.broken.append(f"{identifier} is CANCELLED and nobody asked for it")
        left_out = any(each.launch_status == "SKIPPED" for each in servers)
        if status not in ("CANCELLED", expected) and not ((skipped or left_out) and status == "PARTIAL"):
            self.broken.append(f"{identifier} is {status}, with {len(launched)} of {len(servers)} launched")

    def _may_be_cancelled(self, execution: Execution) -> bool:
        return execution.cancel_requested is not None or any(
            event.kind == "PAUSE_EXPIRED" for event in self.cloud.peek.events(execution.execution_id)
        )

    def _check_locks(self) -> None:
        """Whoever comes next can have every server that no job has."""
        state = self.cloud.account.simulator.state
        free = [server for server in state.servers if server not in state.locks()]
        tools = self.cloud.handlers.tools()
        next_one = Execution(execution_id="ex-next")
        locks = ServerLocks(self.cloud.peek, tools.drs(next_one.account.account()), tools.clock, next_one)
        held = locks.held_by_others(free)
        self.broken += [f"{server} is held by {owner}" for server, owner in held.items()]

    def _check_tokens(self) -> None:
        for item in self.items():
            if item["record"] != "TOKEN" and any(token in str(item) for token in self.tokens):
                self.broken.append(f"a task token is in {item['record']}")
        for message in self.cloud.notifications:
            if any(token in message for token in self.tokens):
                self.broken.append("a task token was published")


def _expected(launched: int, ever: int, servers: int) -> str:
    """The status by how many servers are launched, and were at some time."""
    if launched == servers:
        return "COMPLETED"
    return "PARTIAL" if ever else "FAILED"
