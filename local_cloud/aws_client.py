"""How the parts of the local cloud call each other: as AWS clients on our own port, under the role they act for.

A pipe that receives from SQS or an SFTP user who stores a file goes through the same door as everybody else, so that
signatures, IAM policies, injected faults and the record of calls apply. Never call these clients on the event loop:
they would wait for an answer that the same loop has to give.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.config import Config
from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region
from ministack.services import sts

from local_cloud import settings

# One attempt: whoever calls decides about retries. The read timeout outlives the longest Express execution (5 minutes).
_CONFIG = Config(
    inject_host_prefix=False,
    retries={"total_max_attempts": 1},
    max_pool_connections=64,
    connect_timeout=5,
    read_timeout=330,
    s3={"addressing_style": "path"},
)
_create = threading.Lock()


def endpoint_url() -> str:
    """The URL of the server this process is."""
    return f"http://{settings.LOOPBACK}:{os.environ['GATEWAY_PORT']}"


def queue_url(arn: str) -> str:
    """The URL of the queue with this ARN, at the server this process is."""
    account, name = arn.split(":")[4:6]
    return f"{endpoint_url()}/{account}/{name}"


def client(service: str, role_arn: str | None = None, session_name: str = "towpath", policy: str | None = None) -> Any:
    """A boto3-style client of `service` in the account and region of the current request.

    With `role_arn` it acts as `assumed-role/<role>/<session_name>` and may do what that role may, as far as the session
    policy allows it too; without, as the account's administrator. Failures are botocore's ClientError, as anywhere.
    """
    account, region = get_account_id(), get_region()
    if role_arn is None:
        key = settings.ACCESS_KEY_ID if account == settings.ACCOUNT else account
        return _client(service, region, key, settings.SECRET_ACCESS_KEY, None)
    return _client(service, region, *session(role_arn, session_name, policy))


def session(role_arn: str, session_name: str, policy: str | None = None) -> tuple[str, str, str]:
    """Access key, secret and token of a session of the role; the same triple for the same role, name and policy."""
    digest = hashlib.sha256(f"{role_arn} {session_name} {policy or ''}".encode()).hexdigest()
    key, secret, token = f"ASIA{digest[:16].upper()}", digest[16:56], digest[24:]
    if key not in sts._sessions:  # a reset forgets sessions; clients we hold must go on working
        account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        sts.register_session(
            key,
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session_name[:64]}",
                "UserId": f"{role}:{session_name[:64]}",
                "SecretAccessKey": secret,
                "SessionToken": token,
                "SessionPolicies": {"Policy": policy, "PolicyArns": []} if policy else None,
            },
        )
    return key, secret, token


@lru_cache(maxsize=512)
def _client(service: str, region: str, key: str, secret: str, token: str | None) -> Any:
    with _create:  # botocore sessions are not safe to share while they build a client
        return botocore.session.get_session().create_client(
            service,
            region_name=region,
            endpoint_url=endpoint_url(),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=_CONFIG,
        )


def spawn(function: Callable[..., Any], *args: Any) -> threading.Thread:
    """Runs `function` in a background thread that keeps the request's account and region; failures are logged."""
    thread: threading.Thread = spawn_background(function, *args, thread_name=f"towpath-{function.__name__}")
    return thread
