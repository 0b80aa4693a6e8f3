"""A running local cloud as its users see it: clients, stack outputs, SFTP logins, faults and call counters."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local_cloud import api_session
from local_cloud.api_session import ApiAnswer, Tokens
from local_cloud.drs.session import DrsSession
from local_cloud.live_session import LiveConnection
from local_cloud.partner.session import Partner
from local_cloud.quicksight.session import QuickSightSession
from local_cloud.sftp_login import SftpLogin

STATE_DIR = Path("build/local")
_CONFIG = Config(
    inject_host_prefix=False, retries={"max_attempts": 3}, max_pool_connections=50, s3={"addressing_style": "path"}
)


class NotRunning(RuntimeError):
    """The local cloud has no endpoints file, so nothing can be asked of it."""


@dataclass
class LocalCloud:
    """What `endpoints.json` describes.

    `load` reads the file that `make up` writes; `client` gives boto3 clients of the administrator of the local account.
    """

    endpoints: Mapping[str, Any]
    _clients: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, state_dir: Path = STATE_DIR) -> LocalCloud:
        """Read `<state_dir>/endpoints.json`; raises NotRunning with what to do when it is not there."""
        path = state_dir / "endpoints.json"
        if not path.exists():
            raise NotRunning(f"{path} is missing: start the local cloud with `make up` first")
        return cls(json.loads(path.read_text()))

    def client(self, service: str, account: str = "") -> Any:
        """A boto3 client of an account's administrator (without one, of the local account); safe to share."""
        known = f"{service}@{account}"
        if known not in self._clients:
            credentials = self.endpoints["credentials"]
            self._clients[known] = boto3.client(
                service,
                region_name=self.endpoints["region"],
                endpoint_url=self.endpoints["endpoint_url"],
                aws_access_key_id=account or credentials["access_key_id"],
                aws_secret_access_key=credentials["secret_access_key"],
                config=_CONFIG,
            )
        return self._clients[known]

    def outputs(self, stack: str) -> Mapping[str, Any]:
        """Terraform outputs of one stack, plain values by output name."""
        outputs: Mapping[str, Any] = self.endpoints["stacks"][stack]
        return outputs

    def sftp(self, user: str) -> SftpLogin:
        """An SFTP login of one of the demo users; use it as a context manager."""
        sftp = self.endpoints["sftp"]
        key = next((entry["private_key_path"] for entry in sftp["users"] if entry["name"] == user), None)
        if key is None:
            known = ", ".join(entry["name"] for entry in sftp["users"])
            raise KeyError(f"no SFTP user {user!r}; the local cloud has {known}")
        return SftpLogin(host=sftp["host"], port=sftp["port"], user=user, private_key_path=key)

    def sftp_as(self, user: str, **more: Any) -> SftpLogin:
        """An SFTP login of anybody, with `password` or `private_key_path`, and `source` as the address it is from."""
        sftp = self.endpoints["sftp"]
        return SftpLogin(host=sftp["host"], port=sftp["port"], user=user, **more)

    def partner(self) -> Partner:
        """The partner whose SFTP server connectors talk to."""
        partner = self.endpoints["partner"]
        return Partner(partner["url"], partner["host_key"], Path(partner["folder"]))

    def http(self, method: str, path: str, endpoint: str | None = None, **more: Any) -> ApiAnswer:
        """Calls an HTTP API, without `endpoint` that of disaster recovery.

        `more` may have `token`, `body` (becomes JSON) and `headers`; the path may have a query.
        """
        url = endpoint or self._recovery["api_endpoint"]
        return api_session.request(self.endpoints["endpoint_url"], url, method, path, **more)

    def live(self, url: str, ticket: str) -> LiveConnection:
        """Connects to a WebSocket API with a ticket of its system's API; use it as a context manager."""
        return LiveConnection(self.endpoints["endpoint_url"], url, {"ticket": ticket})

    def sign_in(self, name: str, groups: Sequence[str] = (), system: Mapping[str, Any] | None = None) -> Tokens:
        """Tokens of a user, who is made if need be; the name is an e-mail address.

        `system` is the outputs of the system whose user pool it is, without it those of disaster recovery.
        """
        outputs = system or self._recovery
        pool, client = outputs["user_pool_id"], outputs["user_pool_client_id"]
        return api_session.sign_in(self.client("cognito-idp"), pool, client, name, groups)

    def tick(self, function_name: str, event: Mapping[str, Any] | None = None) -> Any:
        """Invokes a scheduled function at once, as its schedule does; returns its answer."""
        scheduled = {"source": "aws.events", "detail-type": "Scheduled Event", "resources": [], "detail": {}}
        payload = json.dumps(scheduled if event is None else event)
        answer = self.client("lambda").invoke(FunctionName=function_name, Payload=payload)
        body = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise RuntimeError(f"{function_name} failed: {body}")
        return body

    def history(self, execution_arn: str) -> list[dict[str, Any]]:
        """All events of an execution of a Standard state machine, oldest first."""
        pages = self.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return [event for page in pages for event in page["events"]]

    @property
    def _recovery(self) -> Mapping[str, Any]:
        outputs: Mapping[str, Any] = self.outputs("disaster-recovery")["disaster_recovery"]
        return outputs

    def inject(self, rules: Sequence[Mapping[str, Any]], seed: int = 1) -> None:
        """Replace the fault rules (docs/local-cloud.md has their form)."""
        self._control("POST", "faults", {"seed": seed, "rules": list(rules)})

    def clear_faults(self) -> None:
        """Stop injecting faults; the log is emptied too."""
        self._control("DELETE", "faults")

    def injected(self) -> list[dict[str, Any]]:
        """The faults injected since the rules were set, oldest first."""
        log: list[dict[str, Any]] = self._control("GET", "faults")["log"]
        return log

    def mark(self) -> int:
        """A point in the record of calls, for `calls(since=…)`."""
        return int(self._control("POST", "calls/mark")["mark"])

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Every AWS API call since a mark: service, operation, principal, resource, status, units."""
        calls: list[dict[str, Any]] = self._control("GET", f"calls?since={since}")["calls"]
        return calls

    def permissions(self) -> list[dict[str, Any]]:
        """What the policies were asked since the server started: role, action, how often allowed and denied."""
        permissions: list[dict[str, Any]] = self._control("GET", "permissions")["permissions"]
        return permissions

    def drs(self, account: str | None = None, region: str | None = None) -> DrsSession:
        """The DRS simulator of an account and Region; of the local account in its Region unless they are given."""
        return DrsSession(self._control, account, region)

    def quicksight(self, account: str | None = None, region: str | None = None) -> QuickSightSession:
        """The QuickSight simulator of an account and Region; of the local account in its Region unless given."""
        return QuickSightSession(self._control, account, region)

    def _control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.endpoints['endpoint_url']}/_towpath/{path}",
            data=data,
            method=method,
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else {}
