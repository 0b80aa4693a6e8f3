"""`make benchmark`: measure both designs in a local cloud of our own, rewrite RESULTS.md, say which limits are kept."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from types import FrameType

from benchmarks import cloud, cold_start, designs, pricing, report
from benchmarks.designs import ONE, TWO, Design
from benchmarks.reference import Reference
from benchmarks.report import BURST, DOUBLE, SINGLE, Measured
from benchmarks.runs import Disturbed, Driver, Run
from local_cloud.session import LocalCloud
from tools.paths import shown

SECONDS = 350
SINGLES = 30
DOUBLES = {designs.OURS: 100, designs.BRIEF: 40}
BURST_FILES = 200
WARM_FILES = 20
_begun = time.monotonic()


def main() -> int:
    """Returns the exit status: 0 when every limit is kept, 1 when one is missed or nothing could be measured."""
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.alarm(SECONDS)
    try:
        measured = _measure()
    except (Disturbed, subprocess.CalledProcessError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    prices = pricing.load()
    report.write(measured, prices)
    say(f"written: {shown(report.RESULTS)}")
    found = report.limits(measured, prices)
    for one in found:
        print(f"  {'kept  ' if one.kept else 'MISSED'} {one.measured:>7.2f} of {one.limit:g}  {one.what}")
    return 0 if all(one.kept for one in found) else 1


def say(line: str) -> None:
    """Progress, with the seconds since the start."""
    print(f"· {time.monotonic() - _begun:5.0f} s  {line}", flush=True)


def _measure() -> Measured:
    with cloud.running() as running:
        reference = Reference(running)
        ours = designs.towpath(running)
        designs.use_production_times(running, ours)
        our_runs = _runs(running, ours, reference)
        say("brief: making its design")
        brief_runs = _runs(running, designs.brief(running, cloud.STATE_DIR), reference)
        alone = reference.burst(BURST_FILES, say)
    # With the cloud stopped, so that nothing else of ours runs.
    starts = cold_start.measure(cloud.STATE_DIR / "cold-start", say)
    return Measured(our_runs, brief_runs, reference.latencies_ms, alone, starts, time.monotonic() - _begun)


def _runs(running: LocalCloud, design: Design, reference: Reference) -> Mapping[str, Run]:
    with Driver(running, design) as driver:
        say(f"{design.name}: warming up")
        for targets in (ONE, TWO):
            driver.send(WARM_FILES, targets)
        say(f"{design.name}: {SINGLES} files one by one, one target")
        single = driver.one_by_one(SINGLES, ONE)
        say(f"{design.name}: {DOUBLES[design.name]} files one by one, two targets")
        double = driver.one_by_one(DOUBLES[design.name], TWO, between=reference.once)
        say(f"{design.name}: burst of {BURST_FILES} files, two targets")
        burst = driver.burst(BURST_FILES, TWO)
    return {SINGLE: single, DOUBLE: double, BURST: burst}


def _out_of_time(_signal: int, _frame: FrameType | None) -> None:
    raise Disturbed(f"not done after {SECONDS} s, which is all the time the benchmark gives itself")


if __name__ == "__main__":
    sys.exit(main())
