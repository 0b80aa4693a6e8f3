"""Whether a function's own policy lets a service of AWS invoke it, which ministack asks of callers with a role only."""

from __future__ import annotations

from contextvars import copy_context

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from local_cloud.settings import LOOPBACK
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.services.lambda_svc", "function_policy_for_arn", "25326cb5e1560cf6"),
    PatchedSymbol("ministack.core.iam_evaluator", "evaluate_resource_policy", "e49ce7161ad63e35"),
    PatchedSymbol("ministack.core.iam_evaluator", "EvalContext", "f5769904b3fa1d4e"),
    PatchedSymbol("ministack.core.iam_evaluator", "pin_request_origin", "de819c1bd9ac2be4"),
)


def lets_in(function_arn: str, service: str, source_arn: str) -> bool | None:
    """Whether `<service>.amazonaws.com` may invoke the function on behalf of `source_arn`; None without a function."""
    found = lambda_svc.function_policy_for_arn(function_arn)
    if found is None:
        return None
    return allows(found[0], "lambda:InvokeFunction", function_arn, service, source_arn)


def allows(policy: object, action: str, resource: str, service: str, source_arn: str) -> bool:
    """Whether a resource's policy lets `<service>.amazonaws.com` do something on behalf of `source_arn`."""
    context = copy_context()  # services call each other over TLS, also where no request is being served
    context.run(iam_evaluator.pin_request_origin, LOOPBACK, True)
    return bool(context.run(_evaluate, policy, action, resource, service, source_arn) == "Allow")


def _evaluate(policy: object, action: str, resource: str, service: str, source_arn: str) -> str:
    caller = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={
            "aws:sourcearn": source_arn,
            "aws:sourceaccount": get_account_id(),
            "sts:externalid": get_account_id(),  # what Firehose says when it assumes a role
        },
    )
    decision: str = iam_evaluator.evaluate_resource_policy(policy, caller, service=f"{service}.amazonaws.com").decision
    return decision
