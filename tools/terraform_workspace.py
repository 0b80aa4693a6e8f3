"""Run Terraform on the modules without leaving traces beside them.

`terraform init` writes a lock file next to a configuration, but a module has none: the stack that calls it has. So
modules are initialised, validated and tested in a copy below build/, with the lock of the stacks, which also keeps the
provider version of the tests the same as that of the deployments.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path

from tools.paths import BUILD, MODULES, ROOT, STACKS, shown
from tools.terraform_config import terraform_env

WORK = BUILD / "terraform" / "work"
DATA = BUILD / "terraform" / "data"
COPIED = ("modules", "asl")
LOCK = ".terraform.lock.hcl"
PARALLEL = 2
# Where a provider listens that runs already (tools/terraform_provider.py).
REATTACH = "TF_REATTACH_PROVIDERS"
_ONE_AT_A_TIME = threading.Lock()


class TerraformError(RuntimeError):
    """A terraform command failed; the message is the command and what it printed."""


def copy_sources(root: Path = ROOT, work: Path = WORK) -> Path:
    """Bring the copies of modules/ and asl/ up to date and return that of modules/; lock files there stay."""
    for folder in COPIED:
        source, copy = root / folder, work / folder
        wanted = {path.relative_to(source) for path in source.rglob("*") if path.is_file() and _is_source(path, source)}
        for path in [path for path in copy.rglob("*") if path.is_file()]:
            if path.relative_to(copy) not in wanted and path.name != LOCK:
                path.unlink()
        for name in sorted(wanted):
            write_if_changed(copy / name, (source / name).read_bytes())
    return work / MODULES.name


def seed_lock(folder: Path) -> None:
    """Give a configuration without lock file that of the stacks, if they have one."""
    locks = sorted(STACKS.glob(f"*/*/{LOCK}"))
    if locks and not (folder / LOCK).exists():
        shutil.copyfile(locks[0], folder / LOCK)


def write_if_changed(path: Path, content: bytes) -> None:
    """Write a file and the folders above it, unless it holds this content already."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def initialise(folder: Path, data: Path, options: Iterable[str] = (), *, install: bool = False) -> None:
    """`terraform init` without a backend; one at a time, as a plugin cache must not be filled by two at once.

    `install`: hold the provider against the lock file even if runs share one that was started before.
    """
    with _ONE_AT_A_TIME:
        run(["init", "-backend=false", "-no-color", *options], folder, data, shared=not install)


def run(arguments: list[str], folder: Path, data: Path, *, shared: bool = True) -> str:
    """Run terraform in a folder with TF_DATA_DIR=data; returns what it printed, raises TerraformError if it failed."""
    done = attempt(arguments, folder, data, shared=shared)
    if done.returncode:
        command = f"terraform {' '.join(arguments)} in {shown(folder)}"
        raise TerraformError(f"{command} failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def attempt(arguments: list[str], folder: Path, data: Path, *, shared: bool = True) -> subprocess.CompletedProcess[str]:
    """As run(), for commands whose failure is an answer."""
    data.mkdir(parents=True, exist_ok=True)
    env = terraform_env() | {"TF_DATA_DIR": str(data)}
    if not shared:
        env.pop(REATTACH, None)
    command = [os.environ.get("TERRAFORM", "terraform"), *arguments]
    return subprocess.run(command, cwd=folder, env=env, text=True, capture_output=True, check=False)


def _is_source(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return path.name != LOCK and not any(part == ".terraform" for part in parts)
