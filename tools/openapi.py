"""docs/api/<system>.openapi.json: the OpenAPI document of each system's API, generated from its routes and schemas."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from tools.drift import check_flag, write_or_check
from tools.paths import ROOT

FOLDER = ROOT / "docs/api"
#: System → where its table of routes is.
APIS = {
    "disaster-recovery": "disaster_recovery.api.routes",
    "file-transfer": "file_transfer.api.routes",
    "quicksight-migration": "quicksight_migration.api.routes",
}


def generated(module: str) -> str:
    """The document as it is committed."""
    sys.path.insert(0, str(ROOT / "lambda_src"))
    try:
        from shared.api.openapi import document  # noqa: PLC0415  (lambda_src is no part of the tools' path)

        return json.dumps(document(import_module(module).API), indent=2, ensure_ascii=False) + "\n"
    finally:
        sys.path.pop(0)


def files() -> dict[Path, str]:
    """Every document with its text."""
    return {FOLDER / f"{system}.openapi.json": generated(module) for system, module in APIS.items()}


def main() -> int:
    check = check_flag(__doc__)
    FOLDER.mkdir(parents=True, exist_ok=True)
    return write_or_check(files(), check=check)


if __name__ == "__main__":
    sys.exit(main())
