"""Who may do what over the API, and what the API does with requests it cannot take."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.e2e.disaster_recovery.recoveries import Recoveries


def test_nobody_gets_in_without_a_token(recoveries: Recoveries) -> None:
    assert recoveries.api("GET", "/executions", person="").status == 401
    forged = {"authorization": f"Bearer {recoveries.token('viewer')[:-4]}AAAA"}
    assert recoveries.api("GET", "/executions", person="", headers=forged).status == 401


@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        ("viewer", set()),
        ("driller", {"drill"}),
        ("recoverer", {"plan", "drill", "recovery"}),
        ("cleaner", {"terminate"}),
    ],
)
def test_a_group_may_do_what_its_permissions_say(recoveries: Recoveries, person: str, allowed: set[str]) -> None:
    # Given a plan, and a drill of it that has ended
    plan = recoveries.plan(recoveries.servers(1))
    drill = recoveries.start(plan)
    recoveries.wait(drill)
    new = {"name": f"of {person} {uuid.uuid4().hex}", "waves": recoveries.waves(recoveries.servers(1))}
    starts = {"planId": plan["planId"], "type": "DRILL"}

    # When a member of the group tries everything
    tried = {
        "plan": recoveries.api("POST", "/recovery-plans", new, person=person),
        "terminate": recoveries.command(drill, "terminate-instances", person=person),
        "drill": recoveries.api("POST", "/executions", starts, person=person),
    }
    if "drill" in allowed:
        recoveries.wait(tried["drill"].body["executionId"])
    recovery = {"planId": plan["planId"], "type": "RECOVERY", "confirm": plan["name"]}
    tried["recovery"] = recoveries.api("POST", "/executions", recovery, person=person)
    if "recovery" in allowed:
        recoveries.wait(tried["recovery"].body["executionId"])

    # Then what is allowed works, and what is not names the permission that is missing
    assert {name for name, answer in tried.items() if answer.status < 300} == allowed
    refused = {name: answer for name, answer in tried.items() if name not in allowed}
    assert {name for name, answer in refused.items() if answer.status != 403} == set()
    assert recoveries.api("GET", f"/executions/{drill}", person=person).status == 200


def test_a_drill_s_starter_cannot_control_a_recovery(recoveries: Recoveries) -> None:
    plan = recoveries.plan({"servers": recoveries.servers(1), "pauseBeforeWave": True})
    recovery = recoveries.start(plan, "RECOVERY")
    recoveries.wait(recovery, "PAUSED")
    assert recoveries.command(recovery, "resume", person="driller").status == 403
    assert recoveries.command(recovery, "resume", person="recoverer").status == 202
    recoveries.wait(recovery)


def test_a_pause_for_one_group_is_not_ended_by_another(recoveries: Recoveries) -> None:
    pause = {"approverGroup": "dr-recover", "requireComment": True}
    plan = recoveries.plan({"servers": recoveries.servers(1), "pauseBeforeWave": True, "pause": pause})
    drill = recoveries.start(plan)
    recoveries.wait(drill, "PAUSED")
    assert recoveries.command(drill, "resume", {"comment": "fine"}, person="driller").status == 403
    assert recoveries.command(drill, "resume", {"comment": "fine"}, person="recoverer").status == 202
    recoveries.wait(drill)


def test_a_start_that_is_repeated_starts_once(recoveries: Recoveries) -> None:
    plan = recoveries.plan(recoveries.servers(1))
    key = {"idempotency-key": uuid.uuid4().hex}
    body = {"planId": plan["planId"], "type": "DRILL"}
    answers = [recoveries.api("POST", "/executions", body, headers=key) for _ in range(3)]
    assert len({answer.body["executionId"] for answer in answers}) == 1
    recoveries.wait(answers[0].body["executionId"])


def test_a_stale_version_of_a_plan_is_refused(recoveries: Recoveries) -> None:
    plan = recoveries.plan(recoveries.servers(1))
    document = {"name": plan["name"], "waves": recoveries.waves(recoveries.servers(1))}
    path = f"/recovery-plans/{plan['planId']}"
    assert recoveries.api("PUT", path, document).status == 428
    current = {"if-match": f'"{plan["version"]}"'}
    assert recoveries.api("PUT", path, document, headers=current).status == 200
    assert recoveries.api("PUT", path, document, headers=current).status == 409


def test_what_cannot_be_read_is_told_kindly(recoveries: Recoveries) -> None:
    assert recoveries.api("GET", "/recovery-plans/rp-aaaaaaaaaaaaaaaaaaaa").status == 404
    assert recoveries.api("GET", "/nonsense").status == 404
    assert recoveries.api("POST", "/recovery-plans", {"name": "x", "surprise": 1}).status == 400
    assert recoveries.api("GET", "/executions?cursor=made-up").status == 400


def test_lists_come_in_pages(recoveries: Recoveries) -> None:
    plans = {recoveries.plan(recoveries.servers(1))["planId"] for _ in range(3)}
    found, cursor = set(), ""
    while True:
        answer = recoveries.api("GET", f"/recovery-plans?limit=2{cursor}")
        assert answer.status == 200
        found |= {plan["planId"] for plan in answer.body["items"]}
        if not answer.body.get("nextCursor"):
            break
        cursor = f"&cursor={answer.body['nextCursor']}"
    assert plans <= found


def test_the_api_is_also_spoken_straight_over_aws_credentials(recoveries: Recoveries) -> None:
    request = {"method": "GET", "path": "/executions", "query": {}, "headers": {}, "principal": "somebody"}
    answer = recoveries.functions.invoke(
        FunctionName=recoveries.system["function_names"]["api-handler"], Payload=json.dumps({"towpath": request})
    )
    assert json.loads(answer["Payload"].read())["statusCode"] == 200
