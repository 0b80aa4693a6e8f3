"""What tests say about QuickSight migration: two accounts, jobs, people, and what every job keeps."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.api_session import ApiAnswer
from local_cloud.quicksight import examples
from local_cloud.session import LocalCloud
from tests.e2e.people import PeopleAndApi

SOURCE, TARGET, REGION = "111111111111", "222222222222", "us-east-1"
SECRET = f"arn:aws:secretsmanager:{REGION}:{TARGET}:secret:bi/warehouse-AbCdEf"
SYSTEM = "*assumed-role/biops-*"
SCALE = 200  # seconds of QuickSight in one second
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "REJECTED", "NEEDS_ATTENTION")
DASHBOARD = "dashboard/sales-overview"
OVERRIDES = {
    "DataSources": [
        {"DataSourceId": "sales-athena", "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "prod"}}},
        {
            "DataSourceId": "warehouse",
            "DataSourceParameters": {
                "PostgreSqlParameters": {"Host": "warehouse.prod.example.com", "Port": 5432, "Database": "sales"}
            },
            "Credentials": {"SecretArn": SECRET},
        },
    ]
}
PEOPLE = {
    "viewer": ["bi-view"],
    "mover": ["bi-migrate"],
    "approver": ["bi-approve"],
    "restorer": ["bi-restore"],
    "stranger": ["bi-another"],
    "chief": ["bi-migrate", "bi-approve", "bi-restore"],
}


class Migrations(PeopleAndApi):
    """The quicksight-migration stack under test, used over its HTTP API as people do."""

    def __init__(self, cloud: LocalCloud) -> None:
        super().__init__(cloud, cloud.outputs("quicksight-migration")["quicksight_migration"], PEOPLE)
        self.source = cloud.quicksight(SOURCE, REGION)
        self.target = cloud.quicksight(TARGET, REGION)
        self.states = cloud.client("stepfunctions")

    # Given

    def begin(self) -> None:
        """Both accounts as in the examples, no faults, no injections, a fast clock."""
        self.calm()
        self.source.seed(examples.dev())
        self.target.seed(examples.prod())

    def calm(self) -> None:
        """No faults, no injections, the usual clock."""
        self.cloud.clear_faults()
        for side in (self.source, self.target):
            side.clear()
            side.mode(edition="ENTERPRISE", pageSize=0)
            side.clock(SCALE)

    def theme_of_theirs(self) -> None:
        """The target has a theme with the id of the source's, and with another name: an import would overwrite it."""
        self.cloud.client("quicksight", TARGET).create_theme(
            AwsAccountId=TARGET, ThemeId="brand", Name="Theirs", BaseThemeId="CLASSIC", Configuration={}
        )

    @staticmethod
    def arn(asset: str, account: str = SOURCE) -> str:
        """ARN of an asset such as `dashboard/sales-overview`, or of a user or group."""
        return f"arn:aws:quicksight:{REGION}:{account}:{asset}"

    def body(self, *assets: str, **more: Any) -> dict[str, Any]:
        """A body of POST /jobs, with the overrides that the dashboard's data sources need."""
        wanted = assets or (DASHBOARD,)
        overrides = OVERRIDES if DASHBOARD in wanted else {}
        options = {"conflictPolicy": "UPDATE", **more.pop("options", {})}
        body = {"sourceAccountId": SOURCE, "targetAccountId": TARGET, "assets": [self.arn(each) for each in wanted]}
        return {**body, "overrides": overrides, "options": options, **more}

    # When

    def start(self, *assets: str, person: str = "chief", **more: Any) -> str:
        """Starts a migration (of the examples' dashboard unless assets are named); returns the job's id."""
        answer = self.api("POST", "/jobs", self.body(*assets, **more), person=person)
        assert answer.status == 201, answer
        return str(answer.body["jobId"])

    def command(self, job_id: str, name: str, body: Any = None, *, person: str = "chief") -> ApiAnswer:
        """A command to a job."""
        return self.api("POST", f"/jobs/{job_id}/{name}", body or {}, person=person)

    def approve(self, job_id: str, person: str = "chief") -> ApiAnswer:
        """Approves the plan as it is now."""
        return self.command(job_id, "approve", {"planHash": self.job(job_id)["planHash"]}, person=person)

    def migrate(self, *assets: str, **more: Any) -> dict[str, Any]:
        """A migration from start to end, approved where it waits for that; returns the ended job."""
        return self.finish(self.start(*assets, **more))

    def finish(self, job_id: str) -> dict[str, Any]:
        """The job once it has ended, approved where it waits for that."""
        job = self.wait(job_id, "WAITING_FOR_APPROVAL", *ENDED)
        if job["status"] == "WAITING_FOR_APPROVAL":
            answer = self.approve(job_id)
            assert answer.status == 202, answer
            job = self.wait(job_id)
        return job

    def reconcile(self) -> None:
        """What the schedule does every few minutes, now."""
        self.cloud.tick(self.system["function_names"]["job-reconciler"])

    # Then

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as the API shows it."""
        answer = self.api("GET", f"/jobs/{job_id}")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body
        return found

    def wait(self, job_id: str, *statuses: str, seconds: float = 90) -> dict[str, Any]:
        """The job once it is in one of the statuses (default: ended)."""
        wanted = statuses or ENDED
        deadline = time.monotonic() + seconds
        while True:
            answer = self.api("GET", f"/jobs/{job_id}")
            if answer.status == 200 and answer.body["status"] in wanted:
                found: dict[str, Any] = answer.body
                return found
            # While tables are throttled on purpose, the API says so.
            assert answer.status in (200, 503), answer
            assert time.monotonic() < deadline, f"not {wanted} after {seconds} s: {answer.text}"
            time.sleep(0.25)

    def plan(self, job_id: str) -> dict[str, Any]:
        """The first page of a job's plan, which holds every asset of the examples."""
        answer = self.api("GET", f"/jobs/{job_id}/plan?limit=200")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body["plan"]
        return found

    @staticmethod
    def attempts(job: Mapping[str, Any], step: str) -> list[str]:
        """Statuses of a step's attempts, oldest first."""
        return [each["stepStatus"] for each in job["steps"] if each["step"] == step]

    def assets(self, side: str = TARGET) -> dict[str, Any]:
        """Assets of an account by `dashboard/<id>`, …"""
        found: dict[str, Any] = (self.target if side == TARGET else self.source).state()["assets"]
        return found

    def started(self, kind: str, job_id: str, side: str | None = None) -> list[str]:
        """Ids of the bundle jobs (`exports`, `imports`) that QuickSight carried out for a job."""
        account = side or (TARGET if kind == "imports" else SOURCE)
        state = (self.target if account == TARGET else self.source).state()
        return sorted(name for name in state[kind] if name.startswith(job_id))

    def starts(self, operation: str, job_id: str, since: int) -> list[str]:
        """Resources of every call of an operation since a mark that QuickSight carried out for a job."""
        calls = self.cloud.calls(since)
        return [
            call["resource"] for call in calls if call["operation"] == operation and job_id in str(call["resource"])
        ]

    def execution_arn(self, job_id: str, run: int = 1) -> str:
        """ARN of a run's execution."""
        return f"{self.system['state_machine_arn'].replace(':stateMachine:', ':execution:')}:{job_id}-r{run}"

    def history(self, job_id: str, run: int = 1) -> list[dict[str, Any]]:
        """History events of a run."""
        return self.cloud.history(self.execution_arn(job_id, run))

    def entered(self, job_id: str, run: int = 1) -> list[str]:
        """Names of the states that a run went through."""
        events = self.history(job_id, run)
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]

    def check(self, job_id: str) -> None:
        """What holds for every job that has ended."""
        job = self.job(job_id)
        assert job["status"] in ENDED
        # No slot outlives its job.
        assert [holder for holder in self._holders() if holder.startswith(job_id)] == []
        # Revisions count every transition, and every one of them is in the audit.
        audit = self.api("GET", f"/jobs/{job_id}/audit?limit=200").body["items"]
        numbers = [entry["revision"] for entry in audit]
        assert sorted(numbers) == sorted(set(numbers)) and len(numbers) >= 2
        if job["status"] != "NEEDS_ATTENTION":
            assert job["targetState"] in ("UNTOUCHED", "MIGRATED", "RESTORED")

    def _holders(self) -> Iterable[str]:
        table = self.system["table_names"]["job-runs"]
        for page in self.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                if item["jobId"]["S"].startswith("SLOT#"):
                    yield from item.get("holders", {}).get("M", {})
