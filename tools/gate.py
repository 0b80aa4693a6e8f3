"""Run layers of checks and tests one after the other, and close with their times and one total.

    python -m tools.gate              every layer, in the order below
    python -m tools.gate unit house   only these

A layer that fails does not stop the ones after it. Results are read from the reports the layers write to
build/reports, so the last line counts what really ran; a layer that fails without a failed test counts as an error.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tools.paths import BUILD

LINT = "lint"
TEST_LAYERS = ("unit", "house", "properties", "modules", "integration", "e2e")
LAYERS = (LINT, *TEST_LAYERS)
TRANSFER = "tests/e2e/file_transfer"
# Who may do what is judged where the calls are made: add-ons meet in test_combinations, so the core is judged with it.
TRANSFER_PARTS = {
    "file-transfer": (
        "access_patterns",
        "alarms",
        "combinations",
        "delivery",
        "faults",
        "intake_sweep",
        "large_files",
        "least_privilege",
        "names",
        "rejections",
        "replays",
        "workflows",
    ),
    "file-transfer-partners": ("api", "api_document", "connectors", "content", "pulls", "sftp_users"),
}
# At its end this part takes all stacks away, after functions, machines and streams have left what they leave.
TELLING = ("analytics", "audit", "expectations", "least_privilege_of_telling", "notifications", "scale")
MIGRATION = "tests/e2e/quicksight_migration"
MIGRATION_WITHOUT_FAULTS = ("access", "failures", "least_privilege", "live", "migration", "secrets", "starting")
#: Layers of which parts run side by side, a few at once: properties of a system are a process of their own,
#: systems end to end mostly wait, each in a local cloud of its own. Parts that take long come first.
PARTS = {
    "properties": {
        "recovery-properties": ("tests/properties/disaster_recovery",),
        "migration-properties": ("tests/properties/quicksight_migration",),
        "transfer-properties": ("tests/properties/file_transfer",),
        "virtual-cloud": ("tests/properties/test_virtual_time.py", "tests/properties/test_virtual_services.py"),
    },
    "e2e": {
        **{part: tuple(f"{TRANSFER}/test_{name}.py" for name in names) for part, names in TRANSFER_PARTS.items()},
        "file-transfer-and-stacks": (*(f"{TRANSFER}/test_{name}.py" for name in TELLING), "tests/e2e/test_stack.py"),
        "recovery": ("tests/e2e/disaster_recovery",),
        "migration": tuple(f"{MIGRATION}/test_{name}.py" for name in MIGRATION_WITHOUT_FAULTS),
        "migration-faults": (f"{MIGRATION}/test_faults.py", f"{MIGRATION}/test_resuming.py"),
    },
}
PARTS_AT_ONCE = 4
OUTCOMES = ("failed", "passed", "skipped", "error")
WIDTH = 88


@dataclass
class Result:
    """How a layer went: seconds, exit status, and number of tests by outcome (none for lint)."""

    layer: str
    seconds: float
    status: int
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.status and not (self.counts.get("failed") or self.counts.get("error")):
            self.counts = self.counts | {"error": 1}


def counts_of(report: Path) -> dict[str, int]:
    """Outcomes of a JUnit report as pytest writes it; nothing where there is no report."""
    if not report.exists():
        return {}
    counts = dict.fromkeys(OUTCOMES, 0)
    for suite in ElementTree.parse(report).iter("testsuite"):
        number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
        counts["failed"] += number["failures"]
        counts["error"] += number["errors"]
        counts["skipped"] += number["skipped"]
        counts["passed"] += number["tests"] - number["failures"] - number["errors"] - number["skipped"]
    return counts


def closing_line(results: Sequence[Result]) -> str:
    """The totals of all layers, in the words pytest closes with."""
    totals = {outcome: sum(result.counts.get(outcome, 0) for result in results) for outcome in OUTCOMES}
    words = [f"{number} {_plural(outcome, number)}" for outcome, number in totals.items() if number]
    seconds = sum(result.seconds for result in results)
    minutes = f" ({int(seconds // 60)}:{int(seconds % 60):02d} minutes)" if seconds >= 60 else ""  # noqa: PLR2004
    return f" {', '.join(words) or 'no tests ran'} in {seconds:.2f}s{minutes} ".center(WIDTH, "=")


def layer_line(result: Result) -> str:
    """One layer's line of the summary."""
    counted = ", ".join(f"{number} {_plural(name, number)}" for name, number in result.counts.items() if number)
    verdict = "FAILED" if result.status else "ok"
    return f"{result.layer:<12} {verdict:<7} {result.seconds:>8.1f} s   {counted}".rstrip()


def command_of(folders: Sequence[str], report: Path) -> list[str]:
    """What runs the tests of some folders."""
    pytest = [sys.executable, "-m", "pytest", *folders, f"--junitxml={report}"]
    return [*pytest, "-o", "console_output_style=count"]


def run_layer(layer: str, reports: Path) -> Result:
    """Run one layer with its output on ours."""
    print(f"\n{f' {layer} '.center(WIDTH, '─')}", flush=True)
    started = time.monotonic()
    if layer == LINT:
        status = subprocess.run(["make", LINT], check=False).returncode
        return Result(layer, time.monotonic() - started, status)
    status, counts = _run_parts(PARTS.get(layer, {layer: (f"tests/{layer}",)}), reports)
    return Result(layer, time.monotonic() - started, status, counts)


def _run_parts(parts: Mapping[str, Sequence[str]], reports: Path) -> tuple[int, dict[str, int]]:
    """A few parts at the same time; what the later ones print comes when the ones before have ended."""
    statuses, counts = list[int](), dict[str, int]()
    pool = ThreadPoolExecutor(PARTS_AT_ONCE)
    try:
        jobs = [
            pool.submit(_run_part, name, folders, reports, held=bool(number))
            for number, (name, folders) in enumerate(parts.items())
        ]
        for name, job in zip(parts, jobs, strict=True):
            done = job.result()
            statuses.append(done.returncode)
            sys.stdout.write((done.stdout or b"").decode(errors="replace"))
            sys.stdout.flush()
            for outcome, number in counts_of(reports / f"{name}.xml").items():
                counts[outcome] = counts.get(outcome, 0) + number
    finally:
        pool.shutdown(cancel_futures=True)
    return next(filter(None, statuses), 0), counts


def _run_part(name: str, folders: Sequence[str], reports: Path, *, held: bool) -> subprocess.CompletedProcess[bytes]:
    """Run one part; `held` keeps what it prints."""
    report = reports / f"{name}.xml"
    report.unlink(missing_ok=True)
    environment = {**os.environ, "TOWPATH_E2E_NAME": f"e2e-{name}"}
    output = subprocess.PIPE if held else None
    errors = subprocess.STDOUT if held else None
    return subprocess.run(command_of(folders, report), env=environment, stdout=output, stderr=errors, check=False)


def _plural(outcome: str, number: int) -> str:
    return f"{outcome}s" if outcome == "error" and number > 1 else outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layers", nargs="*", metavar="layer", help=f"{', '.join(LAYERS)}; default: all")
    layers = parser.parse_args().layers or LAYERS
    if unknown := set(layers) - set(LAYERS):
        parser.error(f"no such layer: {', '.join(sorted(unknown))}")
    reports = BUILD / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    results = [run_layer(layer, reports) for layer in layers]
    print()
    for result in results:
        print(layer_line(result))
    print(closing_line(results))
    return 1 if any(result.status for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
