"""A recovery with nothing but credentials for AWS DRS: a plan file, a journal file, and the handlers' own code.

The journal is the table of executions in one file, replaced as a whole after each write; whoever holds it can take the
run up where it was.
"""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from disaster_recovery.commands.starting import Starter, new_execution_id
from disaster_recovery.drs.accounts import AwsAccounts
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.errors import PlanInvalid, QuotaUnreadable
from disaster_recovery.machine.finishing import Finisher
from disaster_recovery.machine.tools import Tools
from disaster_recovery.plans.catalog import StoredCatalog
from disaster_recovery.plans.catalog_table import CatalogTable
from disaster_recovery.plans.plan import Account, parse_plan
from disaster_recovery.plans.resolved import ResolvedPlan
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.history import Event, plan_lock
from disaster_recovery.settings import Settings
from disaster_recovery.wave_actions.runner import ActionRunner
from shared.clock import Clock, utc_now
from towpath.errors import Conflict, Invalid, NotAllowed
from towpath.recovery.accounts import DEFAULT_QUOTAS, place_of
from towpath.recovery.emergency_machine import Waiting
from towpath.recovery.plan_files import refused
from towpath.yaml_files import Located

ACTIONS = ("preActions", "postActions")
Tell = Callable[[Execution, Sequence[Event]], None]
Count = Callable[[str, float], None]


@dataclass(frozen=True)
class Person:
    """Whoever holds the credentials; what IAM lets them do is all there is to ask."""

    actor: str
    groups: frozenset[str] = frozenset()
    direct: bool = True


def whoever_runs_this() -> Person:
    """User and host, for the timeline."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return Person(f"break-glass:{user}@{socket.gethostname()}")


@contextmanager
def journal(path: Path) -> Iterator[FileStore]:
    """The journal's store, for this process alone. Raises Conflict while another one has it."""
    import fcntl  # noqa: PLC0415  (not on Windows, where the other commands work all the same)

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(f"another break-glass command is at work on {path}", "Wait for it, or stop it.") from error
        try:
            store = FileStore(path)
        except (ValueError, TypeError, KeyError) as error:
            raise Invalid(f"{path} is not a journal of a break-glass run") from error
        yield store


def execution_in(store: FileStore) -> Execution | None:
    """The execution that a journal is about."""
    found = [item for item in store.items() if item["record"] == "EXECUTION"]
    return Execution.from_item(found[-1]) if found else None


def without_actions(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The plan without wave actions, which need credentials for other services, and what was left out."""
    left_out = [
        f"{wave['name']}: {action['name']} ({action['type']}, {'before' if phase == ACTIONS[0] else 'after'} the wave)"
        for wave in document["waves"]
        for phase in ACTIONS
        for action in wave.get(phase, [])
    ]
    waves = [{name: value for name, value in wave.items() if name not in ACTIONS} for wave in document["waves"]]
    return {**document, "waves": waves}, left_out


@dataclass(frozen=True)
class Emergency:
    """What a run works with. `assume_quotas`: AWS's defaults when Service Quotas cannot be read; `count` gets what
    would be a metric, such as DescribeErrors.
    """

    store: FileStore
    accounts: AwsAccounts
    tell: Tell
    assume_quotas: bool = False
    clock: Clock = utc_now
    wake: Callable[..., None] = lambda execution_id, reason, delay_seconds=0: None
    count: Count = lambda name, value: None

    def tools(self, waiting: Waiting) -> Tools:
        """Tools for the handlers' code: no queue and no topic; a person reads what happens."""
        return Tools(
            store=self.store,
            drs=self.accounts.drs,
            quotas=self.quotas,
            machine=waiting,
            wake=self.wake,
            advance_actions=ActionRunner(self.store, {}, self.clock),
            finish=Finisher(self.store, self.clock, self.count),
            notify=self.tell,
            count=self.count,
            clock=self.clock,
            settings=Settings(),
        )

    def quotas(self, account: Account) -> Quotas:
        """The account's quotas. Raises QuotaUnreadable unless the defaults are to be assumed."""
        try:
            return self.accounts.quotas(account)
        except QuotaUnreadable:
            if not self.assume_quotas:
                raise
            return DEFAULT_QUOTAS

    def check_quotas(self, account: Account) -> None:
        """Raises NotAllowed with what to do when nothing could ever start, since no quota can be read."""
        try:
            self.quotas(account)
        except QuotaUnreadable as error:
            hint = (
                "Nothing starts without knowing the quotas. --default-quotas takes AWS's defaults: 20 jobs, 100, 500."
            )
            raise NotAllowed(f"the quotas cannot be read: {error}", hint) from error

    def resolve(self, located: Located, document: Mapping[str, Any]) -> ResolvedPlan:
        """The plan with its servers as DRS has them. Raises Invalid with the line of what it does not know."""
        waves = document["waves"]
        if any("protectionGroupId" in wave for wave in waves):
            hint = "Write the servers into the file while the system is up: `towpath drs plans export PLAN --resolved`."
            raise Invalid(f"{located.file} names protection groups, which are in the system's database", hint)
        account = parse_plan(document).account
        wanted = {server["sourceServerId"] for wave in waves for server in wave["servers"]}
        home = place_of(self.accounts.drs(account).source_servers(wanted))
        nothing = cast(CatalogTable, _Nothing())
        catalog = StoredCatalog(nothing, nothing, self.accounts.drs, home, (), self.clock)
        try:
            return catalog.resolve_document(document, f"file:{located.file.name}")
        except PlanInvalid as error:
            raise refused(located, error.problems) from error

    def begin(self, resolved: ResolvedPlan, kind: str, person: Person) -> Execution:
        """Writes the records of a new execution; nothing is started yet.

        A lock on the plan that is there already was left by a process that died before: the journal is ours alone.
        """
        for key, lock in self.store.locks([plan_lock(resolved.plan_id)]).items():
            if lock.owner:
                self.store.release([key], owner=lock.owner)
        starter = Starter(self.store, cast(StoredCatalog, _Nothing()), Waiting(), self.clock)
        name = parse_plan(resolved.document).name
        return starter.freeze(person, resolved, kind, new_execution_id(self.clock()), confirm=name)


class _Nothing:
    """A catalog's table without documents."""

    def find(self, identifier: str) -> None:
        return None
