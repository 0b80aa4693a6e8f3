"""Five hundred servers in ten waves: inside of the quotas, and a history that leaves room."""

from __future__ import annotations

from tests.e2e.disaster_recovery.recoveries import Recoveries


def test_five_hundred_servers_in_ten_waves(recoveries: Recoveries) -> None:
    # Given ten waves of fifty servers
    waves = [recoveries.servers(50) for _ in range(10)]
    recoveries.drs.clock(1200)

    # When the plan runs
    drill = recoveries.start(recoveries.plan(*waves))
    ended = recoveries.wait(drill, seconds=300)

    # Then everything launched, a job a wave, and the history is far from its end
    assert ended["status"] == "COMPLETED"
    assert ended["counts"]["launched"] == 500
    jobs = recoveries.jobs(*[server for wave in waves for server in wave])
    assert len(jobs) == 10
    assert all(len(job["participatingServers"]) <= 100 for job in jobs)
    assert len(recoveries.history(drill)) < 400
    recoveries.check(drill)
