"""Executions as tables: the whole with its waves, servers, timeline, job log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from shared.clock import parse, utc_now
from towpath.output import Output, coloured, duration, moment, table

Document = Mapping[str, Any]
REASONS = {
    "PAUSE_BEFORE_WAVE": "the plan pauses before this wave",
    "REQUESTED": "somebody asked for a pause",
    "WAVE_FAILED": "the wave failed",
    "ACTION_FAILED": "an action failed",
}


def show_execution(output: Output, execution: Document) -> None:
    """Everything about an execution but its servers and its timeline."""
    output.fields(
        f"{str(execution['type']).capitalize()} of {execution['planName']}",
        {
            "execution": execution["executionId"],
            "status": execution["status"],
            "started": f"{moment(execution['startedAt'])} by {execution.get('startedBy', '?')}",
            "ended": moment(execution.get("endedAt")),
            "took": duration(elapsed(execution, utc_now())),
            "servers": counts(execution.get("counts", {})),
            "run": execution.get("runNumber", 1),
            "paused": paused(execution),
            "why": " ".join(str(execution[name]) for name in ("failureReason", "errorMessage") if execution.get(name)),
            "instances": instances(execution),
        },
    )
    output.console.print(wave_table(execution, utc_now()))


def wave_table(execution: Document, now: datetime) -> Table:
    """One line a wave."""
    return table(
        "Waves",
        ("", "wave", "status", "attempt", "servers", "launched", "failed", "started", "took"),
        [_wave(wave, now) for wave in execution.get("waves", [])],
    )


def live_view(execution: Document, now: datetime, trouble: str = "") -> Group:
    """What `watch` keeps on the screen: one line of state, the waves, and what somebody has to do."""
    took = duration(elapsed(execution, now))
    head = f"[bold]{execution['planName']}[/bold] {execution['executionId']}  {coloured(execution['status'])}  {took}"
    lines: list[Any] = [Text.from_markup(head), wave_table(execution, now)]
    if what := paused(execution):
        lines.append(Text.from_markup(f"[yellow]Paused[/yellow]: {what}"))
        lines.append(Text(f"  towpath drs executions resume {execution['executionId']}"))
    if trouble:
        lines.append(Text.from_markup(f"[red]{trouble}[/red]"))
    return Group(*lines)


def server_rows(servers: Sequence[Document]) -> list[tuple[Any, ...]]:
    """One line a server."""
    return [
        (
            each["waveNumber"],
            each["sourceServerId"],
            each.get("hostname"),
            "optional" if each.get("criticality") == "OPTIONAL" else "",
            each["launchStatus"],
            each.get("ec2InstanceId"),
            duration(between(each.get("startedAt"), each.get("launchedAt"))),
            each.get("errorMessage"),
        )
        for each in servers
    ]


def counts(found: Document) -> str:
    """`3 of 4 launched, 1 failed`."""
    text = f"{found.get('launched', 0)} of {found.get('servers', 0)} launched"
    return text + (f", {found['failed']} failed" if found.get("failed") else "")


def paused(execution: Document) -> str:
    """Why an execution is paused and until when, or nothing."""
    pause = execution.get("pause")
    if execution["status"] != "PAUSED" or not pause:
        return ""
    parts = [
        f"wave {pause.get('waveNumber')}, {REASONS.get(pause.get('reason'), pause.get('reason'))}",
        f"until {moment(pause.get('deadline'))} UTC, then {str(pause.get('onTimeout', 'ABORT')).lower()}",
    ]
    if pause.get("approverGroup"):
        parts.append(f"resumed by members of {pause['approverGroup']}")
    if pause.get("requireComment"):
        parts.append("with a comment")
    return ", ".join(parts)


def instances(execution: Document) -> str:
    """What became of the recovery instances."""
    if execution.get("instancesTerminated"):
        return "terminated"
    termination = execution.get("termination") or {}
    if termination.get("terminationStatus"):
        return f"termination {termination['terminationStatus']}"
    expires = execution.get("drillExpiresAt")
    return f"terminated by themselves at {moment(expires)} UTC" if expires else ""


def elapsed(execution: Document, now: datetime) -> float:
    """Seconds since the start, or from start to end."""
    end = parse(execution["endedAt"]) if execution.get("endedAt") else now
    return max(0.0, (end - parse(execution["startedAt"])).total_seconds())


def between(start: str | None, end: str | None) -> float | None:
    """Seconds between two stamps, None when one is missing."""
    return (parse(end) - parse(start)).total_seconds() if start and end else None


def _wave(wave: Document, now: datetime) -> tuple[Any, ...]:
    found = wave.get("counts", {})
    started, ended = wave.get("startedAt"), wave.get("lastLaunchAt") or wave.get("endedAt")
    running = wave["waveStatus"] in ("PRE_ACTIONS", "STARTING", "LAUNCHING", "POST_ACTIONS")
    took = (now - parse(started)).total_seconds() if started and running else between(started, ended)
    return (
        wave["waveNumber"],
        wave["name"],
        wave["waveStatus"],
        wave.get("attempt", 1),
        found.get("servers"),
        found.get("launched"),
        found.get("failed"),
        moment(started)[11:],
        duration(took),
    )
