"""Named runs, each with what it must come to. A scenario returns what went wrong in words, nothing when all is well."""

from __future__ import annotations

from tests.properties.mutation import Scenario
from tests.properties.quicksight_migration import scenarios_of_bundle_jobs as bundle_jobs
from tests.properties.quicksight_migration import scenarios_of_losses as losses
from tests.properties.quicksight_migration import scenarios_of_people as people

ALL: tuple[Scenario, ...] = (
    bundle_jobs.a_plain_migration,
    bundle_jobs.the_sixth_export_waits,
    bundle_jobs.an_answer_of_a_start_is_lost,
    bundle_jobs.an_answer_is_lost_and_boto3_tries_again,
    bundle_jobs.a_start_arrives_late,
    bundle_jobs.an_answer_is_lost_and_the_job_shows_late,
    bundle_jobs.a_worker_dies_after_each_start,
    bundle_jobs.an_import_fails,
    bundle_jobs.an_import_fails_half_way,
    bundle_jobs.a_rollback_fails,
    bundle_jobs.the_last_of_three_chunks_fails,
    bundle_jobs.others_use_the_account_too,
    bundle_jobs.a_bundle_breaks_off,
    people.a_migration_is_taken_back,
    people.the_target_changes_before_the_approval,
    people.the_target_changes_after_the_approval,
    people.an_old_plan_is_not_approved,
    people.somebody_cancels_an_import,
    people.somebody_cancels_while_waiting,
    people.a_plan_is_approved_after_weeks,
    people.a_retry_after_weeks,
    people.nobody_decides,
    people.a_plan_is_rejected,
    people.whoever_started_it_may_not_approve,
    people.two_jobs_want_the_same_dashboard,
    losses.nobody_started_the_machine,
    losses.an_answer_of_start_execution_is_lost,
    losses.every_answer_to_a_task_is_lost,
    losses.a_machine_is_stopped,
    losses.the_updater_dies_everywhere,
    losses.nothing_secret_is_logged,
    *people.RETRIED,
)
