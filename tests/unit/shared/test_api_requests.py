"""Bodies, queries and headers: what is read, and what is refused with the exact place."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import pytest

from shared.api.principals import Principal
from shared.api.problems import ApiProblem
from shared.api.requests import MAX_BODY_BYTES, Request, read_body, read_query
from shared.api.routes import Parameter, Route, page_parameters

ROUTE = Route("POST", "/things", "createThing", "", ("edit",), "m:f", body="start-execution", endpoint_checks_body=True)
NOBODY = Principal("user:x", frozenset(), frozenset())


def body(text: str | None, content_type: str = "application/json", **changes: Any) -> Any:
    return read_body(ROUTE, text, changes.get("is_base64", False), content_type)


def headers(**given: str) -> Request:
    return Request(ROUTE, {}, {}, {name.replace("_", "-"): value for name, value in given.items()}, {}, NOBODY)


def refusal(call: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        call()
    return caught.value


def test_numbers_become_what_dynamodb_can_hold() -> None:
    # Given whole numbers in all their spellings, and one that is not whole
    found = body('{"a": 1, "b": 1.0, "c": 1e2, "d": 0.5, "e": -0.0}')
    # Then no float comes in
    assert found == {"a": 1, "b": 1, "c": 100, "d": Decimal("0.5"), "e": 0}
    assert [type(value) for value in found.values()] == [int, int, int, Decimal, int]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Expecting"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "Infinity"),
        ('{"a": 1, "a": 2}', "'a' twice"),
        ('{"": 1}', "without a name"),
        ('{"a": ' + "1" * 39 + "}", "digits"),
        ('{"a": 1e400}', "digits"),
        ('{"a": 0.' + "1" * 39 + "}", "digits"),
        ('{"a": "\\ud800"}', "UTF-8"),
        ("[" * 100_000, "nested"),
        ("[" * 30 + "]" * 30, "nested"),
    ],
)
def test_what_is_no_json_or_cannot_be_stored_is_refused(text: str, why: str) -> None:
    problem = refusal(lambda: body(text))
    assert problem.status == 400
    assert problem.errors[0].path == "$"
    assert why in problem.errors[0].message


def test_base64_is_unpacked_and_refused_when_broken() -> None:
    assert body(base64.b64encode(b'{"a": 1}').decode(), is_base64=True) == {"a": 1}
    assert refusal(lambda: body("%%%", is_base64=True)).status == 400
    assert refusal(lambda: body(base64.b64encode(b"\xff").decode(), is_base64=True)).status == 400


def test_a_body_has_at_most_256_kib() -> None:
    # Given a body of exactly the limit, and one of a byte more
    fits = '{"a": "' + "x" * (MAX_BODY_BYTES - 9) + '"}'
    assert body(fits)["a"]
    problem = refusal(lambda: body(fits + " "))
    assert (problem.status, problem.code) == (413, "BODY_TOO_LARGE")


def test_bytes_are_counted_not_characters() -> None:
    assert refusal(lambda: body('"' + "ü" * (MAX_BODY_BYTES // 2) + '"')).status == 413


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/x+json", ""])
def test_json_comes_under_several_names(kind: str) -> None:
    assert body("{}", kind) == {}


def test_another_media_type_is_refused() -> None:
    assert refusal(lambda: body("a: 1", "application/yaml")).status == 415


def test_no_body_is_an_empty_object() -> None:
    assert body(None) == {}
    assert body("  ") == {}


def test_the_schema_is_checked_with_the_path_of_every_error() -> None:
    route = Route("POST", "/executions", "start", "", (), "m:f", body="start-execution")
    text = '{"planId": "nope", "extra": 1}'
    problem = refusal(lambda: read_body(route, text, False, ""))
    assert [error.path for error in problem.errors] == ["$.extra", "$.planId", "$.type"]
    assert problem.body()["errors"][0] == {"path": "$.extra", "message": "is not a known field"}


def test_a_route_without_a_body_reads_none() -> None:
    assert read_body(Route("GET", "/x", "x", "", (), "m:f"), "{", False, "") is None


QUERY = (*page_parameters(50, 200), Parameter("status", "", choices=("A", "B")))


def test_a_query_is_typed_and_has_defaults() -> None:
    assert read_query(QUERY, None) == {"limit": 50}
    assert read_query(QUERY, {"limit": "7", "status": "A"}) == {"limit": 7, "status": "A"}


def test_every_wrong_parameter_is_named() -> None:
    problem = refusal(lambda: read_query(QUERY, {"limit": "201", "status": "C", "cursor": "", "odd": "1"}))
    assert [error.path for error in problem.errors] == ["$query.limit", "$query.status", "$query.cursor", "$query.odd"]


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "٣", "1e1", "9" * 50, ""])
def test_a_limit_is_a_plain_number_in_range(text: str) -> None:
    assert refusal(lambda: read_query(QUERY, {"limit": text})).status == 400


def test_if_match_holds_one_version() -> None:
    assert headers(if_match='"3"').expected_version() == 3


def test_a_change_without_if_match_is_refused() -> None:
    assert refusal(lambda: headers().expected_version()).status == 428


@pytest.mark.parametrize("text", ["3", "*", '"0"', '"3", "4"', 'W/"3"', '"x"', '"3"\n"4"'])
def test_if_match_is_nothing_but_a_version(text: str) -> None:
    problem = refusal(lambda: headers(if_match=text).expected_version())
    assert (problem.status, problem.errors[0].path) == (400, "$header.if-match")


def test_an_idempotency_key_is_visible_ascii() -> None:
    assert headers(idempotency_key="a-1").idempotency_key() == "a-1"
    assert headers().idempotency_key() == ""
    for text in ("", "a b", "ü", "x" * 129):
        problem = refusal(lambda text=text: headers(idempotency_key=text).idempotency_key())
        assert problem.errors[0].path == "$header.idempotency-key"
