"""How long a function's process takes until it can make its first AWS call, beside a process that only imports boto3.

Whole processes are measured in the interpreter that functions run in (boto3 and nothing else), with the layer and the
package unpacked afresh. No bytecode is written: on AWS both folders are read-only, so that every cold start compiles
what we ship, while boto3 of the runtime comes compiled. Subjects take turns, so that a busy machine slows all alike,
and the ratio is one of processor time, since importing is computing and waiting for a processor says nothing about it.
"""

from __future__ import annotations

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
ROUNDS = 9
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

    `ratio` is the figure that has a limit: processor time until the first client, over that of the baseline in the same
    round, as the median of all rounds.
    """

    first_ms: float
    all_ms: float
    baseline_ms: float
    ratio: float


def measure(folder: Path, progress: Callable[[str], None], rounds: int = ROUNDS) -> dict[str, ColdStart]:
    """Cold start of every handler; `folder` is where packages are unpacked."""
    path = unpack(folder)
    services = sorted({handler.service for handler in HANDLERS.values()})
    programs = {service: _program(BASELINE.format(service=service)) for service in services}
    for name, handler in HANDLERS.items():
        more = "\n".join(f"clients.{client}" for client in handler.further)
        programs[name] = _program(HANDLER.format(module=handler.module, client=handler.client), more)
    _run_round(programs, path)  # only warms the file cache
    results = []
    for number in range(rounds):
        results.append(_run_round(programs, path))
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


def _run_round(programs: Mapping[str, str], path: Sequence[str]) -> dict[str, Sample]:
    """Runs every program once."""
    return {name: _run(program, path) for name, program in programs.items()}


def _run(program: str, path: Sequence[str]) -> Sample:
    command = [INTERPRETER, "-I", "-B", "-c", program, json.dumps(path)]
    begun = time.monotonic_ns()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, first_cpu, everything = (int(number) for number in done.stdout.split()[-4:-1])
    return Sample((first - begun) / 1e6, first_cpu / 1e6, (everything - begun) / 1e6)


def _summary(name: str, handler: Handler, rounds: Sequence[Mapping[str, Sample]]) -> ColdStart:
    def median(of: Callable[[Sample, Sample], float]) -> float:
        return statistics.median(of(samples[name], samples[handler.service]) for samples in rounds)

    return ColdStart(
        first_ms=median(lambda ours, _: ours.first_ms),
        all_ms=median(lambda ours, _: ours.all_ms),
        baseline_ms=median(lambda _, baseline: baseline.first_ms),
        ratio=median(lambda ours, baseline: ours.first_cpu_ms / baseline.first_cpu_ms),
    )
