"""FilterLogEvents: patterns and pages."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud
from tests.integration.local_cloud.resources import unique


def group(cloud: Cloud, *messages: str) -> tuple[Any, str]:
    """A log group with the messages, a millisecond apart, in two streams."""
    logs, name = cloud.client("logs"), unique("/group")
    logs.create_log_group(logGroupName=name)
    now = int(time.time() * 1000) - len(messages)
    for stream in (0, 1):
        logs.create_log_stream(logGroupName=name, logStreamName=f"s{stream}")
        events = [{"timestamp": now + at, "message": text} for at, text in enumerate(messages) if at % 2 == stream]
        logs.put_log_events(logGroupName=name, logStreamName=f"s{stream}", logEvents=events)
    return logs, name


def test_a_pattern_finds_the_lines_of_one_job(cloud: Cloud) -> None:
    # Given lines of two jobs
    logs, name = group(cloud, '{"jobId": "job-1", "n": 1}', '{"jobId": "job-2", "n": 2}', "text of job-1")

    # Then a quoted id finds its own, and a condition what is JSON
    def found(pattern: str) -> list[str]:
        events = logs.filter_log_events(logGroupName=name, filterPattern=pattern)["events"]
        return [event["message"] for event in events]

    assert found('"job-1"') == ['{"jobId": "job-1", "n": 1}', "text of job-1"]
    assert found("{ $.n > 1 }") == ['{"jobId": "job-2", "n": 2}']


def test_what_is_left_comes_on_the_next_page(cloud: Cloud) -> None:
    # Given seven lines of which six fit
    logs, name = group(cloud, *[f"line {n}" for n in range(6)], "other")

    # When they are read two at a time
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=name, filterPattern="line", PaginationConfig={"PageSize": 2}
    )
    read = [[event["message"] for event in page["events"]] for page in pages]

    # Then each comes once, in order
    assert read == [["line 0", "line 1"], ["line 2", "line 3"], ["line 4", "line 5"]]


def test_an_event_is_known_by_its_id_wherever_it_is_found(cloud: Cloud) -> None:
    # Given lines of which two are the same
    logs, name = group(cloud, "line", "other")
    logs.create_log_stream(logGroupName=name, logStreamName="twice")
    now = int(time.time() * 1000)
    twice = [{"timestamp": now, "message": "line"}, {"timestamp": now, "message": "line"}]
    logs.put_log_events(logGroupName=name, logStreamName="twice", logEvents=twice)

    # When they are read as a whole, and one of them again by a pattern
    every = logs.filter_log_events(logGroupName=name)["events"]
    [other] = logs.filter_log_events(logGroupName=name, filterPattern="other")["events"]

    # Then each has an id of its own, and keeps it
    assert len({event["eventId"] for event in every}) == len(every) == 4
    assert other["eventId"] in {event["eventId"] for event in every}


@pytest.mark.parametrize("wrong", [{"filterPattern": "job-1"}, {"nextToken": "of another group"}])
def test_what_cannot_be_read_is_refused(cloud: Cloud, wrong: dict[str, str]) -> None:
    logs, name = group(cloud, "a", "b")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        logs.filter_log_events(logGroupName=name, **wrong)
