"""Events reach a queue, topic or function only if its policy lets their rule in; what cannot be goes to the DLQ.

ministack delivers whatever the policy says and forgets what it cannot deliver. Rules: EventBridge user guide, on
resource-based policies, and on dead-letter queues and the attributes of the messages in them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, lambda_svc, sns, sqs

from local_cloud import function_policy
from local_cloud.settings import LOOPBACK
from local_cloud.symbols import PatchedSymbol

_EVENTS = "ministack.services.eventbridge"
SYMBOLS = (
    PatchedSymbol(_EVENTS, "_invoke_target", "550e304af0809563"),
    PatchedSymbol(_EVENTS, "_dispatch_to_lambda", "1f95adbaed3a966a"),
    PatchedSymbol(_EVENTS, "_dispatch_to_sqs", "eb75981283a29783"),
    PatchedSymbol(_EVENTS, "_pattern_event_view", "a472224bb7b0d436"),
    PatchedSymbol("ministack.core.iam_evaluator", "pin_request_origin", "de819c1bd9ac2be4"),
    PatchedSymbol("ministack.services.sqs", "queue_policy_allows", "5de01aa09a4ceb84"),
    PatchedSymbol("ministack.services.sns", "topic_policy_allows", "2c5001e5af7ece8f"),
    *function_policy.SYMBOLS,
)
_PRINCIPAL = "events.amazonaws.com"
_log = logging.getLogger("towpath.eventbridge")


def install() -> None:
    """Asks the target's policy before ministack delivers."""
    invoke_target: Callable[..., None] = eventbridge._invoke_target

    def deliver(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        problem = obstacle(target.get("Arn", ""), rule.get("Arn", ""))
        if problem is None:
            invoke_target(target, event, rule, view)
            return
        _log.warning("event of %s not delivered to %s: %s", rule.get("Arn"), target.get("Arn"), problem)
        dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead_letters and obstacle(dead_letters, rule["Arn"]) is None:
            whole_event = (view or eventbridge._pattern_event_view(event)).event_with_detail()
            _bury(dead_letters, whole_event, rule["Arn"], target["Arn"], problem)

    eventbridge._invoke_target = deliver
    eventbridge._dispatch_to_lambda = _to_function


def obstacle(target_arn: str, rule_arn: str) -> str | None:
    """EventBridge's error code for a queue, topic or function that an event of the rule cannot reach, else None."""
    service = target_arn.split(":")[2] if target_arn.startswith("arn:") else ""
    source = (target_arn, _PRINCIPAL, rule_arn, get_account_id())
    if service == "sqs":
        if sqs._queue_by_arn(target_arn) is None:
            return "RESOURCE_NOT_FOUND"
        return None if _over_tls(sqs.queue_policy_allows, *source) else "NO_PERMISSIONS"
    if service == "lambda":
        found = function_policy.lets_in(target_arn, "events", rule_arn)
        return {None: "RESOURCE_NOT_FOUND", False: "NO_PERMISSIONS", True: None}[found]
    if service == "sns" and not _over_tls(sns.topic_policy_allows, *source):
        return "NO_PERMISSIONS"
    return None


def _over_tls(is_allowed: Callable[..., bool], *source: str) -> bool:
    # Services call each other over TLS, also where no request is being served from which to tell.
    context = copy_context()
    context.run(iam_evaluator.pin_request_origin, LOOPBACK, True)
    return context.run(is_allowed, *source)


def _to_function(arn: str, payload: str) -> None:
    """An asynchronous invocation, with the retries and the dead-letter queue that are the function's own."""
    function, configuration, _ = lambda_svc._get_func_record_for_ref(arn)
    lambda_svc.invoke_async_with_retry(
        lambda_svc._execution_record_for_config(function, configuration), json.loads(payload)
    )


def _bury(queue_arn: str, event: dict[str, Any], rule_arn: str, target_arn: str, problem: str) -> None:
    eventbridge._dispatch_to_sqs(parse_arn(queue_arn), json.dumps(event))
    facts = {"RULE_ARN": rule_arn, "TARGET_ARN": target_arn, "ERROR_CODE": problem}
    message = sqs._queue_by_arn(queue_arn)["messages"][-1]
    message["message_attributes"] = {
        name: {"DataType": "String", "StringValue": value} for name, value in facts.items()
    }
