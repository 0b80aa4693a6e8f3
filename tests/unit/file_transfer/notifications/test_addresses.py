"""What a channel may not reach, however it is written."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from file_transfer.notifications.addresses import is_allowed, place_of
from shared.errors import PermissionDenied, Transient, ValidationFailed

PUBLIC = "93.184.216.34"


def answering(*addresses: str) -> object:
    """A resolver that knows one answer."""

    def resolve(_host: str, _port: int) -> Iterable[str]:
        return addresses

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a9fe:a9fe",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "no address",
    ],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_allowed(address, ())
    with pytest.raises(PermissionDenied):
        place_of("https://hooks.example/x", (), answering(address))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_a_public_address_is_taken(address: str) -> None:
    assert is_allowed(address, ())


def test_one_address_out_of_bounds_spoils_the_name() -> None:
    # Given a name with a public address and another one
    resolve = answering(PUBLIC, "10.0.0.1")
    # Then it is refused whole: the connection could take either
    with pytest.raises(PermissionDenied, match=r"10\.0\.0\.1"):
        place_of("https://hooks.example/", (), resolve)


def test_the_operator_may_allow_a_network_and_no_more() -> None:
    allowed = ("10.20.0.0/16", "fd12:3456::/32")
    assert is_allowed("10.20.1.2", allowed)
    assert is_allowed("fd12:3456::7", allowed)
    assert is_allowed("::ffff:10.20.1.2", allowed)
    assert not is_allowed("10.21.1.2", allowed)
    assert not is_allowed("127.0.0.1", allowed)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https:///x",
        "https://user@hooks.example/",
        "https://user:secret@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example/a b",
        "https://hooks.example/a\r\nHost: other",
        "https://hooks.example:99999/",
        "https://hooks.exämple/",
        "gopher://127.0.0.1/",
        "",
    ],
)
def test_a_url_that_is_no_plain_https_url_is_refused(url: str) -> None:
    with pytest.raises(ValidationFailed):
        place_of(url, ("0.0.0.0/1",), answering(PUBLIC))


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost"])
def test_other_spellings_of_loopback_are_judged_by_what_they_resolve_to(host: str) -> None:
    with pytest.raises((PermissionDenied, Transient)):
        place_of(f"https://{host}/", ())


def test_a_place_keeps_the_name_for_the_certificate_and_the_address_for_the_connection() -> None:
    place = place_of("https://hooks.example:8443/in/box?key=1", (), answering(PUBLIC))
    assert (place.host, place.port, place.path, place.addresses) == ("hooks.example", 8443, "/in/box?key=1", (PUBLIC,))
    assert place.host_header == "hooks.example:8443"
    assert place_of("https://hooks.example", (), answering(PUBLIC)).path == "/"
    assert place_of("https://[2606:2800::1]/", (), answering("2606:2800::1")).host_header == "[2606:2800::1]"


def test_a_name_without_an_address_may_have_one_later() -> None:
    with pytest.raises(Transient):
        place_of("https://hooks.example/", (), answering())
    with pytest.raises(Transient):
        place_of("https://no-such-host.invalid/", ())
