"""How long a function's process takes until it can make its first AWS call, beside a process that only imports boto3.

Whole processes are measured in the interpreter that functions run in (boto3 and nothing else), with layer and package
on its path: once with bytecode, as a process finds them that is not the first one, and once without, as on AWS, where
both folders are read-only and every cold start compiles what we ship (boto3 of the runtime comes compiled). Subjects
take turns, so that a busy machine slows all alike, and the ratio is one of processor time, since importing is computing
and waiting for a processor says nothing about it.
"""

from __future__ import annotations

import itertools
import json
import shutil
import statistics
import subprocess
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.paths import BUILD

LIMIT = 1.5
ROUNDS = 7
COMPILED, SOURCE = "compiled", "source"
INTERPRETER = BUILD / "lambda-python" / "bin" / "python"
PACKAGES = BUILD / "packages"
BASELINE = """
import boto3
boto3.client({service!r}, region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
"""
HANDLER = """
import importlib
importlib.import_module({module!r})
from shared.clients import Clients
clients = Clients()
clients.{client}
"""
PROGRAM = """
import json, os, sys, time
sys.path[:0] = json.loads(sys.argv[1])
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_ACCESS_KEY_ID="-", AWS_SECRET_ACCESS_KEY="-")
{ready}
print(time.monotonic_ns(), time.process_time_ns())
{more}
print(time.monotonic_ns(), time.process_time_ns())
"""


@dataclass(frozen=True)
class Handler:
    """A handler module, the client it makes first and its service, and the clients that its normal work needs then."""

    module: str
    client: str
    service: str
    further: tuple[str, ...] = ()


HANDLERS = {
    "validate-input": Handler("file_transfer.validate_input", "s3", "s3", ("dynamodb",)),
    "copy-object": Handler("file_transfer.copy_object", "s3_copy", "s3"),
    "record-status": Handler("file_transfer.record_status", "dynamodb", "dynamodb", ("sns",)),
}


@dataclass(frozen=True)
class Sample:
    """One process, in ms: time and processor time until its first client was ready, and time until all were."""

    first_ms: float
    first_cpu_ms: float
    all_ms: float


@dataclass(frozen=True)
class ColdStart:
    """Medians in ms: until the first client is ready, until all are, and the baseline with the same first client.

    `ratio` is processor time until the first client, over that of the baseline in the same round, as the median of all
    rounds. All with bytecode, and `ratio` is the figure that has a limit; `source_ms` and `source_ratio` are first
    client and ratio without bytecode.
    """

    baseline_ms: float
    first_ms: float
    all_ms: float
    ratio: float
    source_ms: float
    source_ratio: float


Round = Mapping[tuple[str, str], Sample]


def measure(folder: Path, progress: Callable[[str], None], rounds: int = ROUNDS) -> dict[str, ColdStart]:
    """Cold start of every handler; `folder` is where packages are unpacked."""
    paths = {kind: unpack(folder / kind) for kind in (COMPILED, SOURCE)}
    subprocess.run([INTERPRETER, "-m", "compileall", "-q", *paths[COMPILED]], check=True)
    services = sorted({handler.service for handler in HANDLERS.values()})
    programs = {(service, COMPILED): _program(BASELINE.format(service=service)) for service in services}
    for (name, handler), kind in itertools.product(HANDLERS.items(), paths):
        more = "\n".join(f"clients.{client}" for client in handler.further)
        programs[name, kind] = _program(HANDLER.format(module=handler.module, client=handler.client), more)
    _run_round(programs, paths)  # only warms the file cache
    results = []
    for number in range(rounds):
        results.append(_run_round(programs, paths))
        progress(f"cold starts: round {number + 1} of {rounds}")
    return {name: _summary(name, handler, results) for name, handler in HANDLERS.items()}


def unpack(folder: Path) -> Sequence[str]:
    """Package and local layer as the runtime sees them; returns what to put on Python's path."""
    manifest = json.loads((PACKAGES / "manifest.json").read_text())
    for name in ("file_transfer", "layer-local"):
        shutil.rmtree(folder / name, ignore_errors=True)
        with zipfile.ZipFile(PACKAGES / manifest[name]["filename"]) as archive:
            archive.extractall(folder / name)
    return [str(folder / "file_transfer"), str(folder / "layer-local" / "python")]


def _program(ready: str, more: str = "") -> str:
    return PROGRAM.format(ready=ready.strip(), more=more)


def _run_round(programs: Mapping[tuple[str, str], str], paths: Mapping[str, Sequence[str]]) -> Round:
    """Runs every program once."""
    return {(name, kind): _run(program, paths[kind]) for (name, kind), program in programs.items()}


def _run(program: str, path: Sequence[str]) -> Sample:
    command = [INTERPRETER, "-I", "-B", "-c", program, json.dumps(path)]
    begun = time.monotonic_ns()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, first_cpu, everything = (int(number) for number in done.stdout.split()[-4:-1])
    return Sample((first - begun) / 1e6, first_cpu / 1e6, (everything - begun) / 1e6)


def _summary(name: str, handler: Handler, rounds: Sequence[Round]) -> ColdStart:
    baseline = [samples[handler.service, COMPILED] for samples in rounds]

    def median(kind: str, of: Callable[[Sample], float]) -> float:
        return statistics.median(of(samples[name, kind]) for samples in rounds)

    def ratio(kind: str) -> float:
        pairs = zip((samples[name, kind] for samples in rounds), baseline, strict=True)
        return statistics.median(ours.first_cpu_ms / theirs.first_cpu_ms for ours, theirs in pairs)

    return ColdStart(
        baseline_ms=statistics.median(sample.first_ms for sample in baseline),
        first_ms=median(COMPILED, lambda sample: sample.first_ms),
        all_ms=median(COMPILED, lambda sample: sample.all_ms),
        ratio=ratio(COMPILED),
        source_ms=median(SOURCE, lambda sample: sample.first_ms),
        source_ratio=ratio(SOURCE),
    )
