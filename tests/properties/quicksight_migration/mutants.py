"""Bugs that others had, or that we were near to having, put into the system one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from local_cloud.virtual.migration import handlers, places
from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.bundles import exporting
from quicksight_migration.bundles.bundle_jobs import BundleJobs
from quicksight_migration.bundles.import_attempt import Importing
from quicksight_migration.bundles.starts import Starts
from quicksight_migration.bundles.target_check import Target
from quicksight_migration.commands import approving, running
from quicksight_migration.machine import actions, ending, going_on, recording, waking
from quicksight_migration.machine.draft import Draft
from quicksight_migration.machine.transitions import Told, transit
from quicksight_migration.planning import plan_import
from quicksight_migration.reconcile import reconciling
from quicksight_migration.reconcile.reconciling import Reconciler
from quicksight_migration.records import order, slots
from quicksight_migration.records.beside import SlotLine
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.statuses import LIVE_STATUSES, StepName, TargetState
from shared.observe import logger
from tests.properties.mutation import Mutant, Patch
from tests.properties.quicksight_migration import scenarios_of_bundle_jobs as bundle_jobs
from tests.properties.quicksight_migration import scenarios_of_losses as losses
from tests.properties.quicksight_migration import scenarios_of_people as people

Apply = Callable[[Patch], None]


def starts_without_looking(patch: Patch) -> None:
    """Whoever is called again starts again."""
    patch.setattr(BundleJobs, "look", lambda _self, _bundle_job_id: None)
    patch.setattr(Starts, "may_arrive", lambda _self, _bundle_job_id: False)
    patch.setattr(Importing, "_begin", lambda self, progress: self._import(progress.at(1, "IMPORT", {"first": 1})))


def no_grace(patch: Patch) -> None:
    """What is not there after a lost answer was never started."""
    patch.setattr(Starts, "may_arrive", lambda _self, _bundle_job_id: False)


def sent_again_by_boto3(patch: Patch) -> None:
    """The client that starts things has botocore's usual retries."""
    patch.setattr(AccountSession, "quicksight_once", property(lambda self: self.quicksight))


def slots_for_all(patch: Patch) -> None:
    """Nobody waits for a slot."""

    def call_up(line: SlotLine, now: str, _limit: int) -> SlotLine:
        holders = {**line.holders, **{each["owner"]: {"since": now} for each in line.queue}}
        return replace(line, holders=holders, queue=())

    patch.setattr(slots, "call_up", call_up)


def last_come_first_served(patch: Patch) -> None:
    """The newest in line gets the slot."""
    call_up = slots.call_up

    def backwards(line: SlotLine, now: str, limit: int) -> SlotLine:
        found = call_up(replace(line, queue=tuple(reversed(line.queue))), now, limit)
        return replace(found, queue=tuple(reversed(found.queue)))

    patch.setattr(slots, "call_up", backwards)


def slots_are_kept(patch: Patch) -> None:
    """A step that has ended still holds its slot, and so does its job."""
    patch.setattr(slots, "leave", lambda line, _gone, _now, _limit: line)


def every_step_again(patch: Patch) -> None:
    """A retry begins from the first step."""
    next_step = order.next_step

    def forgetful(job: Job, steps: Any) -> str:
        return next_step(job, [run for run in steps if run.run_number == job.run_number])

    for module in (order, going_on, ending):
        patch.setattr(module, "next_step", forgetful)


def a_step_less(patch: Patch) -> None:
    """A retry goes on after the step that failed."""
    patch.setattr(StepRun, "is_done", property(lambda self: self.step_status != "RUNNING"))


def any_hash_will_do(patch: Patch) -> None:
    """An approval is one of the job, not of a plan."""
    patch.setattr(approving, "_must_match", lambda job, _actor, _plan_hash: approving._must_wait(job))


def their_own_plan(patch: Patch) -> None:
    """Nobody asks who approves."""
    patch.setattr(approving, "SECOND_PERSON", "NOBODY")


def approved_unseen(patch: Patch) -> None:
    """The target is not looked at when its plan is approved."""
    fine: Mapping[str, Any] = {"drifted": False, "changes": []}
    patch.setattr("quicksight_migration.commands.jobs.PlanFunction.__call__", lambda _self, _job_id: fine)


def imported_unseen(patch: Patch) -> None:
    """The target is not looked at before it is overwritten."""
    patch.setattr(Target, "changed", lambda _self, _items: [])


def approved_for_ever(patch: Patch) -> None:
    """A new plan of an approved job is approved as well."""
    next_step = order.next_step

    def trusting(job: Job, steps: Any) -> str:
        plan = order.last_success(steps, StepName.PLAN_IMPORT)
        approved = [
            replace(run, ended_revision=plan.ended_revision + 0.5)
            if plan and run.step == StepName.WAIT_FOR_APPROVAL and run.is_done
            else run
            for run in steps
        ]
        return next_step(job, approved)

    overtaken = order._is_overtaken
    patch.setattr(
        order, "_is_overtaken", lambda job, run, steps: run.step == "PlanImport" and overtaken(job, run, steps)
    )
    for module in (order, going_on, ending):
        patch.setattr(module, "next_step", trusting)


def cancelled_at_once(patch: Patch) -> None:
    """CANCELLED without waiting for the import that runs."""

    def cancel(self: running.Runner, actor: str, job_id: str, reason: str = "") -> Job:
        def decide(found: Draft) -> Any:
            found.change(cancel_requested=running.Asked(by=actor, at=found.now, reason=reason or None))
            return ending.end_cancelled(found, actor)

        return running.transit(self.tools, job_id, decide).view.job

    patch.setattr(running.Runner, "cancel", cancel)


def failed_is_untouched(patch: Patch) -> None:
    """A job that failed has left the target alone: that is what ROLLBACK is for."""
    end = ending.end_failed

    def end_failed(found: Draft, error: Any, _target: str | None = None, actor: str = "machine") -> Any:
        return end(found, error, TargetState.UNTOUCHED, actor)

    for module in (ending, recording.ending):
        patch.setattr(module, "end_failed", end_failed)


def chunks_stay(patch: Patch) -> None:
    """What was imported before the chunk that failed is left, and nobody is told."""

    def give_up(self: Importing, _progress: Any, error: Mapping[str, Any]) -> Any:
        return self._failed(error, TargetState.RESTORED)

    patch.setattr(Importing, "_give_up", give_up)


def new_assets_stay(patch: Patch) -> None:
    """Backups come back, what was created is left."""
    patch.setattr("quicksight_migration.bundles.undoing.delete_all", lambda _session, _assets: None)


def restores_delete_nothing(patch: Patch) -> None:
    """A restore imports the backup and that is all."""
    patch.setattr(plan_import, "deletions", lambda *_arguments: ([], []))


def grants_stay(patch: Patch) -> None:
    """A restore takes no permissions back."""
    patch.setattr(plan_import, "grants_before", lambda *_arguments: [])


def replaced_grants_stay(patch: Patch) -> None:
    """Who lost their permissions by a chunk that is taken back does not get them back."""
    patch.setattr("quicksight_migration.bundles.undoing.grants_before", lambda *_arguments: [])


def blind_to(status: str) -> Apply:
    """The reconciler skips a status."""

    def apply(patch: Patch) -> None:
        patch.setattr(reconciling, "LIVE_STATUSES", tuple(each for each in LIVE_STATUSES if each != status))

    return apply


def trusts_events(patch: Patch) -> None:
    """Machines that ended are known by their events alone."""
    patch.setattr(Reconciler, "sweep", lambda _self: 0)


def answers_once(patch: Patch) -> None:
    """An answer that the machine did not get is not sent again."""
    deliver = waking.deliver
    tried: set[str] = set()

    def once(tools: Any, job_id: str) -> bool:
        token = tools.store.token(job_id, "APPROVAL")
        decided = token is not None and tools.store.job(job_id).approval is not None
        if decided and token.token in tried:
            return True
        tried.update([token.token] if decided else [])
        return deliver(tools, job_id)

    for module in (waking, approving, reconciling):
        patch.setattr(module, "deliver", once)


def links_are_kept(patch: Patch) -> None:
    """The address of a bundle is part of what the step has left."""
    export = exporting.export_assets

    def leaking(tools: Any, task: Any) -> Any:
        answer = export(tools, task)
        if answer["state"] == "SUCCEEDED":
            jobs = tools.exports(tools.source(tools.job(task.job_id).job), task.job_id)
            found = [jobs.look(each["bundleJobId"]) for each in answer["output"]["exports"]]
            answer["output"]["links"] = [each.download_url.replace("?", ";") for each in found if each]
        return answer

    patch.setitem(handlers.WORK, places.EXPORT, leaking)


def the_audit_tells_all(patch: Patch) -> None:
    """What the machine waits for is in the audit trail, its token too."""
    store_token = actions.store_token

    def telling(tools: Any, token: Any) -> None:
        store_token(tools, token)

        def decide(found: Draft) -> Told:
            found.change(description=f"waits for {token.kind}")
            return Told("WAITS", {"token": token.token})

        transit(tools, token.job_id, decide)

    patch.setattr(actions, "store_token", telling)


def the_log_tells_all(patch: Patch) -> None:
    """What the machine waits for is logged, its token too."""
    store_token = actions.store_token

    def telling(tools: Any, token: Any) -> None:
        logger.info("the machine waits", token=token.token)
        store_token(tools, token)

    patch.setattr(actions, "store_token", telling)


ALL = (
    Mutant("starts without looking", starts_without_looking, bundle_jobs.a_worker_dies_after_each_start),
    Mutant("no grace after a lost answer", no_grace, bundle_jobs.an_answer_is_lost_and_the_job_shows_late),
    Mutant("a start is sent again by boto3", sent_again_by_boto3, bundle_jobs.an_answer_is_lost_and_boto3_tries_again),
    Mutant("slots for everybody", slots_for_all, bundle_jobs.the_sixth_export_waits),
    Mutant("last come, first served", last_come_first_served, bundle_jobs.the_sixth_export_waits),
    Mutant("slots are not given back", slots_are_kept, bundle_jobs.a_plain_migration),
    Mutant("a retry repeats every step", every_step_again, people.RETRIED[-1]),
    Mutant("a retry skips the step that failed", a_step_less, people.RETRIED[2]),
    Mutant("any hash will do", any_hash_will_do, people.an_old_plan_is_not_approved),
    Mutant("nobody asks who approves", their_own_plan, people.whoever_started_it_may_not_approve),
    Mutant("approved without a look at the target", approved_unseen, people.the_target_changes_before_the_approval),
    Mutant("imported without a look at the target", imported_unseen, people.the_target_changes_after_the_approval),
    Mutant("a new plan is approved already", approved_for_ever, people.the_target_changes_after_the_approval),
    Mutant("cancelled while the import runs", cancelled_at_once, people.somebody_cancels_an_import),
    Mutant("failed means untouched", failed_is_untouched, bundle_jobs.an_import_fails_half_way),
    Mutant("earlier chunks stay", chunks_stay, bundle_jobs.the_last_of_three_chunks_fails),
    Mutant("new assets of earlier chunks stay", new_assets_stay, bundle_jobs.the_last_of_three_chunks_fails),
    Mutant("a restore deletes nothing", restores_delete_nothing, people.a_migration_is_taken_back),
    Mutant("a restore leaves permissions", grants_stay, people.a_migration_is_taken_back),
    Mutant("an undone chunk leaves permissions", replaced_grants_stay, bundle_jobs.the_last_of_three_chunks_fails),
    Mutant("reconciler skips PENDING", blind_to("PENDING"), losses.nobody_started_the_machine),
    Mutant("reconciler skips RUNNING", blind_to("RUNNING"), losses.a_machine_is_stopped),
    Mutant("reconciler trusts events", trusts_events, losses.a_machine_is_stopped),
    Mutant("an answer is sent once", answers_once, losses.every_answer_to_a_task_is_lost),
    Mutant("links are kept", links_are_kept, bundle_jobs.a_plain_migration),
    Mutant("the log has tokens", the_log_tells_all, losses.nothing_secret_is_logged),
    Mutant("the audit has tokens", the_audit_tells_all, people.a_plan_is_rejected),
)
