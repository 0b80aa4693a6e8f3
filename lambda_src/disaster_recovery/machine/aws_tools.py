"""The tools of a poll and of the machine's actions, over AWS: made once for a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.drs.accounts import AwsAccounts
from disaster_recovery.machine.finishing import Finisher
from disaster_recovery.machine.tools import ActionsOutcome, Tools
from disaster_recovery.notifications import Notifier
from disaster_recovery.records.dynamo_store import DynamoStore
from disaster_recovery.records.execution import Execution, Wave
from disaster_recovery.records.store import Store
from disaster_recovery.settings import Settings
from disaster_recovery.wave_actions.function_call import FunctionCall
from disaster_recovery.wave_actions.http_probe import HttpProbe
from disaster_recovery.wave_actions.runner import ActionRunner
from disaster_recovery.wave_actions.ssm_automation import SsmAutomation
from shared.aws_errors import classify
from shared.canonical import canonical_json
from shared.clients import client
from shared.clock import Clock, utc_now
from shared.state_machine import StateMachine

#: A function that is an action of a wave may take this long; the poller itself has two minutes.
FUNCTION_SECONDS = 60
#: Amazon SQS API Reference, SendMessage: DelaySeconds.
MOST_DELAY_SECONDS = 900


def make_tools(settings: Settings, count: Callable[[str, float], None], clock: Clock = utc_now) -> Tools:
    """Tools over boto3 clients, with the worker's credentials and endpoints."""
    store = DynamoStore(client("dynamodb"), settings.history_table, settings.retention_days, clock)
    accounts = AwsAccounts(clock=clock)
    return Tools(
        store=store,
        drs=accounts.drs,
        quotas=accounts.quotas,
        machine=StateMachine(client("stepfunctions"), settings.state_machine_arn),
        wake=QueueWake(client("sqs"), settings.wake_queue_url),
        advance_actions=AwsActions(store, settings, clock),
        finish=Finisher(store, clock, count),
        notify=Notifier(client("sns"), settings.notification_topic_arn),
        count=count,
        clock=clock,
        settings=settings,
    )


@dataclass(frozen=True)
class QueueWake:
    """A message to the finder: {"executionId", "reason"}. Without a queue nothing is sent; the tick comes anyway."""

    sqs: Any
    queue_url: str

    def __call__(self, execution_id: str, reason: str, delay_seconds: int = 0) -> None:
        """Raises the taxonomy's errors when the message could not be sent."""
        if not self.queue_url:
            return
        body = canonical_json({"executionId": execution_id, "reason": reason})
        delay = max(0, min(delay_seconds, MOST_DELAY_SECONDS))
        try:
            self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body, DelaySeconds=delay)
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"wake the poller of {execution_id}") from error


@dataclass
class AwsActions:
    """The runner of wave actions, made with the first action: most executions have none."""

    store: Store
    settings: Settings
    clock: Clock

    @cached_property
    def runner(self) -> ActionRunner:
        """With a client for each service."""
        return ActionRunner(
            self.store,
            {
                "SSM_AUTOMATION": SsmAutomation(client("ssm"), self.settings.action_role_arn),
                "LAMBDA": FunctionCall(client("lambda", FUNCTION_SECONDS, 1)),
                "HTTP_PROBE": HttpProbe(self.settings.probe_hosts),
            },
            self.clock,
        )

    def __call__(self, execution: Execution, wave: Wave, phase: str) -> ActionsOutcome:
        return self.runner(execution, wave, phase)
