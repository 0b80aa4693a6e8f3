"""OpenPGP messages opened and made, from file to file: the library streams, so that memory does not grow with them.

A message is a compressed thing: what comes out is bounded by the size that a file of this process may get while it is
written (setrlimit), since the library offers no other bound.
"""

from __future__ import annotations

import errno
import json
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from file_transfer.content.pgp_packets import is_encrypted_message
from file_transfer.errors import Rejection

if TYPE_CHECKING:
    from pysequoia import Cert, PyDecryptor

HEAD_BYTES = 4096
#: What the library says of a write that the bound refused, or the disk.
NO_ROOM = (errno.EFBIG, errno.ENOSPC)


@dataclass(frozen=True)
class Signers:
    """`certificates`: armoured texts. `required`: what is not signed is refused."""

    certificates: Sequence[str]
    required: bool = True


@dataclass
class _Asked:
    """Answers the library's question for certificates, and remembers whether it asked for any: who signed is named."""

    certificates: list[Cert]
    signed: bool = field(default=False)

    def __call__(self, key_ids: list[str]) -> list[Cert]:
        self.signed = self.signed or bool(key_ids)
        return self.certificates


def open_message(source: Path, target: Path, keys: Sequence[str], signers: Signers | None, most_bytes: int) -> None:
    """Writes what is in the message to `target`.

    `keys`: our secret keys as their secrets hold them, tried in turn; without any the message is only signed. Raises
    Rejection DECRYPTION_FAILED, SIGNATURE_INVALID, FILE_TOO_LARGE or KEY_UNUSABLE; `target` is of no use then.
    """
    with source.open("rb") as file:
        encrypted = is_encrypted_message(file.read(HEAD_BYTES))
    if keys and not encrypted:
        raise Rejection("DECRYPTION_FAILED", "processing.decrypt: the file is not an encrypted OpenPGP message")
    if encrypted and not keys:
        raise Rejection("SIGNATURE_INVALID", "processing.verify: the file is encrypted, and there is no decrypt")
    decryptors = [_decryptor(key) for key in keys] or [_no_key()]
    for number, decryptor in enumerate(decryptors, start=1):
        try:
            _open(source, target, decryptor, signers, most_bytes)
        except RuntimeError as error:
            if number < len(decryptors) and "No key to decrypt" in str(error):
                continue
            raise Rejection("DECRYPTION_FAILED", f"processing.decrypt: {_first_line(error)}") from error
        return


def encrypt(source: Path, target: Path, certificates: Sequence[str], *, armor: bool, most_bytes: int) -> None:
    """Raises Rejection KEY_UNUSABLE for certificates that cannot be encrypted to, FILE_TOO_LARGE."""
    import pysequoia  # noqa: PLC0415  (9 MB that only workflows with keys load)

    recipients = _certificates(certificates, "encrypt")
    with _bounded(most_bytes):
        try:
            pysequoia.encrypt_file(source, target, recipients, armor=armor)
        except (RuntimeError, ValueError) as error:
            raise Rejection("KEY_UNUSABLE", f"processing.encrypt: {_first_line(error)}", "FAILED") from error
        except OSError as error:
            raise _no_room(error, most_bytes) from error


def _open(source: Path, target: Path, decryptor: PyDecryptor, signers: Signers | None, most_bytes: int) -> None:
    """Raises RuntimeError for what cannot be decrypted with this key, Rejection for all else."""
    import pysequoia  # noqa: PLC0415

    asked = _Asked(_certificates(signers.certificates, "verify") if signers else [])
    with _bounded(most_bytes):
        try:
            pysequoia.decrypt_file(source, target, decryptor, asked if signers else None)
        except OSError as error:
            if _is_no_room(error):
                raise _no_room(error, most_bytes) from error
            # What breaks while it is read: the end is missing, or a byte is another.
            raise Rejection("DECRYPTION_FAILED", f"processing.decrypt: {_first_line(error)}") from error
        except RuntimeError as error:
            if signers is None or "ignature" not in str(error):
                raise
            if asked.signed or signers.required:
                what = "the signature is by nobody known, or does not hold" if asked.signed else "it is not signed"
                raise Rejection("SIGNATURE_INVALID", f"processing.verify: {what}") from error
            _open(source, target, decryptor, None, most_bytes)


def _decryptor(secret: str) -> PyDecryptor:
    """Of an armoured key, or of JSON with `key` and `passphrase`."""
    import pysequoia  # noqa: PLC0415

    try:
        parts: dict[str, Any] = json.loads(secret) if secret.lstrip().startswith("{") else {"key": secret}
        key = pysequoia.Tsk.from_bytes(parts["key"].encode())
        return key.decryptor(parts.get("passphrase"))
    except (RuntimeError, ValueError, KeyError, AttributeError) as error:
        # The secret's text is no part of the message.
        raise Rejection(
            "KEY_UNUSABLE", "processing.decrypt: the secret holds no key to decrypt with", "FAILED"
        ) from error


def _no_key() -> PyDecryptor:
    """The library wants a key even for what is only signed."""
    import pysequoia  # noqa: PLC0415

    return pysequoia.Tsk.generate("nobody").decryptor()


def _certificates(texts: Sequence[str], step: str) -> list[Cert]:
    import pysequoia  # noqa: PLC0415

    try:
        found = [each for text in texts for each in pysequoia.Cert.split_bytes(text.encode())]
    except (RuntimeError, ValueError) as error:
        raise Rejection("KEY_UNUSABLE", f"processing.{step}: {_first_line(error)}", "FAILED") from error
    if not found:
        raise Rejection("KEY_UNUSABLE", f"processing.{step}: there is no certificate", "FAILED")
    return found


@contextmanager
def _bounded(most_bytes: int) -> Iterator[None]:
    """No file that is written meanwhile gets larger; Python ignores the signal, so that the write fails (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    bound = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _is_no_room(error: OSError) -> bool:
    return error.errno in NO_ROOM or any(f"os error {number}" in str(error) for number in NO_ROOM)


def _no_room(error: OSError, most_bytes: int) -> Exception:
    if not _is_no_room(error):
        return error
    return Rejection("FILE_TOO_LARGE", f"what comes out of OpenPGP has more than {most_bytes} bytes")


def _first_line(error: Exception) -> str:
    """The library puts a stack trace behind what it says."""
    return str(error).strip().partition("\n")[0][:200]
