"""Readiness reports and forecasts as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from towpath.output import Output, coloured, duration, moment

Document = Mapping[str, Any]
QUOTAS = {
    "concurrentJobs": "jobs at a time",
    "serversInJobs": "servers in all jobs",
    "serversPerJob": "servers in a job",
}
UNMET_SHOWN = 20


def show_readiness(output: Output, report: Document) -> None:
    """The verdict, what is wrong, and why it may not be started."""
    counts = report["counts"]
    verdict = "READY" if report["ready"] else "NOT_READY"
    output.say(
        f"{coloured(verdict)}: {counts['launchable']} of {counts['servers']} servers can be launched, "
        f"{counts['blockers']} blockers, {counts['warnings']} warnings ({moment(report['checkedAt'])} UTC)"
    )
    output.table(
        "Checks",
        ("level", "check", "wave", "server", ""),
        [
            (each["level"], each["check"], each.get("waveNumber"), each.get("sourceServerId"), each["message"])
            for each in report["findings"]
        ],
    )
    if report.get("refusal"):
        output.say(f"[red]Is not started[/red]: {escape(report['refusal'])}")


def show_forecast(output: Output, forecast: Document) -> None:
    """Predicted times by wave, then everything that could go otherwise."""
    if forecast.get("blocked"):
        output.say(f"[red]No prediction[/red]: {escape(forecast['blocked'])}")
    _show_waves(output, forecast)
    _show_runs(output, forecast)
    _show_headroom(output, forecast["quotas"])
    _show_surprises(output, forecast)
    cost = forecast["cost"]
    output.say(
        f"A drill costs about ${cost['usd']} (instances {cost['instancesUsd']}, disks {cost['disksUsd']}, "
        f"conversion {cost['conversionUsd']}), kept {cost['hoursKept']} h."
    )
    for line in cost.get("assumptions", []):
        output.say(f"[dim]  {escape(line)}[/dim]")


def _show_waves(output: Output, forecast: Document) -> None:
    rows: list[tuple[Any, ...]] = [
        (
            wave["waveNumber"],
            wave["name"],
            wave["servers"],
            wave.get("jobs"),
            "yes" if wave.get("pauseBefore") else "",
            *_range(wave.get("seconds")),
            duration((wave.get("sinceStart") or {}).get("median")),
            "over its limit" if wave.get("mayExceedTimeout") else "",
        )
        for wave in forecast["waves"]
    ]
    rto = forecast["rto"]
    if rto["seconds"]:
        rows.append(("", "all waves", "", "", "", *_range(rto["seconds"]), "", ""))
    columns = ("", "wave", "servers", "jobs", "pause", "min", "median", "worst", "done after", "")
    output.table(f"Predicted recovery time ({forecast['trials']} trials, seed {forecast['seed']})", columns, rows)
    if rto.get("targetSeconds") is not None:
        verdict = {"MET": "green", "LIKELY": "yellow", "MISSED": "red"}.get(rto["verdict"], "dim")
        output.say(f"RTO {duration(rto['targetSeconds'])}: [{verdict}]{rto['verdict']}[/{verdict}]")


def _show_runs(output: Output, forecast: Document) -> None:
    """What only rehearsals tell: how the runs ended."""
    if "outcomes" not in forecast:
        return
    ended = ", ".join(f"{count} {coloured(status)}" for status, count in forecast["outcomes"].items())
    events = forecast["historyEvents"]
    output.say(f"Runs: {ended}; {events['median']} history events of the state machine ({events['worst']} at most).")
    output.table(
        "Servers that did not launch in some run",
        ("server", "runs", "why"),
        [(each["sourceServerId"], each["trials"], each["message"]) for each in forecast["failures"]],
    )


def _range(seconds: Document | None) -> tuple[str, str, str]:
    found = seconds or {}
    return duration(found.get("min")), duration(found.get("median")), duration(found.get("worst"))


def _show_headroom(output: Output, quotas: Document) -> None:
    output.table(
        "Quotas",
        ("quota", "limit", "in use by others", "at most used", "left"),
        [
            (QUOTAS.get(name, name), row["limit"], row.get("inUse"), row.get("peak"), row.get("headroom"))
            for name, row in quotas.items()
        ],
    )


def _show_surprises(output: Output, forecast: Document) -> None:
    if forecast["conflicts"]:
        held = [
            (each.get("sourceServerId"), each.get("waveNumber"), each.get("heldBy") or each.get("message"))
            for each in forecast["conflicts"]
        ]
        output.table("Conflicts", ("server", "wave", ""), held)
    if forecast["pauses"]:
        rows = [
            (each["waveNumber"], each["name"], duration(each.get("deadlineSeconds")), each.get("onTimeout"))
            for each in forecast["pauses"]
        ]
        output.table("Waits for a person, not counted above", ("", "before wave", "at most", "then"), rows)
    exposed = sorted(forecast["rpo"], key=lambda each: (each["seconds"] is not None, -(each["seconds"] or 0)))
    columns = ("wave", "server", "host", "data lost", "met")
    output.table(
        f"Recovery point, the {min(UNMET_SHOWN, len(exposed))} worst of {len(exposed)} servers",
        columns,
        [
            (
                each["waveNumber"],
                each["sourceServerId"],
                each["hostname"],
                duration(each["seconds"]) or "unknown",
                each["met"],
            )
            for each in exposed[:UNMET_SHOWN]
        ],
    )
