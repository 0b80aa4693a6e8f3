"""What gets lost on the way: starts, answers, events, functions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.migration import places
from local_cloud.virtual.migration.system import Options
from shared.observe import logger
from tests.properties.quicksight_migration.promises import SECRETS
from tests.properties.quicksight_migration.trial import APPROVED, SLOTS, UPDATE, VIEWERS, Trial


def nobody_started_the_machine() -> list[str]:
    """The answer of StartExecution never came, and neither had the call arrived: the reconciler starts it."""
    trial = Trial(faults=(CallFault("refuse", nth=(1, 2, 3), operation="StartExecution"),))
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def an_answer_of_start_execution_is_lost() -> list[str]:
    """The machine runs already when it is started again, by name."""
    trial = Trial(faults=(CallFault("lose", nth=(1,), operation="StartExecution"),))
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def every_answer_to_a_task_is_lost() -> list[str]:
    """A decision that did not reach the machine is sent again; who waits in line looks for themselves."""
    fault = CallFault("refuse", nth=tuple(range(1, 9)), operation="SendTask*")
    trial = Trial(faults=(fault,))
    trial.cloud.source.inject({"phase": "EXPORT", "action": {"type": "slow", "factor": 20}})
    for number in range(SLOTS + 1):
        trial.start(number, after=number, options=APPROVED if number == 0 else UPDATE)
    return trial.ended(*["COMPLETED/MIGRATED"] * (SLOTS + 1))


def a_machine_is_stopped() -> list[str]:
    """Somebody ends the execution at the console; the event that says so is lost, the schedule finds it."""
    trial = Trial({0: " old"}, options=Options(fates=("lost",) * 4))
    trial.start(0)
    trial.run(until=lambda: bool(trial.cloud.source.simulator.state.exports))
    (arn,) = trial.cloud.machine.runs
    trial.cloud.later(1, "stop", lambda: trial.cloud.machine.call("StopExecution", {"executionArn": arn}))
    return trial.ended("FAILED/UNTOUCHED")


def the_updater_dies_everywhere() -> list[str]:
    """Killed before and after many of its calls: what it had written stays, what it had not is written again."""
    faults = (
        CallFault("kill-after", nth=tuple(range(4, 200, 11)), caller=places.UPDATER),
        CallFault("kill-before", nth=tuple(range(9, 200, 13)), caller=places.UPDATER),
    )
    trial = Trial({0: " old"}, faults)
    trial.start(0, 1, options=APPROVED, permissions=VIEWERS)
    return trial.ended("COMPLETED/MIGRATED")


def nothing_secret_is_logged() -> list[str]:
    """Much goes wrong, and no line of any function has a token, a credential or the address of a bundle in it."""
    faults = (
        CallFault("lose", nth=(1,), operation="SendTask*"),
        CallFault("refuse", nth=(1, 2), operation="AssumeRole"),
        CallFault("deny", nth=(2,), operation="DescribeAssetBundleExportJob"),
        CallFault("throttle", nth=(1,), service="download"),
    )
    trial = Trial({0: " old"}, faults)
    trial.cloud.source.inject({"operation": "Download", "nth": [1], "action": {"type": "expire"}})
    trial.start(0, options=APPROVED, permissions=VIEWERS)
    with logged() as lines:
        broken = trial.ended("COMPLETED/MIGRATED")
    text = lines.getvalue()
    found = [each for each in (*SECRETS, *trial.promises.tokens) if each in text]
    return [
        *broken,
        *(f"{each} is in the log" for each in found),
        *([] if "bundle job" in text else ["nothing is logged"]),
    ]


@contextmanager
def logged() -> Iterator[StringIO]:
    """What functions log, as they do in Lambda."""
    lines, handler, level = StringIO(), logger.registered_handler, logger.log_level
    before = handler.setStream(lines)
    logger.setLevel("INFO")
    try:
        yield lines
    finally:
        logger.setLevel(level)
        handler.setStream(before or sys.stdout)
