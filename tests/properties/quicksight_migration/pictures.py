"""What a job says it has done to the target, held against what has happened to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.virtual.migration.places import BUNDLE_BUCKET
from local_cloud.virtual.migration.system import VirtualMigration
from quicksight_migration.records.job import Job
from quicksight_migration.records.statuses import RESTORE, JobStatus, TargetState

#: The last look at the target before an import begins may be so old: a bundle is staged, a call is on its way.
LOOK_SECONDS = 120.0
Picture = Mapping[str, str]
"""Asset → what it is: name and definition, as one text."""
#: Names of types in plans → the simulator's.
KINDS = {
    "DASHBOARD": "dashboard",
    "ANALYSIS": "analysis",
    "DATASET": "dataset",
    "DATASOURCE": "datasource",
    "THEME": "theme",
    "FOLDER": "folder",
}


@dataclass
class Story:
    """One run of a job: the target before its first import and after its end, and when."""

    job: Job
    before: Picture
    began: float
    after: Picture | None = None
    ended: float = 0.0


@dataclass
class Pictures:
    """The target as it was around each job. `edits` are changes by other people, as (asset, second)."""

    cloud: VirtualMigration
    stories: dict[str, list[Story]] = field(default_factory=dict)
    edits: list[tuple[str, float]] = field(default_factory=list)

    def begins(self, job: Job) -> None:
        """An import of the job has been started, or its permissions are about to be given: nothing is changed yet."""
        stories = self.stories.setdefault(job.job_id, [])
        if not stories or stories[-1].after is not None:
            stories.append(Story(job, self.now(), self.cloud.kernel.now))

    def after(self, job: Job) -> None:
        """The job has ended."""
        for story in self.stories.get(job.job_id, [])[-1:]:
            story.job, story.after, story.ended = job, self.now(), self.cloud.kernel.now

    def edited(self, key: str) -> None:
        """Somebody else has changed an asset."""
        self.edits.append((key, self.cloud.kernel.now))

    def keys_of(self, plan: Mapping[str, Any]) -> set[str]:
        """The target's assets that a plan would change."""
        return {
            key_of(item)
            for item in plan["items"]
            if item["assetType"] in KINDS and item["action"] in ("CREATE", "UPDATE", "DELETE")
        }

    def lies(self) -> list[str]:
        """Jobs that say something else of the target than what is true."""
        return [lie for stories in self.stories.values() for story in stories for lie in self._lies(story)]

    def _lies(self, story: Story) -> list[str]:
        job, after = story.job, story.after
        if after is None or job.plan_key is None:
            return []
        plan = json.loads(self.cloud.buckets.read(BUNDLE_BUCKET, job.plan_key))
        keys = self.keys_of(plan) - self._others(story)
        changed = sorted(key for key in keys if story.before.get(key) != after.get(key))
        who = f"{job.job_id} ({job.status}, {job.target_state})"
        if job.target_state in (TargetState.UNTOUCHED, TargetState.RESTORED) and job.type != RESTORE and changed:
            return [f"{who} has changed {changed}"]
        if job.status == JobStatus.COMPLETED and job.type == RESTORE:
            return self._not_restored(story)
        if job.status == JobStatus.COMPLETED:
            return [f"{who} has not made {each}" for each in self._not_made(plan, keys, after)]
        return []

    def _not_made(self, plan: Mapping[str, Any], keys: set[str], after: Picture) -> list[str]:
        """Assets that are not there, or do not bear the name that the plan has for them."""
        names = {key_of(item): item["name"] for item in plan["items"] if item["action"] in ("CREATE", "UPDATE")}
        return sorted(
            key
            for key in keys & names.keys()
            if key not in after or json.loads(after[key]).get("Name", names[key]) != names[key]
        )

    def _not_restored(self, story: Story) -> list[str]:
        """What is not as it was before the job that this one takes back; nothing if others had a hand in it."""
        first = next(iter(self.stories.get(story.job.restore_of or "", ())), None)
        if first is None or story.after is None or first.job.plan_key is None:
            return []
        whole = Story(first.job, first.before, first.began, story.after, story.ended)
        keys = self._touched(first.job) - self._others(whole, story.job.job_id)
        wrong = sorted(key for key in keys if first.before.get(key) != story.after.get(key))
        return [f"{story.job.job_id} has not restored {wrong}"] if wrong else []

    def _others(self, story: Story, also: str = "") -> set[str]:
        """Assets that somebody else has changed meanwhile: other people, or other jobs."""
        found = {key for key, at in self.edits if story.began - LOOK_SECONDS <= at <= story.ended}
        for stories in self.stories.values():
            for other in stories:
                ended = other.ended if other.after is not None else self.cloud.kernel.now
                if (
                    other.job.job_id not in (story.job.job_id, also)
                    and other.began <= story.ended
                    and story.began <= ended
                ):
                    found |= self._touched(other.job, granted=True)
        return found

    def _touched(self, job: Job, granted: bool = False) -> set[str]:
        """What a job overwrites, creates or deletes; with `granted` also what it gives permissions on."""
        if job.plan_key is None:
            return set()
        plan = json.loads(self.cloud.buckets.read(BUNDLE_BUCKET, job.plan_key))
        return self.keys_of(plan) | ({key_of(grant) for grant in plan["permissions"]} if granted else set())

    def now(self) -> Picture:
        """The target as it is."""
        return picture(self.cloud.target.simulator.state.assets)


def key_of(item: Mapping[str, Any]) -> str:
    """The simulator's key of a plan's item."""
    return f"{KINDS[item['assetType']]}/{item['targetAssetId']}"


def picture(assets: Mapping[str, Any]) -> Picture:
    """What people see of each asset that is there, and who sees it."""
    return {key: json.dumps(_seen(asset), sort_keys=True) for key, asset in assets.items() if not asset["deleted"]}


def _seen(asset: Mapping[str, Any]) -> dict[str, Any]:
    granted = {each["Principal"]: sorted(each["Actions"]) for each in asset["permissions"]}
    return {**asset["request"], "grantedTo": granted, "tags": asset["tags"]}
