"""Puts documents and Automation into ministack's Systems Manager, which has neither.

`ssm:StartAutomationExecution` is about the document, the calls on an execution are about that execution ("Setting up
identity based policies examples" of the Systems Manager user guide).
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.concurrency import run_reentrant
from ministack.services import ssm

from local_cloud import policy_resources
from local_cloud.aws_models.message import Message
from local_cloud.aws_models.service import Checked, Function, ModelledService
from local_cloud.policy_resources import Asked
from local_cloud.ssm import automation, documents
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.ssm"
SYMBOLS = (
    PatchedSymbol(_MODULE, "handle_request", "ca18fc988ca9d8ec"),
    PatchedSymbol(_MODULE, "get_state", "86163cba3ef5e54a"),
    PatchedSymbol(_MODULE, "load_persisted_state", "6f58d9dc1e6e4edf"),
    PatchedSymbol(_MODULE, "reset", "a7dd50c7e945886a"),
    *policy_resources.SYMBOLS,
)
_FUNCTIONS: dict[str, Function] = {
    "CreateDocument": documents.create,
    "UpdateDocument": documents.update,
    "UpdateDocumentDefaultVersion": documents.update_default,
    "DescribeDocument": documents.describe,
    "DescribeDocumentPermission": documents.permission,
    "GetDocument": documents.get,
    "DeleteDocument": documents.delete,
    "StartAutomationExecution": automation.start,
    "GetAutomationExecution": automation.get,
    "StopAutomationExecution": automation.stop,
    "DescribeAutomationStepExecutions": automation.steps,
}
_TAGGING: dict[str, Function] = {
    "AddTagsToResource": documents.add_tags,
    "RemoveTagsFromResource": documents.remove_tags,
    "ListTagsForResource": documents.list_tags,
}
_STATE = "towpath_documents"


def install() -> None:
    """Wraps ministack's dispatcher, its snapshot and what policies are asked about."""
    handle, state, restore, reset = ssm.handle_request, ssm.get_state, ssm.load_persisted_state, ssm.reset
    service = ModelledService("ssm", Checked("ssm", {**_FUNCTIONS, **_TAGGING}))

    async def handle_with_documents(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Any:
        if not _is_ours(_action(headers), body):
            return await handle(method, path, headers, body, query)
        principal = iam_evaluator.request_caller_arn(headers, query)
        message = Message(method, path, query, headers, body)
        return await run_reentrant(service.answer, message, principal, thread_name="towpath-ssm")

    def state_with_documents() -> dict[str, Any]:
        return {**state(), _STATE: documents.STORE}

    def restore_with_documents(data: dict[str, Any]) -> None:
        restore(data)
        documents.STORE.update((data or {}).get(_STATE, {}))

    def reset_with_documents() -> None:
        reset()
        documents.STORE.clear()
        automation.stop_all()
        automation.STORE.clear()

    ssm.handle_request = handle_with_documents
    ssm.get_state, ssm.load_persisted_state, ssm.reset = (
        state_with_documents,
        restore_with_documents,
        reset_with_documents,
    )
    policy_resources.name_resources(_resource_of)


def _action(headers: dict[str, str]) -> str:
    return headers.get("x-amz-target", "").rpartition(".")[2]


def _is_ours(action: str, body: bytes) -> bool:
    return action in _FUNCTIONS or (action in _TAGGING and _member(body, "ResourceType") == "Document")


def _member(body: bytes, name: str) -> str:
    try:
        return str(json.loads(body or b"{}").get(name, ""))
    except (AttributeError, ValueError):
        return ""


def _resource_of(asked: Asked) -> str | None:
    if asked.service != "ssm" or not _is_ours(_action(asked.headers), asked.body):
        return None
    execution = _member(asked.body, "AutomationExecutionId")
    if execution:
        return f"arn:aws:ssm:{asked.region}:{asked.account}:automation-execution/{execution}"
    name = _member(asked.body, "DocumentName") or _member(asked.body, "Name") or _member(asked.body, "ResourceId")
    return name if name.startswith("arn:") else f"arn:aws:ssm:{asked.region}:{asked.account}:document/{name}"
