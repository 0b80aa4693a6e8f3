"""API calls of a state machine, made through our own port under the machine's role.

Names follow the AWS SDKs that Step Functions uses: members in PascalCase, `aws-sdk:*` errors as
`DynamoDb.ConditionalCheckFailedException` (SDK for Java 2), optimized integrations as
`DynamoDB.ConditionalCheckFailedException` and `DynamoDB.AmazonDynamoDBException` for what the service does not model
(SDK for Java 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import botocore
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.model import Shape

from local_cloud import aws_client
from local_cloud.engines.states_errors import ExecutionError, Json

if TYPE_CHECKING:
    from local_cloud.engines.states_model import Execution

# Services that the AWS SDK for Java calls otherwise than botocore does.
_BOTOCORE_NAMES = {
    "applicationautoscaling": "application-autoscaling",
    "cloudwatchlogs": "logs",
    "costexplorer": "ce",
    "elasticloadbalancingv2": "elbv2",
    "eventbridge": "events",
    "rdsdata": "rds-data",
    "servicequotas": "service-quotas",
    "sfn": "stepfunctions",
}
_JAVA_ATTRIBUTE_VALUE = {"SS": "Ss", "NS": "Ns", "BS": "Bs", "BOOL": "Bool", "NULL": "Nul"}
_ACRONYM = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]{2,}")


@dataclass(frozen=True)
class Naming:
    """How errors are called: `prefix.Name`, and `prefix.base` for errors that the service does not model."""

    prefix: str
    base: str
    optimized: bool


def sdk_naming(service_id: str) -> Naming:
    """The naming of `aws-sdk:*` for a service, from its service id ("DynamoDB", "CloudWatch Logs")."""
    words = "".join(word[:1].upper() + word[1:] for word in service_id.split())
    prefix = _ACRONYM.sub(lambda found: found[0].capitalize(), words)
    return Naming(prefix, f"{prefix}Exception", optimized=False)


def call(execution: Execution, service: str, action: str, arguments: Json, naming: Naming | None = None) -> Json:
    """Calls one API action; returns its result with members in PascalCase.

    Without `naming` this is an `aws-sdk:*` call. Raises ExecutionError with the name that AWS gives the failure.
    """
    botocore_name = _BOTOCORE_NAMES.get(service.lower(), service.lower())
    client = aws_client.client(botocore_name, execution.role_arn, execution.machine_name)
    model = client.meta.service_model
    named = naming or sdk_naming(model.service_id)
    operation = f"{action[:1].upper()}{action[1:]}"
    if operation not in model.operation_names:
        raise ExecutionError("States.Runtime", f"{service} has no action {action}")
    shapes = model.operation_model(operation)
    request = _Members(named).to_api(shapes.input_shape, arguments or {}) if shapes.input_shape else {}
    try:
        answer = getattr(client, botocore.xform_name(operation))(**request)
    except ParamValidationError as error:
        raise ExecutionError("States.Runtime", str(error)) from error
    except ClientError as error:
        raise _service_error(error, model, named) from error
    except BotoCoreError as error:
        raise ExecutionError(f"{named.prefix}.SdkClientException", str(error)) from error
    answer.pop("ResponseMetadata", None)
    return _Members(named).from_api(shapes.output_shape, answer) if shapes.output_shape else {}


def _service_error(error: ClientError, model: Any, naming: Naming) -> ExecutionError:
    detail, meta = error.response["Error"], error.response["ResponseMetadata"]
    code = detail.get("Code", "").split("#")[-1]
    modelled = model.shape_for_error_code(code)
    name = _exception_name(code, modelled, naming)
    status, request = meta.get("HTTPStatusCode"), meta.get("RequestId")
    if naming.optimized:
        origin = f"(Service: {naming.prefix}; Status Code: {status}; Error Code: {code}; Request ID: {request})"
    else:
        origin = f"(Service: {naming.prefix}, Status Code: {status}, Request ID: {request})"
    return ExecutionError(f"{naming.prefix}.{name}", f"{detail.get('Message', '')} {origin}")


def _exception_name(code: str, modelled: Shape | None, naming: Naming) -> str:
    if modelled is None:
        return naming.base
    name = re.sub(r"(Exception|Fault)$", "", modelled.name)
    return f"{name[:1].upper()}{name[1:]}Exception"


class _Members:
    """Translates member names and values between the state language and the API model."""

    def __init__(self, naming: Naming) -> None:
        self._java = not naming.optimized

    def to_api(self, shape: Shape, value: Json) -> Any:
        if shape.type_name == "structure":
            return self._structure_to_api(shape, value)
        if shape.type_name == "list" and isinstance(value, list):
            return [self.to_api(shape.member, entry) for entry in value]
        if shape.type_name == "map" and isinstance(value, dict):
            return {name: self.to_api(shape.value, entry) for name, entry in value.items()}
        if shape.type_name == "blob" and isinstance(value, str):
            return value.encode()
        return value

    def _structure_to_api(self, shape: Shape, value: Json) -> Any:
        if not isinstance(value, dict):
            return value
        known = {self._pascal(shape, name): name for name in shape.members}
        request = {}
        for name, entry in value.items():
            if name not in known:
                raise ExecutionError("States.Runtime", f"The field '{name}' is not supported by Step Functions")
            member = shape.members[known[name]]
            if member.type_name == "string" and not isinstance(entry, str):
                raise ExecutionError("States.Runtime", f"The value for the field '{name}' must be a STRING")
            request[known[name]] = self.to_api(member, entry)
        return request

    def from_api(self, shape: Shape, value: Any) -> Json:
        if shape.type_name == "structure" and isinstance(value, dict):
            members = {name: entry for name, entry in value.items() if name in shape.members}
            return {self._pascal(shape, name): self.from_api(shape.members[name], members[name]) for name in members}
        if shape.type_name == "list":
            return [self.from_api(shape.member, entry) for entry in value]
        if shape.type_name == "map":
            return {name: self.from_api(shape.value, entry) for name, entry in value.items()}
        if shape.type_name == "blob":
            data = value.read() if hasattr(value, "read") else value
            return data.decode(errors="replace")
        return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value

    def _pascal(self, shape: Shape, name: str) -> str:
        if self._java and shape.name == "AttributeValue":
            return _JAVA_ATTRIBUTE_VALUE.get(name, name)
        return name[:1].upper() + name[1:]
