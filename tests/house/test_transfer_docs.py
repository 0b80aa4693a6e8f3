"""The pages of file transfer tell what an operator meets: metrics, tables, modules, and settings that exist."""

from __future__ import annotations

import re

from tests.house.described import Page, System
from tools.hcl import parse_module
from tools.paths import MODULES, ROOT, module_folders

MAIN = Page("file-transfer.md")
PAGES = [MAIN, *(Page(f"file-transfer/{path.name}") for path in sorted((ROOT / "docs/file-transfer").glob("*.md")))]
NAMED = {name for page in PAGES for name in page.named}
SYSTEM = [folder for folder in module_folders() if re.fullmatch(r"file-transfer(-.+)?", folder.name)]
ADD_ONS = [folder.name for folder in SYSTEM if folder.name != "file-transfer"]


def test_every_metric_is_named() -> None:
    counted = {name for name in System("file_transfer").counted() if not name.startswith("Live")}

    assert len(counted) > 20
    assert {name for name in counted if not any(each.startswith(name) for each in NAMED)} == set()


def test_every_add_on_has_its_row_and_its_page() -> None:
    rows = [cells for cells in MAIN.table_rows if len(cells) == 3 and cells[1].startswith("`file-transfer-")]
    links = {cells[1].split("`")[1]: cells[2] for cells in rows}

    assert len(ADD_ONS) > 5
    assert set(ADD_ONS) - set(links) == set()
    assert {name for name in ADD_ONS if "](file-transfer/" not in links[name]} == set()


def test_every_table_is_described() -> None:
    declared = {
        name
        for folder in SYSTEM
        for path in folder.glob("*.tf")
        for name in re.findall(r"^ {4}([A-Z]\w+) += \{$", path.read_text(), re.MULTILINE)
    }

    assert len(declared) > 7
    assert {
        name for name in declared if not any(name in row.partition(" ")[0].strip("`") for row in MAIN.rows)
    } == set()


def test_settings_that_the_pages_name_exist() -> None:
    # Given the variables of the core and its add-ons that have members of their own
    declared = {block.labels[0] for folder in SYSTEM for block in parse_module(folder).of_type("variable")}
    variables = declared - {"name", "file_transfer"}
    text = "".join(path.read_text() for folder in SYSTEM for path in folder.glob("variables*.tf"))

    # When the pages name a member of one
    named = {name for name in NAMED if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", name) and name.split(".")[0] in variables}

    # Then it is there
    assert len(named) > 20
    assert {name for name in named if not re.search(rf"^\s+{name.split('.')[-1]}\s+=", text, re.MULTILINE)} == set()


def test_modules_that_the_pages_name_exist() -> None:
    named = {name for name in NAMED if re.fullmatch(r"modules/[a-z-]+", name)}

    assert len(named) > 5
    assert {name for name in named if not (MODULES / name.partition("/")[2]).is_dir()} == set()
