"""QuickSight's errors in our taxonomy (botocore's model of QuickSight, 2018-04-01)."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from shared.aws_errors import CLIENT_FAULT, SERVER_FAULT, classify, error_code, http_status
from shared.errors import TowpathError, ValidationFailed


class EditionUnsupported(TowpathError):
    """The account has no Enterprise edition, which bundles need."""


class LimitExceeded(TowpathError):
    """As many bundle jobs as the account may run are running: ours, or other people's."""

    retriable = True


class Conflict(TowpathError):
    """Something of this id exists or is under way already."""


_KINDS: dict[str, type[TowpathError]] = {
    "UnsupportedUserEditionException": EditionUnsupported,
    "LimitExceededException": LimitExceeded,
    "ConflictException": Conflict,
    "ResourceExistsException": Conflict,
    "InvalidParameterValueException": ValidationFailed,
    "InvalidRequestException": ValidationFailed,
    "InvalidParameterException": ValidationFailed,
    "InvalidNextTokenException": ValidationFailed,
    "UnsupportedPricingPlanException": ValidationFailed,
    "PreconditionNotMetException": ValidationFailed,
    "DomainNotWhitelistedException": ValidationFailed,
    "InvalidDataSetParameterValueException": ValidationFailed,
}


def quicksight_error(error: ClientError | BotoCoreError, doing: str) -> TowpathError:
    """Our error for one of QuickSight; the message says what was being done. The caller raises it."""
    if isinstance(error, ParamValidationError):
        return ValidationFailed(f"{doing}: {error}")
    known = classify(error, doing)
    if isinstance(error, ClientError) and CLIENT_FAULT <= http_status(error) < SERVER_FAULT:
        kind = _KINDS.get(error_code(error))
        return kind(str(known)) if kind else known
    return known
