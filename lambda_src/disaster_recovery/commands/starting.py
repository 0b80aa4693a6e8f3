"""The start of an execution: everything it will need is frozen first, then the machine is told its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from disaster_recovery.errors import Transient, ValidationFailed, WrongState
from disaster_recovery.plans.plan import RecoveryPlan, parse_plan
from disaster_recovery.plans.resolved import Catalog, ResolvedPlan
from disaster_recovery.records.execution import RECOVERY, AccountPart, Counts, Execution, FrozenPlan, Server, Wave
from disaster_recovery.records.history import Event, plan_lock
from disaster_recovery.records.statuses import TERMINAL_STATUSES
from disaster_recovery.records.store import Store
from disaster_recovery.records.transitions import known
from shared.canonical import canonical_json, sha256_hex
from shared.clock import Clock, stamp
from shared.ids import new_id
from shared.state_machine import Machine


class Principal(Protocol):
    """Who asks: the name that records bear, the groups, and whether over AWS credentials instead of the API."""

    @property
    def actor(self) -> str: ...
    @property
    def groups(self) -> frozenset[str]: ...
    @property
    def direct(self) -> bool: ...


#: Creations that may die before a key is given up.
ATTEMPTS = 5


def new_execution_id(now: datetime) -> str:
    """`ex-` and 20 characters that sort by time."""
    return new_id("ex", now)


@dataclass(frozen=True)
class Starter:
    """`new_id` makes execution ids; a rehearsal brings its own, so that runs can be repeated."""

    store: Store
    catalog: Catalog
    machine: Machine[Execution]
    clock: Clock
    new_id: Callable[[datetime], str] = new_execution_id

    def start(
        self, principal: Principal, plan_id: str, execution_type: str, *, confirm: str = "", key: str = ""
    ) -> Execution:
        """Starts a DRILL or RECOVERY of a plan; the same `key` (Idempotency-Key) starts it once.

        Raises NotFound, PlanInvalid with paths, ValidationFailed when a RECOVERY is not confirmed by the plan's name or
        the key was used for something else, WrongState while the plan runs already; Transient, Throttled, … when the
        machine did not answer: the same call may be made again with the same key.
        """
        now = self.clock()
        execution_id = self._claimed(principal, key, f"{plan_id} {execution_type}", now)
        existing = self.store.execution(execution_id)
        if existing is None:
            resolved = self.catalog.resolve(plan_id)
            existing = self.freeze(principal, resolved, execution_type, execution_id, confirm=confirm)
        return self.run(existing)

    def freeze(
        self, principal: Principal, resolved: ResolvedPlan, execution_type: str, execution_id: str, *, confirm: str = ""
    ) -> Execution:
        """The records of a new execution, its EXECUTION item last. Raises as `start` does, but starts nothing."""
        plan = parse_plan(resolved.document)
        if execution_type == RECOVERY and confirm != plan.name:
            raise ValidationFailed("a recovery has to be confirmed with the name of the plan")
        take_plan(self.store, resolved.plan_id, execution_id, stamp(self.clock()))
        try:
            return self._create(principal, resolved, plan, execution_type, execution_id)
        except BaseException:
            if self.store.execution(execution_id) is None:
                self.store.release([plan_lock(resolved.plan_id)], owner=execution_id)
            raise

    def run(self, execution: Execution) -> Execution:
        """Starts the machine for an execution that is PENDING; one that has begun is left alone."""
        if execution.status == "PENDING":
            self.machine.start(execution)
        return execution

    def _create(
        self, principal: Principal, resolved: ResolvedPlan, plan: RecoveryPlan, execution_type: str, execution_id: str
    ) -> Execution:
        now = stamp(self.clock())
        frozen = frozen_plan(resolved, plan, execution_id)
        waves = [
            Wave(
                execution_id=execution_id,
                wave_number=wave.number,
                name=wave.name,
                counts=Counts(servers=len(resolved.servers[wave.number])),
            )
            for wave in plan.waves
        ]
        servers = server_records(resolved, execution_id)
        execution = Execution(
            execution_id=execution_id,
            type=execution_type,
            plan_id=resolved.plan_id,
            plan_name=plan.name,
            plan_version=resolved.version,
            plan_hash=frozen.plan_hash,
            account=AccountPart(**vars(plan.account)),
            started_by=principal.actor,
            started_at=now,
            updated_at=now,
            wave_count=len(plan.waves),
            counts=Counts(servers=len(servers)),
        )
        event = Event(
            execution_id=execution_id,
            number=1,
            at=now,
            kind="EXECUTION_STARTED",
            actor=principal.actor,
            message=f"{execution_type} of {plan.name}: {len(servers)} servers in {len(waves)} waves",
            data={"planHash": frozen.plan_hash, "planVersion": resolved.version, "type": execution_type},
        )
        if not self.store.create(execution, event, frozen, waves, servers):
            return known(self.store, execution_id)
        return execution

    def _claimed(self, principal: Principal, key: str, purpose: str, now: datetime) -> str:
        """The id that this key stands for: a new one, or the one of the first call with it."""
        wanted = self.new_id(now)
        if not key:
            return wanted
        for attempt in range(1, ATTEMPTS + 1):
            name = sha256_hex(canonical_json([principal.actor, key, attempt]))
            execution_id, _, first_purpose = self.store.claim(name, f"{wanted} {purpose}").partition(" ")
            if first_purpose != purpose:
                raise ValidationFailed("this Idempotency-Key was used to start something else")
            if self.store.execution(execution_id) or not self.store.waves(execution_id):
                return execution_id
            # Its creation died half way: what is left of it is never seen, and expires.
        raise Transient("executions with this key were begun and not created, again and again")


def plan_hash(document: object, servers: object) -> str:
    """SHA-256 over the canonical JSON of the plan's document and its resolved servers."""
    return sha256_hex(canonical_json({"document": document, "servers": servers}))


def frozen_plan(resolved: ResolvedPlan, plan: RecoveryPlan, execution_id: str) -> FrozenPlan:
    """The plan as it is kept with the execution."""
    waves = tuple(
        {
            "number": wave.number,
            "name": wave.name,
            "sourceServerIds": [server.source_server_id for server in resolved.servers[wave.number]],
        }
        for wave in plan.waves
    )
    return FrozenPlan(
        execution_id=execution_id,
        document=resolved.document,
        plan_hash=plan_hash(resolved.document, list(waves)),
        waves=waves,
    )


def server_records(resolved: ResolvedPlan, execution_id: str) -> list[Server]:
    """One record a server, with the launch settings it has now."""
    return [
        Server(
            execution_id=execution_id,
            wave_number=number,
            source_server_id=server.source_server_id,
            hostname=server.hostname,
            criticality=server.criticality,
            recovery_snapshot_id=server.recovery_snapshot_id,
            launch_settings=server.launch_settings,
            lag_seconds=server.lag_seconds,
        )
        for number, servers in sorted(resolved.servers.items())
        for server in servers
    ]


def take_plan(store: Store, plan_id: str, execution_id: str, now: str) -> None:
    """The lock that keeps a plan from running twice. Raises WrongState naming the execution that runs.

    A lock whose execution has ended, or never came to be, is taken over.
    """
    key = plan_lock(plan_id)
    held = store.acquire([key], owner=execution_id, holder=execution_id, locked_at=now)
    if not held:
        return
    owner = held[key].owner or ""
    if not _is_over(store, owner, held[key].locked_at or now, now):
        raise WrongState(f"the plan is being run already by {owner}")
    if store.acquire([key], owner=execution_id, holder=execution_id, locked_at=now, take_from=[owner]):
        raise WrongState("the plan has just been started by somebody else")


#: Longer than an API call can take to create the records of an execution.
CREATION_SECONDS = 40


def _is_over(store: Store, owner: str, locked_at: str, now: str) -> bool:
    execution = store.execution(owner)
    if execution is not None:
        return execution.status in TERMINAL_STATUSES
    age = datetime.fromisoformat(now) - datetime.fromisoformat(locked_at)
    return age.total_seconds() > CREATION_SECONDS
