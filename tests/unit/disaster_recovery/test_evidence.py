"""The evidence pack: what was achieved against what was wanted, who decided, and whether anybody changed it since."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from disaster_recovery.reports.evidence import GENESIS, Run, build, chain, verify
from disaster_recovery.reports.evidence_html import render
from shared.clock import stamp

START = datetime(2026, 1, 2, 3, 0, 0, tzinfo=UTC)
EVIL = "<script>alert('x')</script>"


def at(seconds: float) -> str:
    return stamp(START + timedelta(seconds=seconds))


def event(number: int, seconds: float, kind: str, **more: Any) -> dict[str, Any]:
    return {"revision": number, "at": at(seconds), "kind": kind, "actor": "system", "message": kind.lower(), **more}


def server(number: int, launched: float | None, **more: Any) -> dict[str, Any]:
    made = {
        "waveNumber": number,
        "sourceServerId": f"s-{number}",
        "hostname": f"host-{number}",
        "launchStatus": "LAUNCHED" if launched else "FAILED",
        "startedAt": at(100 * number),
        "record": f"SERVER#{number}",
        "jobId": f"drsjob-{number}",
        "ec2InstanceId": f"i-{number}",
        "lagSeconds": 30,
    }
    return {**made, **({"launchedAt": at(launched)} if launched else {}), **more}


def run(**changes: Any) -> Run:
    """Two waves; a person kept the second waiting for 120 of its 900 seconds."""
    values: dict[str, Any] = {
        "execution": {
            "executionId": "ex-1",
            "type": "DRILL",
            "status": "COMPLETED",
            "planName": "shop",
            "startedBy": "user:alice",
            "startedAt": at(0),
            "endedAt": at(905),
            "stateMachineExecutionArn": "arn:secret",
            "pause": {"token": "secret"},
        },
        "plan": {
            "planHash": "f" * 64,
            "document": {"name": "shop", "objectives": {"rtoSeconds": 900, "rpoSeconds": 60}},
            "record": "PLAN",
        },
        "waves": [
            {"waveNumber": 2, "name": "web", "waveStatus": "COMPLETED", "startedAt": at(320), "lastLaunchAt": at(900)},
            {"waveNumber": 1, "name": "db", "waveStatus": "COMPLETED", "startedAt": at(10), "lastLaunchAt": at(200)},
        ],
        "servers": [server(2, 900), server(1, 200)],
        "events": [
            event(3, 320, "RESUMED", actor="user:bob", data={"next": "START", "comment": "go"}, waveNumber=2),
            event(1, 0, "EXECUTION_STARTED", actor="user:alice"),
            event(2, 200, "PAUSED", data={"reason": "PAUSE_BEFORE_WAVE"}, waveNumber=2),
            event(4, 905, "EXECUTION_ENDED"),
        ],
    }
    return Run(**{**values, **changes})


def pack(**changes: Any) -> dict[str, Any]:
    return build(run(**changes), START + timedelta(hours=1))


def test_times_are_measured_to_the_last_launch_and_waiting_is_told_apart() -> None:
    assert pack()["objectives"]["rto"] == {
        "targetSeconds": 900,
        "achievedSeconds": 900,
        "waitedForPeopleSeconds": 120,
        "withoutWaitingSeconds": 780,
        "met": True,
    }


@pytest.mark.parametrize(
    ("servers", "met"),
    [
        ([server(1, 901)], False),
        ([server(1, 200), server(2, None)], False),
        ([server(1, 899)], True),
        ([server(1, None)], False),
    ],
)
def test_an_objective_is_not_met_by_a_run_that_left_servers_behind(servers: list[Any], met: bool) -> None:
    assert pack(servers=servers)["objectives"]["rto"]["met"] is met


def test_without_objectives_nothing_is_judged() -> None:
    objectives = pack(plan={"document": {"name": "shop"}})["objectives"]
    assert (objectives["rto"]["met"], objectives["rpo"]["met"]) == (None, None)


def test_the_recovery_point_counts_from_the_launch() -> None:
    # Given a server launched from a point of 61 s before, one from the latest data, two of which less is known
    servers = [
        server(1, 200, recoverySnapshotId="pit-1", recoveryPointAt=at(39)),
        server(2, 900, recoveryPointAt=at(205)),
        server(3, 950, lagSeconds=None),
        server(4, 960, lagSeconds=None, recoveryPointAt=at(390)),
    ]
    made = pack(servers=servers)
    assert [each["rpoSeconds"] for each in made["servers"]] == [61, 30, None, 10]
    assert made["objectives"]["rpo"] == {"targetSeconds": 60, "achievedSeconds": 61, "unknownServers": 1, "met": False}


def test_decisions_of_people_are_told_with_the_time_they_took() -> None:
    (approval,) = pack()["approvals"]
    assert approval["waitedSeconds"] == 120
    assert [approval[name] for name in ("reason", "decision", "decidedBy", "comment", "waveNumber")] == [
        "PAUSE_BEFORE_WAVE",
        "START",
        "user:bob",
        "go",
        2,
    ]


def test_a_pause_without_a_decision_waits_still() -> None:
    (approval,) = pack(events=[event(1, 0, "PAUSED", waveNumber=1)])["approvals"]
    assert (approval["decision"], approval["waitedSeconds"]) == (None, None)


def test_nothing_internal_is_in_the_pack() -> None:
    text = json.dumps(pack())
    assert not [word for word in ("secret", '"record"', "SERVER#") if word in text]


def test_a_pack_as_it_was_made_is_sound() -> None:
    made = json.loads(json.dumps(pack()))
    assert verify(made) == []
    assert made["integrity"]["events"] == 4 and made["integrity"]["revisionsWithoutEvent"] == []


def tamper(made: dict[str, Any], how: str) -> None:
    timeline = made["timeline"]
    if how == "change":
        timeline[1]["actor"] = "user:mallory"
    elif how == "remove":
        del timeline[1]
    elif how == "swap":
        timeline[1], timeline[2] = timeline[2], timeline[1]
    elif how == "cut":
        timeline.pop()
    elif how == "rehash":
        timeline[1]["actor"] = "user:mallory"
        made["timeline"] = chain(timeline)
    elif how == "plan":
        made["plan"]["objectives"]["rtoSeconds"] = 9000


@pytest.mark.parametrize("how", ["change", "remove", "swap", "cut", "rehash", "plan"])
def test_what_was_changed_afterwards_shows(how: str) -> None:
    made = pack()
    tamper(made, how)
    assert verify(made) != []


def test_revisions_that_no_event_tells_of_are_named() -> None:
    made = pack(events=[event(1, 0, "EXECUTION_STARTED"), event(4, 9, "EXECUTION_ENDED")])
    assert (made["integrity"]["revisionsWithoutEvent"], verify(made)) == ([2, 3], [])


def test_an_empty_timeline_ends_in_zeros() -> None:
    assert pack(events=[])["integrity"]["head"] == GENESIS
    assert verify(pack(events=[])) == []


# --- the page


class Reader(HTMLParser):
    """Collects tags and whether they are closed in order."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    page = render(pack())
    reader = Reader(page)
    assert reader.open == [] and "script" not in reader.tags
    assert not re.search(r"(src|href)=|url\(|@import|https?://", page)
    text = " ".join(reader.words)
    for wanted in ("Recovery drill of shop", "15 min", "objective 15 min: met", "user:bob", "2 of 2", "i-2", "host-1"):
        assert wanted in text


def test_what_people_wrote_is_escaped() -> None:
    made = pack()
    dirty = copy.deepcopy(made)
    dirty["execution"] |= {"planName": EVIL, "startedBy": EVIL, "errorMessage": EVIL}
    dirty["plan"]["description"] = EVIL
    dirty["waves"][0]["name"] = dirty["servers"][0]["hostname"] = dirty["servers"][0]["errorMessage"] = EVIL
    dirty["approvals"][0] |= {"comment": EVIL, "decidedBy": EVIL}
    dirty["timeline"][0]["message"] = EVIL
    dirty["actions"] = [
        {"name": EVIL, "phase": "PRE", "actionState": "FAILED", "errorMessage": EVIL, "reference": EVIL}
    ]
    dirty["terminations"] = [{"status": "TERMINATING", "requestedBy": EVIL}]
    page = render(dirty)
    assert "<script" not in page and page.count("&lt;script&gt;") >= 12
    assert Reader(page).open == []


def test_a_run_that_launched_nothing_can_be_shown() -> None:
    waves = [{"waveNumber": 1, "name": "db", "waveStatus": "SKIPPED"}]
    page = render(pack(waves=waves, servers=[server(1, None)], events=[]))
    assert "not started" in page and "0 of 1" in page
