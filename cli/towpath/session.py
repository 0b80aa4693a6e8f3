"""What one run of the command line works with: the options, the context, and clients made when first needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.clock import Clock, utc_now
from towpath import contexts, tokens
from towpath.api import Api
from towpath.contexts import Context, ContextFile
from towpath.errors import Invalid
from towpath.output import Output
from towpath.sign_in import SignIn
from towpath.tokens import TokenCache
from towpath.transport import HttpTransport, LambdaTransport, Transport

#: A function behind an API has half a minute (API Gateway quotas of HTTP APIs).
ANSWER_SECONDS = 35
CONNECT_SECONDS = 5
ATTEMPTS = 5
ONE_ATTEMPT = 1


@dataclass
class Session:
    """Options win over the context, the context over AWS's own configuration.

    Tests hand in their own `transport` and `open_socket`.
    """

    as_json: bool = False
    context_name: str = ""
    system: str = contexts.DRS
    overrides: dict[str, str] = field(default_factory=dict)
    transport: Transport | None = None
    clients: dict[str, Any] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep
    clock: Clock = utc_now
    open_socket: Callable[[str], Any] | None = None

    @property
    def output(self) -> Output:
        """Standard output in the form that was asked for."""
        return Output(self.as_json)

    @cached_property
    def context_file(self) -> ContextFile:
        """All contexts."""
        return ContextFile(contexts.default_path())

    @cached_property
    def context(self) -> Context:
        """Where to go, for the system that the command is about."""
        overrides: dict[str, Any] = self.overrides
        return replace(contexts.resolve(self.context_file, self.context_name).of(self.system), **overrides)

    @cached_property
    def api(self) -> Api:
        """The API of the system."""
        return Api(self.transport or self._transport(), self.sleep)

    @cached_property
    def sign_in(self) -> SignIn:
        """Cognito, for this context. Raises Invalid when the context does not know it."""
        import boto3  # noqa: PLC0415  (what calls no AWS API, help and completion among it, need not wait for it)

        context = self.context
        if not (context.api_url and context.user_pool_id and context.client_id):
            hint = "`towpath context add NAME --api-url … --user-pool-id … --client-id …`, or --outputs of Terraform."
            raise Invalid("this context does not say where to sign in", hint)
        cache = TokenCache(tokens.default_folder(), f"{context.api_url} {context.client_id}")
        region = context.user_pool_id.partition("_")[0]
        unsigned = Config(signature_version=UNSIGNED, connect_timeout=5, read_timeout=20)
        cognito = self.clients.get("cognito-idp") or boto3.client(
            "cognito-idp", region_name=region, endpoint_url=context.endpoint_url or None, config=unsigned
        )
        return SignIn(cognito, context.user_pool_id, context.client_id, cache)

    def client(self, service: str, read_timeout: int = ANSWER_SECONDS, attempts: int = ATTEMPTS, **other: str) -> Any:
        """A boto3 client over the context's credentials, called as shared.clients.client is.

        `other` is what differs from the context: region_name, or the credentials of an assumed role.
        """
        import boto3  # noqa: PLC0415

        if service in self.clients:
            return self.clients[service]
        context = self.context
        own = {
            "aws_access_key_id": context.credentials.get("access_key_id"),
            "aws_secret_access_key": context.credentials.get("secret_access_key"),
            "profile_name": context.profile or None,
        }
        keys = {} if "aws_session_token" in other else own
        session = boto3.Session(**{"region_name": context.region or None, **keys, **other})
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
        )
        return session.client(service, endpoint_url=context.endpoint_url or None, config=config)

    def _transport(self) -> Transport:
        context = self.context
        if (context.via or ("api" if context.api_url else "aws")) == "api":
            if not context.api_url:
                raise Invalid("this context has no api_url", "Name one with --api-url, or go with --via aws.")
            return HttpTransport(context.api_url, self.sign_in.token)
        client = self.client("lambda", attempts=ONE_ATTEMPT)
        if self.system == contexts.DRS:
            return LambdaTransport(client, lambda _: context.drs_function, self._principal)
        if self.system == contexts.TRANSFERS:
            return LambdaTransport(client, lambda _: context.transfer_function, self._principal)
        from quicksight_migration.api.routes import function_of  # noqa: PLC0415  (others have one function)

        functions = context.migration_functions
        return LambdaTransport(client, lambda asked: functions[function_of(asked.method, asked.path)], self._principal)

    def _principal(self) -> str:
        try:
            return str(self.client("sts").get_caller_identity()["Arn"])
        except (ClientError, BotoCoreError):
            return "unknown"
