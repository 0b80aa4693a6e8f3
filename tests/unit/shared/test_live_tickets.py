"""A ticket opens one connection, within a minute, for whom it was issued."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.live.authorizer import admitted, authorize
from shared.live.tickets import Holder, holder_of
from tests.unit.live_world import ANN, World

ARN = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/live/$connect"


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(dynamodb)


def request(ticket: str | None) -> dict[str, Any]:
    return {"type": "REQUEST", "methodArn": ARN, "queryStringParameters": ticket and {"ticket": ticket}}


def effect(answer: dict[str, Any]) -> str:
    (statement,) = answer["policyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("execute-api:Invoke", ARN)
    return str(statement["Effect"])


def test_a_ticket_says_whose_it_is_once(world: World) -> None:
    # Given a ticket
    ticket = world.tickets.issue(ANN)

    # When it is redeemed, and again
    first, second = world.tickets.redeem(ticket.text), world.tickets.redeem(ticket.text)

    # Then it was good once, and nothing of it is left
    assert (first, second) == (ANN, None)
    assert world.items() == []


def test_the_table_does_not_hold_what_the_holder_shows(world: World) -> None:
    ticket = world.tickets.issue(ANN)
    assert ticket.text not in json.dumps(world.items())
    assert len(ticket.text) >= 43


def test_a_ticket_holds_for_a_minute(world: World) -> None:
    in_time, late = world.tickets.issue(ANN), world.tickets.issue(ANN)
    world.clock.pass_by(seconds=59)
    assert world.tickets.redeem(in_time.text) == ANN
    world.clock.pass_by(seconds=2)
    assert world.tickets.redeem(late.text) is None
    assert int(late.expires_at.timestamp()) == 1795262460


@pytest.mark.parametrize(
    "holder",
    [Holder("user:ann"), Holder("aws:root", frozenset({"a", "b"}), None), Holder("user:bob", frozenset(), frozenset())],
)
def test_a_holder_is_stored_as_it_is(holder: Holder) -> None:
    assert holder_of(holder.attributes()) == holder


def test_no_tenants_are_not_all_tenants() -> None:
    assert Holder("all").sees("north")
    assert not Holder("none", tenants=frozenset()).sees("north")
    assert ANN.sees("north") and not ANN.sees("south")


def test_the_authorizer_admits_the_holder_and_tells_the_connection_who_it_is(world: World) -> None:
    # Given a ticket
    ticket = world.tickets.issue(ANN)

    # When somebody connects with it
    answer = authorize(request(ticket.text), world.tickets)

    # Then they may, and the context says who it is, as text
    assert (effect(answer), answer["principalId"]) == ("Allow", "user:ann")
    assert all(isinstance(value, str) for value in answer["context"].values())
    assert admitted({"authorizer": answer["context"]}) == ANN


@pytest.mark.parametrize("shown", [None, "", "unknown", "x" * 10_000])
def test_the_authorizer_denies_everybody_else(world: World, shown: str | None) -> None:
    answer = authorize(request(shown), world.tickets)
    assert effect(answer) == "Deny"
    assert "context" not in answer


def test_a_ticket_that_was_used_is_denied(world: World) -> None:
    ticket = world.tickets.issue(ANN)
    assert [effect(authorize(request(ticket.text), world.tickets)) for _ in range(2)] == ["Allow", "Deny"]


def test_a_connection_without_authorizer_is_nobody_s() -> None:
    assert admitted({}) is None
    assert admitted({"authorizer": {"principalId": "x"}}) is None
