"""A request as an endpoint sees it: body and query checked, headers read, the principal known."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.api.principals import Principal
from shared.api.problems import ApiProblem, invalid
from shared.api.routes import Parameter, Route
from shared.schemas import Problem, problems

MAX_BODY_BYTES = 256 * 1024
#: What DynamoDB can hold (Amazon DynamoDB Developer Guide, "Constraints"): digits of a number, levels of nesting.
MAX_DIGITS = 38
MAX_DEPTH = 24
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")
ETAG = re.compile(r'"([1-9][0-9]{0,17})"\Z')


@dataclass(frozen=True)
class Request:
    """`path` and `query` by name, `headers` by lower-case name, `body` parsed and valid under the route's schema."""

    route: Route
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any
    principal: Principal

    def expected_version(self) -> int:
        """The version in If-Match. Raises ApiProblem 428 where it is missing, 400 where it is not `"<version>"`."""
        header = self.headers.get("if-match", "").strip()
        if not header:
            raise ApiProblem(428, "IF_MATCH_REQUIRED", 'send If-Match: "<version>" with the version that you read')
        match = ETAG.match(header)
        if not match:
            raise invalid([Problem("$header.if-match", 'must be one version in quotes, as in "3"')])
        return int(match[1])

    def idempotency_key(self) -> str:
        """The Idempotency-Key, empty where there is none. Raises ApiProblem 400 where it cannot be one."""
        if "idempotency-key" not in self.headers:
            return ""
        key = self.headers["idempotency-key"].strip()
        if not IDEMPOTENCY_KEY.match(key):
            raise invalid([Problem("$header.idempotency-key", "must be 1 to 128 visible ASCII characters")])
        return key


def read_body(route: Route, text: str | None, is_base64: bool, content_type: str) -> Any:
    """The body, valid under the route's schema. Raises ApiProblem 400, 413 or 415."""
    if not route.body:
        return None
    raw = _raw(text or "", is_base64)
    if len(raw) > MAX_BODY_BYTES:
        raise ApiProblem(413, "BODY_TOO_LARGE", f"a body has at most {MAX_BODY_BYTES} bytes")
    media_type = content_type.partition(";")[0].strip().lower()
    if raw and media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise ApiProblem(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json")
    body = _parse(raw) if raw.strip() else {}
    found = [] if route.endpoint_checks_body else problems(route.body, body)
    if found:
        raise invalid(found)
    return body


def _raw(text: str, is_base64: bool) -> bytes:
    if not is_base64:
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise _not_json("is not base64") from error


def _parse(raw: bytes) -> Any:
    try:
        value = json.loads(
            raw.decode(), parse_float=_decimal, parse_int=_whole, parse_constant=_no_number, object_pairs_hook=_object
        )
        json.dumps(value, default=str, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise _not_json("is not UTF-8") from error
    except (ValueError, ArithmeticError) as error:
        raise _not_json(str(error)) from error
    except RecursionError as error:
        raise _not_json("is nested too deeply") from error
    if _depth(value) > MAX_DEPTH:
        raise _not_json("is nested too deeply")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. Of two equal names the last would win silently; DynamoDB knows no empty ones."""
    found = dict(pairs)
    if "" in found:
        raise ValueError("has a field without a name")
    if len(found) != len(pairs):
        twice = next(name for name, _ in pairs if [each for each, _ in pairs].count(name) > 1)
        raise ValueError(f"has the field {twice!r} twice in one object")
    return found


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise ValueError("has a number with too many digits")
    return int(text)


def _decimal(text: str) -> int | Decimal:
    number = Decimal(text)
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError("has a number with too many digits")
    return int(number) if number == number.to_integral_value() else number


def _no_number(text: str) -> Any:
    raise ValueError(f"has {text}, which is no JSON number")


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(each) for each in inner), default=0)


def _not_json(why: str) -> ApiProblem:
    return invalid([Problem("$", why)], "the body cannot be read as JSON")


def read_query(parameters: tuple[Parameter, ...], given: Mapping[str, str] | None) -> dict[str, Any]:
    """The query by name, defaults filled in. Raises ApiProblem 400 naming each bad or unknown parameter."""
    known = {each.name: each for each in parameters}
    values: dict[str, Any] = {each.name: each.default for each in parameters if each.default is not None}
    found = []
    for name, text in (given or {}).items():
        if name not in known:
            found.append(Problem(f"$query.{name}", "is not a known parameter"))
            continue
        problem = _query_problem(known[name], text)
        if problem:
            found.append(Problem(f"$query.{name}", problem))
        else:
            values[name] = int(text) if known[name].minimum is not None else text
    if found:
        raise invalid(found)
    return values


def _query_problem(parameter: Parameter, text: str) -> str:
    if parameter.minimum is not None and parameter.maximum is not None:
        digits = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
        fits = digits and parameter.minimum <= int(text) <= parameter.maximum
        return "" if fits else f"must be a whole number from {parameter.minimum} to {parameter.maximum}"
    if parameter.choices:
        return "" if text in parameter.choices else f"must be one of {', '.join(parameter.choices)}"
    return "" if 0 < len(text) <= parameter.max_length else f"must have 1 to {parameter.max_length} characters"
