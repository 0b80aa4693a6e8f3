"""Filter patterns of CloudWatch Logs take what the user guide says they take."""

from __future__ import annotations

import json

import pytest

from local_cloud.log_filtering.patterns import BadPattern, compiled

EVENT = json.dumps(
    {
        "level": "ERROR",
        "job": {"id": "job-1", "steps": [{"name": "Export", "seconds": 12.5}]},
        "empty": None,
        "done": True,
        "count": 3,
    }
)


@pytest.mark.parametrize(
    ("pattern", "message", "taken"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR job", "job: ERROR", True),
        ("ERROR job", "only ERROR", False),
        ('"job-1"', '{"jobId": "job-1"}', True),
        ('"job-1"', "job 1", False),
        ('"a b"', "a b c", True),
        ('"a b"', "b a", False),
        (r'"say \"no\""', 'they say "no"', True),
        ("ERROR -Timeout", "ERROR: Timeout", False),
        ("ERROR -Timeout", "ERROR: Denied", True),
        ("?ERROR ?WARN", "a WARN", True),
        ("?ERROR ?WARN", "an INFO", False),
        ("?ERROR INFO", "an INFO", True),
    ],
)
def test_terms(pattern: str, message: str, taken: bool) -> None:
    assert compiled(pattern)(message) is taken


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ('{ $.level = "ERROR" }', True),
        ('{ $.level = "error" }', False),
        ('{ $.level != "INFO" }', True),
        ("{ $.level = ERR* }", True),
        ('{ $.job.id = "job-1" && $.count = 3 }', True),
        ('{ $.job.id = "job-2" || $.count > 2 }', True),
        ("{ ($.count < 3 || $.count >= 3) && $.done IS FALSE }", False),
        ("{ $.job.steps[0].seconds > 12 }", True),
        ("{ $.job.steps[1].seconds > 12 }", False),
        ('{ $["level"] = "ERROR" }', True),
        ("{ $.empty IS NULL }", True),
        ("{ $.level IS NULL }", False),
        ("{ $.done IS TRUE }", True),
        ("{ $.none NOT EXISTS }", True),
        ("{ $.level EXISTS }", True),
        ("{ $.level > 1 }", False),
        ("{ $.job = job }", False),
        ("{ $.none != 1 }", False),
    ],
)
def test_members_of_json(pattern: str, taken: bool) -> None:
    assert compiled(pattern)(EVENT) is taken
    assert compiled(pattern)("no json") is (pattern == "{ $.none NOT EXISTS }")


@pytest.mark.parametrize(
    "pattern",
    ['"open', "a.b", "%regex%", "[a, b]", "{ level = 1 }", "{ $.a = }", "{ ($.a = 1 }", "{ $.a = 1 $.b = 2 }", "{}"],
)
def test_what_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        compiled(pattern)
