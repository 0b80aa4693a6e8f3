"""One aws provider for many runs of Terraform that ask AWS nothing.

Terraform starts the provider anew for each step of each run, and most of what validating and mocked tests take is that
start. A provider may also be started by hand, for debugging, and told to Terraform in TF_REATTACH_PROVIDERS: then all
runs use that one. It is never configured, so nothing of a run stays in it for the next.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from tools.paths import STACKS
from tools.terraform_config import PROVIDER, locked_version, terraform_env
from tools.terraform_workspace import DATA, REATTACH, WORK, initialise, seed_lock, write_if_changed

CONFIGURATION = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
TOLD = re.compile(rf"{REATTACH}='(\{{.*\}})'")
START_SECONDS = 60
STOP_SECONDS = 10


@contextmanager
def one_provider(program: Path | None = None) -> Iterator[bool]:
    """Runs of Terraform in the block share a provider; yields False where it cannot be had, and each starts its own.

    `program`: what to start instead of the provider in the version of the stacks' locks.
    """
    program = program or _program()
    if program is None:
        yield False
        return
    with NamedTemporaryFile() as output, TemporaryDirectory() as scratch:
        command = [str(program), "-debug"]
        environment = terraform_env() | {"TMPDIR": scratch}
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            if told := _address(process, Path(output.name)):
                os.environ[REATTACH] = told
            yield bool(told)
        finally:
            os.environ.pop(REATTACH, None)
            _stop(process)


def _program() -> Path | None:
    """The provider's program in the version of the stacks' locks, installed by Terraform itself."""
    folder, data = WORK / "provider", DATA / "provider"
    write_if_changed(folder / "main.tf", CONFIGURATION.encode())
    seed_lock(folder)
    initialise(folder, data)
    found = sorted((data / "providers" / PROVIDER / (locked_version(STACKS) or "*")).glob("*/terraform-provider-aws*"))
    return found[-1] if found else None


def _address(process: subprocess.Popen[bytes], output: Path) -> str:
    """What the provider says TF_REATTACH_PROVIDERS should be; nothing if it ends or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if told := TOLD.search(output.read_text()):
            return told[1]
        time.sleep(0.05)
    return ""


def _stop(process: subprocess.Popen[bytes]) -> None:
    # Not by Ctrl-C, which a shell lets whatever it starts in the background ignore; the socket lies in our own folder.
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
