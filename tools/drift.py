"""Generated files: write them, or say that they are out of date."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.paths import shown


def write_or_check(files: Mapping[Path, str], *, check: bool) -> int:
    """Bring files to their generated text, or with `check` print what differs; returns the exit status."""
    stale = 0
    for path, text in files.items():
        before = path.read_text() if path.exists() else ""
        if before == text:
            continue
        stale += 1
        if check:
            diff = difflib.unified_diff(before.splitlines(), text.splitlines(), shown(path), "generated", lineterm="")
            print("\n".join(diff))
        else:
            path.write_text(text)
            print(f"· wrote {shown(path)}")
    if check and stale:
        print(f"{stale} generated file(s) out of date: run `make docs` and commit the result", file=sys.stderr)
    return 1 if check and stale else 0


def check_flag(doc: str | None) -> bool:
    """Parse the command line of a generator, which knows one option; returns whether it was given."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if something would change")
    return bool(parser.parse_args().check)
