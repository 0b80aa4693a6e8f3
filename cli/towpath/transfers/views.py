"""How transfers, failures, definitions and the rest look as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from towpath.output import Output, coloured, moment

Document = Mapping[str, Any]


def show_transfers(output: Output, title: str, rows: Sequence[Document], file: bool = True) -> None:
    """A list; without `file` they are all of one."""
    output.table(
        title,
        ("arrived", "customer", "file", "status", "workflow", "retries", "why"),
        [
            (
                moment(row["arrivedAt"]),
                row["customerId"] if file else None,
                row["fileName"] if file else None,
                row["status"],
                row["workflowId"],
                row["retryCount"],
                row.get("errorMessage"),
            )
            for row in rows
        ],
    )


def show_transfer(output: Output, transfer: Document) -> None:
    """One transfer with its targets."""
    names = (
        "status", "customerId", "workflowId", "arrivedAt", "updatedAt", "sizeBytes", "triggeredBy", "uploadedBy",
        "retryCount", "nextAttemptAt", "duplicates", "replays", "replayedBy", "failureReason", "errorMessage",
        "transferId",
    )  # fmt: skip
    source = transfer["source"]
    place = f"s3://{source['bucket']}/{source['key']}"
    output.fields(str(transfer["fileName"]), {**{name: transfer.get(name) for name in names}, "source": place})
    output.table(
        "Targets",
        ("target", "state", "where", "why"),
        [
            (each["id"], each["state"], each["uri"], each.get("error") or each.get("reason"))
            for each in transfer["targets"]
        ],
    )


def show_story(output: Output, file_name: str, story: Mapping[str, Sequence[Document]]) -> None:
    """Everything that happened to a file."""
    output.table(
        f"What happened to {file_name}",
        ("at", "event", "status", "message"),
        [
            (str(each["at"])[:23].replace("T", " "), each["eventType"], each["status"], each.get("message"))
            for each in story["events"]
        ],
    )
    show_failures(output, "Failure records", story["failures"])
    show_notifications(output, "Notifications", story["notifications"])


def show_failures(output: Output, title: str, rows: Sequence[Document]) -> None:
    """Failure records."""
    output.table(
        title,
        ("at", "customer", "file", "status", "reason", "workflow", "message", "replayed"),
        [
            (
                moment(row["timestamp"]),
                row["customerId"],
                row["fileName"],
                row["status"],
                row["failureReason"],
                row["workflowId"],
                row["errorMessage"],
                moment(row.get("replayedAt")),
            )
            for row in rows
        ],
    )


def show_failure(output: Output, failure: Document) -> None:
    """One failure record."""
    names = (
        "status", "failureReason", "errorMessage", "customerId", "workflowId", "timestamp", "lastStatus", "retryCount",
        "targets", "replayedAt", "replayedBy", "replayId", "executionId",
    )  # fmt: skip
    place = f"s3://{failure['source']['bucket']}/{failure['source']['key']}"
    output.fields(str(failure["fileName"]), {**{name: failure.get(name) for name in names}, "source": place})


def show_preview(output: Output, preview: Document) -> None:
    """What a replay would take."""
    show_failures(output, "The first of them", preview["items"])
    reasons = ", ".join(f"{count} {reason}" for reason, count in preview["reasons"].items())
    more = "" if preview["complete"] else "; there are more than were looked at"
    output.say(f"{preview['count']} of {preview['looked']} failures would be replayed: {reasons or 'none'}{more}")


def show_replay(output: Output, replay: Document) -> None:
    """How far a replay is."""
    counts = replay["counts"]
    said = f"{replay['replayId']} is {coloured(replay['status'])}: {counts['sent']} sent, {counts['left']} left out"
    output.say(said)


def show_notifications(output: Output, title: str, rows: Sequence[Document]) -> None:
    """Entries of the notification log."""
    output.table(
        title,
        ("at", "customer", "file", "status", "type", "channel", "retries", "target"),
        [
            (
                moment(row["timestamp"]),
                row["customerId"],
                row.get("fileName"),
                row["status"],
                row["type"],
                row.get("channel"),
                row["retryCount"],
                row.get("target"),
            )
            for row in rows
        ],
    )


def show_windows(output: Output, title: str, rows: Sequence[Document]) -> None:
    """Windows of expectations."""
    output.table(
        title,
        ("due", "workflow", "expectation", "customer", "status", "files", "acknowledged"),
        [
            (
                moment(row["dueAt"]),
                row["workflowId"],
                row["expectationId"],
                row["customerId"],
                row["status"],
                row.get("found", {}).get("count"),
                row.get("acknowledgedBy"),
            )
            for row in rows
        ],
    )


def show_letters(output: Output, title: str, rows: Sequence[Document]) -> None:
    """Dead letters."""
    output.table(
        title,
        ("sent", "message", "kind", "verdict", "about", "transfer", "why"),
        [
            (
                moment(row["sentAt"]),
                row["messageId"],
                row["kind"],
                row["verdict"],
                row.get("key"),
                row.get("status"),
                row.get("problem"),
            )
            for row in rows
        ],
    )


def show_workflows(output: Output, rows: Sequence[Document]) -> None:
    """Definitions in a list."""
    output.table(
        "Workflows",
        ("workflow", "enabled", "source", "customer", "to", "version", "by"),
        [
            (
                row["workflowId"],
                row["enabled"],
                row.get("sourcePrefix"),
                row.get("customerId"),
                row.get("targetType"),
                row["version"],
                row.get("updatedBy"),
            )
            for row in rows
        ],
    )


def show_simulation(output: Output, found: Document) -> None:
    """Where a file would go, and why."""
    marks = {"PASSED": "[green]+[/green]", "FAILED": "[red]![/red]", "NOT_REACHED": "[dim]·[/dim]"}
    output.say(f"[bold]{coloured(found['fileName'])}[/bold], {found['sizeBytes']} bytes: {coloured(found['outcome'])}")
    for step in found["steps"]:
        output.say(f"  {marks[step['verdict']]} {step['step']:<9} {coloured(step.get('detail', ''))}")
    output.table(
        "Targets",
        ("target", "where", "how", "an object that is there"),
        [(each["id"], each["uri"], each["delivery"], each["existing"]) for each in found["targets"]],
    )
