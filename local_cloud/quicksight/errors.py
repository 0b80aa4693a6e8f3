"""The errors of QuickSight's model with their HTTP statuses."""

from __future__ import annotations

from http import HTTPStatus

from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.models import model_of

_STATUSES: dict[str, int] = {}


def refusal(code: str, message: str) -> ApiError:
    """The error, such as `refusal("ConflictException", …)`."""
    if not _STATUSES:
        for shape in model_of("quicksight").error_shapes:
            _STATUSES[shape.name] = shape.metadata.get("error", {}).get("httpStatusCode", HTTPStatus.BAD_REQUEST)
    return ApiError(code, message, _STATUSES.get(code, HTTPStatus.BAD_REQUEST))


def missing(what: str) -> ApiError:
    """Something is not there."""
    return refusal("ResourceNotFoundException", f"{what} does not exist")


def invalid(message: str) -> ApiError:
    """A value that the model allows and the service does not."""
    return refusal("InvalidParameterValueException", message)
