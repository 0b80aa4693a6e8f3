"""Asynchronous invocations of functions: attempts, and where those end that failed.

ministack writes to dead-letter queues without asking the function's role, in the form of a destination, and counts
throttled attempts. As documented under "Invoking a Lambda function asynchronously"; only the waits between attempts
are short, one and two seconds instead of minutes.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from local_cloud import aws_client
from local_cloud.engines import destinations
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.lambda_svc"
SYMBOLS = (
    PatchedSymbol(_MODULE, "invoke_async_with_retry", "289fe4d3cbd4089b"),
    PatchedSymbol(_MODULE, "_execute_function", "3ceb16d6480a2161"),
    PatchedSymbol(_MODULE, "_event_invoke_config", "aeeb62079ef21907"),
    PatchedSymbol(_MODULE, "_account_region_from_function_config", "701ed919ed4802e4"),
)
_RETRIES = 2
_AGE_SECONDS = 21_600
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_ERROR_MESSAGE_LENGTH = 1024
Function = dict[str, Any]


def install() -> None:
    """Replaces ministack's way of carrying them out."""
    lambda_svc.invoke_async_with_retry = invoke


def invoke(function: Function, event: Any) -> None:
    """Accepts one event for a function, ministack's record of it, and returns at once."""
    account, region = lambda_svc._account_region_from_function_config(function["config"])
    with request_scope(account, region):
        aws_client.spawn(Invocation(function, event).run)


class Invocation:
    """One event on its way through a function."""

    def __init__(self, function: Function, event: Any, pause: Callable[[float], None] = time.sleep) -> None:
        self.function, self.event, self._pause = function, event, pause
        self.configuration: dict[str, Any] = function["config"]
        self.settings = lambda_svc._event_invoke_config(function, None) or {}
        self.request_id, self.begun, self.attempts = str(uuid.uuid4()), time.time(), 0

    def run(self) -> None:
        """Attempts, and then the destination."""
        result, condition = self._attempt()
        ended = "OnSuccess" if condition == "Success" else "OnFailure"
        target = ((self.settings.get("DestinationConfig") or {}).get(ended) or {}).get("Destination")
        if target:
            destinations.send(self.configuration, target, json.dumps(self._record(result, condition)))
        dead_letters = (self.configuration.get("DeadLetterConfig") or {}).get("TargetArn")
        if dead_letters and condition != "Success":
            destinations.send(self.configuration, dead_letters, json.dumps(self.event), self._attributes(result))

    def _attempt(self) -> tuple[dict[str, Any], str]:
        """The last result, and how it ended: Success, RetriesExhausted or EventAgeExceeded."""
        given = self.settings.get("MaximumRetryAttempts")
        retries = _RETRIES if given is None else int(given)
        age = int(self.settings.get("MaximumEventAgeInSeconds") or _AGE_SECONDS)
        pause = _FIRST_PAUSE
        while True:
            result: dict[str, Any] = lambda_svc._execute_function(self.function, self.event)
            self.attempts += not result.get("throttle")
            if not result.get("error") and not result.get("throttle"):
                return result, "Success"
            if self.attempts > retries:
                return result, "RetriesExhausted"
            if time.time() + pause - self.begun > age:
                return result, "EventAgeExceeded"
            self._pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _record(self, result: dict[str, Any], condition: str) -> dict[str, Any]:
        failed = {} if condition == "Success" else {"functionError": "Unhandled"}
        version = self.configuration.get("Version", "$LATEST")
        return {
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "requestContext": {
                "requestId": self.request_id,
                "functionArn": f"{self.configuration['FunctionArn']}:{version}",
                "condition": condition,
                "approximateInvokeCount": self.attempts,
            },
            "requestPayload": self.event,
            "responseContext": {"statusCode": 200, "executedVersion": version, **failed},
            "responsePayload": result.get("body"),
        }

    def _attributes(self, result: dict[str, Any]) -> destinations.Attributes:
        body = result.get("body")
        message = body.get("errorMessage", "") if isinstance(body, dict) else str(body)
        return {
            "RequestID": {"DataType": "String", "StringValue": self.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "429" if result.get("throttle") else "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": (message or "unknown")[:_ERROR_MESSAGE_LENGTH]},
        }
