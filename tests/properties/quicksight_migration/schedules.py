"""Random runs: which jobs are started, what goes wrong, what people do. A schedule is all that a run depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import strategies as st

from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.migration import places
from local_cloud.virtual.migration.events import Fate
from local_cloud.virtual.migration.places import FUNCTIONS
from tests.properties.call_faults import around, deaths, failures_of, occasions, refusals
from tests.properties.quicksight_migration import estates

T = TypeVar("T")
FAMILIES = 4
#: In the source there are more, for jobs that have nothing in common.
SOURCE_FAMILIES = 8
#: Whose calls go wrong: most often of those who change something.
OFTEN = (*FUNCTIONS, places.IMPORT, places.IMPORT, places.BACKUP, places.UPDATER)
HOUR = 3600
#: What a person does about a plan that waits: decides so many seconds later, or never.
APPROVE, REJECT, NOTHING = "approve", "reject", "nothing"


@dataclass(frozen=True)
class Deed:
    """Something a person does, seconds after the beginning, to the job with that number (0 is the first).

    `edit` and `delete` change the dashboard of that number in the target, `edit_source` in the source.
    """

    at: int
    command: str
    number: int = 0


@dataclass(frozen=True)
class Schedule:
    """`jobs` are started `apart` seconds after each other. `there`: families in the target, and how their names end.

    `approver`: what the person at the other end does and after how many seconds. `injections` are rules of QuickSight,
    each with the side, SOURCE or TARGET, that it is of. `fates` befall events of machines that ended. `again`: whether
    somebody retries what has not completed, once it is over. `undo`: whether somebody then takes back what was
    migrated, the newest first; what needs attention is restored in any case. `chunk`: assets that one export takes.
    """

    seed: int
    jobs: tuple[dict[str, Any], ...]
    there: Mapping[int, str] = field(default_factory=dict)
    apart: int = 30
    approver: tuple[str, int] = (APPROVE, 300)
    faults: tuple[CallFault, ...] = ()
    injections: tuple[tuple[str, dict[str, Any]], ...] = ()
    fates: tuple[Fate, ...] = ()
    deeds: tuple[Deed, ...] = ()
    again: bool = False
    undo: bool = False
    chunk: int = 100


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    """Options of a job; most leave most of them out."""
    policy = draw(st.sampled_from(("UPDATE", "UPDATE", "UPDATE", "SKIP", "FAIL", "PREFIX")))
    found: dict[str, Any] = {"conflictPolicy": policy}
    if policy == "PREFIX":
        found["prefix"] = draw(st.sampled_from(("new-", "copy_")))
    rare = st.sampled_from((False, False, False, False, True))
    found |= {"failureAction": "DO_NOTHING"} if draw(rare) else {}
    found |= {"backup": False} if draw(rare) else {}
    found |= {"planOnly": True} if draw(rare) else {}
    found |= {"approval": "REQUIRED"} if draw(st.booleans()) else {}
    found |= {"includeFolderMemberships": True} if draw(rare) else {}
    return found


@st.composite
def permissions(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Nobody, or a group that may see or own the dashboards."""
    if draw(st.booleans()):
        return []
    entry: dict[str, Any] = {
        "assetTypes": ["DASHBOARD"],
        "principals": [estates.group(draw(st.sampled_from((estates.VIEWERS, estates.OWNERS))))],
        "access": draw(st.sampled_from(("OWNER", "VIEWER"))),
    }
    return [entry | ({"replace": True} if draw(st.booleans()) else {})]


@st.composite
def jobs(draw: st.DrawFn, most: int = 3) -> tuple[dict[str, Any], ...]:
    """One to three jobs of one to three dashboards; some share dashboards."""
    made = []
    for _ in range(draw(st.integers(1, most))):
        numbers = draw(st.lists(st.integers(0, FAMILIES - 1), min_size=1, max_size=3, unique=True))
        granted = draw(permissions())
        more = {"permissions": granted} if granted else {}
        made.append(estates.job(sorted(numbers), options=draw(options()), **more))
    return tuple(made)


def call_faults() -> st.SearchStrategy[CallFault]:
    """A function that dies, a call that is refused, for good too, or an answer that is lost."""
    services = ("quicksight", "dynamodb", "s3", "stepfunctions", "lambda", "sns", "sts", "download")
    starting = around(
        (
            "StartAssetBundle*",
            "StartAssetBundleImportJob",
            "StartExecution",
            "SendTask*",
            "TransactWriteItems",
            "DescribeAssetBundle*",
            "Update*Permissions",
            "PutObject",
        )
    )
    denied = st.builds(
        CallFault, effect=st.just("deny"), nth=occasions(25), service=st.sampled_from(("quicksight", "sts", "s3"))
    )
    dying, failing = deaths(OFTEN, 25), failures_of(OFTEN)
    return st.one_of(dying, dying, failing, failing, refusals(services), denied, starting, starting)


def _rule(side: str, **rule: Any) -> tuple[str, dict[str, Any]]:
    return side, rule


def injections() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """What QuickSight itself or other people in its accounts do."""
    side = st.sampled_from(("SOURCE", "TARGET", "TARGET"))
    few = occasions(3, 2).map(list)
    calls = st.builds(
        lambda side, operation, nth, action: _rule(side, operation=operation, nth=nth, action=action),
        side,
        st.sampled_from(("StartAssetBundle*", "DescribeAssetBundle*", "Describe*", "Update*", "Delete*")),
        few,
        st.sampled_from(
            (
                {"type": "lost_response"},
                {"type": "delayed_request", "seconds": 8},
                {"type": "late_visibility", "seconds": 30},
                {"type": "error"},
                {"type": "throttle"},
            )
        ),
    )
    full = st.builds(
        lambda side, nth: _rule(side, operation="StartAssetBundle*", nth=nth, action={"type": "limit_exceeded"}),
        side,
        few,
    )
    downloads = st.builds(
        lambda side, nth, action: _rule(side, operation="Download", nth=nth, action=action),
        side,
        few,
        st.sampled_from(({"type": "cut", "bytes": 100}, {"type": "expire"}, {"type": "error", "status": 503})),
    )
    others = st.builds(
        lambda side, kind, count, at: _rule(
            side,
            action={"type": "external_jobs", "kind": kind, "count": count, "seconds": 600, "afterSeconds": at},
        ),
        side,
        st.sampled_from(("EXPORT", "IMPORT")),
        st.integers(1, 5),
        st.integers(0, 900),
    )
    return st.one_of(calls, calls, full, downloads, others)


@st.composite
def broken_assets(draw: st.DrawFn) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Assets that cannot be exported or imported; and, sometimes, cannot be put back either."""
    phase = draw(st.sampled_from(("EXPORT", "IMPORT", "IMPORT", "IMPORT")))
    side = draw(st.sampled_from(("SOURCE", "TARGET"))) if phase == "EXPORT" else "TARGET"
    nth = draw(st.lists(st.integers(1, 9), min_size=1, max_size=2, unique=True))
    action = draw(st.sampled_from(({"type": "fail"}, {"type": "fail"}, {"type": "slow", "factor": 30})))
    found = [_rule(side, nth=nth, phase=phase, action=action)]
    if phase == "IMPORT" and draw(st.booleans()):
        found.append(_rule(side, nth=[draw(st.integers(1, 3))], phase="ROLLBACK", action={"type": "fail"}))
    return tuple(found)


def deeds() -> st.SearchStrategy[Deed]:
    """What people do; most of it in the first minutes, when most happens."""
    commands = ("cancel", "cancel", "retry", "approve", "approve_seen", "reject", "restore", "edit", "edit", "delete")
    when = st.one_of(st.integers(0, 100), st.integers(0, 100), st.integers(0, 900), st.integers(0, 4 * HOUR))
    return st.builds(
        Deed, at=when, command=st.sampled_from((*commands, "edit_source")), number=st.integers(0, FAMILIES - 1)
    )


def some(each: st.SearchStrategy[T], counts: tuple[int, ...]) -> st.SearchStrategy[tuple[T, ...]]:
    """So many of something, each number as likely as it is named often."""
    return st.sampled_from(counts).flatmap(lambda count: st.tuples(*[each] * count))


def schedules() -> st.SearchStrategy[Schedule]:
    """Runs with a few of everything that can go wrong."""
    return st.builds(
        Schedule,
        seed=st.integers(0, 2**16),
        jobs=jobs(),
        there=st.dictionaries(st.integers(0, FAMILIES - 1), st.sampled_from(("", " old")), max_size=3),
        apart=st.integers(0, 120),
        approver=st.tuples(
            st.sampled_from((APPROVE, APPROVE, APPROVE, REJECT, NOTHING)), st.sampled_from((30, 600, 2 * HOUR))
        ),
        faults=some(call_faults(), (0, 1, 1, 2, 3, 4)),
        injections=st.builds(
            lambda some, broken: (*some, *broken),
            some(injections(), (0, 1, 1, 2)),
            st.booleans().flatmap(lambda broken: broken_assets() if broken else st.just(())),
        ),
        fates=some(st.sampled_from(("arrives", "lost", "twice", "late")), (0, 2, 4)),
        deeds=some(deeds(), (0, 0, 1, 2, 3)),
        again=st.booleans(),
        undo=st.booleans(),
        chunk=st.sampled_from((100, 100, 2, 1)),
    )


def hard_imports() -> st.SearchStrategy[Schedule]:
    """Runs in which imports of several chunks break off, are rolled back or not, and workers die meanwhile."""
    body = st.builds(
        lambda numbers, action, granted: estates.job(
            sorted(numbers), options={"conflictPolicy": "UPDATE", **action}, **granted
        ),
        st.lists(st.integers(0, FAMILIES - 1), min_size=2, max_size=3, unique=True),
        st.sampled_from(({}, {}, {}, {"failureAction": "DO_NOTHING"})),
        permissions().map(lambda granted: {"permissions": granted} if granted else {}),
    )
    workers = (places.IMPORT, places.IMPORT, places.BACKUP, places.PERMISSIONS, places.VERIFY, places.UPDATER)
    return st.builds(
        Schedule,
        seed=st.integers(0, 2**16),
        jobs=some(body, (1, 1, 2)),
        there=st.dictionaries(st.integers(0, FAMILIES - 1), st.just(" old"), min_size=1, max_size=3),
        apart=st.integers(0, 90),
        faults=some(st.one_of(deaths(workers, 40), failures_of(workers, 40)), (0, 1, 2)),
        injections=st.builds(lambda one, more: (*one, *more), broken_assets(), some(injections(), (0, 0, 1))),
        deeds=some(deeds(), (0, 0, 1, 2)),
        again=st.booleans(),
        undo=st.booleans(),
        chunk=st.sampled_from((1, 1, 2, 100)),
    )
