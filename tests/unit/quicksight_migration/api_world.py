"""The API without network: a store in memory, documents, logs and functions that are dictionaries and lists."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.api.job_logs import JobLogs
from quicksight_migration.api.routes import START_API, START_FUNCTION, WATCH_API, function_of
from quicksight_migration.api.services import Services
from quicksight_migration.api.serving import make_application
from quicksight_migration.commands.jobs import Commands
from quicksight_migration.machine.tools import Tools
from quicksight_migration.records.job import Job
from quicksight_migration.records.memory_store import MemoryStore
from quicksight_migration.records.statuses import APPROVAL, SECOND_PERSON
from quicksight_migration.settings import Settings
from shared.api.access import Access
from shared.api.cursors import Cursors
from shared.clock import stamp
from shared.errors import NotFound
from shared.live.tickets import Holder, Ticket

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
SOURCE, TARGET, GUARDED, OPEN = "111111111111", "222222222222", "333333333333", "444444444444"
ROLE = "arn:aws:iam::1:role/r"
DASHBOARD = f"arn:aws:quicksight:us-east-1:{SOURCE}:dashboard/sales"
ROLES = {
    "bi-view": ("view",),
    "bi-migrate": ("view", "migrate"),
    "bi-approve": ("view", "approve"),
    "bi-restore": ("view", "restore"),
    "sales-team": ("view", "migrate"),
    "finance-team": ("view", "migrate", "approve", "restore"),
}
TENANTS = {"sales-team": ("sales",), "finance-team": ("finance",)}
ALL = "[bi-migrate bi-approve bi-restore]"
SETTINGS = Settings(
    source_accounts={SOURCE: BiAccount(SOURCE, "dev", "us-east-1", ROLE, "secret-id")},
    target_accounts={
        TARGET: BiAccount(TARGET, "prod", "us-east-1", ROLE, tenant_id="sales"),
        GUARDED: BiAccount(GUARDED, "books", "us-east-1", ROLE, tenant_id="finance", approval=SECOND_PERSON),
        OPEN: BiAccount(OPEN, "shared", "us-east-1", ROLE, approval=APPROVAL),
    },
    role_groups=ROLES,
    group_tenants=TENANTS,
    live_url="wss://live.example/live",
    drift_function_name="biops-drift-report",
    plan_function_name="biops-plan-import",
    log_groups=("/aws/lambda/biops-export-assets", "/aws/lambda/biops-import-assets"),
    state_machine_arn="arn:aws:states:us-east-1:000000000000:stateMachine:biops-migration",
)


class TickingClock:
    """Each look at it is a millisecond later, so that no two records have one time."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class FakeDocuments:
    """JSON documents by key."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {}

    def get_json(self, key: str) -> Any:
        if key not in self.stored:
            raise NotFound(f"{key} does not exist")
        return json.loads(json.dumps(self.stored[key]))


class FakeTickets:
    """Tickets that are told from each other by whom they are for."""

    def __init__(self) -> None:
        self.issued: list[Holder] = []

    def issue(self, holder: Holder) -> Ticket:
        self.issued.append(holder)
        return Ticket(f"ticket-{len(self.issued)}", NOW + timedelta(seconds=60))


class FakeLogs:
    """Log events by group; `per_call` events an answer, and empty answers before them as CloudWatch Logs gives them."""

    def __init__(self) -> None:
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.per_call = 100
        self.empty_answers = 0
        self.calls: list[dict[str, Any]] = []

    def add(self, group: str, at: int, message: str) -> None:
        events = self.events.setdefault(group, [])
        events.append({"timestamp": at, "eventId": f"e{len(events)}", "message": message})

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.calls.append(asked)
        pattern, _, reads = asked["filterPattern"].partition(" -")
        terms, unwanted = shlex.split(pattern), reads.split(" -")
        low, high = asked["startTime"], asked.get("endTime", 1 << 62)
        found = [
            event
            for event in sorted(self.events.get(asked["logGroupName"], []), key=lambda event: int(event["timestamp"]))
            if low <= event["timestamp"] < high and all(term in event["message"] for term in terms)
            if not any(name in event["message"] for name in unwanted)
        ]
        seen, skipped = (int(part) for part in asked.get("nextToken", "0 0").split())
        if skipped < self.empty_answers:
            return {"events": [], "nextToken": f"{seen} {skipped + 1}"}
        count = min(self.per_call, asked["limit"])
        more = {"nextToken": f"{seen + count} {skipped}"} if len(found) > seen + count else {}
        return {"events": found[seen : seen + count], **more}


class FakeMachine:
    """Notes the runs that it is to start and the answers that its tasks get."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.answers: list[tuple[str, Any]] = []

    def start(self, run: Job) -> str:
        self.started.append(run.run_name)
        return f"arn:{run.run_name}"

    def status(self, run: Job) -> str:
        return "RUNNING" if run.run_name in self.started else ""

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self.answers.append((token, dict(output)))

    def fail(self, token: str, error: str, cause: str) -> None:
        self.answers.append((token, error))

    def heartbeat(self, token: str) -> None:
        self.answers.append((token, "heartbeat"))


class World:
    """One API with everything behind it. `ask` asks with a token, `invoke` over AWS credentials."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.clock = TickingClock()
        self.store = MemoryStore()
        self.documents, self.tickets, self.logs = FakeDocuments(), FakeTickets(), FakeLogs()
        self.invoked: list[tuple[str, dict[str, Any]]] = []
        self.machine = FakeMachine()
        self.alerts: list[str] = []
        self.checked: dict[str, Any] = {"drifted": False, "changes": []}
        self.tools = Tools(self.store, self.machine, self._publish, lambda *_: None, self.clock, settings)
        self.services = self._services(settings)
        self.applications = [make_application(api, lambda: self.services, ROLES) for api in (START_API, WATCH_API)]

    def ask(self, method: str, path: str, body: Any = None, groups: str = ALL, **more: Any) -> SimpleNamespace:
        """A request with a token of these groups: status, body (parsed), headers, text."""
        claims = {
            "sub": "1",
            "token_use": more.pop("token_use", "id"),
            "cognito:username": more.pop("user", "ada"),
            "cognito:groups": groups,
        }
        event = {
            "version": "2.0",
            "rawPath": path,
            "headers": {"authorization": "Bearer eyJ-secret", **more.pop("headers", {})},
            "queryStringParameters": more.pop("query", None),
            "requestContext": {
                "stage": "$default",
                "http": {"method": method, "path": path},
                "authorizer": {"jwt": {"claims": claims}},
            },
            "body": body if body is None or isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
        }
        return _answer(self._application(method, path).handle(event, None))

    def invoke(self, method: str, path: str, body: Any = None, **more: Any) -> SimpleNamespace:
        """The same straight over AWS credentials."""
        asked = {"method": method, "path": path, "body": body, "principal": "arn:aws:iam::1:user/ada", **more}
        return _answer(self._application(method, path).handle({"towpath": asked}, None))

    def add(self, number: int = 1, **more: Any) -> Job:
        """A stored job; higher numbers were made later."""
        at = stamp(NOW + timedelta(minutes=number))
        defaults: dict[str, Any] = {
            "job_id": job_id(number),
            "created_at": at,
            "updated_at": at,
            "initiated_by": "user:ada",
            "payload": {"sourceAccountId": SOURCE, "targetAccountId": TARGET, "assets": [DASHBOARD]},
            "source_account_id": SOURCE,
            "source_region": "us-east-1",
            "target_account_id": TARGET,
            "target_region": "us-east-1",
            "tenant_id": "sales",
        }
        job = Job(**{**defaults, **more})
        assert self.store.save(replace(job, revision=1))
        return job

    def _application(self, method: str, path: str) -> Any:
        """As the routes of the HTTP API choose the function."""
        return self.applications[0 if function_of(method, path) == START_FUNCTION else 1]

    def _services(self, settings: Settings) -> Services:
        return Services(
            settings=settings,
            store=self.store,
            access=Access(settings.role_groups, settings.group_tenants),
            cursors=Cursors("secret"),
            documents=self.documents,
            logs=JobLogs(self.logs, settings.log_groups),
            tickets=self.tickets,  # type: ignore[arg-type]
            invoke=self._invoke,
            commands=Commands(self.tools, self._check),
            clock=self.clock,
        )

    def _publish(self, job: Job, _alert: Mapping[str, Any]) -> None:
        self.alerts.append(job.job_id)

    def _check(self, _job_id: str) -> Mapping[str, Any]:
        return self.checked

    def _invoke(self, function: str, event: Mapping[str, Any]) -> None:
        self.invoked.append((function, dict(event)))


def job_id(number: int = 1) -> str:
    """`job-22222222222222222222` and so on."""
    digits = f"{number:020d}".translate(str.maketrans("0123456789", "234567abcd"))
    return f"job-{digits}"


def paths(answer: SimpleNamespace) -> list[str]:
    """Where the errors of a problem are."""
    return [error["path"] for error in answer.body["errors"]]


def _answer(answer: Mapping[str, Any]) -> SimpleNamespace:
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    text = answer["body"] or ""
    body = json.loads(text) if "json" in headers["content-type"] and text else None
    return SimpleNamespace(status=answer["statusCode"], body=body, headers=headers, text=text)
