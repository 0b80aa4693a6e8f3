"""TestState: single states with mocked and with real calls."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud
from tests.integration.local_cloud.resources import function, invoke, may_invoke

ANY_FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:any"


def ask(cloud: Cloud, state: dict[str, Any], data: Any = None, **more: Any) -> dict[str, Any]:
    """The answer of TestState for a JSONata state, with its output decoded."""
    definition = {"QueryLanguage": "JSONata", **state}
    answer: dict[str, Any] = cloud.client("stepfunctions").test_state(
        definition=json.dumps(definition), input=json.dumps({} if data is None else data), **more
    )
    return {**answer, "output": json.loads(answer.get("output", "null"))}


def result(value: Any) -> dict[str, Any]:
    return {"mock": {"result": json.dumps(value)}}


def error(name: str) -> dict[str, Any]:
    return {"mock": {"errorOutput": {"error": name, "cause": "why"}}}


def test_a_choice_follows_the_first_rule_that_holds(cloud: Cloud) -> None:
    # Given a choice
    rules = [{"Condition": "{% $states.input.a > $limit %}", "Assign": {"big": True}, "Next": "Big"}]
    state = {"Type": "Choice", "Choices": rules, "Default": "Small"}
    limit = {"variables": json.dumps({"limit": 1}), "inspectionLevel": "DEBUG"}

    # When
    big, small = ask(cloud, state, {"a": 2}, **limit), ask(cloud, state, {"a": 1}, **limit)

    # Then
    assert (big["nextState"], small["nextState"]) == ("Big", "Small")
    assert json.loads(big["inspectionData"]["variables"]) == {"limit": 1, "big": True}


def test_a_mocked_result_goes_through_the_output(cloud: Cloud) -> None:
    # Given a task
    state = invoke(ANY_FUNCTION, {"key": "{% $states.input.key %}"}, Next="After")

    # When its result is mocked
    answer = ask(cloud, state, {"key": "a.csv"}, inspectionLevel="DEBUG", **result({"Payload": {"x": 5}}))

    # Then
    assert (answer["status"], answer["output"], answer["nextState"]) == ("SUCCEEDED", {"x": 5}, "After")
    arguments = json.loads(answer["inspectionData"]["afterArguments"])
    assert arguments == {"FunctionName": ANY_FUNCTION, "Payload": {"key": "a.csv"}}


def test_a_mocked_error_is_retriable_until_the_attempts_are_used_up_and_then_caught(cloud: Cloud) -> None:
    # Given a task with Retry and Catch
    retry = [{"ErrorEquals": ["Transient"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 3}]
    output = "{% $merge([$states.input, {'error': $states.errorOutput.Error}]) %}"
    catch = [{"ErrorEquals": ["States.ALL"], "Output": output, "Next": "Handle"}]
    state = invoke(ANY_FUNCTION, Retry=retry, Catch=catch)

    # When it fails for the second and for the third time
    second = ask(
        cloud, state, stateConfiguration={"retrierRetryCount": 1}, inspectionLevel="DEBUG", **error("Transient")
    )
    third = ask(cloud, state, {"key": "a"}, stateConfiguration={"retrierRetryCount": 2}, **error("Transient"))

    # Then
    assert second["status"] == "RETRIABLE"
    assert second["inspectionData"]["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": 6}
    assert (third["status"], third["nextState"]) == ("CAUGHT_ERROR", "Handle")
    assert third["output"] == {"key": "a", "error": "Transient"}


def test_an_error_that_nobody_handles_fails(cloud: Cloud) -> None:
    # When
    answer = ask(cloud, invoke(ANY_FUNCTION), **error("Odd"))

    # Then
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Odd", "why")


def test_a_map_takes_the_mocked_results_of_its_iterations(cloud: Cloud) -> None:
    # Given a Map inside of a whole machine
    processor = {"StartAt": "One", "States": {"One": invoke(ANY_FUNCTION)}}
    each = {
        "Type": "Map",
        "Items": "{% $states.input %}",
        "ItemProcessor": processor,
        "Output": "{% $sum($states.result) %}",
        "End": True,
    }
    machine = {"StartAt": "Each", "States": {"Each": each}}

    # When
    answer = ask(cloud, machine, [1, 2], stateName="Each", **result([3, 4]))

    # Then
    assert answer["output"] == 7
    inner = ask(cloud, machine, {"a": 1}, stateName="One", **result({"Payload": 8}))
    assert inner["output"] == 8


def test_without_a_mock_the_call_is_made_under_the_given_role(cloud: Cloud) -> None:
    # Given a function and two roles of which one may call it
    echo = function(cloud, "def handler(event, context):\n    return event\n")
    allowed, denied = cloud.role("states", may_invoke(echo)), cloud.role("states")

    # When
    answers = [ask(cloud, invoke(echo), {"a": 1}, roleArn=role) for role in (allowed, denied)]

    # Then
    assert answers[0]["output"] == {"a": 1}
    assert (answers[1]["status"], answers[1]["error"]) == ("FAILED", "Lambda.AWSLambdaException")


def test_a_machine_that_would_be_refused_cannot_be_tested(cloud: Cloud) -> None:
    # When / Then
    with pytest.raises(ClientError) as refused:
        ask(cloud, {"StartAt": "Missing", "States": {"Only": {"Type": "Succeed"}}})
    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"
