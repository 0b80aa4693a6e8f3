"""The action StartWave: recovery points are chosen anew, then the wave's servers start as far as there is room."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from disaster_recovery.drs.answers import Snapshot
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.errors import LostRace, QuotaUnreadable, TowpathError
from disaster_recovery.launch import wave_start
from disaster_recovery.launch.wave_servers import waiting_servers
from disaster_recovery.machine.preparing import frozen, known_wave
from disaster_recovery.machine.tools import Tools
from disaster_recovery.plans.recovery_points import LATEST, Point, choose_for_servers
from disaster_recovery.records.execution import Execution, Intent, Server, Wave
from disaster_recovery.records.record import Record, changed
from disaster_recovery.records.statuses import ENDED_WAVES, IntentState, LaunchStatus
from disaster_recovery.records.transitions import going_on
from shared.clock import parse, stamp

#: An intent names no more servers than a job may have.
MOST_SERVERS = 100


def start_wave(tools: Tools, execution_id: str, wave_number: int) -> dict[str, Any]:
    """{"started": servers in jobs, "waiting": servers without}; may be repeated. Raises ExecutionCancelled."""
    execution = going_on(tools.store, execution_id)
    wave = known_wave(tools.store, execution_id, wave_number)
    try:
        choose_points(tools, execution, wave)
    except TowpathError as error:
        if not error.retriable or isinstance(error, LostRace):
            raise
        tools.count("DescribeErrors", 1)
        return _wait_for_points(tools, execution, wave)
    return _start(tools, execution, wave_number, partial(tools.quotas, execution.account.account()), tools.count)


def _start(
    tools: Tools, execution: Execution, wave_number: int, quotas: Callable[[], Quotas], count: wave_start.Count
) -> dict[str, Any]:
    return dict(
        wave_start.start_wave(
            tools.store,
            tools.drs(execution.account.account()),
            quotas,
            tools.clock,
            execution.execution_id,
            wave_number,
            grace_seconds=tools.settings.intent_grace_seconds,
            count=count,
        )
    )


def choose_points(tools: Tools, execution: Execution, wave: Wave) -> None:
    """The recovery point of each server that waits; a server whose point is gone becomes FAILED, the others go on.

    Servers that a job has taken up are left alone. Raises what DRS raises when it cannot be asked.
    """
    planned = frozen(tools.store, execution.execution_id).wave(wave.wave_number)
    named = {server.source_server_id: server.recovery_snapshot_id for server in planned.servers}
    if wave.wave_status in ENDED_WAVES or (planned.recovery_point.mode == LATEST and not any(named.values())):
        return
    servers = _servers(tools, wave)
    drs = tools.drs(execution.account.account())
    until = parse(planned.recovery_point.at) if planned.recovery_point.at else None

    def snapshots_of(server_id: str) -> list[Snapshot]:
        return list(drs.snapshots(server_id, until=None if named.get(server_id) else until))

    wanted = {server_id: named.get(server_id) for server_id in _waiting(tools, wave, servers)}
    chosen = choose_for_servers(planned.recovery_point, wanted, snapshots_of)
    changes: list[Record] = [_pointed(servers[each], point) for each, point in chosen.points.items()]
    changes += [_failed(servers[each], problem) for each, problem in chosen.problems.items()]
    tools.store.save_in_batches(changes)


def _wait_for_points(tools: Tools, execution: Execution, wave: Wave) -> dict[str, Any]:
    """What DRS does not tell is unknown: the wave has begun, its servers wait, and the poller has them started later.

    A refused intent says why, and has the poller wait longer each time.
    """
    started = _start(tools, execution, wave.wave_number, _no_room, wave_start.ignore)
    waiting = _waiting(tools, wave, _servers(tools, wave))
    intents = tools.store.intents(wave.execution_id, wave.wave_number)
    before = [each.chunk for each in intents if each.attempt == wave.attempt]
    now = stamp(tools.clock())
    refused = Intent(
        execution_id=wave.execution_id,
        wave_number=wave.wave_number,
        attempt=wave.attempt,
        chunk=max(before, default=0) + 1,
        source_server_ids=tuple(waiting[:MOST_SERVERS]),
        intent_state=IntentState.REFUSED,
        created_at=now,
        ended_at=now,
        reason="RECOVERY_POINTS_UNREADABLE",
    )
    tools.store.save_or_lose(refused)
    return started


def _no_room() -> Quotas:
    raise QuotaUnreadable("nothing is started before the recovery points are known")


def _servers(tools: Tools, wave: Wave) -> dict[str, Server]:
    return {each.source_server_id: each for each in tools.store.servers(wave.execution_id, wave.wave_number)}


def _waiting(tools: Tools, wave: Wave, servers: dict[str, Server]) -> list[str]:
    return waiting_servers(wave, servers, tools.store.intents(wave.execution_id))


def _pointed(server: Server, point: Point) -> Server:
    taken = stamp(point.taken_at) if point.taken_at else None
    return changed(server, recovery_snapshot_id=point.snapshot_id, recovery_point_at=taken)


def _failed(server: Server, problem: str) -> Server:
    return changed(server, launch_status=LaunchStatus.FAILED, error_message=problem)
