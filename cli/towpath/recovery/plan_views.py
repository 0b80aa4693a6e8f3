"""Recovery plans and their differences as tables."""

from __future__ import annotations

from typing import Any

from disaster_recovery.plans.plan import DAY_SECONDS, DEFAULT_WAVE_SECONDS
from towpath.output import Output, duration, moment
from towpath.recovery.plan_diff import Change


def show_changes(output: Output, stored: dict[str, Any], changes: list[Change]) -> None:
    colours = {"+": "green", "-": "red", "~": "yellow", ">": "cyan"}

    def render() -> None:
        output.say(f"[bold]{stored['name']}[/bold], stored version {stored['version']}:")
        for change in changes:
            output.coloured_line(str(change), colours[change.kind])
        if not changes:
            output.say("  no difference")

    output.show([change.document() for change in changes], render)


def show_plan(output: Output, stored: dict[str, Any]) -> None:
    objectives = stored.get("objectives", {})
    output.fields(
        stored["name"],
        {
            "plan": stored["planId"],
            "description": stored.get("description"),
            "account": stored.get("account"),
            "RTO": duration(objectives.get("rtoSeconds")),
            "RPO": duration(objectives.get("rpoSeconds")),
            "on conflict": stored.get("conflictPolicy", "WAIT"),
            "drill instances live": duration(stored.get("drillTtlSeconds")),
            "version": stored["version"],
            "updated": f"{moment(stored['updatedAt'])} by {stored['updatedBy']}",
        },
    )
    output.table(
        "Waves",
        ("", "wave", "after", "servers", "pause", "actions", "on failure", "limit"),
        [(number, *_wave(number, wave)) for number, wave in enumerate(stored["waves"], start=1)],
    )


def _wave(number: int, wave: dict[str, Any]) -> tuple[Any, ...]:
    seconds = wave.get("pause", {}).get("deadlineSeconds", DAY_SECONDS)
    pause = f"up to {duration(seconds)}" if wave.get("pauseBeforeWave") else ""
    actions = ", ".join(each["name"] for phase in ("preActions", "postActions") for each in wave.get(phase, []))
    return (
        wave["name"],
        ", ".join(wave["dependsOn"]) if "dependsOn" in wave else "the one before" if number > 1 else "",
        wave.get("protectionGroupId") or len(wave["servers"]),
        pause,
        actions,
        wave.get("onFailure", "STOP"),
        duration(wave.get("timeoutSeconds", DEFAULT_WAVE_SECONDS)),
    )


def size_of(document: dict[str, Any]) -> tuple[int, str]:
    servers = sum(len(wave.get("servers", [])) for wave in document["waves"])
    groups = sum("protectionGroupId" in wave for wave in document["waves"])
    return len(document["waves"]), f"{servers} servers" + (f" and those of {groups} groups" if groups else "")
