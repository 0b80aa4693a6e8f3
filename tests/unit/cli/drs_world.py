"""AWS DRS as the command line meets it: a simulator behind real boto3 clients, on a clock that sleeping moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from disaster_recovery.records.file_store import FileStore
from local_cloud.aws_models.in_process import bind
from local_cloud.drs import ManualClock, Simulator
from towpath.session import Session

WAVES = (("databases", (1, 2)), ("application", (3,)), ("web", (4,)))


def server_id(number: int) -> str:
    return f"s-{number:017d}"


class Switch:
    """Lets one boto3 client serve all tests: making one takes longer than a test."""

    simulator: Simulator

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        return self.simulator.call(operation, parameters, principal)


SWITCH = Switch()


@cache
def drs_client() -> Any:
    client = boto3.client("drs", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))
    bind(client, SWITCH)
    return client


class FakeQuotas:
    """Service Quotas: AWS's defaults, or a refusal."""

    denied = False

    def get_service_quota(self, ServiceCode: str, QuotaCode: str) -> dict[str, Any]:
        if self.denied:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetServiceQuota")
        values = {"L-D88FAC3A": 20.0, "L-B827C881": 100.0, "L-05AFA8C6": 500.0}
        return {"Quota": {"Value": values[QuotaCode]}}


class DrsWorld:
    """Four servers. `interrupt` is called at each sleep with how many there were: raise KeyboardInterrupt in it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.simulator = SWITCH.simulator = Simulator(self.clock, seed=3)
        servers = [{"sourceServerID": server_id(n), "hostname": f"host-{n}"} for n in range(1, 5)]
        self.simulator.seed({"servers": servers})
        self.quotas = FakeQuotas()
        self.sleeps = 0
        self.interrupt: Callable[[int], None] = lambda count: None

    def session(self) -> Session:
        """A session with credentials for DRS and Service Quotas and for nothing else."""
        clients = {"drs": drs_client(), "service-quotas": self.quotas}
        return Session(transport=Nobody(), clients=clients, sleep=self._sleep, clock=self.clock.now)

    def _sleep(self, seconds: float) -> None:
        self.sleeps += 1
        self.clock.move(seconds)
        self.simulator.advance_to(self.clock.now())
        self.interrupt(self.sleeps)

    def jobs(self) -> list[dict[str, Any]]:
        """Every job, the first one first."""
        found = self.simulator.call("DescribeJobs", {})["items"]
        return sorted(found, key=lambda job: str(job["creationDateTime"]))

    def started(self) -> list[list[str]]:
        """The servers of each LAUNCH job."""
        return [
            sorted(each["sourceServerID"] for each in job["participatingServers"])
            for job in self.jobs()
            if job["type"] == "LAUNCH"
        ]

    def instances(self) -> list[dict[str, Any]]:
        """Recovery instances that are there."""
        return list(self.simulator.call("DescribeRecoveryInstances", {})["items"])


class Nobody:
    """The API when it is down: whoever asks it has failed the test."""

    def send(self, request: Any) -> Any:
        raise AssertionError(f"the API was asked for {request.path}")


def write_plan(path: Path, **more: Any) -> Path:
    """The plan file of three waves; members of waves by their names in `more`."""
    waves = [
        {"name": name, "servers": [{"sourceServerId": server_id(n)} for n in numbers], **more.get(name, {})}
        for name, numbers in WAVES
    ]
    path.write_text(json.dumps({"name": "Bank", "waves": waves}))
    return path


def journal_of(home: Path) -> FileStore:
    """The journal that a run without --journal writes."""
    return FileStore(home / "towpath-bank.journal.json")
