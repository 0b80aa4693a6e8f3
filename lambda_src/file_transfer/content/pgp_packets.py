"""The first packet of an OpenPGP message (RFC 9580, sections 4.2, 5.1, 5.3, 5.13 and 6.2): is it encrypted?"""

from __future__ import annotations

import base64
import binascii

ARMOR = b"-----BEGIN PGP MESSAGE-----"
#: Tag => versions that the body of the packet may begin with: the two session key packets and the encrypted data.
ENCRYPTED = {1: (3, 6), 3: (4, 5, 6), 18: (1, 2)}
NEW_FORMAT, ANY_FORMAT = 0x40, 0x80
ARMOR_BYTES = 48


def is_encrypted_message(head: bytes) -> bool:
    """True when these first bytes (some 4 KB are enough) are those of an encrypted message, armoured or not."""
    if head.startswith(ARMOR):
        head = _armored(head)
    if len(head) < 8 or not head[0] & ANY_FORMAT:  # noqa: PLR2004  (the longest header and a version)
        return False
    tag, body = _new_format(head) if head[0] & NEW_FORMAT else _old_format(head)
    return body < len(head) and head[body] in ENCRYPTED.get(tag, ())


def _new_format(head: bytes) -> tuple[int, int]:
    """(tag, where the body begins). Lengths of one, two and five octets, and partial ones (4.2.1)."""
    octet = head[1]
    length = 1 if octet < 192 or 224 <= octet < 255 else 2 if octet < 224 else 5  # noqa: PLR2004
    return head[0] & 0x3F, 1 + length


def _old_format(head: bytes) -> tuple[int, int]:
    return (head[0] & 0x3C) >> 2, 1 + (1, 2, 4, 0)[head[0] & 3]


def _armored(head: bytes) -> bytes:
    """The first bytes inside the armour: after the headers and an empty line comes Base64."""
    _, _, body = head.replace(b"\r\n", b"\n").partition(b"\n\n")
    letters = b"".join(body.split())[:ARMOR_BYTES]
    try:
        return base64.b64decode(letters[: len(letters) // 4 * 4])
    except binascii.Error:
        return b""
