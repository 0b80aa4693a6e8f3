"""A migration's bundle steps between two simulated accounts: real calls, a clock that the test moves, the machine's
retries. Steps are led and recorded as the state machine and the updater do.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import IO, Any

from local_cloud.quicksight import DownloadRefused, Simulator
from quicksight_migration import worker
from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.accounts.sessions import Accounts
from quicksight_migration.bundles.backing_up import backup_target
from quicksight_migration.bundles.download import Refused
from quicksight_migration.bundles.exporting import export_assets
from quicksight_migration.bundles.importing import import_assets
from quicksight_migration.bundles.uploading import upload_assets
from quicksight_migration.planning.plan_import import plan_import
from quicksight_migration.records.job import Failure, Job, StepRun
from quicksight_migration.records.statuses import MIGRATION, RESTORE
from quicksight_migration.records.store import View
from quicksight_migration.settings import Settings
from quicksight_migration.worker_tools import WorkerTools
from shared.clock import stamp
from shared.errors import TowpathError
from tests.unit.quicksight_migration.bundle_buckets import STAGING, Died, Flaky, Storage, Switch, client

SOURCE, TARGET, REGION = "111111111111", "222222222222", "us-east-1"
JOB = "job-0000000000000000000a"
UNDO = "job-0000000000000000000b"
PREFIX = {each: f"arn:aws:quicksight:{REGION}:{each}:" for each in (SOURCE, TARGET)}
#: The machine's Retry of steps that start something.
RETRY_SECONDS = (15, 30, 60, 120, 120, 120)
WORKERS = {
    "ExportAssets": export_assets,
    "UploadAssets": upload_assets,
    "PlanImport": plan_import,
    "BackupTarget": backup_target,
    "ImportAssets": import_assets,
}
_QUICKSIGHT = {SOURCE: Switch(), TARGET: Switch()}


def arn(kind: str, account: str = SOURCE) -> str:
    """`dashboard/sales` → its ARN."""
    return PREFIX[account] + kind


def dataset(name: str, title: str | None = None) -> dict[str, Any]:
    """A dataset on the data source `lake`."""
    columns = [{"Name": "region", "Type": "STRING"}]
    table = {
        "DataSourceArn": "arn:aws:quicksight:${region}:${account}:datasource/lake",
        "Catalog": "c",
        "Schema": "s",
        "Name": name,
        "InputColumns": columns,
    }
    request = {"DataSetId": name, "Name": title or name, "ImportMode": "DIRECT_QUERY"}
    return {"type": "DATASET", "request": {**request, "PhysicalTableMap": {"t1": {"RelationalTable": table}}}}


def dashboard(name: str, data: str, title: str | None = None) -> dict[str, Any]:
    """A dashboard on a dataset."""
    declared = [{"Identifier": "d", "DataSetArn": f"arn:aws:quicksight:${{region}}:${{account}}:dataset/{data}"}]
    definition = {"DataSetIdentifierDeclarations": declared, "Sheets": [{"SheetId": "s1", "Name": "One"}]}
    return {"type": "DASHBOARD", "request": {"DashboardId": name, "Name": title or name, "Definition": definition}}


LAKE = {
    "type": "DATASOURCE",
    "request": {
        "DataSourceId": "lake",
        "Name": "Lake",
        "Type": "ATHENA",
        "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "primary"}},
    },
}
NEW = (LAKE, dataset("sales"), dashboard("sales", "sales"), dataset("costs"), dashboard("costs", "costs"))
#: The target reads through another workgroup.
WORKGROUP = {"DataSourceId": "lake", "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "prod"}}}
OVERRIDES = {"DataSources": [WORKGROUP]}
#: What the target had before: older versions of some of it.
OLD = (LAKE, dataset("sales", "Sales of last year"), dashboard("sales", "sales", "Old sales"))
#: Two exports: what the second holds beside its own belongs to the first.
CHUNKS = (("dashboard/sales",), ("dashboard/costs",))


class Jobs:
    """The store, as workers read it: the job that runs, and those before it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.steps: list[StepRun] = []
        self.views: dict[str, View] = {}

    def view(self, job_id: str) -> View | None:
        if job_id == self.job.job_id:
            return View(self.job, tuple(self.steps))
        return self.views.get(job_id)


@dataclass
class BundleWorld:
    """`source` and `target` are what the accounts hold, `chunks` what Preflight has split the job into."""

    source_assets: Sequence[Mapping[str, Any]] = NEW
    target_assets: Sequence[Mapping[str, Any]] = OLD
    chunks: Sequence[Sequence[str]] = CHUNKS
    options: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=lambda: {"overrides": OVERRIDES})

    def __post_init__(self) -> None:
        self.storage = Storage()
        self.clock = self.storage.clock
        self.simulators = {account: self._simulator(account) for account in (SOURCE, TARGET)}
        self.simulators[SOURCE].seed({"account": SOURCE, "region": REGION, "assets": list(self.source_assets)})
        self.simulators[TARGET].seed({"account": TARGET, "region": REGION, "assets": list(self.target_assets)})
        self.calls = {account: Flaky(self._call(account)) for account in (SOURCE, TARGET)}
        for account, flaky in self.calls.items():
            _QUICKSIGHT[account].service = flaky
        self.sts = 0
        self.seconds_left = 900.0
        self.store = Jobs(self._job(JOB))
        self.tools = WorkerTools(
            settings=Settings(),
            store=self.store,
            accounts=Accounts(
                {SOURCE: BiAccount(SOURCE, "dev", REGION, f"arn:aws:iam::{SOURCE}:role/source")},
                {
                    TARGET: BiAccount(
                        TARGET, "prod", REGION, f"arn:aws:iam::{TARGET}:role/target", staging_bucket=STAGING
                    )
                },
                self._make,
                self.clock,
            ),
            bucket=self.storage.files,
            clock=self.clock,
            open_url=self.open_url,
            remaining=lambda: self.seconds_left,
        )
        self.answers: list[worker.Answer] = []
        self.opened: list[str] = []
        self._record("Preflight", 1, worker.succeeded({"preflightKey": self._preflight()}))

    # --- what it is made of

    def _job(self, job_id: str, **more: Any) -> Job:
        payload = {"conflictPolicy": "UPDATE", "strictValidation": False, **self.options}
        return Job(
            job_id=job_id,
            status="RUNNING",
            payload={**self.payload, "options": payload},
            source_account_id=SOURCE,
            source_region=REGION,
            target_account_id=TARGET,
            target_region=REGION,
            **{"type": MIGRATION, **more},
        )

    def _simulator(self, account: str) -> Simulator:
        return Simulator(_Now(self.clock), 7, account=account, region=REGION, objects=self._object)

    def _object(self, _principal: str, account: str, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        assert self.storage.buckets.owners[bucket] == account, "QuickSight reads from its own account"
        return self.storage.buckets.read(bucket, key)

    def _call(self, account: str) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
        who = f"arn:aws:sts::{account}:assumed-role/towpath/{JOB}"
        return lambda operation, parameters: self.simulators[account].call(operation, parameters, who)

    def _make(self, service: str, *_settings: int, **session: str) -> Any:
        if service == "sts":
            return self
        if service == "s3":
            return self.storage.staging_client
        return client("quicksight", _QUICKSIGHT[session["aws_access_key_id"]])

    def assume_role(self, RoleArn: str, RoleSessionName: str) -> dict[str, Any]:  # noqa: N803  (boto3's names)
        assert RoleSessionName.startswith(("job-", "drift-"))
        self.sts += 1
        given = {"AccessKeyId": RoleArn.split(":")[4], "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": {**given, "Expiration": self.clock() + timedelta(hours=1)}}

    def open_url(self, url: str) -> IO[bytes]:
        """A GET of a DownloadUrl, as the simulators answer it."""
        self.opened.append(url)
        try:
            return io.BytesIO(self.simulators[SOURCE if f"account={SOURCE}" in url else TARGET].download(url))
        except DownloadRefused as refused:
            raise Refused(refused.status) from None

    def _preflight(self) -> str:
        chunks = [[arn(each) for each in chunk] for chunk in self.chunks]
        return self.storage.files.put_json(f"jobs/{JOB}/preflight-A1.json", {"chunks": chunks})

    # --- what happens

    def run(self, step: str, most: int = 500) -> worker.Answer:
        """One attempt of a step to its end, as the machine leads it; what ends it is recorded."""
        attempt = 1 + sum(1 for run in self.store.steps if run.step == step)
        answer = self.led(step, attempt, most)
        self._record(step, attempt, answer)
        return answer

    def through(self, *steps: str) -> worker.Answer:
        """Steps that must succeed; the answer of the last one."""
        for step in steps:
            answer = self.run(step)
            assert answer["state"] in ("SUCCEEDED", "SKIPPED"), (step, answer)
        return answer

    def ready(self) -> BundleWorld:
        """Everything but the import has been done."""
        self.through("ExportAssets", "UploadAssets", "PlanImport", "BackupTarget")
        return self

    def led(self, step: str, attempt: int, most: int = 500) -> worker.Answer:
        """Calls the worker until it does not say WAIT. Raises what it raises once too often."""
        progress: Mapping[str, Any] = {}
        failures = 0
        for _ in range(most):
            try:
                answer = self.call(step, attempt, progress)
            except (TowpathError, Died):
                if failures == len(RETRY_SECONDS):
                    raise
                self.clock.move(RETRY_SECONDS[failures])
                failures += 1
                continue
            failures = 0
            if answer["state"] != "WAIT":
                return answer
            progress = answer["progress"]
            self.clock.move(answer["seconds"])
        raise AssertionError(f"{step} was not over after {most} looks")

    def call(self, step: str, attempt: int = 1, progress: Mapping[str, Any] | None = None) -> worker.Answer:
        """One invocation."""
        event = {"jobId": self.store.job.job_id, "step": step, "attempt": attempt, "progress": dict(progress or {})}
        answer = worker.run(event, lambda task: WORKERS[step](self.tools, task))
        self.answers.append(answer)
        return answer

    def _record(self, step: str, attempt: int, answer: worker.Answer) -> None:
        state = answer["state"]
        revision = self.store.job.revision + 1
        error = Failure.from_item(answer["error"]) if "error" in answer else None
        run = StepRun(
            job_id=self.store.job.job_id,
            step=step,
            attempt=attempt,
            step_status="FAILED" if state == "REPLAN" else state,
            started_at=stamp(self.clock()),
            started_revision=revision,
            ended_at=stamp(self.clock()),
            ended_revision=revision,
            output=answer.get("output", {}),
            error=error,
            target_state=answer.get("targetState"),
            replan=state == "REPLAN",
        )
        self.store.steps.append(run)
        output = answer.get("output", {})
        planned = {"plan_key": output["planKey"], "plan_hash": output["planHash"]} if "planHash" in output else {}
        self.store.job = replace(self.store.job, revision=revision, **planned)

    def becomes_restore(self) -> None:
        """The job is over, and another one is to undo it."""
        done = self.store.job
        self.store.views[done.job_id] = View(done, tuple(self.store.steps))
        self.store.job = self._job(UNDO, type=RESTORE, restore_of=done.job_id)
        self.store.steps = []

    def died(self, step: str) -> None:
        """The machine gave up on an attempt without an answer: the updater knows nothing of the target."""
        attempt = 1 + sum(1 for run in self.store.steps if run.step == step)
        error = {"code": "MACHINE_ENDED", "message": "the machine has ended"}
        self._record(step, attempt, {"state": "FAILED", "error": error, "targetState": "UNKNOWN"})

    # --- what there is

    def names(self, account: str = TARGET) -> dict[str, str]:
        """Key of each asset → its name, in which old and new differ."""
        assets = self.simulators[account].state.assets
        return {key: str(asset["request"]["Name"]) for key, asset in assets.items()}

    def jobs(self, kind: str = "imports", account: str = TARGET) -> dict[str, str]:
        """Bundle job → its status, in the order they were started."""
        records = getattr(self.simulators[account].state, kind)
        return {name: record["status"] for name, record in records.items() if not record.get("external")}

    def starts(self, kind: str = "Import", account: str = TARGET) -> list[str]:
        """Ids of the starts that QuickSight has carried out, in their order."""
        operation = f"StartAssetBundle{kind}Job"
        return [done[f"AssetBundle{kind}JobId"] for name, done in self.calls[account].done if name == operation]

    def services(self) -> dict[str, Flaky]:
        """Everything that a worker calls."""
        quicksight = {f"quicksight {account}": flaky for account, flaky in self.calls.items()}
        return {**quicksight, "files": self.storage.files_s3, "staging": self.storage.staging_s3}

    def inject(self, account: str = TARGET, **rule: Any) -> None:
        self.simulators[account].inject(rule)


class _Now:
    """The world's clock as a simulator asks it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock()
