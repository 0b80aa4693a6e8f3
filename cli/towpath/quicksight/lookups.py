"""What a user may write instead of an id: `latest` for a job or a drift report."""

from __future__ import annotations

from typing import Any

from towpath.api import Api
from towpath.errors import Missing

JOBS, REPORTS, LATEST = "/jobs", "/drift-reports", "latest"

Document = dict[str, Any]


def job_path(api: Api, job: str) -> str:
    """`/jobs/<id>` of a job; `latest` is the one that was made last. Raises Missing."""
    if job != LATEST:
        return f"{JOBS}/{job}"
    return f"{JOBS}/{_latest(api, JOBS, 'jobId', 'nothing was ever migrated', 'jobs start FILE` starts a migration.')}"


def report_path(api: Api, report: str) -> str:
    """`/drift-reports/<id>` of a report; `latest` is the one that was asked for last. Raises Missing."""
    if report != LATEST:
        return f"{REPORTS}/{report}"
    hint = "drift` asks for one."
    return f"{REPORTS}/{_latest(api, REPORTS, 'reportId', 'there is no drift report', hint)}"


def whole_plan(api: Api, path: str) -> Document:
    """The plan of a job with all of its items: {"jobId", "planHash", "plan"}. Raises Missing before it is made."""
    found: Document = api.get(f"{path}/plan")
    page, items = found, list(found["plan"]["items"])
    while page.get("nextCursor"):
        page = api.get(f"{path}/plan", {"cursor": page["nextCursor"]})
        items += page["plan"]["items"]
    shown = {name: value for name, value in found.items() if name != "nextCursor"}
    return {**shown, "plan": {**found["plan"], "items": items}}


def _latest(api: Api, path: str, name: str, missing: str, hint: str) -> str:
    found = next(iter(api.pages(path, {"limit": 1}, most=1)), None)
    if found is None:
        raise Missing(missing, f"`towpath quicksight {hint}")
    return str(found[name])
