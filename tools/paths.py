"""Where things are in the repository, and how output names them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
MODULES = ROOT / "modules"
STACKS = ROOT / "envs"
ASL = ROOT / "asl"


def shown(path: Path) -> str:
    """The path as seen from the repository, if it is inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def module_folders() -> list[Path]:
    """Every folder of modules/ that is a Terraform module."""
    return sorted({file.parent for file in MODULES.glob("*/*.tf")})


def stack_folders() -> list[Path]:
    """Every envs/<environment>/<stack> folder."""
    return sorted({file.parent for file in STACKS.glob("*/*/*.tf")})
