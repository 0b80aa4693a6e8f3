"""Which definitions are refused, and that the settings of machines are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud
from tests.integration.local_cloud.resources import machine, unique

TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
DONE = {"Type": "Succeed"}


def refusal(cloud: Cloud, states: Any, kind: str = "EXPRESS", **more: Any) -> str:
    """The message with which CreateStateMachine refuses the states."""
    definition = {"QueryLanguage": "JSONata", "StartAt": "Only", "States": states, **more}
    with pytest.raises(ClientError) as refused:
        cloud.client("stepfunctions").create_state_machine(
            name=unique("machine"), type=kind, roleArn=cloud.role("states"), definition=json.dumps(definition)
        )
    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"
    return str(refused.value.response["Error"]["Message"])


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Tusk"}, "/States/Only/Type"),
        ({**TASK, "Next": "Only"}, "Exactly one of 'Next' and 'End'"),
        ({"Type": "Pass"}, "Exactly one of 'Next' and 'End'"),
        ({"Type": "Task", "End": True}, "/States/Only/Resource"),
        ({**TASK, "Paramters": {}}, "'Paramters' is not supported"),
        ({**TASK, "ResultPath": "$"}, "'ResultPath' is not supported"),
        ({**TASK, "QueryLanguage": "JSONPath", "Output": 1}, "'Output' is not supported"),
        ({**TASK, "TimeoutSeconds": 0}, "/States/Only/TimeoutSeconds"),
        ({**TASK, "TimeoutSeconds": 5, "HeartbeatSeconds": 5}, "smaller than 'TimeoutSeconds'"),
        ({**TASK, "Output": "{% $map( %}"}, "INVALID_JSONATA_EXPRESSION"),
        ({**TASK, "Output": "{% 1 "}, "has to end with"),
        ({**TASK, "Retry": [{"ErrorEquals": []}]}, "/States/Only/Retry[0]"),
        ({**TASK, "Retry": [{"ErrorEquals": ["States.ALL", "X"]}]}, "stand alone"),
        ({**TASK, "Retry": [{"ErrorEquals": ["X"], "MaxAttempts": -1}]}, "'MaxAttempts'"),
        ({**TASK, "Retry": [{"ErrorEquals": ["X"], "IntervalSeconds": 5, "MaxDelaySeconds": 5}]}, "'MaxDelaySeconds'"),
        ({**TASK, "Catch": [{"ErrorEquals": ["X"], "Next": "Nowhere"}]}, "Missing 'Next' target: Nowhere"),
        ({"Type": "Choice", "Choices": []}, "'Choices' is required"),
        ({"Type": "Choice", "Choices": [{"Next": "Only"}]}, "has a 'Condition'"),
        ({"Type": "Wait", "End": True}, "'Seconds' and 'Timestamp'"),
        ({"Type": "Map", "End": True}, "'ItemProcessor' is required"),
        ({"Type": "Parallel", "End": True, "Branches": [{"StartAt": "X", "States": {}}]}, "Branches[0]/States"),
        ({**TASK, "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}, "service integration pattern"),
        ({**TASK, "Resource": "arn:aws:states:::states:startExecution.sync:2"}, "service integration pattern"),
    ],
)
def test_a_state_that_cannot_work_is_refused(cloud: Cloud, state: dict[str, Any], expected: str) -> None:
    assert expected in refusal(cloud, {"Only": state})


def test_machines_whose_states_do_not_connect_are_refused(cloud: Cloud) -> None:
    assert "Missing 'StartAt' target" in refusal(cloud, {"Other": DONE})
    assert 'State "Lost" is not reachable' in refusal(cloud, {"Only": DONE, "Lost": DONE})
    assert "'Timeout' is not supported" in refusal(cloud, {"Only": DONE}, Timeout=5)
    inner = {"StartAt": "Only", "States": {"Only": DONE}}
    twice = {"Type": "Map", "End": True, "ItemProcessor": inner}
    assert "DUPLICATE_STATE_NAME" in refusal(cloud, {"Only": twice})


def test_an_update_is_checked_as_well_and_changes_nothing_when_it_is_refused(cloud: Cloud) -> None:
    # Given a machine
    states, arn = cloud.client("stepfunctions"), machine(cloud, {"Only": DONE})
    before = states.describe_state_machine(stateMachineArn=arn)["definition"]

    # When
    with pytest.raises(ClientError, match="InvalidDefinition"):
        states.update_state_machine(stateMachineArn=arn, definition='{"StartAt": "X", "States": {}}')

    # Then
    assert states.describe_state_machine(stateMachineArn=arn)["definition"] == before


def test_validation_reports_everything_with_its_location(cloud: Cloud) -> None:
    # Given a definition with two mistakes
    states = cloud.client("stepfunctions")
    bad = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "C": {"Type": "Succeed"}}}

    # When
    answer = states.validate_state_machine_definition(definition=json.dumps(bad), type="EXPRESS")

    # Then
    assert answer["result"] == "FAIL"
    assert [one["location"] for one in answer["diagnostics"]] == ["/States/A/Next", "/States/C"]
    good = json.dumps({"StartAt": "A", "States": {"A": DONE}})
    assert states.validate_state_machine_definition(definition=good)["result"] == "OK"


def test_settings_of_a_machine_are_kept(cloud: Cloud) -> None:
    # Given a machine with logging and tracing
    states = cloud.client("stepfunctions")
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"}}
    logging = {"level": "ERROR", "includeExecutionData": False, "destinations": [group]}
    settings = {"loggingConfiguration": logging, "tracingConfiguration": {"enabled": True}}
    arn = machine(cloud, {"Only": DONE}, **settings)
    described = states.describe_state_machine(stateMachineArn=arn)
    assert {name: described[name] for name in settings} == settings

    # When tracing is switched off
    states.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": False})

    # Then the rest stays
    described = states.describe_state_machine(stateMachineArn=arn)
    assert described["tracingConfiguration"] == {"enabled": False}
    assert described["loggingConfiguration"] == logging
