"""Jobs without AWS: a store in memory, a machine that remembers, and workers whose answers a test gives."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.commands.jobs import Commands
from quicksight_migration.errors import StaleToken, Transient
from quicksight_migration.machine.actions import carry_out
from quicksight_migration.machine.tools import Tools
from quicksight_migration.reconcile.reconciling import Reconciler
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.memory_store import MemoryStore
from quicksight_migration.records.statuses import StepName
from quicksight_migration.records.store import Store, View
from quicksight_migration.settings import Settings

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SOURCE, TARGET = "111111111111", "222222222222"
ALICE, BOB = "user:alice@example.com", "user:bob@example.com"
HASH = "ab" * 32
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"

OUTPUTS: Mapping[str, dict[str, Any]] = {
    StepName.PLAN_IMPORT: {"planHash": HASH, "planKey": "jobs/plan.json"},
    StepName.VERIFY_TARGET: {
        "manifestKey": "jobs/manifest.json",
        "results": {"assets": [{"assetType": "DASHBOARD", "assetId": "sales"}]},
    },
}


def account(account_id: str, **more: Any) -> BiAccount:
    return BiAccount(account_id, account_id, "us-east-1", f"arn:aws:iam::{account_id}:role/bi", **more)


def settings(approval: str = "NONE", **more: Any) -> Settings:
    return Settings(
        source_accounts={SOURCE: account(SOURCE)},
        target_accounts={TARGET: account(TARGET, approval=approval, tenant_id="retail")},
        **more,
    )


def payload(**more: Any) -> dict[str, Any]:
    arn = f"arn:aws:quicksight:us-east-1:{SOURCE}:dashboard/sales"
    return {"sourceAccountId": SOURCE, "targetAccountId": TARGET, "assets": [arn], **more}


class FakeMachine:
    """Runs by name with their status, and tokens that something waits for."""

    def __init__(self) -> None:
        self.runs: dict[str, str] = {}
        self.waiting: set[str] = set()
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.broken = False

    def start(self, run: Job) -> str:
        self._reach()
        self.runs.setdefault(run.run_name, "RUNNING")
        return f"arn:aws:states:us-east-1:000000000000:execution:biops-migration:{run.run_name}"

    def status(self, run: Job) -> str:
        self._reach()
        return self.runs.get(run.run_name, "")

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self._reach()
        if token not in self.waiting:
            raise StaleToken("nothing waits")
        self.waiting.remove(token)
        self.answers[token] = dict(output)

    def fail(self, token: str, error: str, cause: str) -> None:
        raise AssertionError("tasks are answered, never failed")

    def heartbeat(self, token: str) -> None:
        raise AssertionError("tasks are answered, never kept waiting")

    def _reach(self) -> None:
        if self.broken:
            raise Transient("the machine cannot be reached")


@dataclass
class World:
    """Everything that acts on jobs. `drifted` is what a check of a plan finds."""

    approval: str = "NONE"
    store: Store = field(default_factory=MemoryStore)
    export_slots: int = 5
    import_slots: int = 5
    now: datetime = START
    drifted: bool = False
    topic_broken: bool = False

    def __post_init__(self) -> None:
        self.machine = FakeMachine()
        self.alerts: list[dict[str, Any]] = []
        self.counts: list[str] = []
        self.values: dict[str, list[float]] = {}
        self.checks: list[str] = []
        self._tokens = itertools.count(1)
        self._ids = itertools.count(1)
        limits = {"export_slots": self.export_slots, "import_slots": self.import_slots}
        self.tools = Tools(
            store=self.store,
            machine=self.machine,
            publish=self._publish,
            count=self._count,
            clock=lambda: self.now,
            settings=settings(self.approval, **limits),
        )
        self.commands = Commands(self.tools, self._check, self._new_id)
        self.reconciler = Reconciler(self.tools)

    # --- people

    def start(self, actor: str = ALICE, key: str = "", **more: Any) -> Job:
        return self.commands.start(actor, payload(**more), key)

    # --- the machine

    def act(self, action: str, job: Job, **more: Any) -> dict[str, Any]:
        """One action of the machine of the job's current run."""
        run_number = more.pop("runNumber", None) or self.job(job).run_number
        return carry_out(self.tools, {"action": action, "jobId": job.job_id, "runNumber": run_number, **more})

    def begin(self, job: Job) -> dict[str, Any]:
        return self.act("start_run", job, executionArn=f"arn:aws:states:us-east-1:0:execution:m:{job.job_id}")

    def record(self, job: Job, at: Mapping[str, Any], **result: Any) -> dict[str, Any]:
        """Ends the step that the machine was told, SUCCEEDED unless the result says otherwise."""
        told = {"state": "SUCCEEDED", "output": OUTPUTS.get(at["step"], {"of": at["step"]}), **result}
        return self.act("record_step", job, step=at["step"], attempt=at["attempt"], result=told)

    def fail(self, job: Job, at: Mapping[str, Any], code: str = "BROKEN", **more: Any) -> dict[str, Any]:
        """The worker of the step says FAILED; the machine gives up and ends."""
        result = {"state": "FAILED", "error": {"code": code, "message": "it broke"}, **more}
        answer = self.act(
            "fail", job, step=at["step"], attempt=at["attempt"], error="none", cause="none", result=result
        )
        self.machine.runs[self.job(job).run_name] = "FAILED"
        return answer

    def until(self, job: Job, name: str, at: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Records successes until the machine is told to go to `name`."""
        answer = dict(at or self.begin(job))
        while answer["next"] != name:
            assert answer["next"] in list(StepName), answer
            answer = self.record(job, answer)
        return answer

    def wait(self, job: Job, kind: str) -> str:
        """The machine waits with a token for a slot or an approval. Returns the token."""
        token = f"token-{next(self._tokens)}"
        self.machine.waiting.add(token)
        self.act(f"wait_for_{kind.lower()}", job, taskToken=token)
        return token

    def complete(self, job: Job, at: Mapping[str, Any] | None = None) -> Job:
        self.until(job, "Finalize", at)
        self.act("finalize", job)
        self.machine.runs[job.run_name] = "SUCCEEDED"
        return self.job(job)

    # --- what is stored

    def job(self, job: Job | str) -> Job:
        found = self.store.job(job if isinstance(job, str) else job.job_id)
        assert found
        return found

    def view(self, job: Job) -> View:
        found = self.store.view(job.job_id)
        assert found
        return found

    def attempts(self, job: Job, step: str) -> list[StepRun]:
        return [run for run in self.store.steps(job.job_id) if run.step == step]

    def holders(self, kind: str, account_id: str = SOURCE) -> list[str]:
        key = f"SLOT#{account_id}#us-east-1#{kind}"
        return sorted(self.store.slots([key])[key].holders)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _publish(self, job: Job, alert: Mapping[str, Any]) -> None:
        if self.topic_broken:
            raise Transient("the topic cannot be reached")
        self.alerts.append(dict(alert))

    def _count(self, name: str, value: float) -> None:
        self.counts.append(name)
        self.values.setdefault(name, []).append(value)

    def _check(self, job_id: str) -> Mapping[str, Any]:
        self.checks.append(job_id)
        return {"drifted": self.drifted, "changes": ["dashboard sales"] if self.drifted else []}

    def _new_id(self, _now: datetime) -> str:
        number = next(self._ids)
        return "job-" + "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(20)))
