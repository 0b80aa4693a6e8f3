"""DRS and its quotas over boto3: pages, errors, deviations of the live service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from disaster_recovery.drs import answers as drs_types
from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.quotas import Quotas, read_quotas
from disaster_recovery.errors import (
    AccountNotInitialized,
    FateUnknown,
    NotFound,
    PermissionDenied,
    QuotaExceeded,
    QuotaUnreadable,
    ServerConflict,
    Throttled,
    TowpathError,
    Transient,
    ValidationFailed,
)
from tests.unit.disaster_recovery.recovery_world import SWITCH, World, server_id


def refused(code: str, status: int, **more: Any) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(answer, "StartRecovery")  # type: ignore[arg-type]


class Raising:
    """A client whose every call ends in this error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def call(**_: Any) -> Any:
            raise self._error

        return call


def start(error: Exception) -> None:
    Drs(Raising(error), Raising(error)).start_recovery([("s-1", None)], is_drill=True, tags={})


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ReadTimeoutError(endpoint_url="x"), FateUnknown),
        (refused("InternalServerException", 500), FateUnknown),
        (refused("ServiceUnavailable", 503), FateUnknown),
        (ConnectTimeoutError(endpoint_url="x"), Transient),
        (refused("ThrottlingException", 429), Throttled),
        (refused("AccessDeniedException", 403), PermissionDenied),
        (refused("ResourceNotFoundException", 404), NotFound),
        (refused("ValidationException", 400), ValidationFailed),
        (refused("UninitializedAccountException", 400), AccountNotInitialized),
        (refused("ConflictException", 409), ServerConflict),
        (refused("ServiceQuotaExceededException", 402), QuotaExceeded),
    ],
)
def test_a_change_is_refused_for_good_or_its_fate_is_unknown(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected) as raised:
        start(error)
    assert type(raised.value) is expected


def test_the_members_that_matter_are_kept() -> None:
    with pytest.raises(ServerConflict) as conflict:
        start(refused("ConflictException", 409, resourceId="s-1"))
    with pytest.raises(QuotaExceeded) as quota:
        start(refused("ServiceQuotaExceededException", 402, quotaCode="L-D88FAC3A"))
    assert (conflict.value.resource_id, quota.value.quota_code) == ("s-1", "L-D88FAC3A")


@pytest.mark.parametrize(
    "error", [refused("InternalServerException", 500), ReadTimeoutError(endpoint_url="x"), refused("Whatever", 400)]
)
def test_a_read_is_never_of_unknown_fate(error: Exception) -> None:
    with pytest.raises(TowpathError) as raised:
        Drs(Raising(error), Raising(error)).jobs(["drsjob-1"])
    assert raised.value.retriable
    assert not isinstance(raised.value, FateUnknown)


def test_every_list_is_read_to_its_last_page() -> None:
    # Given a service that gives one item a page
    world = World(waves=[range(1, 5)], extra_servers=0, quotas={"serversPerJob": 1})
    world.start()
    world.later(3000)
    world.simulator.configure(page_size=1)
    # Then all of each list is there
    assert len(world.drs.jobs_since(world.clock() - timedelta(hours=2))) == 4
    assert len(world.drs.source_servers()) == 4
    assert len(world.drs.source_servers([server_id(1), server_id(2)])) == 2
    assert len(world.drs.recovery_instances()) == 4
    assert len(world.drs.recovery_instances(server_ids=[server_id(3)])) == 1
    job_id = world.jobs()[0]["jobID"]
    log = world.drs.job_log(job_id)
    assert (log[0].event, log[-1].event) == ("JOB_START", "JOB_END")
    assert set(world.drs.jobs([job_id])) == {job_id}


def test_a_page_that_leads_to_itself_is_an_error_not_a_loop() -> None:
    class Stuck:
        def describe_jobs(self, **_: Any) -> Any:
            return {"items": [], "nextToken": "same"}

    with pytest.raises(Transient):
        Drs(Stuck(), Stuck()).jobs_since(datetime.now(UTC))


def test_only_jobs_that_run_are_live() -> None:
    world = World(waves=[(1,)])
    world.start()
    assert len(world.drs.live_jobs(world.clock())) == 1
    world.later(3000)
    assert world.drs.live_jobs(world.clock()) == []


def test_snapshots_come_newest_first() -> None:
    world = World()
    taken = [each.taken_at for each in world.drs.snapshots(server_id(1)) if each.taken_at]
    assert taken == sorted(taken, reverse=True)
    assert taken
    before = taken[0] - timedelta(seconds=1)
    assert all(each.taken_at <= before for each in world.drs.snapshots(server_id(1), until=before) if each.taken_at)


def test_launch_settings_can_be_read_and_set() -> None:
    world = World()
    world.drs.update_launch_configuration(server_id(1), {"copyTags": True})
    assert world.drs.launch_configuration(server_id(1))["copyTags"] is True
    assert SWITCH.calls[-2:] == ["UpdateLaunchConfiguration", "GetLaunchConfiguration"]


@pytest.mark.parametrize(
    "text", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00", "2026-01-02T05:04:05+02:00", "2026-01-02T03:04:05"]
)
def test_times_are_read_in_every_form_the_service_has(text: str) -> None:
    assert drs_types.moment(text) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "yesterday"])
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert drs_types.moment(text) is None


class FakeQuotas:
    """Service Quotas: applied values and defaults by code; missing ones do not exist."""

    def __init__(self, applied: dict[str, float], default: dict[str, float], error: str = "") -> None:
        self._applied, self._default, self._error = applied, default, error

    def get_service_quota(self, ServiceCode: str, QuotaCode: str) -> Any:  # noqa: N803
        return self._answer(self._applied, QuotaCode)

    def get_aws_default_service_quota(self, ServiceCode: str, QuotaCode: str) -> Any:  # noqa: N803
        return self._answer(self._default, QuotaCode)

    def _answer(self, values: dict[str, float], code: str) -> Any:
        if self._error:
            raise refused(self._error, 400)
        if code not in values:
            raise refused("NoSuchResourceException", 400)
        return {"Quota": {"Value": values[code]}}


DEFAULTS = {"L-D88FAC3A": 20.0, "L-B827C881": 100.0, "L-05AFA8C6": 500.0}


def test_the_applied_quota_goes_before_the_default() -> None:
    assert read_quotas(FakeQuotas({"L-D88FAC3A": 7.0}, DEFAULTS)) == Quotas(7, 100, 500)


@pytest.mark.parametrize(
    "quotas",
    [FakeQuotas({}, {}), FakeQuotas({}, DEFAULTS, "AccessDeniedException"), FakeQuotas({}, DEFAULTS, "Throttling")],
)
def test_a_quota_that_is_not_to_be_had_is_not_guessed(quotas: FakeQuotas) -> None:
    with pytest.raises(QuotaUnreadable):
        read_quotas(quotas)
