"""Tells a topic what people have to know of a job. What is due is stored in the transition itself: nothing is lost.

Whoever made a transition flushes; what they did not get to is flushed by the reconciler. Delivery is at least once, and
the number of the alert tells repetitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.machine.tools import Tools
from quicksight_migration.records.job import Job
from quicksight_migration.records.record import changed
from shared.aws_errors import classify
from shared.errors import TowpathError
from shared.sns import publication, subject_of

TRIES = 3


@dataclass(frozen=True)
class Notifier:
    """Publishes alerts to a topic; without a topic it does nothing."""

    sns: Any
    topic_arn: str

    def __call__(self, job: Job, alert: Mapping[str, Any]) -> None:
        """Raises the taxonomy's errors when it cannot be published."""
        if not self.topic_arn:
            return
        try:
            self.sns.publish(**publish_arguments(job, alert, self.topic_arn))
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"notify of {job.job_id}") from error


def publish_arguments(job: Job, alert: Mapping[str, Any], topic_arn: str) -> dict[str, Any]:
    """Arguments of SNS Publish. Attributes let subscriptions filter by kind, status, type, target and tenant."""
    filters = {
        "kind": str(alert["kind"]),
        "status": str(alert["status"]),
        "type": job.type,
        "targetAccountId": job.target_account_id,
        "tenantId": job.tenant_id or "-",
    }
    return publication(topic_arn, subject(job, alert), message(job, alert), filters)


def message(job: Job, alert: Mapping[str, Any]) -> dict[str, Any]:
    """What a subscriber reads; schemas/migration-notification.schema.json describes it."""
    told = {
        "jobId": job.job_id,
        "type": job.type,
        "sourceAccountId": job.source_account_id,
        "targetAccountId": job.target_account_id,
        "initiatedBy": job.initiated_by,
        **{name: alert[name] for name in ("number", "at", "kind", "actor", "status", "message")},
    }
    if job.tenant_id:
        told["tenantId"] = job.tenant_id
    return told


def subject(job: Job, alert: Mapping[str, Any]) -> str:
    """`[FAILED] job-…: FAILED at ImportAssets …`, cut to what SNS takes."""
    return subject_of(f"[{alert['status']}] {job.job_id}: {alert['message']}")


def flush(tools: Tools, job_id: str) -> bool:
    """Publishes what is due. False when the topic refused, or others write the alert all the time."""
    for _ in range(TRIES):
        alert = tools.store.alert(job_id)
        job = tools.store.job(job_id) if alert and alert.due else None
        if alert is None or job is None:
            return True
        try:
            for due in alert.due:
                tools.publish(job, due)
        except TowpathError:
            return False
        if tools.store.save(changed(alert, due=(), status=None)):
            return True
    return False


def flush_quietly(tools: Tools, job_id: str) -> None:
    """As flush, whatever happens: the transition was made, and must not be repeated for an alert."""
    try:
        done = flush(tools, job_id)
    except (TowpathError, ClientError, BotoCoreError):
        done = False
    if not done:
        tools.count("AlertsFailed", 1)
