"""OpenPGP messages of friends and strangers."""

from __future__ import annotations

import json
import resource
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pysequoia
import pytest

from file_transfer.content import pgp
from file_transfer.content.pgp import Signers
from file_transfer.errors import Rejection

TEXT = b"id,amount\n1,2\n" * 100
MOST = 1_000_000


@cache
def key(name: str) -> pysequoia.Tsk:
    """A pair of this name."""
    return pysequoia.Tsk.generate(name)


def public(name: str) -> str:
    """The certificate of the pair."""
    return str(key(name).extract_certificate())


def message(tmp_path: Path, *, signer: str = "", text: bytes = TEXT, armor: bool = False) -> Path:
    """A message to us."""
    plain, path = tmp_path / "plain", tmp_path / "message"
    plain.write_bytes(text)
    signed = key(signer).signer() if signer else None
    pysequoia.encrypt_file(plain, path, [key("us").extract_certificate()], signed, armor=armor)
    return path


def opened(path: Path, keys: Sequence[str] = (), signers: Signers | None = None, most: int = MOST) -> bytes:
    """What is in the message."""
    target = path.with_suffix(".opened")
    pgp.open_message(path, target, keys or [str(key("us"))], signers, most)
    return target.read_bytes()


def refusal(path: Path, keys: Sequence[str] = (), signers: Signers | None = None, most: int = MOST) -> str:
    """`CODE message` of why it is not opened."""
    with pytest.raises(Rejection) as caught:
        opened(path, keys, signers, most)
    assert "\n" not in caught.value.message
    return f"{caught.value.reason} {caught.value.message}"


@pytest.mark.parametrize("armor", [False, True])
def test_a_message_to_us_is_opened(tmp_path: Path, armor: bool) -> None:
    assert opened(message(tmp_path, armor=armor)) == TEXT


def test_a_key_that_was_rotated_still_opens(tmp_path: Path) -> None:
    assert opened(message(tmp_path), [str(key("new")), str(key("us"))]) == TEXT


def test_a_key_may_come_as_json(tmp_path: Path) -> None:
    assert opened(message(tmp_path), [json.dumps({"key": str(key("us"))})]) == TEXT


def test_a_message_to_somebody_else_is_refused(tmp_path: Path) -> None:
    assert (
        refusal(message(tmp_path), [str(key("new"))])
        == "DECRYPTION_FAILED processing.decrypt: No key to decrypt message"
    )


def test_what_is_not_encrypted_is_refused_even_if_it_is_signed(tmp_path: Path) -> None:
    # Given a file as it is, and a signed message that anybody could read
    plain, signed = tmp_path / "plain", tmp_path / "signed"
    plain.write_bytes(TEXT)
    pysequoia.sign_file(key("partner").signer(), plain, signed)

    # Then a workflow that asks for encryption takes neither
    for path in (plain, signed):
        assert refusal(path).startswith("DECRYPTION_FAILED processing.decrypt: the file is not an encrypted")


@pytest.mark.parametrize("place", [-40, 300])
def test_a_message_that_was_changed_on_its_way_is_refused(tmp_path: Path, place: int) -> None:
    path = message(tmp_path)
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    assert refusal(path).startswith("DECRYPTION_FAILED")


def test_a_message_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = message(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    assert refusal(path).startswith("DECRYPTION_FAILED")


def test_a_signature_of_a_partner_holds(tmp_path: Path) -> None:
    signers = Signers([public("stranger"), public("partner")])
    assert opened(message(tmp_path, signer="partner"), signers=signers) == TEXT


def test_a_signature_of_a_stranger_does_not(tmp_path: Path) -> None:
    path = message(tmp_path, signer="stranger")
    for required in (True, False):
        found = refusal(path, signers=Signers([public("partner")], required))
        assert found.startswith("SIGNATURE_INVALID processing.verify: the signature is by nobody known")


def test_a_message_without_signature_passes_only_where_none_is_required(tmp_path: Path) -> None:
    path = message(tmp_path)
    assert refusal(path, signers=Signers([public("partner")])).startswith(
        "SIGNATURE_INVALID processing.verify: it is not"
    )
    assert opened(path, signers=Signers([public("partner")], required=False)) == TEXT


def test_what_is_only_signed_is_verified_without_a_key(tmp_path: Path) -> None:
    # Given a message that is signed and not encrypted
    plain, signed, target = tmp_path / "plain", tmp_path / "signed", tmp_path / "target"
    plain.write_bytes(TEXT)
    pysequoia.sign_file(key("partner").signer(), plain, signed)

    # Then its text comes out for those who know the signer
    pgp.open_message(signed, target, [], Signers([public("partner")]), MOST)
    assert target.read_bytes() == TEXT
    with pytest.raises(Rejection, match="nobody known"):
        pgp.open_message(signed, target, [], Signers([public("stranger")]), MOST)
    with pytest.raises(Rejection, match="there is no decrypt"):
        pgp.open_message(message(tmp_path), target, [], Signers([public("partner")]), MOST)


def test_what_comes_out_is_bounded(tmp_path: Path) -> None:
    # Given a message of more than we have room for
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = message(tmp_path, text=bytes(300_000))

    # Then it is refused, no more than that was written, and the bound is gone again
    assert refusal(path, most=100_000).startswith("FILE_TOO_LARGE what comes out of OpenPGP has more than 100000 bytes")
    assert path.with_suffix(".opened").stat().st_size <= 100_000
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before


@pytest.mark.parametrize("secret", ["", "no key", '{"passphrase": "hunter2"}', '{"key": "no key, hunter2"}', "[]"])
def test_a_secret_that_holds_no_key_is_ours_to_mend_and_is_not_told(tmp_path: Path, secret: str) -> None:
    with pytest.raises(Rejection) as caught:
        opened(message(tmp_path), [secret])
    assert (caught.value.reason, caught.value.settle_as) == ("KEY_UNUSABLE", "FAILED")
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("armor", [False, True])
def test_what_is_encrypted_opens_again(tmp_path: Path, armor: bool) -> None:
    # Given a file encrypted to a partner
    plain, target = tmp_path / "plain", tmp_path / "target"
    plain.write_bytes(TEXT)
    pgp.encrypt(plain, target, [public("partner")], armor=armor, most_bytes=MOST)

    # Then the partner reads it, and it has the form that was asked for
    assert opened(target, [str(key("partner"))]) == TEXT
    assert target.read_bytes().startswith(b"-----BEGIN PGP MESSAGE-----") is armor


def test_certificates_that_are_none_are_ours_to_mend(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(TEXT)
    for certificates in (["-----BEGIN PGP PUBLIC KEY BLOCK-----"], [""], []):
        with pytest.raises(Rejection) as caught:
            pgp.encrypt(plain, tmp_path / "target", certificates, armor=False, most_bytes=MOST)
        assert caught.value.reason == "KEY_UNUSABLE"
