"""Jobs as tables: the whole with its steps as a timeline, and what somebody has to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from quicksight_migration.records.statuses import ORDER
from shared.clock import parse, utc_now
from towpath.output import Output, coloured, duration, moment, pairs, table

Document = Mapping[str, Any]

BAR = 32
TERMINAL = ("COMPLETED", "FAILED", "CANCELLED", "REJECTED", "NEEDS_ATTENTION")
WAITING = "WAITING_FOR_APPROVAL"
#: Numbers and lists of a step's output that are worth telling, and what they are of.
TOLD = {
    "assets": "assets",
    "chunks": "chunks",
    "exports": "bundles",
    "bundles": "bundles",
    "imports": "bundles",
    "changed": "changed",
    "deleted": "deleted",
    "kept": "kept",
    "warnings": "warnings",
    "gone": "outputs gone",
}
TARGET_STATES = {
    "UNTOUCHED": "as it was before",
    "MIGRATED": "migrated",
    "RESTORED": "put back as it was before",
    "UNKNOWN": "not known: somebody has to look",
}


def show_job(output: Output, job: Document) -> None:
    """Everything about a job but its plan and its logs."""
    approval, cancelled = job.get("approval"), job.get("cancelRequested")
    ended = job["status"] in TERMINAL
    output.fields(
        job.get("description") or ("Restore" if job["type"] == "RESTORE" else "Migration"),
        {
            "job": job["jobId"],
            "status": job["status"],
            "from, to": f"{job['sourceAccountId']} -> {job['targetAccountId']}",
            "restores": job.get("restoreOf"),
            "started": f"{moment(job['createdAt'])} by {who(job['initiatedBy'])}",
            "ended": moment(job.get("endedAt")),
            "took": duration(elapsed(job, utc_now())),
            "run": job["runNumber"] if job["retryCount"] else None,
            "target": TARGET_STATES.get(job.get("targetState", "")) if ended else None,
            "waits for": waiting(job),
            "plan": job.get("planHash"),
            "decided": approval and f"{moment(approval['at'])} {approval['decision']} by {who(approval['by'])}",
            "comment": approval and approval.get("comment"),
            "cancelled by": cancelled and f"{who(cancelled['by'])} {cancelled.get('reason', '')}",
            "why": why(job),
            "tags": pairs(job.get("tags", {})),
        },
    )
    for place, message in details(job):
        output.say(f"  [bold]{escape(place)}[/bold]  {escape(message)}")
    output.console.print(timeline(job, utc_now()))
    assets = job.get("results", {}).get("assets", [])
    if assets:
        rows = [(each["assetType"], each["assetId"], each.get("url")) for each in assets]
        output.table("In the target", ("type", "asset", "open"), rows)
    for line in advice(job):
        output.say(line)


def timeline(job: Document, now: datetime) -> Table:
    """One line an attempt, with a bar that says when it was; steps that are to come have a line without."""
    steps = job.get("steps", [])
    begun = {step["step"] for step in steps}
    start, seconds = parse(job["createdAt"]), max(1.0, elapsed(job, now))
    rows: list[tuple[Any, ...]] = []
    for step in steps:
        first, last = parse(step["startedAt"]), parse(step["endedAt"]) if step.get("endedAt") else now
        at, took = (first - start).total_seconds(), (last - first).total_seconds()
        attempt = step["attempt"] if step["attempt"] > 1 else ""
        bar = _bar(at / seconds, took / seconds)
        shown = (step["step"], attempt, step["stepStatus"], moment(step["startedAt"])[11:], duration(took), bar)
        rows.append((*shown, told(step)))
    if job["status"] not in TERMINAL:
        rows += [(step, "", "", "", "", "", "to come") for step in ORDER if step not in begun]
    return table("Steps", ("step", "attempt", "status", "began", "took", "when", ""), rows)


def live_view(job: Document, now: datetime, trouble: str = "") -> Group:
    """What `watch` keeps on the screen: one line of state, the steps, and what somebody has to do."""
    head = f"[bold]{job['jobId']}[/bold]  {coloured(job['status'])}  {duration(elapsed(job, now))}"
    lines: list[Any] = [Text.from_markup(head), timeline(job, now)]
    if waiting(job):
        lines.append(Text(f"Waits for {waiting(job)}", style="yellow"))
    lines += [Text.from_markup(line) for line in advice(job)]
    if trouble:
        lines.append(Text(trouble, style="red"))
    return Group(*lines)


def changes(job: Document) -> Iterator[tuple[str, ...]]:
    """One line for each thing that has happened: steps begun and ended, and the job's own status."""
    for step in job["steps"]:
        name = step["step"] if step["attempt"] == 1 else f"{step['step']} (attempt {step['attempt']})"
        yield name, step["stepStatus"], told(step)
    yield job["jobId"], job["status"], waiting(job) or why(job)


def rows_of(jobs: Sequence[Document]) -> list[tuple[Any, ...]]:
    """One line a job."""
    return [
        (
            job["jobId"],
            job["type"],
            job["status"],
            job.get("failedStep") or job.get("currentStep"),
            f"{job['sourceAccountId']} -> {job['targetAccountId']}",
            job.get("tenantId"),
            moment(job["createdAt"]),
            who(job["initiatedBy"]),
            job.get("description"),
        )
        for job in jobs
    ]


def waiting(job: Document) -> str:
    """What the job waits for, or nothing."""
    found = job.get("waiting")
    if not found:
        return ""
    since = f"since {moment(found['since'])} UTC"
    if found["kind"] == "APPROVAL":
        who = "somebody else than who started it" if job.get("approvalMode") == "SECOND_PERSON" else "somebody"
        return f"{who} to approve its plan, {since}"
    return f"its turn at {found['step']}, {since}: the account runs five at a time"


def why(job: Document) -> str:
    """Why it failed, or nothing."""
    error = job.get("error")
    if not error:
        return ""
    at = f"{job['failedStep']}: " if job.get("failedStep") else ""
    return f"{at}{error['code']} {error['message']}".strip()


def details(job: Document) -> list[tuple[str, str]]:
    """What an error has to say besides: pairs of a place and what is wrong there."""
    found = (job.get("error") or {}).get("details")
    listed = found if isinstance(found, list) else []
    return [(str(each.get("path", "")), str(each["message"])) for each in listed if each.get("message")]


def who(actor: str) -> str:
    """`user:ada`, and of an ARN what is the caller's own: `aws:role/deploy`."""
    kind, _, name = actor.partition(":")
    return f"{kind}:{name.rpartition(':')[2]}" if name.startswith("arn:") else actor


def counted(number: Any, what: str) -> str:
    """`1 chunk`, `2 chunks`."""
    return f"{number} {what.removesuffix('s') if number == 1 else what}"


def advice(job: Document) -> list[str]:
    """What somebody can do now, as commands."""
    job_id, command = job["jobId"], "towpath quicksight"
    if job["status"] == WAITING:
        return [f"[yellow]Look and decide[/yellow]: {command} jobs approve {job_id}, or reject"]
    if job["status"] in ("FAILED", "CANCELLED", "REJECTED", "NEEDS_ATTENTION"):
        lines = [f"Go on where it stopped: {command} jobs retry {job_id}"]
        if job.get("targetState") in ("MIGRATED", "UNKNOWN"):
            lines.append(f"Put the target back: {command} restore {job_id}")
        return [*lines, f"What was logged: {command} jobs logs {job_id}"]
    return []


def told(step: Document) -> str:
    """What is worth knowing of a step in one line."""
    error = step.get("error")
    if error:
        return f"{error['code']} {error['message']}".strip()
    output = step.get("output", {})
    parts = [str(output["reason"])] if output.get("reason") else []
    if output.get("decision"):
        parts.append(f"{output['decision']} by {who(output.get('by', 'nobody'))}")
    parts += [f"{count} {state}" for state, count in output.get("counts", {}).items()]
    numbers = {name: len(value) if isinstance(value, list) else value for name, value in output.items()}
    parts += [counted(numbers[name], what) for name, what in TOLD.items() if numbers.get(name)]
    return ", ".join(parts)


def elapsed(job: Document, now: datetime) -> float:
    """Seconds since the start, or from start to end."""
    end = parse(job["endedAt"]) if job.get("endedAt") else now
    return max(0.0, (end - parse(job["createdAt"])).total_seconds())


def _bar(start: float, length: float) -> str:
    """A part of BAR characters; what is short is seen all the same."""
    first = min(BAR - 1, max(0, int(start * BAR)))
    width = min(BAR - first, max(1, round(length * BAR)))
    return f"{'·' * first}{'█' * width}{'·' * (BAR - first - width)}"
