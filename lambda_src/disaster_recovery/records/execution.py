"""The records of an execution: one item each in the table execution-history, partition key `executionId`.

Times are text as shared.clock.stamp writes it. Only EXECUTION and TERMINATION items carry `status`, so only they are in
the index by status. The task token is in TaskToken and nowhere else: never in another record, an event or a log line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from disaster_recovery.plans.plan import Account
from disaster_recovery.records.record import Part, Record, part
from disaster_recovery.records.statuses import ActionState, ExecutionStatus, IntentState, LaunchStatus, WaveStatus

DRILL, RECOVERY = "DRILL", "RECOVERY"


@dataclass(frozen=True, kw_only=True)
class Counts(Part):
    """Servers of a wave or an execution: all, launched, failed (what is left is pending or in progress)."""

    servers: int = 0
    launched: int = 0
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class AccountPart(Part):
    """Account and Region that the servers are recovered in; empty means our own."""

    account_id: str = ""
    region: str = ""
    role_arn: str = ""
    external_id: str = ""

    def account(self) -> Account:
        """As the plan has it."""
        return Account(self.account_id, self.region, self.role_arn, self.external_id)


@dataclass(frozen=True, kw_only=True)
class Decision(Part):
    """An answer for the machine. `kind` is the kind of token it is for (WAVE, ACTIONS, PAUSE, CANCEL).

    It is stored before it is sent, so that the next poll can send it again when it was lost.
    """

    next: str
    kind: str
    at: str
    by: str = "poller"
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pause(Part):
    """Why the execution waits for a person, until when, and what happens then."""

    pause_id: str
    wave_number: int
    reason: str  # PAUSE_BEFORE_WAVE | REQUESTED | WAVE_FAILED | ACTION_FAILED
    since: str
    deadline: str
    on_timeout: str = "ABORT"
    approver_group: str | None = None
    require_comment: bool = False
    resume_next: str = "START"  # the answer that "resume" or CONTINUE gives: START | PRE_ACTIONS | NEXT | POST_ACTIONS
    decision: Decision | None = part(Decision)


@dataclass(frozen=True, kw_only=True)
class Request(Part):
    """Who asked for a pause or a cancel, and when."""

    by: str
    at: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Execution(Record):
    """The execution itself. `run_number` grows with each restart from a checkpoint."""

    status: str = ExecutionStatus.PENDING
    type: str = DRILL
    plan_id: str = ""
    plan_name: str = ""
    plan_version: int = 1
    plan_hash: str = ""
    account: AccountPart = field(default_factory=AccountPart, metadata={"part": AccountPart})
    started_by: str = ""
    started_at: str = ""
    updated_at: str = ""
    ended_at: str | None = None
    run_number: int = 1
    first_wave: int = 1  # the wave this run starts with
    wave_count: int = 0
    current_wave: int = 0
    counts: Counts = field(default_factory=Counts, metadata={"part": Counts})
    pause: Pause | None = part(Pause)
    pause_requested: Request | None = part(Request)
    cancel_requested: Request | None = part(Request)
    failure_reason: str | None = None
    error_message: str | None = None
    instances_terminated: bool = False
    drill_expires_at: str | None = None

    @property
    def sort_key(self) -> str:
        return "EXECUTION"

    @property
    def run_name(self) -> str:
        """Name of the state machine execution of this run."""
        return f"{self.execution_id}-r{self.run_number}"

    @property
    def run_input(self) -> Mapping[str, Any]:
        """What the machine is told: the records hold everything else."""
        return {"executionId": self.execution_id}


@dataclass(frozen=True, kw_only=True)
class FrozenPlan(Record):
    """The plan as it was when the execution started. `waves`: `{number, name, sourceServerIds}` as resolved."""

    document: Mapping[str, Any]
    plan_hash: str
    waves: tuple[Mapping[str, Any], ...] = ()

    @property
    def sort_key(self) -> str:
        return "PLAN"


@dataclass(frozen=True, kw_only=True)
class Wave(Record):
    """A wave. `outcome` is what was judged while post actions still run; `decision` what the machine is told."""

    wave_number: int
    name: str = ""
    wave_status: str = WaveStatus.PENDING
    attempt: int = 1
    counts: Counts = field(default_factory=Counts, metadata={"part": Counts})
    outcome: str | None = None
    decision: Decision | None = part(Decision)
    started_at: str | None = None
    attempt_started_at: str | None = None  # when this attempt's servers began to be started
    more_at: str | None = None  # when the machine was last told to start more
    last_launch_at: str | None = None
    ended_at: str | None = None
    reconciles: int = 0
    unknown_polls: int = 0
    skip_requested: Request | None = part(Request)
    error_message: str | None = None

    @property
    def sort_key(self) -> str:
        return f"WAVE#{self.wave_number:03d}"


@dataclass(frozen=True, kw_only=True)
class Server(Record):
    """A server of a wave, with the launch settings it had when the execution started."""

    wave_number: int
    source_server_id: str
    hostname: str = ""
    criticality: str = "CRITICAL"
    launch_status: str = LaunchStatus.PENDING
    attempt: int = 1
    job_id: str | None = None
    recovery_instance_id: str | None = None
    ec2_instance_id: str | None = None
    recovery_snapshot_id: str | None = None
    recovery_point_at: str | None = None
    launch_settings: Mapping[str, Any] | None = None
    lag_seconds: int | None = None  # replication lag when the execution started
    started_at: str | None = None
    launched_at: str | None = None
    error_message: str | None = None

    @property
    def sort_key(self) -> str:
        return f"SERVER#{self.wave_number:03d}#{self.source_server_id}"


@dataclass(frozen=True, kw_only=True)
class Intent(Record):
    """What we are about to ask DRS for, written before the call: one chunk of a wave's attempt, one job at most.

    `sends` counts the calls; `misses` the polls in a row in which DRS did not know the job or left servers open.
    """

    wave_number: int
    attempt: int
    chunk: int
    source_server_ids: tuple[str, ...]
    intent_state: str = IntentState.PLANNED
    created_at: str = ""
    sent_at: str | None = None
    sends: int = 0
    job_id: str | None = None
    job_status: str | None = None
    ended_at: str | None = None
    misses: int = 0
    missed_at: str | None = None  # when the first of them was
    reason: str | None = None  # why it was refused

    @property
    def sort_key(self) -> str:
        return f"INTENT#{self.wave_number:03d}#A{self.attempt:02d}#C{self.chunk:03d}"

    @property
    def owner(self) -> str:
        """As locks name it: `<executionId>#<wave>#A01#C001`."""
        return f"{self.execution_id}#{self.sort_key.removeprefix('INTENT#')}"


@dataclass(frozen=True, kw_only=True)
class Action(Record):
    """One action of a wave; `reference` is what its service calls it (automation execution id, …)."""

    wave_number: int
    phase: str  # PRE | POST
    number: int
    attempt: int = 1
    action_state: str = ActionState.PENDING
    name: str = ""
    reference: str | None = None
    started_at: str | None = None
    deadline: str | None = None
    ended_at: str | None = None
    error_message: str | None = None
    result: Mapping[str, Any] | None = None

    @property
    def sort_key(self) -> str:
        return f"ACTION#{self.wave_number:03d}#{self.phase}#{self.number:02d}"
