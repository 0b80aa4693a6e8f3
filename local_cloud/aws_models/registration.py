"""A service of ours in ministack's own tables, so that routing, IAM, reset and snapshots are those of every service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from ministack import app
from ministack.core import iam_actions, router

from local_cloud import policy_resources
from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.message import Answer, Message
from local_cloud.aws_models.models import model_of
from local_cloud.aws_models.service import ModelledService
from local_cloud.calls import operations
from local_cloud.policy_resources import Asked
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.app", "_get_module", "cfa12017561e8c41"),
    PatchedSymbol("ministack.app", "_registry_state_map", "baa8ed1a114439f8"),
    PatchedSymbol("ministack.app", "_build_persistence_save_dict", "9a6393cc953d2f67"),
    PatchedSymbol("ministack.app", "_load_persisted_state", "03de3b870e8f811f"),
    PatchedSymbol("ministack.app", "_reset_all_state", "e7a4c161847d9ee4"),
    PatchedSymbol("ministack.core.router", "detect_service", "fd156fac4b5ddc67"),
    PatchedSymbol("ministack.core.iam_actions", "extract_iam_action", "ec476b92d969822b"),
    *policy_resources.SYMBOLS,
)


class ServiceModule(Protocol):
    """What ministack expects of the module of a service."""

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
    ) -> Answer:
        """Answers one request, in the context of its account and Region."""

    def reset(self) -> None:
        """Forgets everything."""

    def get_state(self) -> dict[str, Any]:
        """What a snapshot keeps."""

    def load_persisted_state(self, data: dict[str, Any]) -> None:
        """Continues with what `get_state` gave."""


def register(modelled: ModelledService, service: ServiceModule, resources: Callable[..., str] | None = None) -> None:
    """Puts a service under the name by which its requests are signed.

    `resources(method, path, headers, body, query, region, account)` gives the ARN that policies are asked about; `*`
    without it, as for actions that know no resources.
    """
    metadata = model_of(modelled.name).metadata
    name = metadata.get("signingName", metadata["endpointPrefix"])
    patterns: dict[str, Any] = {"host_patterns": [rf"^{name}\."], "credential_scope": name}
    if "targetPrefix" in metadata:
        patterns["target_prefixes"] = [f"{metadata['targetPrefix']}."]
    router.SERVICE_PATTERNS[name] = patterns
    app.SERVICE_REGISTRY[name] = {"module": name}
    app.SERVICE_HANDLERS[name] = service.handle_request
    app._state_map[name] = name
    app._loaded_modules[name] = service
    iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = name
    iam_actions._BOTOCORE_SERVICE_MAP[name] = [modelled.name]
    operations.RESOLVERS[name] = partial(_operation, modelled)
    if resources is not None:
        policy_resources.name_resources(partial(_resource, name, resources))


def _operation(
    modelled: ModelledService,
    method: str,
    path: str,
    headers: Mapping[str, str],
    query: Mapping[str, list[str]],
) -> str:
    """Name of the operation; method and path when it is none of the service's."""
    try:
        return modelled.read(Message(method, path, dict(query), dict(headers)))[0]
    except ApiError:
        return f"{method} {path}"


def _resource(name: str, resources: Callable[..., str], asked: Asked) -> str | None:
    if asked.service != name:
        return None
    return resources(asked.method, asked.path, asked.headers, asked.body, asked.parameters, asked.region, asked.account)
