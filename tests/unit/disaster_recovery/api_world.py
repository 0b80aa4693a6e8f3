"""A whole API without network: tables in moto, DRS in the simulator, a machine that only notes what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config

from disaster_recovery.api.services import Services
from disaster_recovery.api_handler import make_application
from disaster_recovery.commands.restarting import Restarter
from disaster_recovery.commands.running import Commands
from disaster_recovery.commands.starting import Starter
from disaster_recovery.commands.termination_requests import TerminationRequests
from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.errors import PermissionDenied, QuotaUnreadable, StaleToken
from disaster_recovery.plans.catalog import StoredCatalog
from disaster_recovery.plans.catalog_table import CatalogTable
from disaster_recovery.plans.plan import Account
from disaster_recovery.plans.plan_resolution import Place
from disaster_recovery.records.dynamo_store import DynamoStore
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.store import Store
from disaster_recovery.settings import Settings
from local_cloud.aws_models.in_process import bind
from local_cloud.drs.simulator import Simulator
from local_cloud.simulation.clock import ManualClock
from shared.api.cursors import Cursors

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ACCOUNT, REGION = "111122223333", "eu-west-1"
OTHER = "444455556666"
TOKEN = "AQC-the-machine-waits-for-this"  # noqa: S105
ROLES = {
    "dr-view": ("view",),
    "dr-drill": ("view", "drill"),
    "dr-recover": ("view", "drill", "recover"),
    "dr-terminate": ("view", "terminate"),
}
SETTINGS = Settings(region=REGION, role_groups=ROLES, probe_hosts=("example.com",))
ALL = "[dr-recover dr-terminate]"


def server_id(number: int) -> str:
    """`s-00000000000000001`"""
    return f"s-{number:017d}"


def inventory(count: int = 6, account: str = ACCOUNT) -> dict[str, Any]:
    """Servers 1 to count: tagged by tier, odd ones `db`, even ones `web`, each with two points in time."""
    return {
        "account": account,
        "region": REGION,
        "servers": [
            {
                "sourceServerID": server_id(number),
                "hostname": f"host-{number}",
                "tags": {"tier": "db" if number % 2 else "web", "app": "shop"},
                "replicationState": "CONTINUOUS",
                "lagSeconds": 5,
                "diskGiB": 20,
                "snapshots": [
                    {"snapshotID": snapshot_id(number, 1), "timestamp": "2026-03-01T10:00:00Z"},
                    {"snapshotID": snapshot_id(number, 2), "timestamp": "2026-03-01T11:00:00Z"},
                ],
            }
            for number in range(1, count + 1)
        ],
    }


def snapshot_id(number: int, which: int) -> str:
    """`pit-…` of a server."""
    return f"pit-{number:016d}{which}"


class FakeMachine:
    """Starts runs and takes answers; `waits` False makes every token stale."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.answers: list[tuple[str, Any]] = []
        self.waits = True

    def start(self, execution: Execution) -> str:
        self.started.append(execution.run_name)
        return f"arn:{execution.run_name}"

    def status(self, execution: Execution) -> str:
        return "RUNNING" if execution.run_name in self.started else ""

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self._take(token, dict(output))

    def fail(self, token: str, error: str, cause: str) -> None:
        self._take(token, error)

    def heartbeat(self, token: str) -> None:
        self._take(token, "heartbeat")

    def _take(self, token: str, answer: Any) -> None:
        if not self.waits:
            raise StaleToken("the machine does not wait for this answer: TaskTimedOut")
        self.answers.append((token, answer))


class TickingClock:
    """Each look at it is a millisecond later, so that no two records have one time."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now = self.now.replace(microsecond=(self.now.microsecond + 1000) % 1_000_000)
        return self.now


class World:
    """One API with everything behind it. `as_group` asks as a member of groups, `invoke` over AWS credentials."""

    def __init__(self, dynamodb: Any, servers: int = 6, store: Store | None = None) -> None:
        settings = SETTINGS
        self.clock = TickingClock()
        self.home = Place(ACCOUNT, REGION)
        self.simulators = {ACCOUNT: self._simulator(ACCOUNT, servers), OTHER: self._simulator(OTHER, 2)}
        self.store = store or DynamoStore(dynamodb, settings.history_table, clock=self.clock)
        self.machine = FakeMachine()
        self.woken: list[tuple[str, str]] = []
        self.quotas: Quotas | None = Quotas(20, 100, 500)
        self._drs = {account: self._drs_of(simulator) for account, simulator in self.simulators.items()}
        catalog = StoredCatalog(
            groups=CatalogTable(dynamodb, settings.groups_table, "GROUP", "groupId", "pg", self.clock),
            plans=CatalogTable(dynamodb, settings.plans_table, "PLAN", "planId", "rp", self.clock),
            drs=self.drs,
            home=self.home,
            probe_hosts=settings.probe_hosts,
            clock=self.clock,
        )
        self.services = Services(
            settings=settings,
            store=self.store,
            catalog=catalog,
            cursors=Cursors("secret"),
            drs=self.drs,
            quotas=self._quotas,
            starter=Starter(self.store, catalog, self.machine, self.clock),
            commands=Commands(self.store, self.machine, self._wake, self.clock),
            restarter=Restarter(self.store, self.machine, self.clock),
            terminations=TerminationRequests(self.store, self._wake, self.clock),
            clock=self.clock,
        )
        self.application = make_application(lambda: self.services, ROLES)

    def drs(self, account: Account) -> Drs:
        """DRS of an account; roles called `closed` let nobody in."""
        if account.role_arn.endswith("/closed"):
            raise PermissionDenied(f"assume {account.role_arn}: AccessDenied")
        return self._drs[account.account_id or ACCOUNT]

    def ask(self, method: str, path: str, body: Any = None, groups: str = ALL, **more: Any) -> SimpleNamespace:
        """A request with a token of these groups: status, body (parsed), headers, text."""
        claims = {"sub": "1", "username": more.pop("user", "ada"), "cognito:groups": groups}
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
        return _answer(self.application.handle(event, None))

    def invoke(self, method: str, path: str, body: Any = None, **more: Any) -> SimpleNamespace:
        """The same straight over AWS credentials."""
        asked = {"method": method, "path": path, "body": body, "principal": "arn:aws:iam::1:user/ada", **more}
        return _answer(self.application.handle({"towpath": asked}, None))

    def _simulator(self, account: str, servers: int) -> Simulator:
        simulator = Simulator(ManualClock(NOW), seed=1, account=account, region=REGION)
        simulator.seed(inventory(servers, account))
        return simulator

    def _drs_of(self, simulator: Simulator) -> Drs:
        client = boto3.client("drs", region_name=REGION, config=Config(retries={"total_max_attempts": 1}))
        lock = threading.Lock()

        class OneAtATime:
            def call(self, operation: str, parameters: dict[str, Any], principal: str = "") -> dict[str, Any]:
                with lock:
                    return simulator.call(operation, parameters, principal)

        bind(client, OneAtATime())
        return Drs(client, client)

    def _quotas(self, _account: Account) -> Quotas:
        if self.quotas is None:
            raise QuotaUnreadable("a quota cannot be read")
        return self.quotas

    def _wake(self, execution_id: str, reason: str, delay_seconds: int = 0) -> None:
        self.woken.append((execution_id, reason))


def _answer(answer: Mapping[str, Any]) -> SimpleNamespace:
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    text = answer["body"] or ""
    body = json.loads(text) if "json" in headers["content-type"] and text else None
    return SimpleNamespace(status=answer["statusCode"], body=body, headers=headers, text=text)


def paths(answer: SimpleNamespace) -> list[str]:
    """Where the errors of a problem are."""
    return [error["path"] for error in answer.body["errors"]]


def plan(*waves: dict[str, Any], name: str = "shop", **more: Any) -> dict[str, Any]:
    """A plan's document; without waves one that starts server 1."""
    return {"name": name, "waves": list(waves) or [wave("databases", 1)], **more}


def wave(name: str, *numbers: int, **more: Any) -> dict[str, Any]:
    """A wave of servers, or of what `more` says."""
    servers = {"servers": [{"sourceServerId": server_id(number)} for number in numbers]} if numbers else {}
    return {"name": name, **servers, **more}


TABLES = {
    "protection-groups": ("groupId", "", {"NameIndex": ("kind", "name")}),
    "recovery-plans": ("planId", "", {"NameIndex": ("kind", "name")}),
    "execution-history": ("executionId", "record", {"StatusIndex": ("status", "startedAt")}),
}


def create_tables(dynamodb: Any) -> None:
    """The three tables as modules/drs-orchestration makes them."""
    for table, (hash_key, range_key, indexes) in TABLES.items():
        keys = [key for key in (hash_key, range_key) if key]
        names = {*keys, *(name for index in indexes.values() for name in index)}
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_schema(*keys),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
            GlobalSecondaryIndexes=[
                {"IndexName": name, "KeySchema": _schema(*index), "Projection": {"ProjectionType": "ALL"}}
                for name, index in indexes.items()
            ],
        )


def _schema(*keys: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


@contextmanager
def meanwhile(target: Any, method: str, then: Callable[[], None]) -> Iterator[None]:
    """Lets `then` happen once, right before the first call of a method."""
    original = getattr(target, method)

    def call(*arguments: Any, **named: Any) -> Any:
        setattr(target, method, original)
        then()
        return original(*arguments, **named)

    setattr(target, method, call)
    yield
    setattr(target, method, original)
