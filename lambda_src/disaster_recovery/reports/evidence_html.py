"""The evidence pack as one page for people: self-contained, and every value escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from disaster_recovery.drs.durations import text_of
from disaster_recovery.reports.evidence_cells import BAD, GOOD, TONES, code, count, error, seconds, status, table, time
from disaster_recovery.reports.evidence_style import STYLE
from shared.clock import parse

Pack = Mapping[str, Any]


def render(pack: Pack) -> str:
    """The page. It contains what the pack contains, and nothing else is read for it."""
    execution = pack["execution"]
    title = f"{_type(execution)} of {execution.get('planName', '')}"
    parts = [
        _head(pack, title),
        _tiles(pack),
        _section("Waves", _waves(pack)),
        _section("Servers", _servers(pack)),
        _section("Decisions of people", _approvals(pack)) if pack["approvals"] else "",
        _section("Actions", _actions(pack)) if pack["actions"] else "",
        _section("Termination", _terminations(pack)) if pack["terminations"] else "",
        _section("Timeline", _timeline(pack)),
        _section("Integrity", _integrity(pack)),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _type(execution: Pack) -> str:
    return {"DRILL": "Recovery drill", "RECOVERY": "Recovery"}.get(execution.get("type", ""), "Execution")


def _head(pack: Pack, title: str) -> str:
    execution, waves = pack["execution"], pack["waves"]
    run = f", run {execution['runNumber']}" if execution.get("runNumber", 1) > 1 else ""
    description = pack["plan"].get("description", "")
    size = f"{count(len(pack['servers']), 'server')} in {count(len(waves), 'wave')}"
    by = f"started {time(execution.get('startedAt'))} by {escape(execution.get('startedBy', 'unknown'))}"
    about = f"<code>{escape(execution['executionId'])}</code>{run} · {size} · {by}"
    return (
        f"<h1>{escape(title)}</h1>"
        + (f"<p>{escape(description)}</p>" if description else "")
        + f'<p class="soft">{about} · evidence of {time(pack["generatedAt"])}</p>'
        + (f'<p class="bad">{escape(execution["errorMessage"])}</p>' if execution.get("errorMessage") else "")
    )


def _tiles(pack: Pack) -> str:
    rto, rpo = pack["objectives"]["rto"], pack["objectives"]["rpo"]
    launched = sum(1 for server in pack["servers"] if server.get("launchedAt"))
    waited = rto["waitedForPeopleSeconds"]
    tiles = [
        _tile("Outcome", pack["execution"]["status"], "", TONES.get(pack["execution"]["status"], "")),
        _tile("Servers launched", f"{launched} of {len(pack['servers'])}", "", ""),
        _tile("Recovery time", text_of(rto["achievedSeconds"]), _target(rto), _tone(rto)),
        _tile("Recovery point", text_of(rpo["achievedSeconds"]), _target(rpo), _tone(rpo)),
    ]
    if waited:
        tiles.append(
            _tile("Waited for people", text_of(waited), f"{text_of(rto['withoutWaitingSeconds'])} without it", "")
        )
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _tile(name: str, value: str, note: str, tone: str) -> str:
    shown = f'<span>{escape(name)}</span><b class="{tone}">{escape(value)}</b><span>{escape(note)}</span>'
    return f'<div class="tile">{shown}</div>'


def _target(objective: Pack) -> str:
    target = objective["targetSeconds"]
    unknown = objective.get("unknownServers")
    told = (
        "no objective set"
        if target is None
        else f"objective {text_of(target)}: {'met' if objective['met'] else 'missed'}"
    )
    return f"{told}, unknown for {unknown}" if unknown else told


def _tone(objective: Pack) -> str:
    return "" if objective["met"] is None else GOOD if objective["met"] else BAD


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}"


def _waves(pack: Pack) -> str:
    moments = [
        wave[name] for wave in pack["waves"] for name in ("startedAt", "lastLaunchAt", "endedAt") if wave.get(name)
    ]
    start = min([pack["execution"].get("startedAt", pack["generatedAt"]), *moments])
    whole = max((parse(max(moments)) - parse(start)).total_seconds(), 1) if moments else 1
    return table(
        ["Wave", "Status", "#Launched", "#Took", "When"],
        (
            [
                f"{wave['waveNumber']} {escape(wave.get('name', ''))}",
                status(wave.get("waveStatus", "")),
                f"{wave.get('counts', {}).get('launched', 0)} of {wave.get('counts', {}).get('servers', 0)}",
                seconds(wave.get("launchSeconds")),
                _bar(wave, start, whole),
            ]
            for wave in pack["waves"]
        ),
    )


def _bar(wave: Pack, start: str, whole: float) -> str:
    begin, end = wave.get("startedAt"), wave.get("lastLaunchAt") or wave.get("endedAt")
    if not begin or not end:
        return '<span class="soft">not started</span>'
    left = 100 * (parse(begin) - parse(start)).total_seconds() / whole
    width = 100 * max(0.0, (parse(end) - parse(begin)).total_seconds()) / whole
    return f'<div class="track"><i style="left:{left:.1f}%;width:{min(width, 100 - left):.1f}%"></i></div>'


def _servers(pack: Pack) -> str:
    return table(
        ["#Wave", "Server", "Status", "#Took", "#Data lost", "Recovery point", "Instance", "Job"],
        (
            [
                str(server["waveNumber"]),
                f"{escape(server.get('hostname') or '')} <code>{escape(server['sourceServerId'])}</code>",
                status(server.get("launchStatus", "")) + error(server),
                seconds(server.get("launchSeconds")),
                seconds(server.get("rpoSeconds")),
                code(server.get("recoverySnapshotId") or "latest"),
                code(server.get("ec2InstanceId")),
                code(server.get("jobId")),
            ]
            for server in pack["servers"]
        ),
    )


def _approvals(pack: Pack) -> str:
    return table(
        ["#Wave", "Why", "Decision", "By", "#Waited", "Comment"],
        (
            [
                str(each.get("waveNumber") or ""),
                escape(each.get("reason") or ""),
                escape(each.get("decision") or "none yet"),
                escape(each.get("decidedBy") or ""),
                seconds(each.get("waitedSeconds")),
                escape(each.get("comment") or ""),
            ]
            for each in pack["approvals"]
        ),
    )


def _actions(pack: Pack) -> str:
    return table(
        ["#Wave", "When", "Action", "State", "Reference"],
        (
            [
                str(each.get("waveNumber", "")),
                "before" if each.get("phase") == "PRE" else "after",
                escape(each.get("name", "")),
                status(each.get("actionState", "")) + error(each),
                code(each.get("reference")),
            ]
            for each in pack["actions"]
        ),
    )


def _terminations(pack: Pack) -> str:
    return table(
        ["Status", "Asked for by", "Asked for", "Ended", "#Instances"],
        (
            [
                status(each.get("terminationStatus") or each.get("status") or ""),
                escape(each.get("requestedBy", "")),
                time(each.get("startedAt")),
                time(each.get("endedAt")),
                str(len(each.get("instanceIds", []))),
            ]
            for each in pack["terminations"]
        ),
    )


def _timeline(pack: Pack) -> str:
    return table(
        ["#", "When", "What", "Who"],
        (
            [
                str(event["revision"]),
                time(event["at"]),
                f"{escape(event.get('message', ''))} <code class='soft'>{escape(event['kind'])}</code>",
                escape(event.get("actor", "")),
            ]
            for event in pack["timeline"]
        ),
    )


def _integrity(pack: Pack) -> str:
    integrity = pack["integrity"]
    return (
        f"<p>Each event is hashed together with the hash of the one before; {count(integrity['events'], 'event')} end"
        f' in</p><p class="hash"><code>{escape(integrity["head"])}</code></p>'
        f"<p>Configuration of the run (plan and resolved servers)</p>"
        f'<p class="hash"><code>{escape(integrity.get("planHash") or "unknown")}</code></p>'
    )
