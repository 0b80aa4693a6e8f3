"""A service that speaks the protocol of its model: HTTP in, HTTP out, an implementation between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Protocol

from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.json_rpc import JsonRpc
from local_cloud.aws_models.message import Answer, Message
from local_cloud.aws_models.models import check_answer, check_request, model_of
from local_cloud.aws_models.rest_json import RestJson

_PROTOCOLS: dict[str, Callable[[Any], RestJson | JsonRpc]] = {"rest-json": RestJson, "json": JsonRpc}


class Implementation(Protocol):
    """What carries the calls out. It checks requests and answers itself; `Checked` does that for plain functions."""

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        """The answer in the shape that boto3 gives. Raises ApiError to refuse, LostResponse after the fact."""


class ModelledService:
    """One service of botocore's, by its client name."""

    def __init__(self, name: str, implementation: Implementation) -> None:
        self.name, self.implementation = name, implementation
        model = model_of(name)
        self._protocol = _PROTOCOLS[model.metadata["protocol"]](model)

    def read(self, message: Message) -> tuple[str, dict[str, Any]]:
        """Which operation a request is for, and its parameters, unchecked. Raises ApiError when there is none."""
        operation, parameters = self._protocol.read(message)
        return operation.name, parameters

    def refuse(self, error: ApiError) -> Answer:
        """The HTTP answer that says an error."""
        return self._protocol.refuse(error)

    def answer(self, message: Message, principal: str = "") -> Answer:
        """The HTTP answer to a request. Raises LostResponse when nothing is to arrive."""
        try:
            operation, parameters = self._protocol.read(message)
            return self._protocol.write(operation, self.implementation.call(operation.name, parameters, principal))
        except ApiError as error:
            return self._protocol.refuse(error)


Function = Callable[[dict[str, Any], str], dict[str, Any]]
"""Parameters and principal → answer."""


class Checked:
    """An implementation made of functions, each of whose requests and answers is held to the model."""

    def __init__(self, service: str, functions: Mapping[str, Function]) -> None:
        self.service, self.functions = service, functions

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        """See Implementation."""
        check_request(self.service, operation, parameters)
        function = self.functions.get(operation)
        if function is None:
            raise ApiError("NotImplemented", f"{operation} is not simulated", HTTPStatus.NOT_IMPLEMENTED)
        answer = function(dict(parameters), principal)
        check_answer(self.service, operation, answer)
        return answer
