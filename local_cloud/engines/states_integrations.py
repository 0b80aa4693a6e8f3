"""What a Task's `Resource` stands for: optimized integrations, `aws-sdk:*`, functions, activities.

Requests and results as documented under "Integrating services with Step Functions". Every call is an API request of
the machine's role, so a permission that is missing in AWS is missing here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as engine

from local_cloud.engines.states_errors import ExecutionError, Json
from local_cloud.engines.states_model import Scope
from local_cloud.engines.states_sdk import Naming

_RESOURCE = re.compile(r"arn:aws[\w-]*:states:[^:]*:[^:]*:(aws-sdk:)?(\w+):(\w+)((?:\.\w+)?(?::2)?)")
# Services with optimized integrations: error prefix and the name for errors that their API does not model.
_OPTIMIZED = {
    "athena": Naming("Athena", "AmazonAthenaException", optimized=True),
    "batch": Naming("Batch", "AWSBatchException", optimized=True),
    "dynamodb": Naming("DynamoDB", "AmazonDynamoDBException", optimized=True),
    "ecs": Naming("ECS", "AmazonECSException", optimized=True),
    "events": Naming("EventBridge", "AmazonEventBridgeException", optimized=True),
    "glue": Naming("Glue", "AWSGlueException", optimized=True),
    "lambda": Naming("Lambda", "AWSLambdaException", optimized=True),
    "sns": Naming("SNS", "AmazonSNSException", optimized=True),
    "sqs": Naming("SQS", "AmazonSQSException", optimized=True),
    "states": Naming("StepFunctions", "AWSStepFunctionsException", optimized=True),
}
_FIRST_POLL = 0.01
_LONGEST_POLL = 1.0


def resource_type(resource: str) -> str:
    """The `resourceType` of history events: "lambda", "dynamodb", "aws-sdk:s3", "activity"."""
    found = _RESOURCE.fullmatch(resource)
    if found:
        return f"{found[1] or ''}{found[2]}"
    return "activity" if ":activity:" in resource else "lambda"


def action(resource: str) -> str | None:
    """The `resource` of history events, "invoke.waitForTaskToken"; None when it is a function's or activity's ARN."""
    found = _RESOURCE.fullmatch(resource)
    return f"{found[3]}{found[4]}" if found else None


def call(scope: Scope, resource: str, arguments: Json) -> Json:
    """Calls the resource and returns its result. Raises ExecutionError with AWS's name for the failure."""
    found = _RESOURCE.fullmatch(resource)
    if found is None:
        return _function_or_activity(scope, resource, arguments)
    sdk, service, action, pattern = found.groups()
    if sdk:
        return scope.execution.surroundings.call_api(scope.execution, service, action, arguments)
    special = _SPECIAL.get(f"{service}:{action}{pattern}")
    if special is not None:
        return special(scope, dict(arguments))
    if pattern or service not in _OPTIMIZED:
        return engine._invoke_resource(resource, arguments)
    return _call(scope, service, action, arguments)


def _call(scope: Scope, service: str, action: str, arguments: Json) -> Json:
    name = "stepfunctions" if service == "states" else service
    return scope.execution.surroundings.call_api(scope.execution, name, action, arguments, _OPTIMIZED[service])


def _function_or_activity(scope: Scope, resource: str, arguments: Json) -> Json:
    if ":function:" in resource:
        return _invoke(scope, {"FunctionName": resource, "Payload": arguments})["Payload"]
    return engine._invoke_resource(resource, arguments)


def _invoke(scope: Scope, arguments: dict[str, Any]) -> Json:
    request = {**arguments, "Payload": json.dumps(arguments.get("Payload", {}))}
    answer = _call(scope, "lambda", "invoke", request)
    text = answer.get("Payload", "")
    if answer.get("FunctionError"):
        raise _function_error(text)
    result = {"ExecutedVersion": answer.get("ExecutedVersion", "$LATEST"), "StatusCode": answer["StatusCode"]}
    return {**result, "Payload": json.loads(text) if text else {}}


def _function_error(payload: str) -> ExecutionError:
    """The class of the exception is the error's name, the whole payload its cause."""
    try:
        error = json.loads(payload).get("errorType")
    except (AttributeError, ValueError):
        error = None
    return ExecutionError(error or "Lambda.Unknown", payload)


def _send_message(scope: Scope, arguments: dict[str, Any]) -> Json:
    return _call(scope, "sqs", "sendMessage", _with_text(arguments, "MessageBody"))


def _publish(scope: Scope, arguments: dict[str, Any]) -> Json:
    return _call(scope, "sns", "publish", _with_text(arguments, "Message"))


def _put_events(scope: Scope, arguments: dict[str, Any]) -> Json:
    own = [scope.execution.machine_arn, scope.execution.arn]
    entries = [
        {**_with_text(entry, "Detail"), "Resources": [*entry.get("Resources", []), *own]}
        for entry in arguments.get("Entries", [])
    ]
    answer = _call(scope, "events", "putEvents", {**arguments, "Entries": entries})
    if answer.get("FailedEntryCount"):
        raise ExecutionError("EventBridge.FailedEntry", json.dumps(answer))
    return answer


def _with_text(arguments: dict[str, Any], name: str) -> dict[str, Any]:
    value = arguments.get(name)
    return arguments if value is None or isinstance(value, str) else {**arguments, name: json.dumps(value)}


def _start_execution(scope: Scope, arguments: dict[str, Any]) -> Json:
    return _call(scope, "states", "startExecution", _with_text(arguments, "Input"))


def _run_execution(scope: Scope, arguments: dict[str, Any]) -> Json:
    started = _start_execution(scope, arguments)

    def described() -> Json:
        return _call(scope, "states", "describeExecution", {"ExecutionArn": started["ExecutionArn"]})

    return _poll(scope, described, "Status", ("FAILED", "TIMED_OUT", "ABORTED"))


def _run_execution_json(scope: Scope, arguments: dict[str, Any]) -> Json:
    """`.sync:2`: input and output as JSON instead of text."""
    result = _run_execution(scope, arguments)
    return {**result, **{name: json.loads(result[name]) for name in ("Input", "Output") if name in result}}


def _run_job(scope: Scope, arguments: dict[str, Any]) -> Json:
    job = _call(scope, "batch", "submitJob", arguments)

    def described() -> Json:
        return _call(scope, "batch", "describeJobs", {"Jobs": [job["JobId"]]})["Jobs"][0]

    return _poll(scope, described, "Status", ("FAILED",))


def _poll(scope: Scope, describe: Callable[[], Json], name: str, failures: tuple[str, ...]) -> Json:
    """Asks until the described thing has succeeded; States.TaskFailed when it has failed."""
    pause = _FIRST_POLL
    while True:
        found = describe()
        if found[name] == "SUCCEEDED":
            return found
        if found[name] in failures:
            raise ExecutionError("States.TaskFailed", json.dumps(found))
        scope.wait(lambda: False, pause)
        pause = min(pause * 2, _LONGEST_POLL)


_SPECIAL: dict[str, Callable[[Scope, dict[str, Any]], Json]] = {
    "lambda:invoke": _invoke,
    "sqs:sendMessage": _send_message,
    "sns:publish": _publish,
    "events:putEvents": _put_events,
    "states:startExecution": _start_execution,
    "states:startExecution.sync": _run_execution,
    "states:startExecution.sync:2": _run_execution_json,
    "batch:submitJob.sync": _run_job,
}
