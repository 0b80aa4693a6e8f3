"""Groups, plans and reports: what a team keeps, and what it asks before it starts anything."""

from __future__ import annotations

import uuid

from tests.e2e.disaster_recovery.recoveries import Recoveries


def test_a_group_is_previewed_stored_used_and_removed(recoveries: Recoveries) -> None:
    # Given a group of two servers
    servers = recoveries.servers(2)
    selection = {"sourceServerIds": servers}
    preview = recoveries.api("POST", "/protection-groups/preview", {"selection": selection})
    assert preview.status == 200
    assert all(server in preview.text for server in servers)
    name = f"group {uuid.uuid4().hex}"
    settings = {"launchDisposition": "STARTED", "copyTags": True}
    group = recoveries.api(
        "POST", "/protection-groups", {"name": name, "selection": selection, "launchSettings": settings}
    ).body
    assert recoveries.api("POST", "/protection-groups", {"name": name, "selection": selection}).status == 409

    # When its launch settings are put into force and a plan of it runs
    path = f"/protection-groups/{group['groupId']}"
    assert recoveries.api("POST", f"{path}/apply-launch-settings", {}).status == 200
    launch = recoveries.cloud.client("drs").get_launch_configuration(sourceServerID=servers[0])
    assert launch["copyTags"] is True
    waves = [{"name": "all", "protectionGroupId": group["groupId"]}]
    plan = recoveries.api("POST", "/recovery-plans", {"name": f"of {name}", "waves": waves}).body
    drill = recoveries.start(plan)
    ended = recoveries.wait(drill)

    # Then both launched; and the group stays as long as a plan names it
    assert ended["counts"]["launched"] == 2
    version = {"if-match": f'"{group["version"]}"'}
    assert recoveries.api("DELETE", path, headers=version).status == 409
    plan_path = f"/recovery-plans/{plan['planId']}"
    assert recoveries.api("DELETE", plan_path, headers={"if-match": f'"{plan["version"]}"'}).status == 204
    assert recoveries.api("DELETE", path, headers=version).status == 204
    assert recoveries.api("GET", path).status == 404


def test_servers_are_launched_from_the_point_in_time_that_the_plan_names(recoveries: Recoveries) -> None:
    # Given two servers with points in time, of which a plan wants an older one and an exact one
    before, exact = recoveries.servers(2)
    drs = recoveries.cloud.client("drs")
    points = {
        server: sorted(
            drs.describe_recovery_snapshots(sourceServerID=server)["items"], key=lambda item: str(item["timestamp"])
        )
        for server in (before, exact)
    }
    at = str(points[before][2]["timestamp"]).replace("+00:00", "Z")
    named = points[exact][1]["snapshotID"]
    plan = recoveries.plan(
        {"servers": [before], "recoveryPoint": {"mode": "BEFORE", "at": at}},
        {"servers": [{"sourceServerId": exact, "recoverySnapshotId": named}], "recoveryPoint": {"mode": "EXACT"}},
    )

    # When it runs
    drill = recoveries.start(plan)
    assert recoveries.wait(drill)["status"] == "COMPLETED"

    # Then each was launched from that point
    used = {each["sourceServerId"]: each["recoverySnapshotId"] for each in recoveries.servers_of(drill)}
    older = {point["snapshotID"] for point in points[before][:3]}
    assert used[before] in older
    assert used[exact] == named


def test_reports_say_whether_it_would_work_and_how_long_it_would_take(recoveries: Recoveries) -> None:
    plan = recoveries.plan(recoveries.servers(2), {"servers": recoveries.servers(1), "pauseBeforeWave": True})
    path = f"/recovery-plans/{plan['planId']}"

    readiness = recoveries.api("GET", f"{path}/readiness").body
    forecast = recoveries.api("POST", f"{path}/rehearse", {}).body
    inventory = recoveries.api("GET", f"{path}/inventory").body

    assert (readiness["ready"], readiness["counts"]["launchable"]) == (True, 3)
    assert [wave["servers"] for wave in forecast["waves"]] == [2, 1]
    seconds = forecast["rto"]["seconds"]
    assert 0 < seconds["min"] <= seconds["median"] <= seconds["worst"]
    assert [pause["waveNumber"] for pause in forecast["pauses"]] == [2]
    assert len(inventory["servers"]) == 3


def test_a_drill_s_instances_end_when_their_time_is_over(recoveries: Recoveries) -> None:
    # Given a drill whose instances may live for five minutes, the shortest there is
    servers = recoveries.servers(1)
    drill = recoveries.start(recoveries.plan(servers, drillTtlSeconds=300))
    recoveries.wait(drill)
    assert recoveries.execution(drill)["termination"]

    # When these are over
    recoveries.rewind(drill, "TERMINATION#01", "notBefore")
    recoveries.rewind(drill, "EXECUTION", "drillExpiresAt")
    recoveries.eventually(
        lambda: recoveries.execution(drill)["instancesTerminated"], "termination", between=recoveries.tick
    )

    # Then DRS has none of them any more
    left = recoveries.cloud.client("drs").describe_recovery_instances(filters={"sourceServerIDs": servers})
    assert left["items"] == []


def test_the_job_log_of_drs_is_shown(recoveries: Recoveries) -> None:
    drill = recoveries.start(recoveries.plan(recoveries.servers(1)))
    recoveries.wait(drill)
    entries = recoveries.api("GET", f"/executions/{drill}/job-log").body["items"]
    assert "JOB_START" in str(entries[0])
    assert "JOB_END" in str(entries[-1])
