"""Accounts to begin with: one in which dashboards are built, and an empty one that they go to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "quicksight-migration" / "accounts"


def dev() -> dict[str, Any]:
    """Account 111111111111: a dashboard with its analysis, datasets, data sources, theme, schedule and folder."""
    return _read("dev")


def prod() -> dict[str, Any]:
    """Account 222222222222: users and groups, and no assets."""
    return _read("prod")


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found
