"""The error names of the handlers, their codes, and the list the state machine holds of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from file_transfer import errors
from shared.aws_errors import classify, is_ambiguous
from shared.errors import PermissionDenied, Throttled, Timeout, TowpathError, Transient, code_of
from tests.unit.fake_s3 import error

ASL = Path(__file__).parents[3] / "asl" / "file_transfer.asl.json"


def raised_classes() -> list[type[TowpathError]]:
    named = [getattr(errors, name) for name in errors.__all__]
    return [
        each for each in named if isinstance(each, type) and issubclass(each, TowpathError) and each is not TowpathError
    ]


def test_the_state_machine_gives_up_on_the_same_codes() -> None:
    # Given the list in the machine's choice
    (listed,) = re.findall(r"\$not\(reason in \[([^\]]*)\]", ASL.read_text(encoding="utf-8"))
    # Then it is ours
    assert set(re.findall(r"[A-Z_]+", listed)) == errors.PERMANENT_CODES


def test_every_error_is_either_retriable_or_permanent() -> None:
    classes = raised_classes()
    assert len(classes) > 8
    for each in classes:
        assert each.retriable != (each.code in errors.PERMANENT_CODES), each.__name__


def test_the_machine_names_only_errors_that_exist() -> None:
    # Given every error name of ours in a Retry of the machine
    names = set(re.findall(r'"(Throttled|Transient|Timeout|[A-Z]\w+Gone)"', ASL.read_text(encoding="utf-8")))
    assert names <= {each.__name__ for each in raised_classes()}


@pytest.mark.parametrize(
    ("name", "code"),
    [("Transient", "TRANSIENT"), ("PermissionDenied", "PERMISSION_DENIED"), ("LoopGuard", "LOOP_GUARD")],
)
def test_the_code_is_the_name_in_upper_snake(name: str, code: str) -> None:
    assert code_of(name) == code


@pytest.mark.parametrize(
    ("raised", "expected", "ambiguous"),
    [
        (error(503, "SlowDown", "CopyObject"), Throttled, True),
        (error(400, "ThrottlingException", "PutItem"), Throttled, False),
        (error(400, "ProvisionedThroughputExceededException", "PutItem"), Throttled, False),
        (error(403, "AccessDenied", "CopyObject"), PermissionDenied, False),
        (error(403, "403", "HeadObject"), PermissionDenied, False),
        (error(500, "InternalError", "CopyObject"), Transient, True),
        (error(400, "NeverHeardOf", "CopyObject"), Transient, False),
        (error(400, "InvalidRequest", "CopyObject"), errors.ValidationFailed, False),
        (error(404, "NoSuchBucket", "CopyObject"), errors.NotFound, False),
        (ReadTimeoutError(endpoint_url="x"), Timeout, True),
        (ConnectionClosedError(endpoint_url="x"), Transient, True),
        (ConnectTimeoutError(endpoint_url="x"), Transient, False),
        (EndpointConnectionError(endpoint_url="x", error="refused"), Transient, False),
    ],
)
def test_what_botocore_raises_has_a_place(raised: Exception, expected: type[TowpathError], ambiguous: bool) -> None:
    assert type(classify(raised, "a call")) is expected
    assert is_ambiguous(raised) is ambiguous
