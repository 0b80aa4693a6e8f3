"""Random runs: what is planned, what goes wrong, what people do. A schedule is all that a run depends on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from local_cloud.virtual.faults import CallFault
from tests.properties.call_faults import around, deaths, refusals
from tests.properties.disaster_recovery import plans

FUNCTIONS = (
    "disaster-recovery-orchestration",
    "disaster-recovery-execution-poller",
    "disaster-recovery-execution-finder",
)
SERVERS = 8
WAVE_SECONDS = 5400
PAUSE_SECONDS = 3600


@dataclass(frozen=True)
class Deed:
    """Something a person does, seconds after the beginning, to the execution with that number (0 is the first)."""

    at: int
    command: str
    execution: int = 0


@dataclass(frozen=True)
class Schedule:
    """`plans` are started `apart` seconds after each other; `dead` functions do not start from a second to another."""

    seed: int
    plans: tuple[dict[str, Any], ...]
    quotas: dict[str, int] = field(default_factory=dict)
    apart: int = 60
    faults: tuple[CallFault, ...] = ()
    injections: tuple[dict[str, Any], ...] = ()
    dead: tuple[tuple[str, int, int], ...] = ()
    deeds: tuple[Deed, ...] = ()
    page_size: int | None = None


def servers_of(start: int, size: int) -> list[int]:
    return [(start + offset) % SERVERS for offset in range(size)]


@st.composite
def waves(draw: st.DrawFn, start: int) -> list[dict[str, Any]]:
    """One to three waves of one to three servers each, no server twice."""
    made: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1, 2 if number else 3))
        numbers = servers_of(start, size)
        start += size
        made.append(
            plans.wave(
                f"wave {number + 1}",
                numbers,
                optional=numbers[:1] if draw(st.booleans()) else (),
                onFailure=draw(st.sampled_from(("STOP", "CONTINUE", "PAUSE"))),
                minimumLaunchedPercent=draw(st.sampled_from((0, 50, 100))),
                pauseBeforeWave=draw(st.sampled_from((False, False, False, True))),
                pause={
                    "deadlineSeconds": PAUSE_SECONDS,
                    "onTimeout": draw(st.sampled_from(("ABORT", "CONTINUE"))),
                },
                timeoutSeconds=WAVE_SECONDS,
            )
        )
    return made


@st.composite
def plan_pairs(draw: st.DrawFn) -> tuple[dict[str, Any], ...]:
    """One plan, or two that share servers."""
    policy = st.sampled_from(("WAIT", "SKIP", "FAIL"))
    first = plans.plan(*draw(waves(0)), name="first", conflictPolicy=draw(policy))
    if draw(st.booleans()):
        return (first,)
    return first, plans.plan(*draw(waves(draw(st.integers(0, 3)))), name="second", conflictPolicy=draw(policy))


def call_faults() -> st.SearchStrategy[CallFault]:
    """A function that dies, a call that is refused, or an answer that is lost."""
    starting = around(("StartRecovery", "StartRecovery", "SendTask*", "TransactWriteItems", "DescribeJobs"))
    services = ("drs", "dynamodb", "stepfunctions", "lambda", "sqs", "sns", "service-quotas")
    return st.one_of(deaths(FUNCTIONS), refusals(services), starting, starting)


def injections() -> st.SearchStrategy[dict[str, Any]]:
    """What DRS itself, the event bus, or somebody at the console does."""
    server = st.integers(0, SERVERS - 1).map(plans.server_id)
    second = st.integers(0, 3600)
    phase = st.sampled_from(("SNAPSHOT", "CONVERSION", "LAUNCH"))
    nth = st.lists(st.integers(1, 3), min_size=1, max_size=2, unique=True)
    acts = st.one_of(
        st.builds(
            lambda one, at: {"type": "external_job", "servers": [one], "isDrill": True, "afterSeconds": at},
            server,
            second,
        ),
        st.builds(lambda one, at: {"type": "terminate_instance", "server": one, "afterSeconds": at}, server, second),
        st.builds(lambda at: {"type": "delete_job", "job": "*", "afterSeconds": at}, second),
    ).map(lambda action: {"action": action})
    phases = st.builds(
        lambda one, when, occasions, action: {"server": one, "phase": when, "nth": occasions, "action": action},
        server,
        phase,
        nth,
        st.sampled_from(({"type": "fail"}, {"type": "hang"}, {"type": "slow", "factor": 4}, {"type": "leave"})),
    )
    calls = st.builds(
        lambda operation, occasions, action: {"operation": operation, "nth": occasions, "action": action},
        st.sampled_from(("StartRecovery", "Describe*", "TerminateRecoveryInstances")),
        nth,
        st.sampled_from(
            (
                {"type": "lost_response"},
                {"type": "error"},
                {"type": "throttle"},
                {"type": "late_visibility", "seconds": 30},
                {"type": "small_pages", "size": 1},
            )
        ),
    )
    events = st.builds(
        lambda odds, action: {"probability": odds, "action": action},
        st.sampled_from((0.3, 1.0)),
        st.sampled_from(({"type": "lose_event"}, {"type": "duplicate_event"}, {"type": "delay_event", "seconds": 600})),
    )
    return st.one_of(acts, phases, calls, events)


def deeds() -> st.SearchStrategy[Deed]:
    return st.builds(
        Deed,
        at=st.integers(0, 5400),
        command=st.sampled_from(("pause", "resume", "cancel", "retry_failed", "skip_wave", "resume_stop", "terminate")),
        execution=st.integers(0, 1),
    )


def outages() -> st.SearchStrategy[tuple[str, int, int]]:
    """A function that does not start for one to forty minutes."""
    return st.builds(
        lambda name, start, minutes: (name, start, start + 60 * minutes),
        st.sampled_from(FUNCTIONS[1:]),
        st.integers(0, 3600),
        st.integers(1, 40),
    )


def schedules() -> st.SearchStrategy[Schedule]:
    """Runs with a few of everything that can go wrong."""
    small = st.fixed_dictionaries(
        {"concurrentJobs": st.integers(1, 3), "serversPerJob": st.integers(1, 3), "serversInAllJobs": st.integers(3, 6)}
    )
    return st.builds(
        Schedule,
        seed=st.integers(0, 2**16),
        plans=plan_pairs(),
        quotas=st.one_of(st.just({}), small),
        apart=st.integers(0, 300),
        faults=st.lists(call_faults(), max_size=4).map(tuple),
        injections=st.lists(injections(), max_size=3).map(tuple),
        dead=st.lists(outages(), max_size=1).map(tuple),
        deeds=st.lists(deeds(), max_size=3).map(tuple),
        page_size=st.sampled_from((None, None, 1, 2)),
    )
