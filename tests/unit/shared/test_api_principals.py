"""Who asks and what they may."""

from __future__ import annotations

import pytest

from shared.api.principals import direct, from_claims, groups_of
from shared.api.problems import ApiProblem

ROLES = {"dr-view": ["view"], "dr-drill": ["view", "drill"]}


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ("[dr-view dr-drill]", {"dr-view", "dr-drill"}),
        ("[dr-view]", {"dr-view"}),
        (["dr-view", "dr-drill"], {"dr-view", "dr-drill"}),
        ("dr-view,dr-drill", {"dr-view", "dr-drill"}),
        ("dr-view", {"dr-view"}),
        ("[]", set()),
        ("", set()),
        (None, set()),
        (7, set()),
        ("[dr-view,dr-drill]", {"dr-view,dr-drill"}),
    ],
)
def test_groups_come_in_several_spellings(claim: object, groups: set[str]) -> None:
    assert groups_of(claim) == groups


def test_permissions_are_those_of_all_groups() -> None:
    principal = from_claims({"sub": "1", "username": "ada", "cognito:groups": "[dr-view dr-drill other]"}, ROLES)
    assert principal.actor == "user:ada"
    assert principal.permissions == {"view", "drill"}
    assert principal.may("drill") and not principal.may("recover")


@pytest.mark.parametrize(
    ("verified", "actor"), [("true", "ada@example.com"), (True, "ada@example.com"), ("false", "1-2")]
)
def test_records_name_people_by_a_verified_address(verified: object, actor: str) -> None:
    claims = {"cognito:username": "1-2", "email": "ada@example.com", "email_verified": verified}
    assert from_claims(claims, ROLES).actor == f"user:{actor}"


def test_a_token_without_groups_may_nothing() -> None:
    principal = from_claims({"sub": "1"}, ROLES)
    with pytest.raises(ApiProblem) as caught:
        principal.require("view")
    assert caught.value.status == 403
    assert caught.value.body()["neededPermissions"] == ["view"]


def test_one_of_several_permissions_is_enough() -> None:
    from_claims({"sub": "1", "cognito:groups": "[dr-drill]"}, ROLES).require("recover", "drill")


@pytest.mark.parametrize("claims", [None, {}, {"cognito:groups": "[dr-view]"}])
def test_nobody_is_refused(claims: dict[str, str] | None) -> None:
    with pytest.raises(ApiProblem) as caught:
        from_claims(claims, ROLES)
    assert caught.value.status == 401


def test_an_invoker_may_everything_and_is_named_as_such() -> None:
    principal = direct("arn:aws:iam::000000000000:user/ada", ("view", "drill"))
    assert principal.direct and principal.actor == "aws:arn:aws:iam::000000000000:user/ada"
    assert principal.permissions == {"view", "drill"}
    assert direct(None, ()).actor == "aws:unknown"


def test_an_id_token_tells_every_name_that_its_bearer_goes_by() -> None:
    claims = {"sub": "1-2", "cognito:username": "ada", "email": "ada@example.com", "email_verified": True}
    known = from_claims({**claims, "token_use": "id"}, ROLES)
    assert known.names == {"user:ada@example.com", "user:ada", "user:1-2"}
    # Given an access token, or AWS credentials, who else this may be is not known
    assert from_claims({"sub": "1-2", "username": "ada", "token_use": "access"}, ROLES).names == frozenset()
    assert direct("arn:aws:iam::1:user/ada", ["drill"]).names == frozenset()
