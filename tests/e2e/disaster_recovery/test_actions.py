"""What a plan does before and after a wave: functions, runbooks and probes, each with its limit and its policy."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.e2e.disaster_recovery.recoveries import Recoveries

FUNCTION = "disaster-recovery-check"
RUNBOOK = "towpath-warm-up"
CODE = """
def handler(event, context):
    print(event["idempotencyKey"])
    return event["payload"].get("answer")
"""


@pytest.fixture(scope="session")
def check(protected: Recoveries) -> str:
    """The function that the stack's plans may call; it answers what its payload says."""
    iam, functions = protected.cloud.client("iam"), protected.functions
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("check.py", CODE)
    try:
        role = iam.create_role(RoleName=FUNCTION, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        functions.create_function(
            FunctionName=FUNCTION,
            Runtime="python3.13",
            Role=role,
            Handler="check.handler",
            Code={"ZipFile": archive.getvalue()},
        )
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    return FUNCTION


@pytest.fixture(scope="session")
def runbook(protected: Recoveries) -> str:
    """The runbook that the stack's plans may start: it sleeps as long as it is told."""
    ssm = protected.cloud.client("ssm")
    content = {
        "schemaVersion": "0.3",
        "parameters": {"Seconds": {"type": "String", "default": "0"}},
        "mainSteps": [{"name": "nap", "action": "aws:sleep", "inputs": {"Duration": "PT{{ Seconds }}S"}}],
    }
    try:
        ssm.create_document(Name=RUNBOOK, Content=json.dumps(content), DocumentType="Automation")
    except ssm.exceptions.DocumentAlreadyExists:
        pass
    return RUNBOOK


def action(kind: str, name: str = "an action", **arguments: Any) -> dict[str, Any]:
    """An action of a wave."""
    return {"name": name, "type": kind, "timeoutSeconds": 60, **arguments}


def test_actions_run_before_and_after_the_servers(recoveries: Recoveries, check: str, runbook: str) -> None:
    # Given a wave with a runbook and a check before it, and a probe after it
    health = f"{recoveries.cloud.endpoints['endpoint_url'].replace('127.0.0.1', 'localhost')}/_towpath/health"
    wave = {
        "servers": recoveries.servers(1),
        "preActions": [
            action("SSM_AUTOMATION", "warm up", documentName=runbook, parameters={"Seconds": ["1"]}),
            action("LAMBDA", "check", functionName=check, payload={"answer": {"message": "fine"}, "share": 0.5}),
        ],
        "postActions": [action("HTTP_PROBE", "probe", url=health)],
    }

    # When a drill runs
    drill = recoveries.start(recoveries.plan(wave))
    ended = recoveries.wait(drill)

    # Then all of them did what they should
    assert ended["status"] == "COMPLETED"
    assert {each.action_state for each in recoveries.store.actions(drill)} == {"SUCCEEDED"}
    assert len(recoveries.store.actions(drill)) == 3


@pytest.mark.parametrize(("policy", "status"), [("STOP", "FAILED"), ("CONTINUE", "COMPLETED")])
def test_an_action_that_fails_goes_by_its_policy(recoveries: Recoveries, check: str, policy: str, status: str) -> None:
    servers = recoveries.servers(1)
    failing = action("LAMBDA", functionName=check, payload={"answer": {"status": "FAILED"}}, onFailure=policy)
    drill = recoveries.start(recoveries.plan({"servers": servers, "preActions": [failing]}))
    assert recoveries.wait(drill)["status"] == status
    assert bool(recoveries.jobs(*servers)) == (policy == "CONTINUE")


def test_an_action_that_fails_may_ask_a_person(recoveries: Recoveries, check: str) -> None:
    servers = recoveries.servers(1)
    failing = action("LAMBDA", functionName=check, payload={"answer": {"status": "FAILED"}}, onFailure="PAUSE")
    drill = recoveries.start(recoveries.plan({"servers": servers, "preActions": [failing]}))
    assert recoveries.wait(drill, "PAUSED")["pause"]["reason"] == "ACTION_FAILED"
    assert recoveries.command(drill, "resume").status == 202
    assert recoveries.wait(drill)["status"] == "COMPLETED"


def test_an_action_that_is_not_done_in_time_has_failed(recoveries: Recoveries, runbook: str) -> None:
    slow = action("SSM_AUTOMATION", documentName=runbook, parameters={"Seconds": ["300"]}) | {"timeoutSeconds": 5}
    drill = recoveries.start(recoveries.plan({"servers": recoveries.servers(1), "preActions": [slow]}))
    assert recoveries.wait(drill)["status"] == "FAILED"
    assert [each.action_state for each in recoveries.store.actions(drill)] == ["TIMED_OUT"]


def test_a_probe_may_call_nobody_but_who_is_allowed(recoveries: Recoveries) -> None:
    probe = action("HTTP_PROBE", url="http://169.254.169.254/latest/meta-data/")
    waves = [{"name": "a", "servers": [{"sourceServerId": recoveries.servers(1)[0]}], "preActions": [probe]}]
    answer = recoveries.api("POST", "/recovery-plans", {"name": "curious", "waves": waves})
    assert answer.status == 400
    assert [error["path"] for error in answer.body["errors"]] == ["$.waves[0].preActions[0].url"]
