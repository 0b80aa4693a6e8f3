"""Time, canonical JSON, DynamoDB values, settings, conditional writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock, settings
from shared.canonical import canonical_json, sha256_hex
from shared.conditional import put_if, update_if
from shared.dynamodb import from_item, from_value, to_item, to_value

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def no_floats(value: Any) -> bool:
    if isinstance(value, dict):
        return all(no_floats(each) for each in value.values())
    if isinstance(value, list):
        return all(no_floats(each) for each in value)
    return not isinstance(value, float)


@given(VALUES)
def test_values_come_back_from_dynamodb_as_they_went(value: Any) -> None:
    back = from_value(to_value(value))
    assert back == value
    assert no_floats(back)


@pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, object(), {1, 2}])
def test_what_dynamodb_would_round_or_refuse_is_refused_first(value: Any) -> None:
    with pytest.raises(TypeError):
        to_value(value)


def test_sets_come_back_as_sorted_lists() -> None:
    assert from_item({"n": {"NS": ["10", "9"]}, "s": {"SS": ["b", "a"]}}) == {"n": [9, 10], "s": ["a", "b"]}


def test_stamps_have_one_width_and_sort_by_time() -> None:
    first = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    stamps = [clock.stamp(first + timedelta(microseconds=step)) for step in (0, 1, 10**6)]
    assert stamps[0] == "2026-01-02T03:04:05.000000Z"
    assert sorted(stamps) == stamps
    assert clock.stamp(datetime(2026, 1, 2, 5, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-02T03:00:00.000000Z"
    assert clock.parse(stamps[1]) == first + timedelta(microseconds=1)


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError):
        clock.stamp(datetime(2026, 1, 2))
    with pytest.raises(ValueError):
        clock.parse("2026-01-02T03:04:05")


def test_canonical_json_has_one_spelling() -> None:
    assert canonical_json({"b": Decimal("2"), "a": "ü"}) == '{"a":"\\u00fc","b":2}'
    assert canonical_json(Decimal("1.50")) == '"1.50"'
    with pytest.raises(TypeError):
        canonical_json({1, 2})
    assert sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_settings_name_the_variable_that_is_wrong() -> None:
    assert settings.whole_number({}, "N", 7) == 7
    assert settings.json_value({"J": '{"a":1}'}, "J", {}) == {"a": 1}
    for read, environ in (
        (lambda env: settings.text(env, "THE_ONE"), {}),
        (lambda env: settings.whole_number(env, "THE_ONE", 1), {"THE_ONE": "-1"}),
        (lambda env: settings.json_value(env, "THE_ONE", {}), {"THE_ONE": "[]"}),
        (lambda env: settings.json_value(env, "THE_ONE", {}), {"THE_ONE": "{"}),
    ):
        with pytest.raises(settings.SettingError, match="THE_ONE"):
            read(environ)


def test_a_lost_condition_is_an_answer(dynamodb: Any) -> None:
    # Given an item
    item = {"PK": "CUSTOMER#a", "SK": "DATE#b", "revision": 2}
    condition = "attribute_not_exists(PK) OR revision < :revision"
    assert put_if(dynamodb, "CustomerFileIndex", item, condition, {":revision": 2}) == (True, {})
    # When an older one comes
    answer = put_if(dynamodb, "CustomerFileIndex", {**item, "revision": 1}, condition, {":revision": 1})
    # Then what stands is told, and stays
    assert answer == (False, item)
    key = {"PK": "CUSTOMER#a", "SK": "DATE#b"}
    assert dynamodb.get_item(TableName="CustomerFileIndex", Key=to_item(key))["Item"] == to_item(item)
    names, values = {"#revision": "revision"}, {":new": 3, ":old": 2}
    held = update_if(dynamodb, "CustomerFileIndex", key, "SET #revision = :new", "#revision = :old", values, names)
    assert held == (True, {**item, "revision": 3})
    lost = update_if(dynamodb, "CustomerFileIndex", key, "SET #revision = :new", "#revision = :old", values, names)
    assert lost == (False, {**item, "revision": 3})


def test_an_update_of_nothing_creates_nothing(dynamodb: Any) -> None:
    key = {"PK": "CUSTOMER#a", "SK": "none"}
    names = {"#pk": "PK"}
    answer = update_if(dynamodb, "CustomerFileIndex", key, "SET x = :x", "attribute_exists(#pk)", {":x": 1}, names)
    assert answer == (False, {})
    assert dynamodb.scan(TableName="CustomerFileIndex")["Items"] == []
