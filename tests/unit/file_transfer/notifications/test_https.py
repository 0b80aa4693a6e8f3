"""One POST to a receiver on loopback: who is believed, and how long anybody is waited for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from file_transfer.notifications.addresses import Place
from file_transfer.notifications.https import ANSWER_BYTES, post
from shared.errors import Timeout, Transient, ValidationFailed
from tests.receiver import Receiver, Reply, receiver


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiver(tmp_path_factory.mktemp("receiver"), ("hooks.example",)) as found:
        yield found


def place(listening: Receiver, host: str = "hooks.example", *addresses: str) -> Place:
    return Place(host, listening.port, "/in?a=1", addresses or ("127.0.0.1",))


def test_the_connection_goes_to_the_judged_address_and_the_certificate_is_that_of_the_name(listening: Receiver) -> None:
    # When something is posted to a name that no resolver knows
    answer = post(place(listening), {"X-Own": "1"}, b"{}", 5, listening.ca)
    # Then it arrives, under that name
    assert (answer.status, answer.body) == (200, "ok")
    request = listening.received()[-1]
    assert (request.path, request.body) == ("/in?a=1", b"{}")
    assert request.headers["host"] == f"hooks.example:{listening.port}"
    assert request.headers["x-own"] == "1"


def test_a_certificate_of_another_name_is_not_believed(listening: Receiver) -> None:
    with pytest.raises(Transient, match="CERTIFICATE_VERIFY_FAILED"):
        post(place(listening, "other.example"), {}, b"", 5, listening.ca)


def test_an_authority_that_nobody_named_is_not_believed(listening: Receiver) -> None:
    with pytest.raises(Transient, match="CERTIFICATE_VERIFY_FAILED"):
        post(place(listening), {}, b"", 5)


def test_an_authority_that_cannot_be_read_is_the_definition_s_fault(listening: Receiver) -> None:
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    with pytest.raises(ValidationFailed, match="caCertificate"):
        post(place(listening), {}, b"", 5, broken)


def test_redirects_are_answers(listening: Receiver) -> None:
    before = len(listening.received())
    listening.replies.append(Reply(302, b"", {"Location": "https://127.0.0.1/secret"}))
    assert post(place(listening), {}, b"", 5, listening.ca).status == 302
    assert len(listening.received()) == before + 1


def test_of_a_long_answer_the_beginning_is_read(listening: Receiver) -> None:
    listening.replies.append(Reply(200, b"x" * 10 * ANSWER_BYTES))
    assert post(place(listening), {}, b"", 5, listening.ca).body == "x" * ANSWER_BYTES


def test_a_receiver_says_when_to_come_again(listening: Receiver) -> None:
    for text, seconds in (("17", 17), ("soon", None), ("-1", None)):
        listening.replies.append(Reply(503, b"", {"Retry-After": text}))
        assert post(place(listening), {}, b"", 5, listening.ca).retry_after == seconds


@pytest.mark.parametrize("reply", [Reply(late_seconds=2), Reply(drip_seconds=0.05)], ids=["silent", "dripping"])
def test_nobody_is_waited_for_longer_than_said(listening: Receiver, reply: Reply) -> None:
    # Given a receiver that says nothing, or a byte now and then
    listening.replies.append(reply)
    started = time.monotonic()
    # When it has half a second
    with pytest.raises(Timeout):
        post(place(listening), {}, b"", 0.5, listening.ca)
    # Then that is what it gets
    assert time.monotonic() - started < 1.5


def test_who_hangs_up_may_answer_later(listening: Receiver) -> None:
    listening.replies.append(Reply(cut=True))
    with pytest.raises(Transient):
        post(place(listening), {}, b"", 5, listening.ca)


def test_the_next_address_is_tried_when_one_refuses(listening: Receiver) -> None:
    answer = post(place(listening, "hooks.example", "127.0.0.2", "127.0.0.1"), {}, b"", 5, listening.ca)
    assert answer.status == 200


def test_where_nobody_listens_somebody_may_later(tmp_path: Path) -> None:
    with receiver(tmp_path) as gone:
        port = gone.port
    with pytest.raises(Transient):
        post(Place("localhost", port, "/", ("127.0.0.1",)), {}, b"", 2)
