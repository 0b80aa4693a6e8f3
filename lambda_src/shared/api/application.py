"""An API on Powertools' resolver for HTTP APIs: every route gets the same reading, authorisation and error telling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from shared.api import problems
from shared.api.answers import Answer, to_json
from shared.api.direct_invocation import as_http_event, is_direct
from shared.api.principals import Principal, direct, from_claims
from shared.api.problems import ApiProblem
from shared.api.requests import Request, read_body, read_query
from shared.api.routes import PLACEHOLDER, Api, Route
from shared.errors import TowpathError

NO_STORE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}

Translate = Callable[[Exception], ApiProblem | None]


class Application:
    """`services` is handed to every endpoint; `roles` maps groups to permissions; `translate` knows the system's own
    errors and returns None for others."""

    def __init__(
        self,
        api: Api,
        services: Callable[[], Any],
        roles: Mapping[str, Iterable[str]],
        logger: Logger,
        translate: Translate = lambda _error: None,
    ) -> None:
        self._api = api
        self._services = services
        self._roles = roles
        self._logger = logger
        self._translate = translate
        self._resolver = APIGatewayHttpResolver()
        for route in api.routes:
            self._resolver.route(rule=route.rule, method=route.method)(self._endpoint(route))
        self._resolver.not_found(self._no_such_route)

    def handle(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """The answer to an event of an HTTP API (payload 2.0) or to a direct invocation, in the former's form."""
        self._logger.append_keys(request_id=getattr(context, "aws_request_id", None))
        if not is_direct(event):
            return self._resolver.resolve(event, context)
        try:
            http_event, name = as_http_event(event)
        except ApiProblem as problem:
            response = _response(_answer_of(problem))
            return {"statusCode": response.status_code, "headers": response.headers, "body": response.body}
        self._resolver.append_context(  # type: ignore[no-untyped-call]
            principal=direct(name, self._api.permissions)
        )
        return self._resolver.resolve(http_event, context)

    def _endpoint(self, route: Route) -> Callable[..., Response[Any]]:
        def endpoint(**path: str) -> Response[Any]:
            return _response(self._answer(route, path))

        return endpoint

    def _answer(self, route: Route, path: Mapping[str, str]) -> Answer:
        actor = ""
        try:
            principal = self._principal()
            actor = principal.actor
            answer: Answer = route.load()(self._request(route, path, principal), self._services())
        except Exception as error:  # noqa: BLE001  (whatever happened, the caller gets a problem and not a stack)
            answer = _answer_of(self._problem_of(error))
        self._logger.info("answered", operation=route.name, status=answer.status, actor=actor, path=dict(path))
        return answer

    def _principal(self) -> Principal:
        known: Principal | None = self._resolver.context.get("principal")
        if known:
            return known
        authorizer = self._resolver.current_event.raw_event.get("requestContext", {}).get("authorizer") or {}
        return from_claims((authorizer.get("jwt") or {}).get("claims"), self._roles)

    def _request(self, route: Route, path: Mapping[str, str], principal: Principal) -> Request:
        principal.require(*route.permissions)
        for name, value in path.items():
            if not re.fullmatch(self._api.path_patterns.get(name, ".*"), value, re.ASCII):
                raise problems.not_found(f"{name} {value[:64]!r}")
        event = self._resolver.current_event.raw_event
        headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
        query = read_query(route.query, event.get("queryStringParameters"))
        is_base64 = bool(event.get("isBase64Encoded"))
        body = read_body(route, event.get("body"), is_base64, headers.get("content-type", ""))
        return Request(route, path, query, headers, body, principal)

    def _problem_of(self, error: Exception) -> ApiProblem:
        if isinstance(error, ApiProblem):
            return error
        known = self._translate(error) or _of_aws(error)
        if known is None:
            self._logger.exception("an operation failed", exc_info=error)
            return problems.internal(getattr(self._resolver.lambda_context, "aws_request_id", ""))
        if known.status >= 500:  # noqa: PLR2004
            self._logger.warning("an operation could not be carried out", exc_info=error)
        return known

    def _no_such_route(self, _error: Exception) -> Response[Any]:
        path = self._resolver.current_event.path
        allowed = sorted({route.method for route in self._api.routes if self._matches(route, path)})
        if allowed:
            headers = {"allow": ", ".join(allowed)}
            return _response(_answer_of(ApiProblem(405, "METHOD_NOT_ALLOWED", headers=headers)))
        return _response(_answer_of(problems.not_found("this path")))

    def _matches(self, route: Route, path: str) -> bool:
        patterns = self._api.path_patterns
        pattern = PLACEHOLDER.sub(lambda found: patterns.get(found[1], "[^/]+"), route.path)
        return re.fullmatch(pattern, path, re.ASCII) is not None


def _of_aws(error: Exception) -> ApiProblem | None:
    """Errors of the taxonomy and of botocore; None for a fault of ours."""
    if isinstance(error, TowpathError):
        return problems.of_taxonomy(error)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (only when something failed)

    from shared.aws_errors import classify  # noqa: PLC0415

    if isinstance(error, ClientError | BotoCoreError):
        return problems.of_taxonomy(classify(error, "AWS"))
    return None


def _answer_of(problem: ApiProblem) -> Answer:
    return Answer(to_json(problem.body()), problem.status, problems.MEDIA_TYPE, problem.headers)


def _response(answer: Answer) -> Response[Any]:
    headers: dict[str, str | list[str]] = {**NO_STORE, **answer.headers}
    if answer.version is not None:
        headers["etag"] = f'"{answer.version}"'
    return Response(answer.status, answer.media_type, answer.text(), headers)
