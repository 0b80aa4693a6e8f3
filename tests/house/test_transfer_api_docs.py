"""docs/file-transfer/api.md tells what an operator meets: routes, permissions, codes, verdicts, groups, alarms."""

from __future__ import annotations

import json
import re

from file_transfer.api import simulation_steps
from file_transfer.api.errors import PROBLEMS
from file_transfer.api.routes import API
from file_transfer.replays import letters, replay
from shared.schemas import load
from tests.house.described import SOURCES, Page, System, alarms_of, undescribed_routes, wrong_statuses
from tools.hcl import parse_module
from tools.paths import ROOT

PAGE = Page("file-transfer/api.md")
SYSTEM = System("file_transfer")
MODULE = ROOT / "modules" / "file-transfer-api"
API_SOURCES = SOURCES / "file_transfer" / "api"


def test_every_route_is_described_with_its_permissions() -> None:
    assert undescribed_routes(PAGE, API, {}) == []


def test_groups_have_the_permissions_that_the_page_says() -> None:
    # Given the module's groups
    text = (MODULE / "variables.tf").read_text()
    groups = re.findall(r"^ {6}(ft-[a-z]+) += \{ .*permissions = (\[.*\]) \}$", text, re.MULTILINE)

    # Then each has its row
    assert len(groups) == len(API.permissions)
    assert {group: json.loads(granted) for group, granted in groups} == {
        group: PAGE.row_of(group)[1].split(", ") for group, _ in groups
    }


def test_every_code_of_an_answer_is_explained() -> None:
    own = {
        code for path in API_SOURCES.glob("*.py") for code in re.findall(r'conflict\(\s*"([A-Z_]+)"', path.read_text())
    }
    shared = System("file_transfer/api").answered_codes()
    told = {error.code for error in PROBLEMS}  # type: ignore[attr-defined]

    assert len(own) > 2 and len(shared) > 8
    assert (own | shared | told) - PAGE.named == set()


def test_codes_have_the_status_that_they_are_answered_with() -> None:
    assert wrong_statuses(PAGE, SYSTEM) == {}


def test_words_of_replays_letters_and_simulations_are_described() -> None:
    words = {replay.PENDING, replay.RUNNING, replay.COMPLETED, letters.REDRIVE, letters.SETTLED, letters.UNREADABLE}
    simulation = load("file-transfer-api")["$defs"]["simulation"]["properties"]
    words |= {*simulation["outcome"]["enum"], *simulation["steps"]["items"]["properties"]["verdict"]["enum"]}
    words |= set(simulation["targets"]["items"]["properties"]["delivery"]["enum"])
    words |= {simulation_steps.COPY, simulation_steps.PARTS, simulation_steps.MACHINE, simulation_steps.CONNECTOR}

    assert {word for word in words if not re.search(rf"\b{word}\b", PAGE.text)} == set()


def test_every_alarm_is_described() -> None:
    found = alarms_of("file-transfer-api", "file-transfer")
    functions = {f"file-transfer-{name}-errors" for name in ("api-handler", "replay-failures")}

    assert found == {"file-transfer-replays-dead-letters", "file-transfer-<function>-errors"}
    assert {*functions, "file-transfer-replays-dead-letters"} - PAGE.named == set()


def test_settings_that_the_page_names_exist() -> None:
    variables = {block.labels[0] for block in parse_module(MODULE).of_type("variable")}
    named = {name for name in PAGE.named if re.fullmatch(r"[a-z_]+\.[a-z_]+", name)}
    settings = {name for name in named if name.partition(".")[0] in variables}
    text = (MODULE / "variables.tf").read_text()

    assert len(settings) > 5
    assert {
        name for name in settings if not re.search(rf"^\s+{name.partition('.')[2]}\s+=", text, re.MULTILINE)
    } == set()
