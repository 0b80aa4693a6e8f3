"""Signing in: the password proves itself, challenges are answered, tokens are kept for their owner only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.cli.conftest import Run
from towpath import srp
from towpath.errors import NotAllowed
from towpath.session import Session
from towpath.sign_in import SignIn
from towpath.tokens import TokenCache, Tokens

POOL, CLIENT, USER, PASSWORD = "eu-west-1_Pool", "client", "ada", "correct horse"
NOW = datetime(2026, 1, 7, 14, 5, 6, tzinfo=UTC)


class FakeCognito:
    """Holds a verifier and not the password, and asks the challenges that it is told to."""

    def __init__(self, *challenges: str, password: str = PASSWORD, validity: int = 2700) -> None:
        self.challenges = list(challenges)
        self.validity = validity
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.revoked = False
        self._salt = secrets.randbits(128)
        identity = hashlib.sha256(f"Pool{USER}:{password}".encode()).digest()
        self._verifier = pow(srp.GENERATOR, _hash(srp.padded(self._salt) + identity), srp.PRIME)
        self._secret = secrets.randbits(1024)
        self._public = (srp.multiplier() * self._verifier + pow(srp.GENERATOR, self._secret, srp.PRIME)) % srp.PRIME
        self._block = secrets.token_bytes(64)
        self._theirs = 0

    def initiate_auth(self, **request: Any) -> dict[str, Any]:
        self.asked.append((request["AuthFlow"], request["AuthParameters"]))
        assert request["ClientId"] == CLIENT
        if request["AuthFlow"] == "REFRESH_TOKEN_AUTH":
            if self.revoked:
                raise refused("initiate_auth")
            return self._tokens(refresh=False)
        self._theirs = int(request["AuthParameters"]["SRP_A"], 16)
        return {
            "ChallengeName": "PASSWORD_VERIFIER",
            "ChallengeParameters": {
                "USER_ID_FOR_SRP": USER,
                "SRP_B": f"{self._public:x}",
                "SALT": f"{self._salt:x}",
                "SECRET_BLOCK": base64.b64encode(self._block).decode(),
            },
        }

    def respond_to_auth_challenge(self, **request: Any) -> dict[str, Any]:
        self.asked.append((request["ChallengeName"], request["ChallengeResponses"]))
        if request["ChallengeName"] == "PASSWORD_VERIFIER" and not self._proven(request["ChallengeResponses"]):
            raise refused("respond_to_auth_challenge")
        if not self.challenges:
            return self._tokens()
        return {"ChallengeName": self.challenges.pop(0), "ChallengeParameters": {}, "Session": "s" * 20}

    def associate_software_token(self, **request: Any) -> dict[str, Any]:
        return {"SecretCode": "KEY", "Session": "t" * 20}

    def verify_software_token(self, **request: Any) -> dict[str, Any]:
        self.asked.append(("VERIFY", request))
        return {"Status": "SUCCESS", "Session": "u" * 20}

    def _proven(self, said: dict[str, str]) -> bool:
        scrambler = _hash(srp.padded(self._theirs) + srp.padded(self._public))
        shared = pow(self._theirs * pow(self._verifier, scrambler, srp.PRIME), self._secret, srp.PRIME)
        message = b"Pool" + USER.encode() + self._block + said["TIMESTAMP"].encode()
        expected = hmac.new(srp.derived_key(shared, scrambler), message, hashlib.sha256).digest()
        return hmac.compare_digest(base64.b64encode(expected).decode(), said["PASSWORD_CLAIM_SIGNATURE"])

    def _tokens(self, refresh: bool = True) -> dict[str, Any]:
        payload = {"cognito:username": USER, "cognito:groups": ["dr-drill"], "exp": NOW.timestamp() + self.validity}
        token = "e30." + base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=") + ".sig"
        result = {"IdToken": token, "AccessToken": "access", "ExpiresIn": self.validity}
        return {"AuthenticationResult": result | ({"RefreshToken": "refresh"} if refresh else {})}


def refused(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "NotAuthorizedException", "Message": "Incorrect username"}}, operation)


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


def sign_in(cognito: FakeCognito, folder: Path, now: datetime = NOW) -> SignIn:
    return SignIn(cognito, POOL, CLIENT, TokenCache(folder / "tokens", "https://api"), lambda: now)


def never(text: str, secret: bool) -> str:
    raise AssertionError(f"nobody should be asked: {text}")


def test_the_password_is_proven_and_never_sent(home: Path) -> None:
    cognito = FakeCognito()

    tokens = sign_in(cognito, home).login(USER, PASSWORD, never)

    assert tokens.refresh_token == "refresh"
    assert tokens.expires_at == NOW.timestamp() + 2700
    assert PASSWORD not in str(cognito.asked)
    assert dict(cognito.asked)["PASSWORD_VERIFIER"]["TIMESTAMP"] == "Wed Jan 7 14:05:06 UTC 2026"


def test_a_wrong_password_is_refused_and_keeps_nothing(home: Path) -> None:
    with pytest.raises(NotAllowed, match="Incorrect username"):
        sign_in(FakeCognito(), home).login(USER, "wrong", never)

    assert not (home / "tokens").exists()


def test_tokens_are_for_their_owner_only(home: Path) -> None:
    sign_in(FakeCognito(), home).login(USER, PASSWORD, never)

    (file,) = (home / "tokens").iterdir()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "tokens").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("challenge", "answer"),
    [("NEW_PASSWORD_REQUIRED", "NEW_PASSWORD"), ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE")],
)
def test_challenges_are_put_to_the_user(home: Path, challenge: str, answer: str) -> None:
    cognito = FakeCognito(challenge)

    sign_in(cognito, home).login(USER, PASSWORD, lambda text, secret: "said")

    assert dict(cognito.asked)[challenge] == {"USERNAME": USER, answer: "said"}


def test_an_authenticator_app_is_paired_at_the_first_sign_in(home: Path) -> None:
    cognito = FakeCognito("MFA_SETUP")
    texts: list[str] = []

    def ask(text: str, secret: bool) -> str:
        texts.append(text)
        return "123456"

    sign_in(cognito, home).login(USER, PASSWORD, ask)

    assert "KEY" in texts[0]
    assert dict(cognito.asked)["VERIFY"] == {"Session": "t" * 20, "UserCode": "123456"}


def test_an_unknown_challenge_is_named(home: Path) -> None:
    with pytest.raises(NotAllowed, match="WEB_AUTHN"):
        sign_in(FakeCognito("WEB_AUTHN"), home).login(USER, PASSWORD, never)


def test_challenges_without_end_come_to_one(home: Path) -> None:
    with pytest.raises(NotAllowed, match="does not come to an end"):
        sign_in(FakeCognito(*["SOFTWARE_TOKEN_MFA"] * 9), home).login(USER, PASSWORD, lambda *_: "1")


def test_a_server_whose_half_is_not_genuine_gets_no_proof() -> None:
    challenge = {"USER_ID_FOR_SRP": USER, "SRP_B": f"{srp.PRIME:x}", "SALT": "1", "SECRET_BLOCK": "aa=="}

    with pytest.raises(ValueError, match="genuine"):
        srp.SrpExchange(POOL).proof(challenge, PASSWORD, NOW)


def test_a_token_is_used_until_shortly_before_its_end_and_then_refreshed(home: Path) -> None:
    cognito = FakeCognito()
    sign_in(cognito, home).login(USER, PASSWORD, never)
    before = len(cognito.asked)

    sign_in(cognito, home, NOW + timedelta(minutes=43)).token()
    assert len(cognito.asked) == before

    sign_in(cognito, home, NOW + timedelta(minutes=44, seconds=30)).token()
    assert cognito.asked[-1] == ("REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": "refresh"})
    kept = TokenCache(home / "tokens", "https://api").load()
    assert kept is not None and kept.refresh_token == "refresh"


def test_a_revoked_sign_in_says_so(home: Path) -> None:
    cognito = FakeCognito()
    sign_in(cognito, home).login(USER, PASSWORD, never)
    cognito.revoked = True

    with pytest.raises(NotAllowed):
        sign_in(cognito, home, NOW + timedelta(hours=1)).token()


def test_without_a_refresh_token_the_sign_in_ends(home: Path) -> None:
    cache = TokenCache(home / "tokens", "https://api")
    cache.save(Tokens("id", "access", "", NOW.timestamp(), USER))

    with pytest.raises(NotAllowed, match="over"):
        sign_in(FakeCognito(), home).token()


def test_systems_have_tokens_of_their_own(home: Path) -> None:
    one, other = (TokenCache(home / "tokens", system) for system in ("https://one", "https://other"))

    one.save(Tokens("id", "access", "", 0, USER))

    assert other.load() is None
    assert one.forget() and not one.forget()


def test_a_damaged_token_file_is_no_sign_in(home: Path) -> None:
    cache = TokenCache(home / "tokens", "https://api")
    cache.save(Tokens("id", "access", "", 0, USER))
    cache.path.write_text("{")

    with pytest.raises(NotAllowed, match="not signed in"):
        sign_in(FakeCognito(), home).token()


CONTEXT = ("--api-url", "https://api", "--user-pool-id", POOL, "--client-id", CLIENT)


def test_login_whoami_logout(run: Run) -> None:
    run("context", "add", "dev", *CONTEXT)
    cognito = FakeCognito(validity=10_000_000_000)

    def with_cognito() -> Session:
        return Session(clients={"cognito-idp": cognito})

    result = run("login", "--username", USER, "--password-stdin", input=f"{PASSWORD}\n", session=with_cognito())
    assert result.exit_code == 0, result.output

    who = json.loads(run("whoami", "--json", session=with_cognito()).stdout)
    assert (who["user"], who["groups"]) == (USER, ["dr-drill"])

    assert "Signed out" in run("logout", session=with_cognito()).output
    assert run("whoami", session=with_cognito()).exit_code == NotAllowed.exit_code


def test_a_context_without_a_user_pool_says_what_is_missing(run: Run) -> None:
    result = run("login", "--username", USER, "--password-stdin", input="x\n")

    assert result.exit_code == 2
    assert "towpath context add" in result.stderr
