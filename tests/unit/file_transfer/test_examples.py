"""The definitions below examples/file-transfer: each can be stored, and each section of a definition has one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from file_transfer.settings import SftpTarget, WatchedBucket
from file_transfer.workflows.definition import validate_definition
from shared.schemas import load
from tools.paths import ROOT
from towpath.yaml_files import load as load_yaml

EXAMPLES = sorted((ROOT / "examples" / "file-transfer").glob("*.yaml"))
WATCHED = WatchedBucket("sftp-landing-zone", ("from-sftp/", "from-s3/"))
SFTP_TARGETS = {"partner": SftpTarget("partner-sftp-backend")}


def example(path: Path) -> dict[str, Any]:
    """The definition in a file."""
    definition: dict[str, Any] = load_yaml(path).value
    return definition


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_can_be_stored(path: Path) -> None:
    assert validate_definition(example(path), SFTP_TARGETS, WATCHED) == []


def test_examples_do_not_take_files_from_each_other() -> None:
    definitions = [example(path) for path in EXAMPLES]

    for key in ("workflowId", "sourcePrefix"):
        values = [definition[key] for definition in definitions]
        assert len(set(values)) == len(EXAMPLES), key


def test_each_section_and_each_step_has_an_example() -> None:
    # Given what a definition may have besides a route, and the steps and rules of the two sections of content
    properties = load("workflow-definition")["properties"]
    sections = {name for name, schema in properties.items() if "workflow-" in schema.get("$ref", "")}
    processing = set(load("workflow-processing")["properties"])
    rules = set(load("workflow-rules")["properties"])

    # When all examples are put together
    definitions = [example(path) for path in EXAMPLES]
    shown = {name for definition in definitions for name in definition}
    steps = {name for definition in definitions for name in definition.get("processing", {})}
    checks = {name for definition in definitions for name in definition.get("rules", {})}
    schemes = {
        target["uri"].partition(":")[0] for definition in definitions for target in definition["targets"].values()
    }

    # Then nothing is without one
    assert len(sections) > 5
    assert sections - shown == set()
    assert processing - steps == set()
    assert rules - checks == set()
    assert schemes == {"s3", "sftp", "sftp-connector"}
