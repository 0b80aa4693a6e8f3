"""Signing in to Cognito: SRP, a new password, an authenticator app; and refreshing what was given."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from shared.clock import Clock, utc_now
from towpath.errors import NotAllowed
from towpath.srp import SrpExchange
from towpath.tokens import TokenCache, Tokens

#: Asks a person: a text to show, and whether the answer is secret.
Ask = Callable[[str, bool], str]
#: A token is refreshed this long before it ends, so that it does not end on its way.
MARGIN_SECONDS = 60
#: Cognito never asks more often; a server that does is not one.
MOST_CHALLENGES = 6


@dataclass
class SignIn:
    """Signs in to one client of one user pool. `cognito` is an unsigned boto3 client."""

    cognito: Any
    user_pool_id: str
    client_id: str
    cache: TokenCache
    clock: Clock = utc_now

    def login(self, username: str, password: str, ask: Ask) -> Tokens:
        """Signs in and keeps the tokens. Raises NotAllowed with what Cognito said."""
        exchange = SrpExchange(self.user_pool_id)
        answer = self._call(
            "initiate_auth",
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": username, "SRP_A": exchange.public},
        )
        for _ in range(MOST_CHALLENGES):
            if "AuthenticationResult" in answer:
                return self._keep(answer["AuthenticationResult"], username)
            answer = self._answer(answer, exchange, username, password, ask)
        raise NotAllowed("the sign-in does not come to an end", "Ask whoever runs the user pool.")

    def token(self) -> str:
        """The id token for a call, refreshed when it is about to end. Raises NotAllowed when there is none."""
        tokens = self.cache.load()
        if tokens is None:
            raise NotAllowed("not signed in", "Sign in with `towpath login`.")
        if tokens.expires_at - MARGIN_SECONDS > self.clock().timestamp():
            return tokens.id_token
        if not tokens.refresh_token:
            raise NotAllowed("the sign-in is over", "Sign in again with `towpath login`.")
        answer = self._call(
            "initiate_auth",
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens.refresh_token},
        )
        return self._keep(answer["AuthenticationResult"], tokens.username, tokens.refresh_token).id_token

    def _answer(
        self, asked: Mapping[str, Any], exchange: SrpExchange, username: str, password: str, ask: Ask
    ) -> dict[str, Any]:
        name, parameters = asked["ChallengeName"], asked.get("ChallengeParameters", {})
        session = asked.get("Session")
        user = parameters.get("USER_ID_FOR_SRP", username)
        if name == "PASSWORD_VERIFIER":
            responses = exchange.proof(parameters, password, self.clock())
        elif name == "NEW_PASSWORD_REQUIRED":
            responses = {"USERNAME": user, "NEW_PASSWORD": ask("New password (the first one is for one use)", True)}
        elif name == "SOFTWARE_TOKEN_MFA":
            responses = {"USERNAME": user, "SOFTWARE_TOKEN_MFA_CODE": ask("Code of the authenticator app", False)}
        elif name == "MFA_SETUP":
            session = self._set_up_authenticator(session, ask)
            responses = {"USERNAME": user}
        else:
            raise NotAllowed(f"Cognito asks for {name}, which this command line does not know")
        request = {"ChallengeName": name, "ChallengeResponses": responses}
        return self._call("respond_to_auth_challenge", **request, **({"Session": session} if session else {}))

    def _set_up_authenticator(self, session: str | None, ask: Ask) -> str:
        """Pairs an authenticator app; returns the session that goes on."""
        secret = self._cognito_call("associate_software_token", Session=session)
        code = ask(f"Add the key {secret['SecretCode']} to an authenticator app and enter its code", False)
        verified = self._cognito_call("verify_software_token", Session=secret["Session"], UserCode=code)
        return str(verified["Session"])

    def _keep(self, result: Mapping[str, Any], username: str, refresh_token: str = "") -> Tokens:
        tokens = Tokens(
            id_token=result["IdToken"],
            access_token=result["AccessToken"],
            refresh_token=result.get("RefreshToken") or refresh_token,
            expires_at=self.clock().timestamp() + int(result["ExpiresIn"]),
            username=username,
        )
        self.cache.save(tokens)
        return tokens

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self._cognito_call(operation, ClientId=self.client_id, **request)

    def _cognito_call(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.cognito, operation)(**request)
        except ClientError as error:
            said = error.response["Error"]
            hint = "Check the user name, the password and the context (`towpath context show`)."
            raise NotAllowed(f"Cognito refused: {said.get('Message') or said['Code']}", hint) from error
        return answer


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified: the API verifies, this only shows it to the user."""
    payload = token.split(".")[1]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return content
