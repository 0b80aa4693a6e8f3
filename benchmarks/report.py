"""RESULTS.md, written anew by every run: tables first, then how they came about."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import cost, latency
from benchmarks.cold_start import LIMIT as COLD_START_LIMIT
from benchmarks.cold_start import ColdStart
from benchmarks.cost import Limit
from benchmarks.pricing import Prices
from benchmarks.runs import Run

RESULTS = Path(__file__).parent / "RESULTS.md"
SINGLE, DOUBLE, BURST = "one target, one by one", "two targets, one by one", "two targets, burst"


@dataclass(frozen=True)
class Measured:
    """Everything a run of the benchmark found; `ours` and `brief` by SINGLE, DOUBLE and BURST."""

    ours: Mapping[str, Run]
    brief: Mapping[str, Run]
    reference_ms: Sequence[float]
    reference_burst_seconds: float
    cold_starts: Mapping[str, ColdStart]
    seconds: float


def limits(measured: Measured, prices: Prices) -> list[Limit]:
    """Every limit that the project has set itself."""
    starts = [
        Limit(f"cold start of {name} over import boto3", start.ratio, COLD_START_LIMIT)
        for name, start in measured.cold_starts.items()
    ]
    return [*cost.limits(measured.ours, prices), *starts]


def write(measured: Measured, prices: Prices, path: Path = RESULTS) -> None:
    """Writes the report."""
    sections: Sequence[Callable[[Measured, Prices], str]] = (
        _head,
        _limits,
        _cost,
        _counts,
        _latency,
        _cold_starts,
        _assumptions,
    )
    path.write_text("\n\n".join(section(measured, prices) for section in sections) + "\n")


def _head(measured: Measured, _prices: Prices) -> str:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {gigabytes:.0f} GB memory, Python {platform.python_version()}"
    return f"""# Benchmark results

Written by `make benchmark` on {datetime.now(UTC):%Y-%m-%d}, in {measured.seconds:.0f} s, on {machine}.

Two designs run side by side in one local cloud: **Towpath**, the stack of `envs/local/file-transfer`, and **the brief's
design**, built literally but without its wait of 300 s (`benchmarks/brief_design`). Files go in over SFTP; every AWS
call, invocation and log line is counted. Counts repeat from run to run (reads and batches of a burst vary a little).
Times are those of this machine, which runs the whole cloud: read them as ratios."""


def _limits(measured: Measured, prices: Prices) -> str:
    rows = [
        [one.what, f"{one.measured:.2f}", f"{one.limit:g}", "kept" if one.kept else "**missed**"]
        for one in limits(measured, prices)
    ]
    return "## Limits\n\n" + _table(["What", "Measured", "At most", ""], rows)


def _cost(measured: Measured, prices: Prices) -> str:
    ours, theirs = measured.ours[DOUBLE], measured.brief[DOUBLE]
    usd_ours, usd_theirs = cost.by_item(ours, prices), cost.by_item(theirs, prices)
    rows = [
        [
            prices.labels[item],
            f"{ours.usage.per_file(item):.4g}",
            f"{usd_ours.get(item, 0):.2f}",
            f"{theirs.usage.per_file(item):.4g}",
            f"{usd_theirs.get(item, 0):.2f}",
        ]
        for item in prices.usd_per_million
    ]
    totals = [f"**{cost.total(run, prices):.2f}**" for run in (ours, theirs)]
    rows.append(["**Total**", "", totals[0], "", totals[1]])
    header = ["", "Towpath, a file", "USD per million", "Brief, a file", "USD per million"]
    return f"""## Cost of a million files, two targets, sent one by one

{_table(header, rows)}

The limit is {prices.target:g} USD. In all three situations:

{_totals(measured, prices)}"""


def _totals(measured: Measured, prices: Prices) -> str:
    rows = []
    for name, ours in measured.ours.items():
        totals = [cost.total(run, prices) for run in (ours, measured.brief[name])]
        slower = [cost.total_with_slower_calls(run, prices) for run in (ours, measured.brief[name])]
        rows.append([name, *(f"{usd:.2f}" for usd in totals), *(f"{usd:.2f}" for usd in slower)])
    longer = f"each AWS call {cost.SLOWER_CALL_MS} ms longer"
    return _table(["USD per million files", "Towpath", "Brief", f"Towpath, {longer}", f"Brief, {longer}"], rows)


def _counts(measured: Measured, prices: Prices) -> str:
    shown = ("lambda_invocation", "dynamodb_write", "dynamodb_read", "s3_write", "s3_read", "sqs_request")
    rows = [
        [f"{design}, {name}", str(run.usage.files), *(f"{run.usage.per_file(item):.4g}" for item in shown)]
        for design, runs in (("Towpath", measured.ours), ("Brief", measured.brief))
        for name, run in runs.items()
    ]
    ours, theirs = (cost.write_units(runs[DOUBLE].usage) for runs in (measured.ours, measured.brief))
    units = [
        ["Towpath", "; ".join(f"{where} {number:g}" for where, number in ours.items())],
        ["Brief", "; ".join(f"{where.replace('brief-', '')} {number:g}" for where, number in theirs.items())],
    ]
    header = ["Counted for a file", "Files", *(prices.labels[item] for item in shown)]
    return f"""## Counts

{_table(header, rows)}

Write units of a file with two targets, table and indexes together:

{_table(["Design", "Operation, table, units"], units)}"""


def _latency(measured: Measured, _prices: Prices) -> str:
    reference = latency.of(measured.reference_ms)
    rows = [["S3 alone: PUT and two COPY", *_times(reference), "1.0"]]
    for design, runs in (("Towpath", measured.ours), ("Brief", measured.brief)):
        for name in (SINGLE, DOUBLE):
            found = latency.of(runs[name].latencies_ms)
            rows.append([f"{design}, {name}", *_times(found), f"{found.over(reference):.1f}"])
    burst = measured.ours[BURST]
    alone = burst.usage.files / measured.reference_burst_seconds * 60
    rates = [["S3 alone: PUT and two COPY, ten files at a time", f"{alone:.0f}", "1.00"]]
    for design, runs in (("Towpath", measured.ours), ("Brief", measured.brief)):
        rate = latency.files_per_minute(runs[BURST])
        rates.append(
            [f"{design}, {runs[BURST].usage.files} files with two targets", f"{rate:.0f}", f"{rate / alone:.2f}"]
        )
    return f"""## Latency and throughput

From the close of the file over SFTP to status SUCCESS, files one after the other, everything warm:

{_table(["", "Files", "p50 ms", "p99 ms", "p50 over S3 alone"], rows)}

Bursts, from the first byte to the last SUCCESS:

{_table(["", "Files a minute", "Over S3 alone"], rates)}"""


def _times(found: latency.Latency) -> list[str]:
    return [str(found.files), f"{found.p50_ms:.0f}", f"{found.p99_ms:.0f}"]


def _cold_starts(measured: Measured, _prices: Prices) -> str:
    rows = [
        [
            name,
            *(f"{ms:.0f}" for ms in (one.baseline_ms, one.first_ms, one.all_ms)),
            f"{one.ratio:.2f}",
            f"{one.source_ms:.0f}",
            f"{one.source_ratio:.2f}",
        ]
        for name, one in measured.cold_starts.items()
    ]
    header = ["Handler", "boto3, client", "Handler, client", "All its clients", "Ratio", "From source", "Ratio"]
    return f"""## Cold start

Whole processes in the interpreter of the functions, ms, medians of interleaved rounds. The ratio, at most
{COLD_START_LIMIT}, is of processor time up to the first AWS client, over that of a process that imports boto3 and makes
the same client. "From source" is without bytecode of what we ship, as on AWS, where it is compiled at every cold start;
boto3 itself comes compiled there.

{_table(header, rows)}"""


def _assumptions(_measured: Measured, prices: Prices) -> str:
    beside = [[prices.labels[item], f"{usd:.2f}"] for item, usd in prices.beside_the_total.items()]
    return f"""## How it is counted

- Prices: {prices.source}.
  Read in {prices.read}; `benchmarks/prices.json` has them.
- Files are of one kilobyte: at 5 MB no request count, and so no price above, changes.
- Durations of functions and Express executions are those seen here, warm, with 256 MB for every function, by the same
  rule for both designs. Real calls are slower: the last two columns of the totals show by how much that matters.
- Pipes are billed a record here, also where a batch passes as one request. Requests that AWS refuses (a lost condition,
  a 412) are billed as others are. DynamoDB units come from the real sizes of items and index entries, which grow with
  the names: those used are of the length that the brief uses.
- Visibility, lease and the cache of workflow definitions have the times of production (360, 330 and 30 s), which
  `envs/local` shortens for its tests; all else is the stack as `make up` applies it.
- EventBridge hands a message over by one SQS request and S3 announces each upload by one event: these two happen inside
  the services and are derived from the messages and uploads seen; all else is counted.
- Not in the totals: storage, the SFTP endpoint by the hour, custom metrics and alarms by the month, polls of an empty
  queue, and what follows, the same in both designs. Neither has a subscriber here.

{_table(["Beside the total", "USD per million"], beside)}

Run it with `make benchmark`: it starts a local cloud of its own on free ports (state in `build/benchmark`), applies
the stack, measures, stops it, and rewrites this file. It ends with status 1 if a limit is missed."""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
