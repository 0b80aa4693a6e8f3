"""Alerts: as their schema says, at least once, and never in the way of a job."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quicksight_migration.errors import Transient
from quicksight_migration.notifications import Notifier, flush, publish_arguments
from quicksight_migration.records.job import Job
from shared.schemas import problems
from tests.unit.fake_sns import FakeSns
from tests.unit.quicksight_migration.job_world import BOB, HASH, SOURCE, TARGET, World

TOPIC = "arn:aws:sns:us-east-1:000000000000:alerts"
JOB = Job(job_id="job-1", type="MIGRATION", source_account_id=SOURCE, target_account_id=TARGET, tenant_id="retail")
ALERT = {
    "number": 7,
    "at": "2026-01-02T03:04:05.000000Z",
    "kind": "JOB_FAILED",
    "actor": "machine",
    "status": "FAILED",
    "message": "FAILED at ImportAssets: Käse",
}


def published(world: World) -> list[dict[str, Any]]:
    """What subscribers of the world's alerts would get."""
    job = world.job(str(next(iter(world.machine.runs))).rpartition("-r")[0])
    return [json.loads(publish_arguments(job, alert, TOPIC)["Message"]) for alert in world.alerts]


def test_a_message_can_be_filtered_and_its_subject_is_what_sns_takes() -> None:
    arguments = publish_arguments(JOB, ALERT, TOPIC)
    assert arguments["Subject"] == "[FAILED] job-1: FAILED at ImportAssets: K?se"
    assert {name: each["StringValue"] for name, each in arguments["MessageAttributes"].items()} == {
        "kind": "JOB_FAILED",
        "status": "FAILED",
        "type": "MIGRATION",
        "targetAccountId": TARGET,
        "tenantId": "retail",
    }
    long = publish_arguments(JOB, {**ALERT, "message": "line\nbreak " + "x" * 200}, TOPIC)["Subject"]
    assert len(long) == 99 and long.isascii() and "\n" not in long


def test_every_alert_is_as_its_schema_says() -> None:
    # Given jobs that waited for approval and came to every kind of end
    kinds = set()
    for ending in ("complete", "reject", "cancel", "fail", "roll back"):
        world = World("REQUIRED")
        job = world.start()
        at = world.until(job, "WaitForApproval")
        if ending == "reject":
            world.commands.reject(BOB, job.job_id)
        else:
            world.commands.approve(BOB, job.job_id, HASH)
        at = world.record(job, at)
        if ending == "complete":
            world.complete(job, at)
        if ending == "cancel":
            world.commands.cancel(BOB, job.job_id)
            world.record(job, at)
            world.act("cancelled", job)
        if ending == "fail":
            world.fail(job, at)
        if ending == "roll back":
            world.fail(job, world.until(job, "ImportAssets", at), "ROLLBACK_ERROR", targetState="UNKNOWN")
        told = published(world)
        assert [problems("migration-notification", each) for each in told] == [[], []]
        kinds |= {each["kind"] for each in told}
    assert kinds == {
        "APPROVAL_WANTED",
        "JOB_COMPLETED",
        "JOB_REJECTED",
        "JOB_CANCELLED",
        "JOB_FAILED",
        "JOB_NEEDS_ATTENTION",
    }


def test_an_alert_is_published_to_the_topic_and_nowhere_without_one() -> None:
    sns = FakeSns()
    Notifier(sns, TOPIC)(JOB, ALERT)
    Notifier(sns, "")(JOB, ALERT)
    assert [json.loads(each["Message"])["jobId"] for each in sns.published] == ["job-1"]


def test_a_topic_that_refuses_is_an_error_of_the_taxonomy() -> None:
    sns = FakeSns()
    sns.refusals = 1
    with pytest.raises(Transient):
        Notifier(sns, TOPIC)(JOB, ALERT)


def test_an_alert_that_somebody_adds_meanwhile_is_not_lost() -> None:
    # Given a job with an alert that could not be sent, and one more while it is being sent
    world = World("REQUIRED", topic_broken=True)
    job = world.start()
    at = world.until(job, "WaitForApproval")
    world.topic_broken = False
    publish = world.tools.publish
    rejected: list[str] = []

    def meanwhile(told: Job, alert: Any) -> None:
        publish(told, alert)
        if not rejected:
            rejected.append(told.job_id)
            world.topic_broken = True
            world.commands.reject(BOB, told.job_id)
            world.record(job, at)
            world.topic_broken = False

    object.__setattr__(world.tools, "publish", meanwhile)
    # When it is flushed
    assert flush(world.tools, job.job_id)
    # Then both were sent, the first one perhaps twice
    kinds = [alert["kind"] for alert in world.alerts]
    assert sorted(set(kinds)) == ["APPROVAL_WANTED", "JOB_REJECTED"] and kinds[-1] == "JOB_REJECTED"
    alert = world.store.alert(job.job_id)
    assert alert and (alert.due, alert.status) == ((), None)
