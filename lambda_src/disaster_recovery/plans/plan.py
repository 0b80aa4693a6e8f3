"""A recovery plan as typed values: its document parsed, defaults filled in, waves in the order they run.

The document is what the API and the plan files hold (schemas/recovery-plan.schema.json); what a schema cannot say about
the order of waves is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from disaster_recovery.errors import PlanInvalid
from disaster_recovery.plans.wave_order import run_order

Document = Mapping[str, Any]

CRITICAL, OPTIONAL = "CRITICAL", "OPTIONAL"
DAY_SECONDS = 86_400
DEFAULT_WAVE_SECONDS = 14_400
DEFAULT_ACTION_SECONDS = 300


@dataclass(frozen=True)
class Account:
    """Where the servers are recovered. Empty fields mean the account and Region the system itself lives in."""

    account_id: str = ""
    region: str = ""
    role_arn: str = ""
    external_id: str = ""


@dataclass(frozen=True)
class PlanServer:
    """A server of a wave; `recovery_snapshot_id` only with recovery point mode EXACT."""

    source_server_id: str
    criticality: str = CRITICAL
    recovery_snapshot_id: str | None = None


@dataclass(frozen=True)
class PlanPause:
    """How long a pause may last and what happens then: `on_timeout` ABORT or CONTINUE."""

    deadline_seconds: int = DAY_SECONDS
    on_timeout: str = "ABORT"
    approver_group: str | None = None
    require_comment: bool = False


@dataclass(frozen=True)
class RecoveryPoint:
    """`mode` LATEST, BEFORE (`at`, ISO 8601 UTC) or EXACT (each server names its snapshot)."""

    mode: str = "LATEST"
    at: str | None = None


@dataclass(frozen=True)
class PlanAction:
    """`type` SSM_AUTOMATION, LAMBDA or HTTP_PROBE; `arguments` are the members that belong to the type."""

    name: str
    type: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: int = DEFAULT_ACTION_SECONDS
    on_failure: str = "STOP"


@dataclass(frozen=True)
class PlanWave:
    """A wave; `number` counts from 1 in the order waves run, `position` from 0 in the order of the document."""

    number: int
    position: int
    name: str
    protection_group_id: str | None = None
    servers: tuple[PlanServer, ...] = ()
    pause_before: bool = False
    pause: PlanPause = PlanPause()
    minimum_launched_percent: int = 100
    on_failure: str = "STOP"
    timeout_seconds: int = DEFAULT_WAVE_SECONDS
    recovery_point: RecoveryPoint = RecoveryPoint()
    pre_actions: tuple[PlanAction, ...] = ()
    post_actions: tuple[PlanAction, ...] = ()


@dataclass(frozen=True)
class RecoveryPlan:
    """A parsed plan. `conflict_policy` WAIT, SKIP or FAIL: what to do with a server that another job holds."""

    name: str
    waves: tuple[PlanWave, ...]
    account: Account = Account()
    conflict_policy: str = "WAIT"
    description: str = ""
    rto_seconds: int | None = None
    rpo_seconds: int | None = None
    drill_ttl_seconds: int | None = None

    def wave(self, number: int) -> PlanWave:
        """The wave of that number. Raises PlanInvalid when there is none."""
        for wave in self.waves:
            if wave.number == number:
                return wave
        raise PlanInvalid(f"there is no wave {number}")


def parse_plan(document: Document) -> RecoveryPlan:
    """The plan of a document that its schema has accepted.

    Raises PlanInvalid with the exact path for what only the whole plan shows: no waves, two waves of one name, unknown
    or circular dependencies, a server in two waves.
    """
    objectives = document.get("objectives", {})
    return RecoveryPlan(
        name=document["name"],
        waves=tuple(
            _wave(number, position, document["waves"][position])
            for number, position in enumerate(run_order(document.get("waves", [])), start=1)
        ),
        account=parse_account(document.get("account")),
        conflict_policy=document.get("conflictPolicy", "WAIT"),
        description=document.get("description", ""),
        rto_seconds=objectives.get("rtoSeconds"),
        rpo_seconds=objectives.get("rpoSeconds"),
        drill_ttl_seconds=document.get("drillTtlSeconds"),
    )


def parse_account(document: Document | None) -> Account:
    """`{accountId, region, roleArn, externalId}`, or our own account when there is none."""
    given = document or {}
    return Account(
        given.get("accountId", ""), given.get("region", ""), given.get("roleArn", ""), given.get("externalId", "")
    )


def _wave(number: int, position: int, document: Document) -> PlanWave:
    pause, point = document.get("pause", {}), document.get("recoveryPoint", {})
    return PlanWave(
        number=number,
        position=position,
        name=document["name"],
        protection_group_id=document.get("protectionGroupId"),
        servers=tuple(_server(each) for each in document.get("servers", [])),
        pause_before=document.get("pauseBeforeWave", False),
        pause=PlanPause(
            pause.get("deadlineSeconds", DAY_SECONDS),
            pause.get("onTimeout", "ABORT"),
            pause.get("approverGroup"),
            pause.get("requireComment", False),
        ),
        minimum_launched_percent=document.get("minimumLaunchedPercent", 100),
        on_failure=document.get("onFailure", "STOP"),
        timeout_seconds=document.get("timeoutSeconds", DEFAULT_WAVE_SECONDS),
        recovery_point=RecoveryPoint(point.get("mode", "LATEST"), point.get("at")),
        pre_actions=_actions(document.get("preActions", [])),
        post_actions=_actions(document.get("postActions", [])),
    )


def _server(document: Document) -> PlanServer:
    return PlanServer(
        document["sourceServerId"], document.get("criticality", CRITICAL), document.get("recoverySnapshotId")
    )


def _actions(documents: Sequence[Document]) -> tuple[PlanAction, ...]:
    common = ("name", "type", "timeoutSeconds", "onFailure")
    return tuple(
        PlanAction(
            name=each["name"],
            type=each["type"],
            arguments={name: value for name, value in each.items() if name not in common},
            timeout_seconds=each.get("timeoutSeconds", DEFAULT_ACTION_SECONDS),
            on_failure=each.get("onFailure", "STOP"),
        )
        for each in documents
    )
