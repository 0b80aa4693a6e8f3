"""What a system's module tells its functions is what their code reads."""

from __future__ import annotations

import re

import pytest

from quicksight_migration.api.routes import START_ROUTES
from quicksight_migration.records import store
from quicksight_migration.records.statuses import TERMINAL_STATUSES
from tools.hcl import parse_module
from tools.paths import MODULES, ROOT

# Module → the settings that its functions read.
SYSTEMS = {
    "drs-orchestration": "disaster_recovery/settings.py",
    "file-transfer": "file_transfer/settings.py",
    "file-transfer-analytics": "file_transfer/analytics/settings.py",
    "file-transfer-api": "file_transfer/api/settings.py",
    "file-transfer-connectors": "file_transfer/connectors/settings.py",
    "file-transfer-content": "file_transfer/content/settings.py",
    "file-transfer-identity": "file_transfer/identity/settings.py",
    "file-transfer-large-files": "file_transfer/large_files/settings.py",
    "file-transfer-audit": "file_transfer/archive/settings.py",
    "file-transfer-notifications": "file_transfer/notifications/settings.py",
    "quicksight-migration": "quicksight_migration/settings.py",
}
SET = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\s*=[^=]")
READ = re.compile(r'\(\s*(?:env|environ|environment), "([A-Z][A-Z0-9_]+)"')
# Read by Powertools, and by Lambda itself.
NOT_OURS = re.compile(r"LOG_LEVEL|POWERTOOLS_\w+|AWS_\w+")

MIGRATION = MODULES / "quicksight-migration"


def names_set(module: str) -> set[str]:
    """Environment variables in the maps of a module's locals."""
    values = [
        value for block in parse_module(MODULES / module).of_type("locals") for value in block.attributes.values()
    ]
    return {name for value in values for name in SET.findall(value) if not NOT_OURS.fullmatch(name)}


def names_read(settings: str) -> set[str]:
    """Environment variables that the settings in a file read."""
    text = (ROOT / "lambda_src" / settings).read_text()
    return {name for name in READ.findall(text) if not NOT_OURS.fullmatch(name)}


def local_of(name: str) -> str:
    """The expression of a local value of the migration's module."""
    found = [block.attributes[name] for block in parse_module(MIGRATION).of_type("locals") if name in block.attributes]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("module", SYSTEMS)
def test_functions_are_told_what_they_read_and_nothing_else(module: str) -> None:
    told, read = names_set(module), names_read(SYSTEMS[module])

    assert len(read) > 1
    assert told == read


def test_indexes_show_of_a_job_what_lists_need() -> None:
    # Given the attributes of the module, and what the code expects of an item in an index besides its keys
    shown = set(re.findall(r'"(\w+)"', local_of("listed_attributes")))
    indexes = dict(re.findall(r'(\w+)\s*=\s*"(\w+)"', local_of("indexes")))

    # Then they are the same, and so are the indexes
    assert shown | {"createdAt"} == set(store.LISTED) | {"targetAccountId", "status", "kind"}
    assert indexes == {
        index.name: index.partition for index in (store.STATUS_INDEX, store.ACCOUNT_INDEX, store.TIME_INDEX)
    }


def test_routes_that_make_a_job_run_lead_to_the_function_that_may_start_one() -> None:
    routes = dict(re.findall(r'"(\w+ /[^"]+)"\s*=\s*"([a-z-]+)"', local_of("routes")))

    starting = {route for route, function in routes.items() if function == "start-job"}

    assert starting == {f"{route.method} {route.path}" for route in START_ROUTES}


def test_alarms_listen_to_metrics_that_are_counted() -> None:
    # Given the metrics of our own that alarms of the migration are on
    alarms = (MIGRATION / "alarms.tf").read_text()
    heard = set(re.findall(r"namespace\s*=\s*local\.metrics_namespace\s+metric_name\s*=\s*\"(\w+)\"", alarms))

    # When the code is read, where the end of a job counts under its status
    sources = "".join(path.read_text() for path in (ROOT / "lambda_src" / "quicksight_migration").rglob("*.py"))
    counted = set(re.findall(r'count\("(\w+)"', sources))
    ends = {f"Jobs{str(status).title().replace('_', '')}" for status in TERMINAL_STATUSES}

    # Then each of them is counted
    assert "f\"Jobs{str(job.status).title().replace('_', '')}\"" in sources
    assert len(heard) > 1
    assert heard - counted - ends == set()
