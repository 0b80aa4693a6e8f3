"""Large plans: inside the quotas, with a short history, whatever gets lost."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.virtual.recovery.system import VirtualRecovery
from tests.properties.disaster_recovery import plans
from tests.properties.disaster_recovery.promises import Promises
from tests.properties.disaster_recovery.runs import items_of

SERVERS, WAVES = 500, 10
MOST_EVENTS = 400


def large_run(servers: int = SERVERS, **quotas: int) -> tuple[VirtualRecovery, Promises, str]:
    cloud = VirtualRecovery(plans.inventory(servers, **quotas), seed=3)
    promises = Promises(cloud, lambda: items_of(cloud.peek))
    execution = cloud.start(plans.simple(*[servers // WAVES] * WAVES))
    return cloud, promises, execution.execution_id


def finish(cloud: VirtualRecovery, promises: Promises, execution_id: str) -> list[dict[str, Any]]:
    """Runs to the end, which must be COMPLETED with no promise broken; the events of the machine's history."""
    with cloud:
        assert cloud.run(hours=24)
        execution = cloud.peek.execution(execution_id)
        assert execution is not None
        assert (execution.status, execution.counts.launched) == ("COMPLETED", execution.counts.servers)
        cloud.run(hours=0.2, finished=lambda: False)
        assert promises.at_the_end() == []
        (run,) = cloud.machine.runs.values()
        return run.events


@pytest.mark.parametrize("lost", [False, True], ids=["with events", "every event lost"])
def test_five_hundred_servers_in_ten_waves(lost: bool) -> None:
    """Given 500 servers in 10 waves, when they are drilled, then quotas are kept and the history stays short."""
    cloud, promises, execution_id = large_run()
    if lost:
        cloud.account.inject({"action": {"type": "lose_event"}})
    events = finish(cloud, promises, execution_id)
    assert len(events) < MOST_EVENTS


def test_waves_larger_than_the_quotas_queue() -> None:
    """Given an account with room for 3 jobs of 4 servers, when waves are larger, then their servers take turns."""
    cloud, promises, execution_id = large_run(200, concurrentJobs=3, serversPerJob=4, serversInAllJobs=10)
    events = finish(cloud, promises, execution_id)
    assert len(promises.jobs) >= 200 / 4
    assert len(events) < 25_000
