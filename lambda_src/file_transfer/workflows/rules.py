"""The sections `rules` and `processing` of a workflow definition: what they ask for, and what is wrong with them.

Their shapes are those of schemas/workflow-rules and schemas/workflow-processing; what a schema cannot say is here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from file_transfer.workflows import patterns
from file_transfer.workflows.json_schemas import schema_problem
from shared.schemas import Problem

Section = Mapping[str, Any]

#: Rules that need the bytes, or other files.
RULES_ON_CONTENT = ("type", "csv", "json", "controlTotals", "group")
DATE_GROUP = "date"


def needs_preparation(rules: Section, processing: Section) -> bool:
    """True when Prepare File has to look at the workflow's files before they are copied."""
    return bool(processing) or any(name in rules for name in RULES_ON_CONTENT)


def section_problems(rules: Section, processing: Section) -> list[Problem]:
    """What is wrong with two sections that their schemas let through."""
    found = [*_pattern_problems(rules, processing), *_date_problems(rules), *_totals_problems(rules)]
    schema = rules.get("json", {}).get("schema")
    problem = schema_problem(schema) if schema else ""
    if problem:
        found.append(Problem("$.rules.json.schema", problem))
    size = rules.get("size", {})
    if size.get("minBytes", 0) > size.get("maxBytes", size.get("minBytes", 0)):
        found.append(Problem("$.rules.size", "minBytes is more than maxBytes"))
    if "csv" in rules and "json" in rules:
        found.append(Problem("$.rules", "a file cannot be csv and json"))
    return found


def _pattern_problems(rules: Section, processing: Section) -> Iterator[Problem]:
    places = {
        "$.rules.name.pattern": rules.get("name", {}).get("pattern"),
        "$.rules.group.pattern": rules.get("group", {}).get("pattern"),
        "$.processing.unzip.memberPattern": processing.get("unzip", {}).get("memberPattern"),
    }
    for path, pattern in places.items():
        try:
            if pattern:
                patterns.check(pattern)
        except patterns.UnsafePattern as error:
            yield Problem(path, str(error))


def _date_problems(rules: Section) -> Iterator[Problem]:
    name = rules.get("name", {})
    if "date" not in name:
        return
    form = name["date"]["format"]
    year = "%Y" in form or "%y" in form
    day = "%j" in form or ("%d" in form and ("%m" in form or "%b" in form))
    if not (year and day):
        yield Problem("$.rules.name.date.format", "does not name a year, a month and a day (or %j)")
    try:
        if DATE_GROUP not in patterns.group_names(name["pattern"]):
            yield Problem("$.rules.name.pattern", "has no group (?P<date>…) for the rule date to read")
    except patterns.UnsafePattern:
        return  # named already


def _totals_problems(rules: Section) -> Iterator[Problem]:
    totals = rules.get("controlTotals")
    if totals is None:
        return
    path = "$.rules.controlTotals"
    if "csv" not in rules:
        yield Problem(path, "needs rules.csv, which says how rows and columns are read")
    header = rules.get("csv", {}).get("header", [])
    for number, each in enumerate(totals.get("sums", [])):
        if each["column"] not in header:
            yield Problem(f"{path}.sums[{number}].column", "is no column of rules.csv.header")
    if totals["in"] == "TRAILER" and "first" not in totals:
        yield Problem(f"{path}.first", "is required: nothing else tells the trailer from a row of data")
    group = rules.get("group", {})
    if totals["in"] == "MARKER" and (group.get("by") != "DONE_FILE" or not _vouches_for_one(group)):
        yield Problem(f"{path}.in", "MARKER needs rules.group by DONE_FILE with a group (?P<file>…) or (?P<stem>…)")


def _vouches_for_one(group: Section) -> bool:
    try:
        return bool(patterns.group_names(group.get("pattern", "")) & {"file", "stem"})
    except patterns.UnsafePattern:
        return True
