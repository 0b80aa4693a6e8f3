"""Modules are written and tested on provider 5.100; versions.tf admits 6.x, whose arguments are checked here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.hcl import Block, parse_module
from tools.paths import module_folders
from tools.provider_arguments import ARGUMENTS_FILE, arguments_of_schema, type_of, used_types

PROVIDER_6 = json.loads(ARGUMENTS_FILE.read_text())
META = {"count", "for_each", "depends_on", "provider", "lifecycle", "provisioner", "connection"}

DECLARED = [
    (f"{folder.name}/{'.'.join(block.labels)}", block)
    for folder in module_folders()
    for block in parse_module(folder).blocks
    if block.type in ("resource", "data")
]


def given_in(block: Block) -> set[str]:
    """Names of the arguments and blocks a resource gives, `dynamic` ones by what they make."""
    nested = {inner.labels[0] if inner.type == "dynamic" else inner.type for inner in block.blocks}
    return (set(block.attributes) | nested) - META


@pytest.mark.parametrize("block", [block for _, block in DECLARED], ids=[name for name, _ in DECLARED])
def test_provider_6_takes_every_argument_and_misses_none(block: Block) -> None:
    # Given what provider 6 takes for the type
    taken = PROVIDER_6[type_of(block.type, block.labels[0])]

    # When a module's block is read
    given = given_in(block)

    # Then all it gives is known there, and all that is required there is given
    assert given - taken.keys() == set()
    assert {name for name, need in taken.items() if need == "required"} - given == set()


def test_arguments_are_kept_for_the_types_in_use_alone() -> None:
    """Otherwise run: python -m tools.provider_arguments <schema of provider 6>."""
    assert set(PROVIDER_6) == used_types()


def test_schema_yields_arguments_and_blocks_with_their_need() -> None:
    # Given the schema of one type, with an argument AWS sets and a block that must occur
    block = {
        "attributes": {
            "name": {"required": True},
            "tags": {"optional": True, "computed": True},
            "arn": {"computed": True},
        },
        "block_types": {"rule": {"min_items": 1}, "timeouts": {}},
    }
    provider = {"resource_schemas": {"aws_x": {"block": block}}, "data_source_schemas": {"aws_y": {"block": {}}}}

    # When it is reduced
    arguments = arguments_of_schema({"provider_schemas": {"registry.terraform.io/hashicorp/aws": provider}})

    # Then what a configuration may say remains
    wanted = {"name": "required", "tags": "optional", "rule": "required", "timeouts": "optional"}
    assert arguments == {"aws_x": wanted, "data.aws_y": {}}


RESOURCE = """
resource "aws_x" "y" {
  count = 1
  name  = "n"
  dynamic "rule" {
    for_each = []
    content {}
  }
  lifecycle { ignore_changes = [name] }
}
"""


def test_given_counts_dynamic_blocks_and_not_meta_arguments(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(RESOURCE)
    assert given_in(parse_module(tmp_path).blocks[0]) == {"name", "rule"}
