"""`terraform validate` for every module and every stack, two at a time."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.paths import ROOT, STACKS, module_folders, shown, stack_folders
from tools.terraform_provider import one_provider
from tools.terraform_workspace import (
    DATA,
    PARALLEL,
    TerraformError,
    copy_sources,
    initialise,
    run,
    seed_lock,
)


def validate(folder: Path, name: str) -> str | None:
    """Initialise and validate one configuration; returns what is wrong with it.

    The lock of a stack is only read: one that lacks a platform's checksums must not be mended unseen.
    """
    data, locked = DATA / "validate" / name, folder.is_relative_to(STACKS)
    try:
        initialise(folder, data, ["-lockfile=readonly"] if locked else [], install=locked)
        run(["validate", "-no-color"], folder, data)
    except TerraformError as error:
        return str(error)
    return None


def main() -> int:
    copy = copy_sources()
    folders = {shown(folder): copy / folder.name for folder in module_folders()}
    for folder in folders.values():
        seed_lock(folder)
    folders |= {shown(folder): folder for folder in stack_folders()}
    broken = 0
    with one_provider(), ThreadPoolExecutor(PARALLEL) as pool:
        results = pool.map(validate, folders.values(), [name.replace("/", "-") for name in folders])
        for name, problem in zip(folders, results, strict=True):
            print(f"· terraform validate {name}{': FAILED' if problem else ''}", flush=True)
            if problem:
                print(problem.replace(f"{ROOT}/", ""), file=sys.stderr)
                broken += 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
