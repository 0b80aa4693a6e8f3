"""A break-glass run as the process that it is: credentials for DRS in the environment, a plan file, a journal, IAM."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import REPOSITORY, Cloud, eventually
from .drs_accounts import FAST, Account, local_account, server_id
from .test_drs_iam import LAUNCH, MAKE

READ = {
    "Action": [
        "drs:DescribeJobLogItems",
        "drs:DescribeJobs",
        "drs:DescribeRecoveryInstances",
        "drs:DescribeRecoverySnapshots",
        "drs:DescribeSourceServers",
        "drs:GetLaunchConfiguration",
    ],
    "Resource": "*",
}
QUOTAS = {"Action": ["servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota"], "Resource": "*"}
TAG = {"Action": "drs:TagResource", "Resource": "*"}
SLOW = 200


class CommandLine:
    """`towpath` with the session of a role and a home of its own."""

    def __init__(self, cloud: Cloud, role_arn: str, home: Path) -> None:
        key = cloud.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="emergency")["Credentials"]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TOWPATH_"))}
        self._environment = inherited | {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_SESSION_TOKEN": key["SessionToken"],
            "TOWPATH_CONFIG": str(home / "config.yaml"),
        }
        self._options = ["--endpoint-url", cloud.url, "--region", "us-east-1"]
        self._home = home

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            str(REPOSITORY / "cli" / "launch.py"),
            *self._options,
            "drs",
            "break-glass",
            *arguments,
        ]
        # A shell starts what runs in the background with Ctrl-C ignored, and its children would inherit that.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                command,
                env=self._environment,
                cwd=self._home,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        finally:
            signal.signal(signal.SIGINT, before)

    def run(self, *arguments: str) -> tuple[int, str]:
        """(exit code, what was printed)."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output


@pytest.fixture
def account(cloud: Cloud) -> Account:
    found = local_account(cloud)
    found.seed(4)
    found.control.clear()
    return found


@pytest.fixture
def plan(tmp_path: Path) -> None:
    waves = [("databases", (1, 2)), ("application", (3,)), ("web", (4,))]
    document = {
        "name": "Bank",
        "waves": [{"name": name, "servers": [{"sourceServerId": server_id(n)} for n in ns]} for name, ns in waves],
    }
    (tmp_path / "plan.yaml").write_text(json.dumps(document))


RUN = ("run", "plan.yaml", "--yes", "--poll-seconds", "0.3", "--journal", "j.json")


def launched(account: Account) -> list[list[str]]:
    """The servers of each job, the first job first."""
    jobs = sorted(account.client().describe_jobs()["items"], key=lambda job: str(job["creationDateTime"]))
    return [sorted(each["sourceServerID"] for each in job["participatingServers"]) for job in jobs]


EACH_ONCE = [[server_id(1), server_id(2)], [server_id(3)], [server_id(4)]]


def test_credentials_for_drs_are_enough(cloud: Cloud, account: Account, plan: None, tmp_path: Path) -> None:
    # Given a role that may use DRS, read its quotas, and nothing else
    line = CommandLine(cloud, cloud.role("ec2", READ, MAKE, TAG, QUOTAS, *LAUNCH), tmp_path)
    mark = cloud.control("POST", "calls/mark")["mark"]

    # When a plan is run with it
    code, output = line.run(*RUN)

    # Then it recovers, and no other service was asked for anything
    assert code == 0, output
    assert launched(account) == EACH_ONCE
    assert services(cloud, mark) == {"drs", "servicequotas"}


def test_quotas_may_be_out_of_reach(cloud: Cloud, account: Account, plan: None, tmp_path: Path) -> None:
    line = CommandLine(cloud, cloud.role("ec2", READ, MAKE, TAG, *LAUNCH), tmp_path)

    code, output = line.run(*RUN)
    assert (code, launched(account)) == (4, []), output

    code, output = line.run(*RUN, "--default-quotas")
    assert code == 0, output


def test_who_may_not_launch_is_told_so(cloud: Cloud, account: Account, plan: None, tmp_path: Path) -> None:
    line = CommandLine(cloud, cloud.role("ec2", READ, QUOTAS), tmp_path)

    code, output = line.run(*RUN)

    assert code == 1, output
    assert "drs:StartRecovery" in output
    assert launched(account) == []


def test_a_killed_process_is_followed_by_one_that_goes_on(
    cloud: Cloud, account: Account, plan: None, tmp_path: Path
) -> None:
    # Given a run whose process is killed while its first wave launches
    line = CommandLine(cloud, cloud.role("ec2", READ, MAKE, TAG, QUOTAS, *LAUNCH), tmp_path)
    account.control.clock(SLOW)
    process = line.start(*RUN)
    eventually(lambda: launched(account), 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    account.control.clock(FAST)

    # When it is given again
    code, output = line.run(*RUN)

    # Then everything is launched, once
    assert code == 0, output
    assert launched(account) == EACH_ONCE


def test_ctrl_c_leaves_a_run_that_can_be_taken_up(cloud: Cloud, account: Account, plan: None, tmp_path: Path) -> None:
    line = CommandLine(cloud, cloud.role("ec2", READ, MAKE, TAG, QUOTAS, *LAUNCH), tmp_path)
    account.control.clock(SLOW)
    process = line.start(*RUN)
    eventually(lambda: launched(account), 60)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    account.control.clock(FAST)

    assert process.returncode == 130, output
    assert "break-glass resume j.json" in output
    assert line.run("resume", "j.json", "--poll-seconds", "0.3")[0] == 0
    assert launched(account) == EACH_ONCE


def services(cloud: Cloud, mark: int) -> set[str]:
    """Services that the session of the command line called."""
    calls: list[dict[str, Any]] = cloud.control("GET", f"calls?since={mark}")["calls"]
    return {call["service"] for call in calls if str(call["principal"]).endswith("/emergency")}
