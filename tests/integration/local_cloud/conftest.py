"""One server for all contract tests of the local cloud, on free ports, with a state folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[3]
ACCOUNT = "000000000000"
START_SECONDS = 60


@dataclass(frozen=True)
class Cloud:
    """The running server as its clients see it."""

    port: int
    sftp_port: int
    partner_port: int
    state: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client of the administrator, or of the given credentials (boto3's keyword arguments)."""
        signing = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            config=Config(
                inject_host_prefix=False,
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
            ),
            **signing,
        )

    def role(self, service: str, *statements: dict[str, Any], name: str | None = None) -> str:
        """Creates a role that `<service>.amazonaws.com` may assume and that may do what the statements say."""
        iam = self.client("iam")
        role_name = name or f"role-{uuid.uuid4().hex[:8]}"
        principal = {"Service": f"{service}.amazonaws.com", "AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
        arn = iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        if statements:
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
            iam.put_role_policy(RoleName=role_name, PolicyName="policy", PolicyDocument=json.dumps(policy))
        return str(arn)

    def client_as(self, role_arn: str, service: str) -> Any:
        """A client that holds a session of the role, from STS."""
        assumed = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        return self.client(
            service,
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
        )

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A request to the control plane, `/_towpath/<path>`; returns the decoded JSON answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_towpath/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Starts `python -m local_cloud.server`, waits until it is ready, stops it at the end of the session."""
    state = tmp_path_factory.mktemp("local-cloud")
    started = Cloud(free_port(), free_port(), free_port(), state)
    ports = {
        "TOWPATH_PORT": str(started.port),
        "TOWPATH_SFTP_PORT": str(started.sftp_port),
        "TOWPATH_PARTNER_PORT": str(started.partner_port),
    }
    log = state / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "local_cloud.server"],
            cwd=REPOSITORY,
            env={**os.environ, **ports, "TOWPATH_STATE_DIR": str(state)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            eventually(lambda: is_ready(started, server, log), START_SECONDS)
            yield started
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)


def is_ready(cloud: Cloud, server: subprocess.Popen[bytes], log: Path) -> bool:
    """Whether the server answers; fails at once with its log when it has ended."""
    if server.poll() is not None:
        raise AssertionError(f"the server ended with {server.returncode}:\n{log.read_text()}")
    try:
        return bool(cloud.control("GET", "health")["ready"])
    except OSError:
        return False


def eventually(probe: Callable[[], Any], seconds: float = 10) -> Any:
    """Asks `probe` until it answers something true and returns that; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing within {seconds} s; the last answer was {found!r}")
        time.sleep(0.01)
