"""`make soak`: ten minutes of steady traffic through the stack, bounded in count; does memory or a backlog grow?

Memory is that of the functions' workers, which live on between invocations as they do on AWS. The local cloud itself
keeps every object and record in memory, so its own growth is shown as kilobytes a file and judged by nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import cloud, designs
from benchmarks.designs import TWO, Design
from benchmarks.runs import Driver
from local_cloud.session import LocalCloud
from tools.paths import ROOT, shown

RESULTS = ROOT / "benchmarks" / "SOAK.md"
WINDOW_SECONDS = 30
#: Later windows may need so much more than the first ones before it counts as growth.
GROWTH = 1.15
KIB = 1024


@dataclass(frozen=True)
class Window:
    """What was seen at the end of a window: files since the start, those completely through, memory in MB."""

    seconds: float
    sent: int
    through: int
    largest_worker_mb: float
    workers: int
    cloud_mb: float


def main() -> int:
    """Returns 0 when every file got through and neither memory nor backlog grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--per-second", type=int, default=3, help="files; minutes * 60 * this many are sent at most")
    arguments = parser.parse_args()
    with cloud.running() as running:
        ours = designs.towpath(running)
        designs.use_production_times(running, ours)
        windows = soak(running, ours, arguments.minutes * 60, arguments.per_second)
    verdicts = judge(windows)
    write(windows, verdicts)
    print("\n".join(f"  {'ok    ' if kept else 'FAILED'} {what}" for what, kept in verdicts))
    return 0 if all(kept for _, kept in verdicts) else 1


def soak(running: LocalCloud, design: Design, seconds: float, per_second: int) -> list[Window]:
    """Sends so many files each second for so long, then waits for the last."""
    server = int((cloud.STATE_DIR / "server.pid").read_text().split()[0])
    windows: list[Window] = []
    with Driver(running, design) as driver:
        driver.send(20, TWO)
        before, begun, sent = design.recorded(running, TWO), time.monotonic(), 0

        def look() -> None:
            through = design.recorded(running, TWO) - before
            windows.append(Window(time.monotonic() - begun, sent, through, *workers_of(server), resident_mb(server)))
            print(f"· {windows[-1]}", flush=True)

        while (elapsed := time.monotonic() - begun) < seconds:
            if sent < elapsed * per_second:
                driver.post(per_second, TWO)
                sent += per_second
            else:
                time.sleep(0.1)
            if elapsed > WINDOW_SECONDS * (len(windows) + 1):
                look()
        deadline = time.monotonic() + 120
        while design.recorded(running, TWO) - before < sent and time.monotonic() < deadline:
            time.sleep(1)
        look()
    return windows


def judge(windows: Sequence[Window]) -> list[tuple[str, bool]]:
    """Every promise of the soak, and whether it was kept."""
    third = max(len(windows) // 3, 1)
    first, last = windows[1 : third + 1] or windows[:1], windows[-third:]
    early, late = (statistics.median(each.largest_worker_mb for each in part) for part in (first, last))
    waiting = [each.sent - each.through for each in windows[:-1]] or [0]
    end = windows[-1]
    return [
        (f"{end.through} of {end.sent} files are through", end.through == end.sent),
        (
            f"the largest worker: {early:.0f} MB in the first third, {late:.0f} MB in the last",
            late <= early * GROWTH,
        ),
        (f"at most {max(waiting)} files were under way at the end of a window", max(waiting) <= end.sent // 10 + 20),
    ]


def write(windows: Sequence[Window], verdicts: Sequence[tuple[str, bool]]) -> None:
    """Rewrites SOAK.md."""
    end = windows[-1]
    grown = (end.cloud_mb - windows[0].cloud_mb) * KIB / max(end.sent - windows[0].sent, 1)
    rows = [
        f"| {each.seconds:.0f} | {each.sent} | {each.through} | {each.workers} | {each.largest_worker_mb:.0f} |"
        f" {each.cloud_mb:.0f} |"
        for each in windows
    ]
    lines = [
        "# Soak",
        "",
        f"Written by `make soak`: {end.sent} files with two targets each in {end.seconds:.0f} s.",
        "",
        *(f"- {'kept' if kept else 'MISSED'}: {what}" for what, kept in verdicts),
        f"- beside it: the local cloud keeps all it is given, {grown:.0f} KB a file with all records of it",
        "",
        "| Seconds | Sent | Through | Workers | Largest worker, MB | Local cloud, MB |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
    ]
    RESULTS.write_text("\n".join(lines) + "\n")
    print(f"· written: {shown(RESULTS)}")


def workers_of(server: int) -> tuple[float, int]:
    """Memory of the largest worker of a function, in MB, and how many there are."""
    sizes = [resident_mb(pid) for pid in children(server) if b"bootstrap.py" in command_line(pid)]
    return max(sizes, default=0.0), len(sizes)


def children(parent: int) -> list[int]:
    """Processes that this one has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == parent:
            found.append(int(folder.name))
    return found


def command_line(pid: int) -> bytes:
    """Arguments of a process; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def resident_mb(pid: int) -> float:
    """Memory that a process really holds, in MB; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    sizes = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")]
    return sizes[0] / KIB if sizes else 0.0


if __name__ == "__main__":
    sys.exit(main())
