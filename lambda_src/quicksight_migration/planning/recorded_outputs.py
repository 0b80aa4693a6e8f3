"""Whether what earlier steps of a job have left is still there: bundles expire, records of QuickSight after 14 days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.records.reader import JobReading
from quicksight_migration.records.statuses import MIGRATION, StepName


def gone_outputs(reading: JobReading, bucket: Bucket, export_is_known: Callable[[str], bool]) -> list[str]:
    """Steps that have to be done again, in their order. `export_is_known` asks QuickSight for a bundle job.

    What was exported counts by its file once there is one: the record of the export may be long gone.
    """
    return list(dict.fromkeys(_gone(reading, bucket, export_is_known)))


def _gone(reading: JobReading, bucket: Bucket, export_is_known: Callable[[str], bool]) -> Iterator[str]:
    exported, uploaded = reading.output(StepName.EXPORT_ASSETS), reading.output(StepName.UPLOAD_ASSETS)
    if reading.job.type == MIGRATION and exported:
        if not uploaded:
            if not all(export_is_known(str(each["bundleJobId"])) for each in exported.get("exports", ())):
                yield StepName.EXPORT_ASSETS
        elif not _all_there(uploaded, bucket):
            yield StepName.EXPORT_ASSETS
            yield StepName.UPLOAD_ASSETS
    planned = reading.output(StepName.PLAN_IMPORT)
    if planned and bucket.size(str(planned["planKey"])) is None:
        yield StepName.PLAN_IMPORT
    # A backup that is lost after the import has begun cannot be made again: the target is another by now.
    backed_up = reading.output(StepName.BACKUP_TARGET)
    if backed_up and not reading.attempts(StepName.IMPORT_ASSETS) and not _all_there(backed_up, bucket):
        yield StepName.BACKUP_TARGET


def _all_there(output: Mapping[str, Any], bucket: Bucket) -> bool:
    return all(bucket.size(str(each["key"])) is not None for each in output.get("bundles", ()))
