"""boto3 clients without a network: parameters are checked against the service's model, then a Python object answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ParamValidationError, ReadTimeoutError
from botocore.validate import ParamValidator

from local_cloud.aws_models.errors import ApiError, LostResponse
from local_cloud.virtual.traffic import Traffic

REGION = "eu-west-1"


class Service(Protocol):
    """Answers API operations by name; raises ApiError, or LostResponse for an answer that never comes."""

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]: ...


def real(service: str, attempts: int = 1, region: str = REGION) -> Any:
    """A real client that leads nowhere until something answers for it."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="virtual",
        aws_secret_access_key="virtual",
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}, parameter_validation=True),
    )


def plain(name: str, service: Service, region: str = REGION) -> Any:
    """A client of the service `name` whose calls `service` answers, without taking time."""
    client = _twin(_real_once(name, region))

    def make_call(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        model = client.meta.service_model.operation_model(operation)
        if model.input_shape is not None:
            report = ParamValidator().validate(parameters, model.input_shape)
            if report.has_errors():
                raise ParamValidationError(report=report.generate_report())
        return _answer(client, operation, lambda: service.call(operation, parameters))

    client._make_api_call = make_call
    return client


@cache
def _real_once(name: str, region: str) -> Any:
    return real(name, region=region)


def _twin(client: Any) -> Any:
    """A client that shares everything with another one, but can be made to call somebody else: made in no time."""
    twin = object.__new__(type(client))
    vars(twin).update(vars(client))
    return twin


def answered_by(name: str, service: Service, traffic: Traffic, region: str = REGION) -> Any:
    """A client of the service `name` whose calls `service` answers, with its calls in the traffic."""
    return watched(name, plain(name, service, region), traffic)


def watched(name: str, client: Any, traffic: Traffic) -> Any:
    """A client that somebody else answers for (the DRS simulator, moto), with its calls in the traffic."""
    client._make_api_call = _watched(name, client._make_api_call, traffic)
    return client


def _watched(
    name: str, make_call: Callable[[str, dict[str, Any]], dict[str, Any]], traffic: Traffic
) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    def call(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = traffic.through(name, operation, parameters, lambda: make_call(operation, parameters))
        return answer

    return call


def _answer(client: Any, operation: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        answer = ask()
    except LostResponse:
        raise ReadTimeoutError(endpoint_url=client.meta.endpoint_url) from None
    except ApiError as error:
        response = {
            "Error": {"Code": error.code, "Message": error.message},
            "ResponseMetadata": {"HTTPStatusCode": error.status, "RequestId": "virtual"},
            **error.members,
        }
        raise client.exceptions.from_code(error.code)(response, operation) from None
    return {**answer, "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": "virtual", "RetryAttempts": 0}}
