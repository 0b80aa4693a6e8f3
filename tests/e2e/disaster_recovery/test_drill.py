"""A drill from its start to the end of its instances, as the people of a recovery team see it."""

from __future__ import annotations

from tests.e2e.disaster_recovery.recoveries import Recoveries


def test_a_drill_in_three_waves_with_a_pause_and_an_end(recoveries: Recoveries) -> None:
    # Given databases, applications and web servers, the last of which wait for a person
    databases, applications, web = recoveries.servers(2), recoveries.servers(3), recoveries.servers(2)
    plan = recoveries.plan(
        {"name": "databases", "servers": databases},
        {"name": "applications", "servers": applications},
        {"name": "web", "servers": web, "pauseBeforeWave": True, "pause": {"requireComment": True}},
        objectives={"rtoSeconds": 3600, "rpoSeconds": 600},
    )

    # When it is started, runs up to the pause, and somebody goes on
    drill = recoveries.start(plan)
    paused = recoveries.wait(drill, "PAUSED")
    assert paused["pause"]["reason"] == "PAUSE_BEFORE_WAVE"
    assert paused["pause"]["waveNumber"] == 3
    assert recoveries.jobs(*web) == []
    assert recoveries.command(drill, "resume").status == 400  # without a comment
    assert recoveries.command(drill, "resume", {"comment": "databases look good"}).status == 202
    ended = recoveries.wait(drill)

    # Then every server launched, wave by wave
    assert ended["status"] == "COMPLETED"
    assert ended["counts"] == {"servers": 7, "launched": 7, "failed": 0}
    assert [wave["waveStatus"] for wave in ended["waves"]] == ["COMPLETED"] * 3
    assert {each["sourceServerId"] for each in recoveries.launched(drill)} == {*databases, *applications, *web}
    recoveries.check(drill)

    # And the evidence says who decided, and what was achieved
    answer = recoveries.api("GET", f"/executions/{drill}/evidence")
    assert answer.status == 200
    assert "databases look good" in str(answer.body)
    page = recoveries.api("GET", f"/executions/{drill}/evidence?format=html")
    assert page.headers["content-type"].startswith("text/html")
    assert "databases look good" in page.text

    # And terminating ends the instances, and says so only when DRS has done it
    assert recoveries.command(drill, "terminate-instances", {}, person="driller").status == 403
    assert recoveries.command(drill, "terminate-instances").status == 202
    recoveries.eventually(
        lambda: recoveries.execution(drill)["instancesTerminated"], "termination", between=recoveries.tick
    )
    left = recoveries.cloud.client("drs").describe_recovery_instances(
        filters={"sourceServerIDs": [*databases, *applications, *web]}
    )
    assert left["items"] == []
    assert recoveries.command(drill, "terminate-instances").status in (400, 409)


def test_the_timeline_tells_each_step_in_order(recoveries: Recoveries) -> None:
    # Given a plan of one wave that has run
    drill = recoveries.start(recoveries.plan(recoveries.servers(1)))
    recoveries.wait(drill)

    # Then its events are numbered without a gap, and name who did what
    events = recoveries.timeline(drill)
    assert [event["number"] for event in events] == list(range(events[0]["number"], events[0]["number"] + len(events)))
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    assert "chief" in str(events[0]["actor"])
