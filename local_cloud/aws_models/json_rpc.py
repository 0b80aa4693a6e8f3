"""The protocol `json`: one path, the operation in the header X-Amz-Target."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.message import Answer, Message
from local_cloud.aws_models.rest_json import decoded
from local_cloud.aws_models.values import from_json, to_json


class JsonRpc:
    """Requests and answers of one service."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._content_type = f"application/x-amz-json-{model.metadata['jsonVersion']}"

    def read(self, message: Message) -> tuple[Any, dict[str, Any]]:
        """The operation's model and its parameters. Raises ApiError for what is no request of this service."""
        prefix, _, name = message.headers.get("x-amz-target", "").rpartition(".")
        if prefix != self.model.metadata["targetPrefix"] or name not in self.model.operation_names:
            raise ApiError("UnknownOperationException", f"no operation {prefix}.{name}")
        operation, body = self.model.operation_model(name), decoded(message.body)
        return operation, from_json(operation.input_shape, body) if operation.input_shape is not None else {}

    def write(self, operation: Any, values: dict[str, Any]) -> Answer:
        """The answer of an operation."""
        body = to_json(operation.output_shape, values) if operation.output_shape is not None else {}
        return HTTPStatus.OK, {"Content-Type": self._content_type}, json.dumps(body).encode()

    def refuse(self, error: ApiError) -> Answer:
        """An error's answer."""
        headers = {"Content-Type": self._content_type, "x-amzn-errortype": error.code}
        body = {"__type": error.code, "message": error.message, **error.members}
        return error.status, headers, json.dumps(body).encode()
