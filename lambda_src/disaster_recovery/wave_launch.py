"""The action StartWave: recovery points are chosen anew, then the wave's servers start as far as there is room."""

from __future__ import annotations

from functools import partial
from typing import Any

from disaster_recovery import recovery_points, wave_start
from disaster_recovery.drs_types import Snapshot
from disaster_recovery.errors import TowpathError
from disaster_recovery.preparing import frozen, known_wave
from disaster_recovery.record import Record, changed
from disaster_recovery.records import Execution, Server
from disaster_recovery.statuses import ENDED_WAVES, LaunchStatus
from disaster_recovery.tools import Tools
from disaster_recovery.transitions import going_on
from shared.clock import parse, stamp

MORE_TO_COME = frozenset({"BEFORE", "EXACT"})


def start_wave(tools: Tools, execution_id: str, wave_number: int) -> dict[str, Any]:
    """{"started": servers in jobs, "waiting": servers without}; may be repeated. Raises ExecutionCancelled."""
    execution = going_on(tools.store, execution_id)
    choose_points(tools, execution, wave_number)
    account = execution.account.account()
    return dict(
        wave_start.start_wave(
            tools.store,
            tools.drs(account),
            partial(tools.quotas, account),
            tools.clock,
            execution_id,
            wave_number,
            grace_seconds=tools.settings.intent_grace_seconds,
            count=tools.count,
        )
    )


def choose_points(tools: Tools, execution: Execution, wave_number: int) -> None:
    """The recovery point of each server that waits; a server whose point is gone becomes FAILED, the others go on.

    Servers that a job has taken up are left alone. Raises what DRS raises when it cannot be asked: then nothing is
    started, and the machine tries again.
    """
    execution_id = execution.execution_id
    wave = known_wave(tools.store, execution_id, wave_number)
    planned = frozen(tools.store, execution_id).wave(wave_number)
    named = {server.source_server_id: server.recovery_snapshot_id for server in planned.servers}
    if wave.wave_status in ENDED_WAVES or not (planned.recovery_point.mode in MORE_TO_COME or any(named.values())):
        return
    servers = {each.source_server_id: each for each in tools.store.servers(execution_id, wave_number)}
    waiting = wave_start.waiting_servers(wave, servers, tools.store.intents(execution_id))
    drs = tools.drs(execution.account.account())
    until = parse(planned.recovery_point.at) if planned.recovery_point.at else None

    def snapshots_of(server_id: str) -> list[Snapshot]:
        return list(drs.snapshots(server_id, until=None if named.get(server_id) else until))

    try:
        wanted = {server_id: named.get(server_id) for server_id in waiting}
        chosen = recovery_points.choose_for_servers(planned.recovery_point, wanted, snapshots_of)
    except TowpathError:
        tools.count("DescribeErrors", 1)
        raise
    changes: list[Record] = [_pointed(servers[each], point) for each, point in chosen.points.items()]
    changes += [_failed(servers[each], problem) for each, problem in chosen.problems.items()]
    tools.store.save_in_batches(changes)


def _pointed(server: Server, point: recovery_points.Point) -> Server:
    taken = stamp(point.taken_at) if point.taken_at else None
    return changed(server, recovery_snapshot_id=point.snapshot_id, recovery_point_at=taken)


def _failed(server: Server, problem: str) -> Server:
    return changed(server, launch_status=LaunchStatus.FAILED, error_message=problem)
