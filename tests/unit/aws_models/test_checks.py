"""Values against shapes of real service models: what is wrong is named with its path."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.models import check_request, model_of
from shared.model_checks import problems

SERVER = "s-" + "0" * 17


def wrong(service: str, operation: str, value: Any) -> list[str]:
    return list(problems(model_of(service).operation_model(operation).input_shape, value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"sourceServers": [{"sourceServerID": SERVER}], "isDrill": True, "tags": {"a": "b"}}, []),
        ({}, ["sourceServers is required"]),
        ({"sourceServers": None}, ["sourceServers is required"]),
        ({"sourceServers": []}, ["length of sourceServers must be at least 1, not 0"]),
        ({"sourceServers": {}}, ["sourceServers must be a list, not dict"]),
        ({"sourceServers": [{}]}, ["sourceServers[0].sourceServerID is required"]),
        (
            {"sourceServers": [{"sourceServerID": SERVER}], "isDrill": "yes"},
            ["isDrill must be a boolean, not str"],
        ),
        ({"sourceServers": [{"sourceServerID": SERVER}], "colour": 1}, ["colour is unknown"]),
        (
            {"sourceServers": [{"sourceServerID": SERVER}], "tags": {"a": 1}},
            ["tags.a must be a string, not int"],
        ),
        (
            {"sourceServers": [{"sourceServerID": SERVER}], "tags": {"a": "x" * 257}},
            ["length of tags.a must be at most 256, not 257"],
        ),
        (
            {"sourceServers": [{"sourceServerID": "x-" + "0" * 17}]},
            [f"sourceServers[0].sourceServerID must match s-[0-9a-zA-Z]{{17}}, not 'x-{'0' * 17}'"],
        ),
    ],
)
def test_what_is_wrong_is_named(value: Any, expected: list[str]) -> None:
    assert wrong("drs", "StartRecovery", value) == expected


def test_everything_that_is_wrong_is_named() -> None:
    found = wrong("drs", "StartRecovery", {"sourceServers": [{"sourceServerID": "short"}] * 201})

    assert len(found) == 1 + 2 * 201


def test_numbers_have_bounds_and_are_no_booleans() -> None:
    assert wrong("drs", "DescribeJobs", {"maxResults": 0}) == ["maxResults must be at least 1, not 0"]
    assert wrong("drs", "DescribeJobs", {"maxResults": True}) == ["maxResults must be a integer, not bool"]


def test_enumerations_are_closed_unless_a_deviation_is_known() -> None:
    shape = model_of("drs").shape_for("JobLogEvent")

    assert list(problems(shape, "LAUNCH_END", "event"))[0].startswith("event must be one of JOB_START")
    assert list(problems(shape, "LAUNCH_END", "event", {"JobLogEvent": lambda text: text == "LAUNCH_END"})) == []


def test_a_pattern_holds_for_the_whole_value() -> None:
    assert wrong("drs", "DescribeJobs", {"filters": {"fromDate": "2026-01-02T03:04:05Z\n"}})


def test_a_union_has_one_member() -> None:
    shape = model_of("drs").shape_for("ParticipatingResourceID")

    assert list(problems(shape, {}, "it")) == ["it must have exactly one of sourceNetworkID"]


def test_times_are_times() -> None:
    shape = model_of("quicksight").shape_for("Timestamp")

    assert list(problems(shape, datetime.now(UTC))) == []
    assert list(problems(shape, "yesterday")) == ["the value must be a timestamp, not str"]


def test_a_refused_request_lists_its_fields() -> None:
    with pytest.raises(ApiError) as refused:
        check_request("drs", "DescribeJobs", {"maxResults": 0})

    assert (refused.value.code, refused.value.status) == ("ValidationException", 400)
    assert refused.value.members["reason"] == "fieldValidationFailed"
    assert refused.value.members["fieldList"][0]["message"] == "maxResults must be at least 1, not 0"
