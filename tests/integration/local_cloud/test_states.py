"""How state machines run: data flow, errors, concurrency, and the limits of Express executions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import execute, function, invoke, machine, may_invoke, run, unique

SLOW = """
import time
def handler(event, context):
    started = time.time()
    time.sleep(event["seconds"])
    return [started, time.time()]
"""
MEETING = """
import pathlib, time
def handler(event, context):
    place = pathlib.Path(event["place"])
    (place / str(event["who"])).touch()
    until = time.time() + 50
    while (met := len(list(place.iterdir()))) < event["expected"] and time.time() < until:
        time.sleep(0.02)
    return met
"""
FAILING = """
class Throttled(Exception):
    pass
def handler(event, context):
    raise Throttled("slow down")
"""


def pass_state(output: Any, **more: Any) -> dict[str, Any]:
    state = {"Type": "Pass", "Output": output, **more}
    return state if "Next" in more else {**state, "End": True}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$map($states.input.items, function($x, $i) { {$x.id: $i} })", [{"a": 0}, {"b": 1}]),
        ("[$filter($states.input.items, function($x) { $x.n > 1 })]", [{"id": "b", "n": 2}]),
        ("[$filter($states.input.items, function($x) { $x.n > 9 })]", []),
        ("$merge([{'a': 1}, {'b': 2}])", {"a": 1, "b": 2}),
        ("$join($states.input.items.id, '#')", "a#b"),
        ("$lookup({'x': 5}, 'x')", 5),
        ("$string({'a': [1, 2.5, null]})", '{"a":[1,2.5,null]}'),
        ("$number('12') / 4", 3),
        ("$length($now()) = 24 and $type($millis()) = 'number'", True),
        ("$random() < 1 and $random(7) = $random(7)", True),
        ("$contains($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)", True),
        ("$parse('{\"a\": [1]}')", {"a": [1]}),
        ("$parse('null')", None),
        ("[$exists($states.input.missing), $exists($states.result)]", [False, False]),
        ("$append([], [2])", [2]),
        ("$count($states.input.none)", 0),
        ("$match('abc123', /[0-9]+/).match & '-' & 7", "123-7"),
        ("$replace('a/b', /(b)/, '[$1]')", "a/[b]"),
        ("$hash('a', 'SHA-256')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("$partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("$range(0, 9, 3)", [0, 3, 6, 9]),
        ("$fromMillis(1700000000000, '[Y0001]/[M01]/[D01]')", "2023/11/14"),
        ("( $a := 1; $b := $a + 1; $b )", 2),
        ("$states.input.items[0].id in ['a', 'b'] ? 'yes' : 'no'", "yes"),
        ("$states.context.State.Name", "Only"),
        ("$sift({'a': 1, 'b': 2}, function($v) { $v > 1 })", {"b": 2}),
    ],
)  # fmt: skip
def test_expressions_give_what_step_functions_gives(cloud: Cloud, expression: str, expected: Any) -> None:
    # Given a state whose output is one expression
    data = {"items": [{"id": "a", "n": 1}, {"id": "b", "n": 2}], "none": []}

    # When it runs
    ended = run(cloud, {"Only": pass_state(f"{{% {expression} %}}")}, data)

    # Then
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", expected)


@pytest.mark.parametrize("expression", ["$states.input.missing", "$eval('1')", "$number('x')", "function($x) { $x }"])
def test_an_expression_that_fails_or_gives_nothing_fails_the_state(cloud: Cloud, expression: str) -> None:
    # When a state's output cannot be made
    ended = run(cloud, {"Only": pass_state(f"{{% {expression} %}}")})

    # Then
    assert (ended["status"], ended["error"]) == ("FAILED", "States.QueryEvaluationError")


def test_variables_are_assigned_after_the_state_and_stay_inside_iterations(cloud: Cloud) -> None:
    # Given variables that swap, and an iteration that assigns one of them
    inner = {"Inner": pass_state("{% $a & $states.input %}", Assign={"a": "changed"})}
    states = {
        "Set": {"Type": "Pass", "Assign": {"a": "1", "b": "2"}, "Next": "Swap"},
        "Swap": pass_state("{% $a & $b %}", Assign={"a": "{% $b %}", "b": "{% $a %}"}, Next="Each"),
        "Each": {
            "Type": "Map",
            "Items": "{% [$states.input, 'x'] %}",
            "ItemProcessor": {"StartAt": "Inner", "States": inner},
            "Output": "{% {'items': $states.result, 'a': $a, 'b': $b} %}",
            "End": True,
        },
    }

    # When
    ended = run(cloud, states)

    # Then
    assert ended["output"] == {"items": ["212", "2x"], "a": "2", "b": "1"}


def test_iterations_of_a_map_run_at_the_same_time(cloud: Cloud, tmp_path: Path) -> None:
    # Given ten iterations of which none ends before it has met the nine others
    meeting = function(cloud, MEETING, Timeout=60)
    arguments = {"place": str(tmp_path), "who": "{% $states.context.Map.Item.Value %}", "expected": 10}
    each = {
        "Type": "Map",
        "Items": "{% [1..10] %}",
        "ItemSelector": arguments,
        "ItemProcessor": {"StartAt": "Meet", "States": {"Meet": invoke(meeting)}},
        "End": True,
    }

    # When
    ended = run(cloud, {"Each": each}, None, may_invoke(meeting))

    # Then all have met
    assert ended["output"] == [10] * 10


def test_max_concurrency_one_runs_iterations_in_order(cloud: Cloud) -> None:
    # Given a Map that may run one iteration at a time
    slow = function(cloud, SLOW)
    each = {
        "Type": "Map",
        "Items": "{% [0.2, 0, 0.1] %}",
        "MaxConcurrency": 1,
        "ItemSelector": {"seconds": "{% $states.context.Map.Item.Value %}"},
        "ItemProcessor": {"StartAt": "Sleep", "States": {"Sleep": invoke(slow)}},
        "End": True,
    }

    # When
    ended = run(cloud, {"Each": each}, None, may_invoke(slow))

    # Then each one starts after the one before has ended
    moments = [moment for iteration in ended["output"] for moment in iteration]
    assert moments == sorted(moments)


def test_parallel_passes_arguments_and_makes_its_output(cloud: Cloud) -> None:
    # Given two branches
    branches = [
        {"StartAt": name, "States": {name: pass_state(f"{{% $states.input & '{name}' %}}")}} for name in ("A", "B")
    ]
    both = {
        "Type": "Parallel",
        "Arguments": "{% $states.input.x %}",
        "Branches": branches,
        "Output": "{% $join($states.result, '+') %}",
        "End": True,
    }

    # When
    ended = run(cloud, {"Both": both}, {"x": "-"})

    # Then
    assert ended["output"] == "-A+-B"


def test_a_failing_branch_fails_the_state_and_can_be_caught(cloud: Cloud) -> None:
    # Given a branch that fails while another waits for a minute
    branches = [
        {"StartAt": "Bad", "States": {"Bad": {"Type": "Fail", "Error": "Broken", "Cause": "why"}}},
        {"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 60, "End": True}}},
    ]
    catch = [{"ErrorEquals": ["Broken"], "Output": "{% $states.errorOutput %}", "Next": "Handle"}]
    states = {
        "Both": {"Type": "Parallel", "Branches": branches, "Catch": catch, "End": True},
        "Handle": {"Type": "Succeed"},
    }

    # When
    ended = run(cloud, states)

    # Then
    assert ended["output"] == {"Error": "Broken", "Cause": "why"}


def test_errors_of_a_function_carry_the_name_of_the_exception(cloud: Cloud) -> None:
    # Given a function that raises, and a state that catches the exception by the name of its class
    failing = function(cloud, FAILING)
    assign = {"kept": "{% $states.input.key %}"}
    catch = [{"ErrorEquals": ["Throttled"], "Assign": assign, "Output": "{% $states.errorOutput %}", "Next": "Handle"}]
    states = {
        "Copy": invoke(failing, Catch=catch),
        "Handle": pass_state("{% $merge([$states.input, {'kept': $kept}]) %}"),
    }

    # When
    ended = run(cloud, states, {"key": "a.csv"}, may_invoke(failing))

    # Then
    output = ended["output"]
    assert (output["Error"], output["kept"]) == ("Throttled", "a.csv")
    assert json.loads(output["Cause"])["errorMessage"] == "slow down"


def test_retry_counts_attempts_and_gives_up(cloud: Cloud) -> None:
    # Given a state that retries twice without waiting long
    failing = function(cloud, FAILING)
    retry = [
        {"ErrorEquals": ["Other"], "MaxAttempts": 9},
        {
            "ErrorEquals": ["States.TaskFailed"],
            "IntervalSeconds": 1,
            "BackoffRate": 1,
            "MaxAttempts": 1,
            "JitterStrategy": "FULL",
        },
    ]
    catch = [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.context.State.RetryCount %}", "Next": "Done"}]
    states = {"Copy": invoke(failing, Retry=retry, Catch=catch), "Done": {"Type": "Succeed"}}

    # When
    ended = run(cloud, states, None, may_invoke(failing))

    # Then
    assert ended["output"] == 1


def test_a_task_that_takes_longer_than_its_timeout_is_given_up(cloud: Cloud) -> None:
    # Given a task that may take a second, as an expression says, and takes longer
    slow = function(cloud, SLOW)
    catch = [{"ErrorEquals": ["States.Timeout"], "Output": "{% $states.errorOutput.Error %}", "Next": "Done"}]
    sleep = invoke(slow, {"seconds": 20}, TimeoutSeconds="{% $states.input.limit %}", Catch=catch)

    # When
    ended = run(cloud, {"Sleep": sleep, "Done": {"Type": "Succeed"}}, {"limit": 1}, may_invoke(slow))

    # Then
    assert ended["output"] == "States.Timeout"


def test_no_wildcard_catches_an_output_that_is_too_large(cloud: Cloud) -> None:
    # Given a function that answers more than 256 KiB
    large = function(cloud, "def handler(event, context):\n    return 'x' * 300_000\n")
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]

    # When
    ended = run(cloud, {"Big": invoke(large, Catch=catch), "Done": {"Type": "Succeed"}}, None, may_invoke(large))

    # Then
    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_a_machine_ends_when_its_own_time_is_up(cloud: Cloud) -> None:
    # Given a machine that may take a second and waits for a minute
    states = {"Nap": {"Type": "Wait", "Seconds": 60, "End": True}}
    definition = {"StartAt": "Nap", "TimeoutSeconds": 1, "States": states}
    created = cloud.client("stepfunctions").create_state_machine(
        name=unique("machine"), type="EXPRESS", roleArn=cloud.role("states"), definition=json.dumps(definition)
    )

    # When
    ended = execute(cloud, created["stateMachineArn"])

    # Then
    assert (ended["status"], ended["error"]) == ("TIMED_OUT", "States.Timeout")


def test_jsonpath_machines_run_too(cloud: Cloud) -> None:
    # Given a machine in the older query language
    echo = function(cloud, "def handler(event, context):\n    return event\n")
    states = {
        "Call": {
            "Type": "Task",
            "QueryLanguage": "JSONPath",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": echo, "Payload": {"got.$": "$.a", "state.$": "$$.State.Name"}},
            "ResultSelector": {"payload.$": "$.Payload"},
            "ResultPath": "$.answer",
            "Next": "Pick",
        },
        "Pick": {
            "Type": "Choice",
            "QueryLanguage": "JSONPath",
            "Choices": [{"Variable": "$.answer.payload.got", "NumericEquals": 5, "Next": "Done"}],
        },
        "Done": {"Type": "Succeed", "QueryLanguage": "JSONPath", "OutputPath": "$.answer.payload"},
    }

    # When
    ended = run(cloud, states, {"a": 5}, may_invoke(echo))

    # Then
    assert ended["output"] == {"got": 5, "state": "Call"}


def test_start_sync_execution_is_for_express_machines(cloud: Cloud) -> None:
    # Given a Standard machine
    standard = machine(cloud, {"Only": pass_state(1)}, kind="STANDARD")

    # When / Then
    with pytest.raises(ClientError) as refused:
        execute(cloud, standard)
    assert refused.value.response["Error"]["Code"] == "StateMachineTypeNotSupported"


def test_inputs_larger_than_the_limit_are_refused(cloud: Cloud) -> None:
    # Given an Express machine
    express = machine(cloud, {"Only": pass_state(1)})

    # When / Then
    with pytest.raises(ClientError) as refused:
        execute(cloud, express, "x" * 262_144)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_an_alias_runs_the_version_that_it_routes_to(cloud: Cloud) -> None:
    # Given a published version, an alias to it, and a newer definition
    states = cloud.client("stepfunctions")
    arn = machine(cloud, {"Only": pass_state("old")}, publish=True)
    route = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=route)["stateMachineAliasArn"]
    newer = {"QueryLanguage": "JSONata", "StartAt": "Only", "States": {"Only": pass_state("new")}}
    states.update_state_machine(stateMachineArn=arn, definition=json.dumps(newer))

    # When / Then
    assert [execute(cloud, one)["output"] for one in (arn, f"{arn}:1", alias)] == ["new", "old", "old"]


def test_express_executions_have_no_history_to_ask_for(cloud: Cloud) -> None:
    # Given an Express execution that was started in the background
    states = cloud.client("stepfunctions")
    arn = machine(cloud, {"Only": pass_state(1)})
    started = states.start_execution(stateMachineArn=arn, name="same")["executionArn"]
    assert ":express:" in started

    # When / Then
    for call in (states.describe_execution, states.get_execution_history):
        with pytest.raises(ClientError) as refused:
            call(executionArn=started)
        assert refused.value.response["Error"]["Code"] == "InvalidArn"
    assert states.start_execution(stateMachineArn=arn, name="same")["executionArn"] != started


def test_a_standard_execution_keeps_its_history_and_can_be_stopped(cloud: Cloud) -> None:
    # Given a Standard machine that waits
    states = cloud.client("stepfunctions")
    nap = {"Type": "Wait", "Seconds": 60, "End": True}
    arn = machine(cloud, {"First": pass_state(1, Next="Nap"), "Nap": nap}, kind="STANDARD")
    started = states.start_execution(stateMachineArn=arn)["executionArn"]

    def kinds() -> list[str]:
        return [event["type"] for event in states.get_execution_history(executionArn=started)["events"]]

    eventually(lambda: "WaitStateEntered" in kinds())

    # When it is stopped
    states.stop_execution(executionArn=started, error="Enough", cause="tired")

    # Then
    described = states.describe_execution(executionArn=started)
    assert (described["status"], described["error"]) == ("ABORTED", "Enough")
    assert kinds()[:4] == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "WaitStateEntered"]


@pytest.mark.parametrize("with_data", [True, False])
def test_logs_hold_what_the_level_asks_for(cloud: Cloud, with_data: bool) -> None:
    # Given a machine that logs errors to a group, and fails
    logs, group = cloud.client("logs"), f"/aws/vendedlogs/states/{unique('group')}"
    logs.create_log_group(logGroupName=group)
    destination = {
        "cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"}
    }
    configuration = {"level": "ERROR" if not with_data else "ALL", "includeExecutionData": with_data}
    states = {"First": pass_state(1, Next="Bad"), "Bad": {"Type": "Fail", "Error": "Boom"}}
    arn = machine(cloud, states, loggingConfiguration={**configuration, "destinations": [destination]})

    # When
    execute(cloud, arn, {"secret": 1})

    # Then
    events = logs.filter_log_events(logGroupName=group)["events"]
    entries = [json.loads(event["message"]) for event in events]
    assert all(":express:" in entry["execution_arn"] for entry in entries)
    if with_data:
        assert [entry["type"] for entry in entries][0] == "ExecutionStarted"
        assert "secret" in entries[0]["details"]["input"]
    else:
        assert [entry["type"] for entry in entries] == ["FailStateEntered", "ExecutionFailed"]
        assert "input" not in entries[0]["details"]
    assert entries[-1]["details"] == {"error": "Boom"}


def test_a_distributed_map_runs_items_as_child_executions(cloud: Cloud) -> None:
    # Given a Standard machine with a distributed Map in JSONata
    inner = {"Inner": pass_state("{% $states.input.n * 2 %}")}
    each = {
        "Type": "Map",
        "Items": "{% [1..3] %}",
        "ItemSelector": {"n": "{% $states.context.Map.Item.Value %}"},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Inner",
            "States": inner,
        },
        "Output": "{% $sum($states.result) %}",
        "End": True,
    }
    states = cloud.client("stepfunctions")
    arn = machine(cloud, {"Each": each}, kind="STANDARD")

    # When
    started = states.start_execution(stateMachineArn=arn)["executionArn"]
    eventually(lambda: states.describe_execution(executionArn=started)["status"] != "RUNNING")

    # Then
    described = states.describe_execution(executionArn=started)
    assert (described["status"], described.get("output")) == ("SUCCEEDED", "12")
    [run_of_map] = states.list_map_runs(executionArn=started)["mapRuns"]
    counts = states.describe_map_run(mapRunArn=run_of_map["mapRunArn"])["itemCounts"]
    assert (counts["total"], counts["succeeded"]) == (3, 3)
