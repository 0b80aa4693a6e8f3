"""docs/quicksight-migration.md tells what an operator meets: states, statuses, fields, routes, codes, files, alarms."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch

import pytest

from quicksight_migration.api.routes import API
from quicksight_migration.bundles import import_attempt, keys
from quicksight_migration.drift import verification
from quicksight_migration.drift.comparison import Drift
from quicksight_migration.machine.failures import PLAIN
from quicksight_migration.planning.override_rules import WITHOUT_LOGIN
from quicksight_migration.planning.plan import Action, ConflictPolicy
from quicksight_migration.records import statuses
from quicksight_migration.records.job import OPTION_DEFAULTS
from tests.house.described import (
    SOURCES,
    Page,
    System,
    alarms_of,
    fields_of,
    states_of,
    undescribed_routes,
    wrong_statuses,
)
from tools.hcl import parse_module
from tools.paths import ROOT

PAGE = Page("quicksight-migration.md")
SYSTEM = System("quicksight_migration", is_live=True)
MODULE = ROOT / "modules" / "quicksight-migration"
RECORDS = SOURCES / "quicksight_migration" / "records"
#: No request of this API is conditional, so nobody gets these.
NOT_ANSWERED = {"IF_MATCH_REQUIRED", "STALE_VERSION"}
#: Told as VALIDATION_FAILED; leads back to PlanImport; is waited for.
NOT_TOLD = {"JOB_INVALID", "TARGET_CHANGED"}


def test_every_state_is_described() -> None:
    states = states_of("quicksight_migration")

    assert len(states) > 20
    assert states - PAGE.rows == set()


@pytest.mark.parametrize(
    "kind",
    [statuses.JobStatus, statuses.StepStatus, statuses.TargetState, Action, ConflictPolicy, Drift],
    ids=lambda kind: kind.__name__,
)
def test_every_word_for_where_things_stand_is_described(kind: type) -> None:
    words = {str(each) for each in kind}

    assert len(words) > 3
    assert words - PAGE.rows == set()


def test_every_verdict_on_an_asset_is_described() -> None:
    source = (SOURCES / "quicksight_migration" / "drift" / "verification.py").read_text()
    words = {word for word in re.findall(r'^ {4}"([A-Z]+)",$', source, re.MULTILINE) if hasattr(verification, word)}

    assert len(words) > 7
    assert words - PAGE.rows == set()


def test_every_decision_that_a_person_makes_is_described() -> None:
    made = {str(each) for each in statuses.Decision} - {"CANCELLED"}

    assert {*made, *statuses.APPROVAL_MODES} - PAGE.named == set()


def test_every_field_of_a_job_is_described() -> None:
    wanted = fields_of("start-migration-job")

    assert len(wanted) > 25
    assert wanted - PAGE.parts == set()


@pytest.mark.parametrize("option", sorted(OPTION_DEFAULTS))
def test_options_have_the_defaults_that_the_page_says(option: str) -> None:
    default = OPTION_DEFAULTS[option]

    _, told, *_ = PAGE.row_of(option)

    assert told == (str(default).lower() if isinstance(default, bool) else f"`{default}`")


def test_what_needs_no_login_is_described() -> None:
    assert {kind for kind in WITHOUT_LOGIN if kind not in PAGE.text} == set()


def test_every_route_is_described_with_its_permissions() -> None:
    assert undescribed_routes(PAGE, API, {}) == []


def test_groups_have_the_permissions_that_the_page_says() -> None:
    # Given the module's groups
    text = (MODULE / "variables.tf").read_text()
    groups = re.findall(r"^ {6}(bi-[a-z]+) += \{ .*permissions = (\[.*\]) \}$", text, re.MULTILINE)

    # Then each has its row
    assert len(groups) == len(API.permissions)
    assert {group: json.loads(granted) for group, granted in groups} == {
        group: PAGE.row_of(group)[1].split(", ") for group, _ in groups
    }


def test_every_action_of_the_audit_is_described() -> None:
    told = SYSTEM.found(r'Told\(\s*"([A-Z_]+)"') | SYSTEM.found(r'Told\("[A-Z_]+" if [\w.]+ else "([A-Z_]+)"')
    decided = {f"PLAN_{each}" for each in ("APPROVED", "REJECTED", "REPLAN")}

    assert len(told) > 6
    assert (told | decided | SYSTEM.found(r'Told\(\s*f"([A-Z_]+_)\{status')) - PAGE.named == set()


def test_every_code_of_an_answer_is_explained() -> None:
    answered = SYSTEM.answered_codes() - NOT_ANSWERED

    assert len(answered) > 8
    assert answered - PAGE.named == set()


def test_codes_have_the_status_that_they_are_answered_with() -> None:
    assert wrong_statuses(PAGE, SYSTEM) == {}


def test_every_code_of_a_record_is_explained() -> None:
    # Given what workers answer, what the updater makes of it, and our own exceptions
    answered = SYSTEM.found(r'(?:worker\.failed\(|Failure\(code=)\s*"([A-Z_]+)"')
    named = SYSTEM.found(r'(?m)^[A-Z_]*(?:FAILED|TIMED_OUT) = "([A-Z]+_[A-Z_]+)"$') | {
        import_attempt.IMPORT_FAILED,
        import_attempt.ROLLBACK_FAILED,
        import_attempt.DRIFTED,
    }
    own = SYSTEM.own_errors() - NOT_TOLD

    # Then each is there
    assert len(answered) > 6
    assert len(named) > 5
    assert len(own) > 8
    assert (answered | named | own | set(PLAIN.values())) - PAGE.named == set()


def test_every_refusal_of_live_updates_is_explained() -> None:
    codes = SYSTEM.found(r'(?:TopicRefused|messages\.error)\(\s*"([A-Z_]+)"')

    assert len(codes) > 4
    assert codes - PAGE.named == set()


def test_every_kind_of_alert_is_described() -> None:
    schema = json.loads((ROOT / "schemas" / "migration-notification.schema.json").read_text())

    assert set(schema["properties"]["kind"]["enum"]) - PAGE.rows == set()


def test_every_record_is_described() -> None:
    keys_of_records = {
        key
        for name in ("job.py", "beside.py")
        for key in re.findall(r'return f?"([A-Z]{3,})', (RECORDS / name).read_text())
    }

    assert len(keys_of_records) > 8
    assert keys_of_records - {name.split("#")[0] for name in PAGE.named} == set()


def test_every_file_is_described_under_its_key() -> None:
    # Given the keys that functions may write to, and those of the staging bucket
    text = (MODULE / "iam_workers.tf").read_text()
    written = set(re.findall(r'"((?:jobs|drift)/[^"]*)"', text))
    staged = {keys.staging_key("*", kind, 1, 1).replace("A1-c1", "A*") for kind in (keys.IMPORT, keys.RESTORE)}
    described = {re.sub(r"<[^>]+>", "*", name) for name in PAGE.named}

    # Then each is on the page, as `jobs/<jobId>/plan-A<attempt>.json` is `jobs/*/plan-A*.json`
    assert len(written) > 8
    assert {key for key in written | staged if not any(fnmatch(name, key) for name in described)} == set()


def test_every_metric_is_described() -> None:
    counted = SYSTEM.counted()

    assert len(counted) > 8
    assert {name for name in counted if not any(each.startswith(name) for each in PAGE.named)} == set()


def test_every_alarm_is_described() -> None:
    alarms = alarms_of("quicksight-migration", "biops")

    assert len(alarms) > 7
    assert alarms - PAGE.rows == set()


def test_every_function_is_part_of_the_flow() -> None:
    """By its full name, or as one of the workers that the table of states has."""
    steps = {f"biops-{re.sub('(?<=[a-z])(?=[A-Z])', '-', str(step)).lower()}" for step in statuses.StepName}
    text = "".join(path.read_text() for path in MODULE.glob("*.tf"))
    functions = {
        f"biops-{key}"
        for key in re.findall(r'^ {4}"([a-z-]+)" += (?:merge\(local\.function|\{ timeout)', text, re.MULTILINE)
    }

    assert len(functions) > 12
    assert {name for name in functions - steps if name not in PAGE.text} == set()


def test_settings_that_the_page_names_exist() -> None:
    variables = {block.labels[0]: block for block in parse_module(MODULE).of_type("variable")}
    named = {name for name in PAGE.named if re.fullmatch(r"[a-z_]+\.[a-z_]+", name)}
    settings = {name for name in named if name.partition(".")[0] in variables}

    assert len(settings) > 5
    text = "".join(path.read_text() for path in MODULE.glob("variables*.tf"))
    assert {
        name for name in settings if not re.search(rf"^\s+{name.partition('.')[2]}\s+=", text, re.MULTILINE)
    } == set()
