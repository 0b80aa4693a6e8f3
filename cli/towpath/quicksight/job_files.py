"""Migrations as files: the body of POST /jobs in YAML, checked before anything is sent."""

from __future__ import annotations

from pathlib import Path

from quicksight_migration.api.job_validation import document_problems
from towpath.yaml_files import Located, load, refused

SUFFIXES = (".yaml", ".yml", ".json")


def read_job(file: Path) -> Located:
    """A migration without any problem that its document alone shows. Raises Invalid with the line of each."""
    located = load(file)
    found = document_problems(located.value)
    if found:
        raise refused(located, found, "migration")
    return located


def is_file_name(text: str) -> bool:
    """True for what is a file rather than a job's id."""
    return text.endswith(SUFFIXES)
