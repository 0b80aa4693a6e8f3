"""Systems Manager Automation: documents, their runs, who may start them, and failures on order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import ACCOUNT, Cloud, eventually
from tests.integration.local_cloud.resources import function, may_invoke, unique

NAP = {"name": "nap", "action": "aws:sleep", "inputs": {"Duration": "PT{{ Seconds }}S"}}


def document(cloud: Cloud, *steps: dict[str, Any], **more: Any) -> str:
    """A document with these steps and the parameter Seconds; returns its name."""
    name = unique("Runbook")
    seconds = {"type": "String", "default": "0"}
    content = {"schemaVersion": "0.3", "parameters": {"Seconds": seconds}, "mainSteps": list(steps), **more}
    cloud.client("ssm").create_document(Name=name, Content=json.dumps(content), DocumentType="Automation")
    return name


def ended(cloud: Cloud, execution: str) -> dict[str, Any]:
    def described() -> Any:
        found = cloud.client("ssm").get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]
        return found["AutomationExecutionStatus"] not in ("Pending", "InProgress", "Waiting", "Cancelling") and found

    found: dict[str, Any] = eventually(described)
    return found


def started(cloud: Cloud, name: str, **parameters: str) -> str:
    given = {"Parameters": {key: [value] for key, value in parameters.items()}} if parameters else {}
    answer = cloud.client("ssm").start_automation_execution(DocumentName=name, **given)
    return str(answer["AutomationExecutionId"])


def test_steps_run_one_after_the_other(cloud: Cloud) -> None:
    # Given a document whose second step takes what the first one made
    echo = function(cloud, "def handler(event, context):\n    return event\n")
    call = {
        "action": "aws:invokeLambdaFunction",
        "inputs": {"FunctionName": echo, "Payload": '{"of": "{{ Seconds }}"}'},
    }
    again = {**call, "name": "again", "inputs": {"FunctionName": echo, "Payload": "{{ first.Payload }}"}}
    name = document(cloud, NAP, {**call, "name": "first"}, again)

    # When
    found = ended(cloud, started(cloud, name, Seconds="0"))

    # Then
    assert found["AutomationExecutionStatus"] == "Success"
    assert [step["StepStatus"] for step in found["StepExecutions"]] == ["Success"] * 3
    assert found["StepExecutions"][2]["Outputs"]["Payload"] == ['{"of": "0"}']
    assert found["ExecutionEndTime"] >= found["ExecutionStartTime"]


def test_a_failing_step_fails_the_execution_and_says_why(cloud: Cloud) -> None:
    # Given a document whose first step invokes a function that raises
    failing = function(cloud, "def handler(event, context):\n    raise ValueError('no disk')\n")
    call = {"name": "call", "action": "aws:invokeLambdaFunction", "inputs": {"FunctionName": failing}}
    name = document(cloud, call, NAP)

    # When
    found = ended(cloud, started(cloud, name))

    # Then
    assert found["AutomationExecutionStatus"] == "Failed"
    assert "no disk" in found["FailureMessage"]
    assert [step["StepStatus"] for step in found["StepExecutions"]] == ["Failed", "Pending"]


def test_a_step_may_fail_without_ending_the_execution(cloud: Cloud) -> None:
    # Given a step that fails, of which the document says to go on
    bad = {"name": "bad", "action": "aws:sleep", "inputs": {"Duration": "soon"}, "onFailure": "Continue"}

    # When
    found = ended(cloud, started(cloud, document(cloud, bad, NAP)))

    # Then
    assert found["AutomationExecutionStatus"] == "Success"
    assert [step["StepStatus"] for step in found["StepExecutions"]] == ["Failed", "Success"]


def test_an_execution_is_in_progress_until_it_is_stopped(cloud: Cloud) -> None:
    # Given an execution that sleeps for long
    ssm = cloud.client("ssm")
    execution = started(cloud, document(cloud, NAP), Seconds="600")
    found = ssm.get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]
    assert found["AutomationExecutionStatus"] == "InProgress"

    # When
    ssm.stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")

    # Then
    assert ended(cloud, execution)["AutomationExecutionStatus"] == "Cancelled"


def test_a_step_that_takes_too_long_times_out(cloud: Cloud) -> None:
    # Given a step with a limit
    name = document(cloud, {**NAP, "timeoutSeconds": 1})

    # When
    found = ended(cloud, started(cloud, name, Seconds="600"))

    # Then
    assert found["AutomationExecutionStatus"] == "TimedOut"


def test_a_step_fails_on_order(cloud: Cloud) -> None:
    # Given a rule about the steps of one document
    name = document(cloud, NAP)
    action = {"type": "error", "code": "DiskFull"}
    rule = {"service": "ssm", "operation": "RunAutomationStep", "resource": f"*/{name}*", "action": action}
    cloud.control("POST", "faults", {"rules": [{**rule, "principal": "*", "times": 1}]})

    # When it runs twice
    try:
        found = [ended(cloud, started(cloud, name)) for _ in range(2)]
    finally:
        cloud.control("DELETE", "faults")

    # Then
    assert [one["AutomationExecutionStatus"] for one in found] == ["Failed", "Success"]
    assert "DiskFull" in found[0]["FailureMessage"]


def test_a_client_token_starts_one_execution(cloud: Cloud) -> None:
    # Given a document
    ssm, name, token = cloud.client("ssm"), document(cloud, NAP), "6d3b1c1e-0000-4000-8000-000000000000"

    # When it is started twice with the same token
    answers = [ssm.start_automation_execution(DocumentName=name, ClientToken=token) for _ in range(2)]

    # Then
    assert answers[0]["AutomationExecutionId"] == answers[1]["AutomationExecutionId"]


@pytest.mark.parametrize(
    ("name", "parameters", "code"),
    [
        ("Nowhere", {"Seconds": ["1"]}, "AutomationDefinitionNotFoundException"),
        (None, {"Minutes": ["1"]}, "InvalidAutomationExecutionParametersException"),
    ],
)
def test_what_cannot_be_started_is_refused(cloud: Cloud, name: str | None, parameters: Any, code: str) -> None:
    # Given a document that has no parameter Minutes
    ssm = cloud.client("ssm")
    known = document(cloud, NAP)

    # When / Then
    with pytest.raises(ClientError) as refused:
        ssm.start_automation_execution(DocumentName=name or known, Parameters=parameters)
    assert refused.value.response["Error"]["Code"] == code


def test_unknown_actions_are_refused_when_the_document_is_made(cloud: Cloud) -> None:
    # When / Then
    with pytest.raises(ClientError) as refused:
        document(cloud, {"name": "run", "action": "aws:runCommand", "inputs": {}})
    assert refused.value.response["Error"]["Code"] == "InvalidDocumentContent"


def test_a_role_starts_the_documents_that_its_policy_names(cloud: Cloud) -> None:
    # Given a role that may run one document and look at executions
    mine, other = document(cloud, NAP), document(cloud, NAP)
    base = f"arn:aws:ssm:us-east-1:{ACCOUNT}"
    role = cloud.role(
        "lambda",
        {"Action": "ssm:StartAutomationExecution", "Resource": f"{base}:document/{mine}"},
        {"Action": "ssm:GetAutomationExecution", "Resource": f"{base}:automation-execution/*"},
    )
    ssm = cloud.client_as(role, "ssm")

    # When
    execution = ssm.start_automation_execution(DocumentName=mine)["AutomationExecutionId"]

    # Then
    found = ssm.get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]
    assert role.rsplit("/", 1)[-1] in found["ExecutedBy"]
    for refused in (
        lambda: ssm.start_automation_execution(DocumentName=other),
        lambda: ssm.stop_automation_execution(AutomationExecutionId=execution),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def test_a_step_acts_as_who_started_it(cloud: Cloud) -> None:
    # Given a document that invokes a function, and two roles of which one may invoke it
    echo = function(cloud, "def handler(event, context):\n    return event\n")
    name = document(cloud, {"name": "call", "action": "aws:invokeLambdaFunction", "inputs": {"FunctionName": echo}})
    may_start = {"Action": "ssm:StartAutomationExecution", "Resource": "*"}
    allowed, denied = cloud.role("lambda", may_start, may_invoke(echo)), cloud.role("lambda", may_start)

    # When both run it
    runs = [
        cloud.client_as(role, "ssm").start_automation_execution(DocumentName=name)["AutomationExecutionId"]
        for role in (allowed, denied)
    ]

    # Then
    assert [ended(cloud, run)["AutomationExecutionStatus"] for run in runs] == ["Success", "Failed"]


def test_documents_have_versions_and_tags(cloud: Cloud) -> None:
    # Given a document with a second version
    ssm, name = cloud.client("ssm"), document(cloud, NAP)
    content = json.dumps({"schemaVersion": "0.3", "description": "more", "mainSteps": [NAP]})
    changed = ssm.update_document(Name=name, Content=content, DocumentVersion="$LATEST")["DocumentDescription"]
    ssm.add_tags_to_resource(ResourceType="Document", ResourceId=name, Tags=[{"Key": "a", "Value": "b"}])

    # When the second one becomes the default
    before = ssm.get_document(Name=name)["DocumentVersion"]
    ssm.update_document_default_version(Name=name, DocumentVersion=changed["DocumentVersion"])

    # Then
    assert (before, ssm.get_document(Name=name)["Content"]) == ("1", content)
    assert ssm.describe_document(Name=name)["Document"]["LatestVersion"] == "2"
    assert ssm.list_tags_for_resource(ResourceType="Document", ResourceId=name)["TagList"] == [
        {"Key": "a", "Value": "b"}
    ]
    ssm.delete_document(Name=name)
    with pytest.raises(ClientError, match="InvalidDocument"):
        ssm.get_document(Name=name)
