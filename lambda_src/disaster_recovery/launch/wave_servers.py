"""Which servers of a wave wait for a job, and which have one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from disaster_recovery.plans.plan import CRITICAL
from disaster_recovery.records.execution import Intent, Server, Wave
from disaster_recovery.records.statuses import IntentState, LaunchStatus


def waiting_servers(wave: Wave, servers: Mapping[str, Server], intents: Iterable[Intent]) -> list[str]:
    """Servers of this attempt that no intent has taken up, the critical ones first."""
    taken = {
        server_id
        for intent in intents
        if same_attempt(intent, wave) and intent.intent_state != IntentState.REFUSED
        for server_id in intent.source_server_ids
    }
    waiting = [
        server
        for server in servers.values()
        if server.launch_status == LaunchStatus.PENDING and server.source_server_id not in taken
    ]
    ordered = sorted(waiting, key=lambda server: (server.criticality != CRITICAL, server.source_server_id))
    return [server.source_server_id for server in ordered]


def same_attempt(intent: Intent, wave: Wave) -> bool:
    """True when the intent belongs to this attempt of the wave."""
    return intent.wave_number == wave.wave_number and intent.attempt == wave.attempt


def in_job(intent: Intent, wave: Wave) -> tuple[str, ...]:
    """The servers that this intent has brought into a job in this attempt."""
    has_job = intent.intent_state in (IntentState.STARTED, IntentState.ENDED)
    return intent.source_server_ids if has_job and same_attempt(intent, wave) else ()
