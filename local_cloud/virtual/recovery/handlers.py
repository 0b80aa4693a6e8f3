"""The functions of the system as the virtual cloud runs them: the real logic over clients that lead into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from disaster_recovery import orchestration
from disaster_recovery.drs.accounts import AwsAccounts
from disaster_recovery.execution_finder import PollerInvoke
from disaster_recovery.machine.aws_tools import QueueWake
from disaster_recovery.machine.finishing import Finisher
from disaster_recovery.machine.tools import Tools
from disaster_recovery.notifications import Notifier
from disaster_recovery.settings import Settings
from disaster_recovery.watch.finding import Finder
from disaster_recovery.watch.polling import poll
from disaster_recovery.wave_actions.runner import ActionRunner
from disaster_recovery.wave_actions.service import RUNNING, SUCCEEDED, Progress, Task
from local_cloud.virtual.client_factory import ClientFactory
from local_cloud.virtual.clients import Service
from local_cloud.virtual.functions import Handler
from local_cloud.virtual.services import FunctionsApi, QueueApi, RolesApi
from shared.clock import Clock, parse
from shared.state_machine import StateMachine

if TYPE_CHECKING:
    from local_cloud.virtual.recovery.system import VirtualRecovery

NAME = "disaster-recovery"
POLLER, FINDER, ORCHESTRATION = f"{NAME}-execution-poller", f"{NAME}-execution-finder", f"{NAME}-orchestration"
QUEUE_URL = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{NAME}-wake"
TOPIC_ARN = f"arn:aws:sns:eu-west-1:123456789012:{NAME}-notify"
ACTION_TYPES = ("SSM_AUTOMATION", "LAMBDA", "HTTP_PROBE")
ACTION_SECONDS = 30.0


@dataclass(frozen=True)
class RehearsedAction:
    """Stands for runbooks, functions and probes, which a rehearsal does not run: each succeeds after half a minute."""

    clock: Clock

    def advance(self, task: Task) -> Progress:
        started = parse(task.action.started_at) if task.action.started_at else self.clock()
        if (self.clock() - started).total_seconds() < min(ACTION_SECONDS, task.planned.timeout_seconds - 1):
            return Progress(RUNNING, reference=task.token)
        return Progress(SUCCEEDED, "rehearsed", task.token)


class Handlers:
    """Makes the handlers and what they work with. `metrics` sums what they counted."""

    def __init__(self, cloud: VirtualRecovery) -> None:
        self._cloud = cloud
        self.metrics: Counter[str] = Counter()
        self._clients = _clients(cloud)
        self.settings = Settings(
            region="eu-west-1",
            state_machine_arn=cloud.machine.arn,
            poller_function_name=POLLER,
            wake_queue_url=QUEUE_URL,
            notification_topic_arn=TOPIC_ARN,
        )

    def tools(self) -> Tools:
        """As a worker makes them at its cold start."""
        cloud, make = self._cloud, self._clients.make
        clock = cloud.kernel.utc
        accounts = AwsAccounts(make=make, clock=clock)
        actions = dict.fromkeys(ACTION_TYPES, RehearsedAction(clock))
        return Tools(
            store=cloud.store,
            drs=accounts.drs,
            quotas=accounts.quotas,
            machine=StateMachine(make("stepfunctions"), self.settings.state_machine_arn),
            wake=QueueWake(make("sqs"), self.settings.wake_queue_url),
            advance_actions=ActionRunner(cloud.store, actions, clock),
            finish=Finisher(cloud.store, clock, self._count),
            notify=Notifier(make("sns"), self.settings.notification_topic_arn),
            count=self._count,
            clock=clock,
            settings=self.settings,
        )

    def maker(self, name: str) -> Callable[[], Handler]:
        """What a cold start of a function does."""
        return partial(_MAKERS[name], self)

    def _orchestration(self) -> Handler:
        tools = self.tools()
        return lambda event, _context: orchestration.run(tools, event)

    def _poller(self) -> Handler:
        tools = self.tools()
        return lambda event, _context: {"status": poll(tools, event["executionId"], event["reason"])}

    def _finder(self) -> Handler:
        finder = Finder(self._cloud.store, PollerInvoke(self._clients.make("lambda"), POLLER))

        def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
            if "Records" not in event:
                return {"polled": finder.tick()}
            return {"batchItemFailures": [{"itemIdentifier": each} for each in finder.batch(event["Records"])]}

        return handler

    def _count(self, name: str, value: float) -> None:
        self.metrics[name] += int(value)


def _clients(cloud: VirtualRecovery) -> ClientFactory:
    """All accounts and Regions lead to the one account of the cloud."""
    services: dict[str, Service] = {
        "drs": cloud.account,
        "service-quotas": cloud.quotas,
        "stepfunctions": cloud.machine,
        "lambda": FunctionsApi(cloud.functions),
        "sqs": QueueApi(cloud.queue),
        "sns": cloud.topic,
        "sts": RolesApi(cloud.kernel),
    }
    region = cloud.account.simulator.state.region  # locks and events name servers with it
    return ClientFactory(cloud.traffic, services, region, {"drs": cloud.account} if cloud.options.wire else None)


_MAKERS = {
    ORCHESTRATION: Handlers._orchestration,
    POLLER: Handlers._poller,
    FINDER: Handlers._finder,
}
