"""Bugs that others had, or that we were near to having, put into the system one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from disaster_recovery.commands.running import Commands
from disaster_recovery.drs import accounts as aws_accounts
from disaster_recovery.drs.api import Drs
from disaster_recovery.launch import adoption
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.statuses import WATCHED_STATUSES, WaveStatus
from disaster_recovery.watch import finding, polling, wave_watch
from disaster_recovery.watch.judgement import Judgement, count
from disaster_recovery.watch.tracking import Tracked
from local_cloud.virtual.machines import render
from local_cloud.virtual.recovery import system
from tests.properties.disaster_recovery import scenarios
from tests.properties.mutation import Mutant, Patch


def completed_is_success(patch: Patch) -> None:
    """Job COMPLETED = wave succeeded, whatever its servers did."""

    def judge(_planned: object, servers: Any) -> Judgement:
        return Judgement(WaveStatus.COMPLETED, count(list(servers)), "NEXT", "all jobs are COMPLETED")

    patch.setattr(wave_watch, "judge", judge)


def first_page_only(patch: Patch) -> None:
    """nextToken is not followed."""

    def pages(self: Drs, operation: str, **request: Any) -> Iterator[Mapping[str, Any]]:
        yield from self._read_one(operation, **request).get("items", [])

    patch.setattr(Drs, "_pages", pages)


def unknown_is_failed(patch: Patch) -> None:
    """An error of a describe call fails the execution."""
    watch = polling._Poll._wave

    def wave(self: Any, token: Any, execution: Any, wave: Any, tracker: Any, tracked: Tracked) -> None:
        if tracked.unknown:
            self._tools.finish(execution.execution_id, "ERROR", "DescribeFailed", "DRS did not answer")
            return
        watch(self, token, execution, wave, tracker, tracked)

    patch.setattr(polling._Poll, "_wave", wave)


def token_of_the_input(patch: Patch) -> None:
    """`$.Task.Token` for the token of the context object: in JSONata a text like any other."""

    def rendered(path: Any, values: Any) -> dict[str, Any]:
        text = json.dumps(render(path, values)).replace("{% $states.context.Task.Token %}", "$.Task.Token")
        machine: dict[str, Any] = json.loads(text)
        return machine

    patch.setattr(system, "render", rendered)


def cancel_by_name(patch: Patch) -> None:
    """Cancel stops the machine by the execution's id instead of its ARN, and swallows the error."""

    def cancel(self: Commands, _principal: object, execution_id: str, *, reason: str = "") -> Execution:
        try:
            self.machine.states.stop_execution(executionArn=execution_id, cause=reason or "cancelled")  # type: ignore[attr-defined]
        except ClientError:
            pass
        found = self.store.execution(execution_id)
        assert found is not None
        return found

    patch.setattr(Commands, "cancel", cancel)


def knows_polling_only(patch: Patch) -> None:
    """The finder asks for one status."""
    patch.setattr(finding, "WATCHED_STATUSES", ("POLLING",))


def blind_to(status: str) -> Callable[[Patch], None]:
    """The finder skips a status."""

    def apply(patch: Patch) -> None:
        patch.setattr(finding, "WATCHED_STATUSES", tuple(each for each in WATCHED_STATUSES if each != status))

    return apply


def sent_again_by_boto3(patch: Patch) -> None:
    """The client that changes things has botocore's usual retries."""
    opened = aws_accounts.AwsAccounts._opened

    def with_retries(self: aws_accounts.AwsAccounts, account: Any) -> Any:
        make = self.make
        mutant = replace(self, make=lambda service, *_args, **session: make(service, 0, 3, **session))
        return opened(mutant, account)

    patch.setattr(aws_accounts.AwsAccounts, "_opened", with_retries)


def no_adoption(patch: Patch) -> None:
    """Nobody looks for the job of a call that was not answered."""
    patch.setattr(adoption, "adopt", lambda _drs, _intent: None)


ALL = (
    Mutant("job COMPLETED means the wave succeeded", completed_is_success, scenarios.a_server_fails),
    Mutant("first page only", first_page_only, scenarios.many_pages),
    Mutant("a describe error fails the execution", unknown_is_failed, scenarios.describing_fails),
    Mutant("$.Task.Token instead of the context's", token_of_the_input, scenarios.a_plain_drill),
    Mutant("cancel by id, error swallowed", cancel_by_name, scenarios.somebody_cancels),
    Mutant("finder skips PENDING", blind_to("PENDING"), scenarios.nobody_started_the_machine),
    Mutant("finder knows POLLING only", knows_polling_only, scenarios.every_event_is_lost),
    Mutant("finder skips WATCHING", blind_to("WATCHING"), scenarios.a_job_outlives_its_wave),
    Mutant("finder skips TERMINATING", blind_to("TERMINATING"), scenarios.a_wake_up_is_lost_while_terminating),
    Mutant("finder skips SCHEDULED", blind_to("SCHEDULED"), scenarios.a_drill_outlives_its_time),
    Mutant("StartRecovery sent again by boto3", sent_again_by_boto3, scenarios.an_answer_of_start_recovery_is_lost),
    Mutant("no adoption", no_adoption, scenarios.an_answer_is_lost_and_the_job_shows_late),
)
