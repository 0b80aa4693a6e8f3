"""Functions run as on AWS: their own environment, real error names, several at a time."""

from __future__ import annotations

import io
import json
import os
import uuid
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, Cloud

SOURCE = """
import json, os, pathlib, subprocess, sys, time
import boto3

class SourceGone(Exception):
    pass

def fail(event, context):
    print("about to fail")
    raise SourceGone("no such object")

def count(event, context):
    global calls
    calls = globals().get("calls", 0) + 1
    if calls == 1:
        raise ValueError("first call")
    return calls

def sleep(event, context):
    time.sleep(event)
    return os.getpid()

def meet(event, context):
    pathlib.Path(event["folder"], str(os.getpid())).touch()
    while len(os.listdir(event["folder"])) < event["count"]:
        time.sleep(0.01)
    return os.getpid()

def exit(event, context):
    os._exit(3)

def unprintable(event, context):
    return object()

def where(event, context):
    import layered
    return {
        "variables": dict(os.environ),
        "layer": layered.NAME,
        "path": sys.path,
        "who": boto3.client("sts").get_caller_identity()["Arn"],
        "request": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "left": context.get_remaining_time_in_millis(),
    }

def speak(event, context):
    print("printed")
    subprocess.run(["echo", "by a child"])
    sys.stderr.write("unterminated")

def list_buckets(event, context):
    return len(boto3.client("s3").list_buckets()["Buckets"])
"""


def zipped(**files: str) -> bytes:
    """A zip with a Python file per keyword argument; `__` in a name stands for a slash."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, text in files.items():
            writer.writestr(name.replace("__", "/") + ".py", text)
    return archive.getvalue()


@dataclass
class Function:
    """A deployed function."""

    cloud: Cloud
    name: str
    role_arn: str

    def invoke(self, payload: Any = None) -> tuple[Any, str | None]:
        """The decoded answer, and `Unhandled` when it is an error."""
        answer = self.cloud.client("lambda").invoke(FunctionName=self.name, Payload=json.dumps(payload))
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    def log(self) -> str:
        """Everything that the function has logged."""
        events = self.cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{self.name}")["events"]
        return "\n".join(event["message"] for event in events)


Deploy = Callable[..., Function]


@pytest.fixture
def deploy(cloud: Cloud) -> Deploy:
    """Deploys `app.<handler>` of the source above, with any other settings."""

    def create(handler: str, source: str = SOURCE, **settings: Any) -> Function:
        name = f"function-{uuid.uuid4().hex[:8]}"
        role = cloud.role("lambda")
        cloud.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler=handler if "." in handler else f"app.{handler}",
            Code={"ZipFile": zipped(app=source)},
            **settings,
        )
        return Function(cloud, name, role)

    return create


def test_an_exception_is_known_by_its_class(deploy: Deploy) -> None:
    # When a function raises an exception of its own
    function = deploy("fail")
    answer, kind = function.invoke()

    # Then that is the error's type, and the trace is of the function only
    assert kind == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("SourceGone", "no such object")
    assert len(answer["stackTrace"]) == 1
    assert "in fail" in answer["stackTrace"][0]
    assert "about to fail" in function.log()
    assert "[ERROR] SourceGone: no such object" in function.log()


def test_an_exception_does_not_end_the_environment(deploy: Deploy) -> None:
    # Given a function whose first call fails
    function = deploy("count")
    assert function.invoke()[1] == "Unhandled"

    # When it is called again, then it is the same process
    assert function.invoke() == (2, None)


def test_a_function_that_takes_too_long_times_out(deploy: Deploy) -> None:
    # When a function takes longer than its timeout
    function = deploy("sleep", Timeout=1)
    answer, _ = function.invoke(5)

    # Then it says so, and the next call works
    assert answer["errorType"] == "Sandbox.Timedout"
    assert answer["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert function.invoke(0)[1] is None


def test_a_process_that_ends_is_an_error_and_is_replaced(deploy: Deploy) -> None:
    # When the process ends, twice
    function = deploy("exit")
    answers = [function.invoke()[0] for _ in range(2)]

    # Then both calls report it
    assert [answer["errorType"] for answer in answers] == ["Runtime.ExitError"] * 2
    assert answers[0]["errorMessage"].endswith("Runtime exited with error: exit status 3")


@pytest.mark.parametrize(
    ("handler", "source", "kind"),
    [
        ("missing.handler", SOURCE, "Runtime.ImportModuleError"),
        ("app.missing", SOURCE, "Runtime.HandlerNotFound"),
        ("app.handler", "def handler(:", "Runtime.UserCodeSyntaxError"),
        ("app.unprintable", SOURCE, "Runtime.MarshalError"),
    ],
)
def test_what_the_runtime_refuses_has_the_names_of_aws(deploy: Deploy, handler: str, source: str, kind: str) -> None:
    assert deploy(handler, source).invoke()[0]["errorType"] == kind


def test_a_function_sees_its_own_world(cloud: Cloud, deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a function with a layer and a variable
    layer = cloud.client("lambda").publish_layer_version(
        LayerName="layer", Content={"ZipFile": zipped(python__layered="NAME = 'layered'")}
    )
    function = deploy(
        "where",
        Layers=[layer["LayerVersionArn"]],
        Environment={"Variables": {"TABLE": "one"}},
        Timeout=7,
        MemorySize=256,
    )

    # When it looks around
    seen, kind = function.invoke()

    # Then it finds the layer, its variable, its role and its limits
    assert kind is None, seen
    assert seen["layer"] == "layered"
    assert seen["variables"]["TABLE"] == "one"
    role = function.role_arn.rpartition("/")[2]
    assert seen["who"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{function.name}"
    assert seen["arn"].endswith(function.name)
    assert seen["memory"] == "256"
    assert 6000 < seen["left"] <= 7000

    # And nothing of the server's
    assert not [name for name in seen["variables"] if name.startswith(("TOWPATH", "MINISTACK", "_TOWPATH", "SFTP"))]
    assert seen["variables"]["HOME"] != os.environ.get("HOME")
    assert not [entry for entry in seen["path"] if Path(entry) == Path.cwd()]


def test_output_is_logged_whoever_writes_it(deploy: Deploy) -> None:
    # When a function prints, and so does a child of it
    function = deploy("speak")
    function.invoke()

    # Then all of it is in the log
    log = function.log()
    assert "printed" in log
    assert "by a child" in log
    assert "unterminated" in log


def test_concurrent_calls_run_side_by_side(deploy: Deploy, tmp_path: Path) -> None:
    # Given a function that returns only when as many of its calls are under way as the caller says
    function, count = deploy("meet", Timeout=120), 10
    payload = {"folder": str(tmp_path), "count": count}

    # When that many calls come at once
    with ThreadPoolExecutor(count) as callers:
        answers = list(callers.map(lambda _: function.invoke(payload), range(count)))

    # Then all return, each from a process of its own
    assert [kind for _, kind in answers] == [None] * count
    assert len({process for process, _ in answers}) == count


def test_a_function_may_do_what_its_role_may(cloud: Cloud, deploy: Deploy) -> None:
    # Given a function whose role allows nothing
    function = deploy("list_buckets")
    denied, kind = function.invoke()

    # When the role is given what it needs
    allow = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    cloud.client("iam").put_role_policy(
        RoleName=function.role_arn.rpartition("/")[2],
        PolicyName="list",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )

    # Then the same environment is refused before and served after
    assert (kind, denied["errorType"]) == ("Unhandled", "AccessDenied")
    assert function.invoke()[1] is None


def test_changed_code_is_what_runs_next(cloud: Cloud, deploy: Deploy) -> None:
    # Given a function that has run
    function = deploy("app.handler", "def handler(event, context): return 'old'")
    assert function.invoke() == ("old", None)

    # When its code changes
    new = zipped(app="def handler(event, context): return 'new'")
    cloud.client("lambda").update_function_code(FunctionName=function.name, ZipFile=new)

    # Then the new code answers
    assert function.invoke() == ("new", None)
