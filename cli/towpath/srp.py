"""The Secure Remote Password exchange of Cognito (USER_SRP_AUTH): the password proves itself and is never sent.

RFC 5054 with its 3072-bit group (the prime of RFC 3526, section 4), SHA-256, and Cognito's own last step: an HMAC with
a key derived by HKDF (RFC 5869) and the info "Caldera Derived Key".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
GENERATOR = 2
SECRET_BITS = 1024
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class SrpExchange:
    """One sign-in: `public` goes out with InitiateAuth, `proof` answers the PASSWORD_VERIFIER challenge."""

    def __init__(self, user_pool_id: str, secret: int | None = None) -> None:
        self._pool = user_pool_id.partition("_")[2]
        self._secret = secret or secrets.randbits(SECRET_BITS) | 1
        self._public = pow(GENERATOR, self._secret, PRIME)

    @property
    def public(self) -> str:
        """SRP_A, hexadecimal."""
        return f"{self._public:x}"

    def proof(self, challenge: Mapping[str, str], password: str, now: datetime) -> dict[str, str]:
        """The answers to the challenge's parameters. Raises ValueError when the server's half cannot be genuine."""
        user, block = challenge["USER_ID_FOR_SRP"], challenge["SECRET_BLOCK"]
        key = self._key(challenge, user, password)
        stamp = timestamp(now)
        message = (self._pool + user).encode() + base64.b64decode(block) + stamp.encode()
        signature = hmac.new(key, message, hashlib.sha256).digest()
        return {
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
            "TIMESTAMP": stamp,
        }

    def _key(self, challenge: Mapping[str, str], user: str, password: str) -> bytes:
        theirs, salt = int(challenge["SRP_B"], 16), int(challenge["SALT"], 16)
        scrambler = _hash(padded(self._public) + padded(theirs))
        if theirs % PRIME == 0 or scrambler == 0:
            raise ValueError("the server's half of the exchange is not genuine")
        identity = hashlib.sha256(f"{self._pool}{user}:{password}".encode()).digest()
        private = _hash(padded(salt) + identity)
        base = theirs - multiplier() * pow(GENERATOR, private, PRIME)
        shared = pow(base, self._secret + scrambler * private, PRIME)
        return derived_key(shared, scrambler)


def multiplier() -> int:
    """SRP-6a's k: a hash of the group."""
    return _hash(padded(PRIME) + padded(GENERATOR))


def derived_key(shared: int, scrambler: int) -> bytes:
    """HKDF-SHA256 of the shared secret, 16 bytes; one block, so one round of the expansion."""
    extracted = hmac.new(padded(scrambler), padded(shared), hashlib.sha256).digest()
    return hmac.new(extracted, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]


def padded(number: int) -> bytes:
    """Big-endian with room for a sign, as Cognito hashes numbers: a leading zero byte if the top bit is set."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def timestamp(moment: datetime) -> str:
    """`Sat Nov 7 14:05:06 UTC 2026`, English whatever the locale, the day without a zero."""
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day} {month} {moment.day} {moment:%H:%M:%S} UTC {moment.year}"


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest(), "big")
