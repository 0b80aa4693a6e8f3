"""Logging configurations of web ACLs, which ministack does not have: kept, checked and told, without any logs."""

from __future__ import annotations

import re
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import AccountScopedDict
from ministack.services import waf

from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.message import Message
from local_cloud.aws_models.service import Checked, ModelledService
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.waf"
SYMBOLS = (
    PatchedSymbol(_MODULE, "handle_request", "1c2516f53378eab0"),
    PatchedSymbol(_MODULE, "get_state", "8d3ca849e38d9e43"),
    PatchedSymbol(_MODULE, "load_persisted_state", "6f58d9dc1e6e4edf"),
    PatchedSymbol(_MODULE, "reset", "d9ac1985a251ff7a"),
    PatchedSymbol(_MODULE, "_resolve_local_web_acl", "d36cd6eb57d2abf2"),
)
_STATE = "towpath_logging"
# "The name of the destination must begin with aws-waf-logs-" (Logging AWS WAF protection pack traffic).
_PREFIX = "aws-waf-logs-"
_STORE: Any = AccountScopedDict()
Values = dict[str, Any]


def install() -> None:
    """Wraps ministack's dispatcher and its snapshot."""
    handle, state, restore, reset = waf.handle_request, waf.get_state, waf.load_persisted_state, waf.reset
    functions = {"PutLoggingConfiguration": put, "GetLoggingConfiguration": get, "DeleteLoggingConfiguration": delete}
    service = ModelledService("wafv2", Checked("wafv2", functions))

    async def handle_with_logging(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Any:
        if headers.get("x-amz-target", "").rpartition(".")[2] not in functions:
            return await handle(method, path, headers, body, query)
        principal = iam_evaluator.request_caller_arn(headers, query)
        return service.answer(Message(method, path, query, headers, body), principal)

    def restore_with_logging(data: Values) -> None:
        restore(data)
        _STORE.update((data or {}).get(_STATE, {}))

    def reset_with_logging() -> None:
        reset()
        _STORE.clear()

    waf.handle_request, waf.reset = handle_with_logging, reset_with_logging
    waf.get_state, waf.load_persisted_state = lambda: {**state(), _STATE: _STORE}, restore_with_logging


def put(request: Values, _principal: str) -> Values:
    """PutLoggingConfiguration."""
    configuration = request["LoggingConfiguration"]
    arn = _known(configuration["ResourceArn"])
    for destination in configuration["LogDestinationConfigs"]:
        if not re.split("[:/]", destination.removesuffix(":*"))[-1].startswith(_PREFIX):
            message = f"The ARN isn't valid. The destination's name must begin with {_PREFIX}: {destination}"
            raise ApiError("WAFInvalidParameterException", message)
    _STORE[arn] = {"LogType": "WAF_LOGS", "LogScope": "CUSTOMER", **configuration}
    return {"LoggingConfiguration": _STORE[arn]}


def get(request: Values, _principal: str) -> Values:
    """GetLoggingConfiguration."""
    return {"LoggingConfiguration": _found(request["ResourceArn"])}


def delete(request: Values, _principal: str) -> Values:
    """DeleteLoggingConfiguration."""
    _found(request["ResourceArn"])
    del _STORE[request["ResourceArn"]]
    return {}


def _found(arn: str) -> Values:
    found: Values | None = _STORE.get(arn)
    if found is None:
        raise _missing()
    return found


def _known(arn: str) -> str:
    acl, _error = waf._resolve_local_web_acl(arn)
    if acl is None:
        raise _missing()
    return arn


def _missing() -> ApiError:
    return ApiError("WAFNonexistentItemException", "AWS WAF couldn't perform the operation: no such resource.")
