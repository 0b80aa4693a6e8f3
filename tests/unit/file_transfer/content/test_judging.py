"""What rules and processing change about the judgement of an arrival, before the claim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from file_transfer.intake.judgement import Case, Judge
from file_transfer.intake.source import Source
from file_transfer.settings import AddOns
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.definition import Workflow, read_definition
from tests.unit.given import LANDING, SETTINGS, definition

PARENT = "0123456789abcdef"
FOLDER = "from-sftp/bankpacific/"
GROUP = {"by": "DONE_FILE", "pattern": r"\.done$"}


@dataclass(frozen=True)
class OneWorkflow:
    """A lookup that finds one workflow for everything."""

    workflow: Workflow

    def resolve(self, _arrival: Arrival) -> list[Workflow]:
        return [self.workflow]


def judge(name: str, size: int = 10, *, parent: str | None = None, content: bool = True, **sections: Any) -> Case:
    """The case of a file of this name."""
    workflow = read_definition(definition(**{"validationRegex": r"\.(csv|pgp)$", **sections}))
    settings = replace(SETTINGS, add_ons=AddOns(content=content))
    key = f"unpacked/{parent}/{name}" if parent else FOLDER + name
    arrival = Arrival(LANDING, key, "S3", "2026-03-10T08:00:00.000000Z", "v1", parent_id=parent)
    return Judge(settings, OneWorkflow(workflow)).judge(arrival, Source("v1", "e", arrival.occurred_at, size))


def reason(case: Case) -> str:
    """The code of the rejection, or "" for a file that is let through."""
    return case.rejection.reason if case.rejection else ""


@pytest.mark.parametrize(
    ("name", "size", "rules", "code"),
    [
        ("a.csv", 10, {"name": {"pattern": "^b"}}, "NAME_NOT_ALLOWED"),
        ("a.csv", 10, {"size": {"maxBytes": 9}}, "SIZE_NOT_ALLOWED"),
        ("a.csv", 10, {"size": {"maxBytes": 10}}, ""),
        ("a.csv", 0, {"group": GROUP}, "EMPTY_FILE"),
        ("a.csv.done", 0, {"group": GROUP, "name": {"pattern": "^b"}}, ""),
    ],
)
def test_a_broken_rule_is_told_before_the_claim(name: str, size: int, rules: Any, code: str) -> None:
    assert reason(judge(name, size, rules=rules)) == code


def test_targets_have_the_name_that_the_file_is_delivered_under() -> None:
    # Given a workflow that opens what comes and seals what goes
    secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ours-a1b2c3"
    decrypt = {"decrypt": {"keySecretArn": secret}}

    # Then targets are rendered with the name without the ending, or with ours
    assert judge("a.csv.pgp", processing=decrypt).targets[1].uri == "sftp://partner/bankpacific/a.csv"
    sealed = judge("a.csv", processing={"encrypt": {"secretArn": secret}})
    assert sealed.targets[1].uri == "sftp://partner/bankpacific/a.csv.pgp"


def test_members_of_archives_need_not_be_called_like_archives() -> None:
    rules = {"name": {"pattern": r"\.zip$"}, "size": {"minBytes": 100}}
    assert reason(judge("a.txt", parent=PARENT, rules=rules, processing={"unzip": {}})) == ""


def test_without_the_module_nothing_that_it_does_is_promised() -> None:
    case = judge("a.csv", content=False, rules={"csv": {}})
    assert (reason(case), case.rejection and case.rejection.message) == (
        "INVALID_DEFINITION",
        "workflow copy-sftp-to-s3-and-sftp has rules or steps of file-transfer-content",
    )
    assert reason(judge("a.csv", content=False, rules={"size": {"minBytes": 1}})) == ""
