"""The service models that botocore ships."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session

from local_cloud.aws_models.errors import AnswerBreaksModel, ApiError
from shared.model_checks import Deviations, problems


@cache
def model_of(service: str) -> Any:
    """botocore's model of a service, by its client name."""
    return botocore.session.get_session().get_service_model(service)


def check_request(
    service: str, operation: str, parameters: Mapping[str, Any], deviations: Deviations | None = None
) -> None:
    """Raises ApiError ValidationException (400) that names everything the model does not allow."""
    shape = model_of(service).operation_model(operation).input_shape
    found = list(problems(shape, parameters, deviations=deviations)) if shape is not None else []
    if found:
        fields = [{"name": each.split(" ", 1)[0], "message": each} for each in found]
        raise ApiError("ValidationException", "; ".join(found), fieldList=fields, reason="fieldValidationFailed")


def check_answer(service: str, operation: str, answer: Mapping[str, Any], deviations: Deviations | None = None) -> None:
    """Raises AnswerBreaksModel when a simulator answers what the model does not allow."""
    shape = model_of(service).operation_model(operation).output_shape
    found = list(problems(shape, answer, deviations=deviations)) if shape is not None else []
    if found:
        raise AnswerBreaksModel(f"{service}:{operation}: {'; '.join(found)}")
