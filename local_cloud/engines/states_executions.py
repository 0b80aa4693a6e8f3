"""Running executions and the API around them: StartExecution, StartSyncExecution, StopExecution.

Express: at most five minutes, no history to ask for, only logs. Standard: ministack keeps the record and the history,
the walking is done here.
"""

from __future__ import annotations

import contextvars
import json
import logging
import time
import uuid
from dataclasses import dataclass
from typing import Any, cast

from ministack.core.responses import get_account_id, get_region, now_iso
from ministack.services import cloudwatch
from ministack.services import stepfunctions as engine

from local_cloud import aws_client
from local_cloud.engines import states_logs, states_requests, states_targets
from local_cloud.engines.states_errors import TIMEOUT, ExecutionError
from local_cloud.engines.states_history import (
    LIMIT,
    WHOLE_INPUT,
    WHOLE_OUTPUT,
    History,
    HistoryFull,
    details_name,
    wanted_at,
)
from local_cloud.engines.states_interpreter import run_machine
from local_cloud.engines.states_model import Execution, Scope, Stopped, TimedOut
from local_cloud.engines.states_requests import Answer, Api
from local_cloud.engines.states_targets import Target

EXPRESS_SECONDS = 300  # "Maximum execution time" of an Express workflow: five minutes
_log = logging.getLogger("towpath.states")
_live: dict[str, Execution] = {}
_requested: contextvars.ContextVar[str] = contextvars.ContextVar("requested_state_machine", default="")


@dataclass(frozen=True)
class Outcome:
    """How an execution ended; `output` is JSON text."""

    status: str
    output: str | None = None
    error: str | None = None
    cause: str | None = None

    @property
    def failure(self) -> dict[str, str]:
        found = {"error": self.error, "cause": self.cause}
        return {name: text for name, text in found.items() if text}


def run(execution: Execution, target: Target) -> Outcome:
    """Walks through the machine, records how it ended, delivers the log."""
    _live[execution.arn] = execution
    started = time.monotonic()
    dimensions = {"StateMachineArn": execution.machine_arn}
    cloudwatch.record_metric("AWS/States", "ExecutionsStarted", 1, "Count", dimensions)
    try:
        outcome = walk(execution, target.machine)
    finally:
        _live.pop(execution.arn, None)
    _record_metrics(execution, outcome, (time.monotonic() - started) * 1000)
    endings = {"SUCCEEDED": "ExecutionSucceeded", "FAILED": "ExecutionFailed", "TIMED_OUT": "ExecutionTimedOut"}
    if outcome.status in endings:
        details = {"output": outcome.output, **WHOLE_OUTPUT} if outcome.output is not None else outcome.failure
        execution.history.add(endings[outcome.status], lambda: details)
    states_logs.deliver(execution, target.logging)
    return outcome


def walk(execution: Execution, machine: dict[str, Any]) -> Outcome:
    """Runs the machine to its end; leaves behind nothing but the history."""
    limits = [machine["TimeoutSeconds"]] if "TimeoutSeconds" in machine else []
    limits += [EXPRESS_SECONDS] if execution.express else []
    execution.deadline = execution.clock.monotonic() + min(limits) if limits else None
    try:
        output = run_machine(scope_of(execution, machine), machine, execution.input)
        return Outcome("SUCCEEDED", output=json.dumps(output, separators=(",", ":")))
    except ExecutionError as error:
        return Outcome("FAILED", error=error.error, cause=error.cause)
    except TimedOut:
        return Outcome("TIMED_OUT", error=TIMEOUT)
    except HistoryFull:
        reason = f"The execution reached the maximum number of history events ({LIMIT})."
        return Outcome("FAILED", error="States.Runtime", cause=reason)
    except Stopped:
        return Outcome("ABORTED")
    except Exception as error:
        _log.exception("execution %s", execution.arn)
        return Outcome("FAILED", error="States.Runtime", cause=str(error))


def _record_metrics(execution: Execution, outcome: Outcome, milliseconds: float) -> None:
    """AWS/States of one execution."""
    dimensions = {"StateMachineArn": execution.machine_arn}
    ended = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", "TIMED_OUT": "TimedOut", "ABORTED": "Aborted"}
    for status, name in ended.items():
        cloudwatch.record_metric("AWS/States", f"Executions{name}", int(outcome.status == status), "Count", dimensions)
    cloudwatch.record_metric("AWS/States", "ExecutionTime", milliseconds, "Milliseconds", dimensions)


def scope_of(execution: Execution, machine: dict[str, Any]) -> Scope:
    """The scope of the machine's top level, with its context object."""
    context = {
        "Execution": {
            "Id": execution.arn,
            "Input": execution.input,
            "Name": execution.name,
            "RedriveCount": 0,
            "RoleArn": execution.role_arn,
            "StartTime": execution.started_at,
        },
        "StateMachine": {"Id": execution.machine_arn, "Name": execution.machine_name},
    }
    return Scope(execution, context, {}, machine.get("QueryLanguage", "JSONPath"))


def start_sync(request: dict[str, Any]) -> Answer:
    """StartSyncExecution: runs an Express machine within the request."""
    target = states_targets.find(request.get("stateMachineArn", ""))
    refused = states_requests.refuse_start(request, target)
    if refused or target is None:
        return refused or states_requests.no_machine(request)
    if not target.express:
        return states_requests.unsupported()
    execution = _express(request, target)
    started = time.monotonic()
    outcome = run(execution, target)
    milliseconds = max(100, -(-int((time.monotonic() - started) * 1000) // 100) * 100)
    output = {} if outcome.output is None else {"output": outcome.output, "outputDetails": {"included": True}}
    return states_requests.answer(
        {
            "executionArn": execution.arn,
            "stateMachineArn": request["stateMachineArn"],
            "name": execution.name,
            "startDate": execution.started_at,
            "stopDate": now_iso(),
            "status": outcome.status if outcome.status != "ABORTED" else "FAILED",
            "input": request.get("input", "{}"),
            "inputDetails": {"included": True},
            "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": milliseconds},
            **output,
            **outcome.failure,
        }
    )


def start(request: dict[str, Any]) -> Answer:
    """StartExecution: Express machines run in the background, Standard ones in ministack's thread and record."""
    target = states_targets.find(request.get("stateMachineArn", ""))
    refused = states_requests.refuse_start(request, target)
    if refused or target is None:
        return refused or states_requests.no_machine(request)
    if target.express:
        execution = _express(request, target)
        aws_client.spawn(run, execution, target)
        return states_requests.answer({"executionArn": execution.arn, "startDate": execution.started_at})
    running = _running_twin(request, target)
    if running:
        return states_requests.answer({"executionArn": running["executionArn"], "startDate": running["startDate"]})
    token = _requested.set(request["stateMachineArn"])
    try:
        return original_start(request)
    finally:
        _requested.reset(token)


def run_standard(arn: str) -> None:
    """Runs a Standard execution that ministack has recorded, and completes the record."""
    record = engine._executions.get(arn)
    target = record and states_targets.find(_requested.get() or record["stateMachineArn"])
    if not record or not target:
        return
    record["events"][0]["previousEventId"] = 0
    record["events"][0][details_name("ExecutionStarted")] |= WHOLE_INPUT
    execution = Execution(
        arn=arn,
        name=record["name"],
        machine_arn=target.arn,
        machine_name=target.name,
        role_arn=target.role_arn,
        started_at=record["startDate"],
        input=json.loads(record["input"]),
        history=History(record["events"], wanted_at("ALL"), limit=LIMIT),
        record=record,
    )
    outcome = run(execution, target)
    if record["status"] == "RUNNING":
        failure = outcome.failure if outcome.status == "FAILED" else {}
        record.update(status=outcome.status, output=outcome.output, stopDate=now_iso(), **failure)
        engine._emit_execution_status_event(record)


def stop(request: dict[str, Any]) -> Answer:
    """StopExecution, which also ends what the execution is waiting for."""
    answer = original_stop(request)
    execution = _live.get(request.get("executionArn", ""))
    if answer[0] == 200 and execution:  # noqa: PLR2004
        execution.abort()
    return answer


def reset() -> None:
    """Forgets all machines and ends all executions."""
    original_reset()
    for execution in list(_live.values()):
        execution.abort()


def _express(request: dict[str, Any], target: Target) -> Execution:
    name = request.get("name") or str(uuid.uuid4())
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:express:{target.name}:{name}:{uuid.uuid4()}"
    history = History([], wanted_at(target.logging.get("level", "OFF")))
    text = request.get("input", "{}")
    history.add("ExecutionStarted", lambda: {"input": text, "roleArn": target.role_arn, **WHOLE_INPUT})
    return Execution(
        arn=arn,
        name=name,
        machine_arn=target.arn,
        machine_name=target.name,
        role_arn=target.role_arn,
        started_at=now_iso(),
        input=json.loads(text),
        history=history,
        record={},
        express=True,
    )


def _running_twin(request: dict[str, Any], target: Target) -> dict[str, Any] | None:
    """A running execution of the same name and input: StartExecution is idempotent for Standard workflows."""
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{target.name}:{request.get('name')}"
    twin: dict[str, Any] | None = engine._executions.get(arn)
    same = twin and twin["status"] == "RUNNING" and twin["input"] == request.get("input", "{}")
    return twin if same else None


original_start = cast(Api, engine._start_execution)
original_stop = cast(Api, engine._stop_execution)
original_reset = engine.reset
