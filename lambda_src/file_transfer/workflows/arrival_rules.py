"""Rules that need only what is known when a file arrives: its name, its size and the time. Asked before the claim."""

from __future__ import annotations

from datetime import date, datetime

from file_transfer.errors import Rejection
from file_transfer.workflows import patterns
from file_transfer.workflows.rules import DATE_GROUP, Section

PGP_ENDINGS = (".pgp", ".gpg", ".asc")
ENCRYPTED_ENDING = ".pgp"


def check_arrival(rules: Section, name: str, size: int, arrived_at: str) -> None:
    """Raises Rejection NAME_NOT_ALLOWED or SIZE_NOT_ALLOWED, whose message begins with the rule."""
    if is_marker(rules, name):
        return
    if "name" in rules:
        _check_name(rules["name"], name, date.fromisoformat(arrived_at[:10]))
    bounds = rules.get("size", {})
    if size < bounds.get("minBytes", 0):
        raise Rejection("SIZE_NOT_ALLOWED", f"rules.size.minBytes: {size} bytes are less than {bounds['minBytes']}")
    if size > bounds.get("maxBytes", size):
        raise Rejection("SIZE_NOT_ALLOWED", f"rules.size.maxBytes: {size} bytes are more than {bounds['maxBytes']}")


def is_marker(rules: Section, name: str) -> bool:
    """True for a done file or a manifest: it says something about other files, and the rules are not about it."""
    pattern = rules.get("group", {}).get("pattern")
    try:
        return bool(pattern) and patterns.matches(pattern, name)
    except patterns.UnsafePattern:
        return False


def delivered_name(rules: Section, processing: Section, name: str, *, member: bool = False) -> str:
    """What the file is called where it is delivered. A member of an archive has been decrypted with it."""
    if is_marker(rules, name) and not member:
        return name
    if opens(processing) and not member:
        ending = next((each for each in PGP_ENDINGS if name.lower().endswith(each) and len(name) > len(each)), "")
        name = name[: len(name) - len(ending)]
    return name + ENCRYPTED_ENDING if "encrypt" in processing else name


def opens(processing: Section) -> bool:
    """True when what arrives is an OpenPGP message that is opened."""
    return "decrypt" in processing or "verify" in processing


def _check_name(rule: Section, name: str, arrived: date) -> None:
    try:
        found = patterns.groups(rule["pattern"], name)
    except patterns.UnsafePattern as error:
        raise Rejection("INVALID_DEFINITION", f"rules.name.pattern: {error}") from error
    if found is None:
        raise Rejection("NAME_NOT_ALLOWED", f"rules.name.pattern: the name does not match {rule['pattern']}")
    if "date" in rule:
        _check_date(rule["date"], found.get(DATE_GROUP, ""), arrived)


def _check_date(rule: Section, text: str, arrived: date) -> None:
    try:
        named = datetime.strptime(text, rule["format"]).date()  # noqa: DTZ007  (a day in a name has no zone)
    except ValueError as error:
        raise Rejection("NAME_NOT_ALLOWED", f"rules.name.date: {text!r} is no date of the form {rule['format']}") from (
            error
        )
    age = (arrived - named).days
    if age > rule.get("maxAgeDays", age):
        raise Rejection(
            "NAME_NOT_ALLOWED",
            f"rules.name.date.maxAgeDays: {named} lies {age} days before the arrival, more than {rule['maxAgeDays']}",
        )
    if -age > rule.get("maxFutureDays", 0):
        raise Rejection("NAME_NOT_ALLOWED", f"rules.name.date.maxFutureDays: {named} lies {-age} days ahead of arrival")
