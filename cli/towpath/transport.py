"""Two ways to the same API: over HTTP with a token, or straight over AWS credentials by invoking its function."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from towpath.errors import CliError, Invalid, Unreachable

TIMEOUT_SECONDS = 35
"""API Gateway gives up after 30 seconds (HTTP API quotas), so no answer comes after that."""


@dataclass(frozen=True)
class Request:
    """`path` begins with a slash; `body` is what becomes JSON, or None."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Response:
    """`body` is parsed where it is JSON, else text. Header names are lower case."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Transport(Protocol):
    """Carries a request to the API. Raises Unreachable when there is no answer, NotAllowed without a sign-in."""

    def send(self, request: Request) -> Response: ...


class HttpTransport:
    """Over the HTTP API. `token` gives the id token, refreshed when need be."""

    def __init__(self, api_url: str, token: Callable[[], str]) -> None:
        address = urllib.parse.urlsplit(api_url)
        if address.scheme != "https" and not is_loopback(address.hostname or ""):
            raise Invalid(f"{api_url} is not https", "A token is not sent in the clear, except to this machine.")
        self._url = api_url.rstrip("/")
        self._host = address.netloc
        self._token = token

    def send(self, request: Request) -> Response:
        url = f"{_reachable(self._url)}{urllib.parse.quote(request.path)}"
        if request.query:
            url += f"?{urllib.parse.urlencode(request.query)}"
        data = None if request.body is None else json.dumps(request.body).encode()
        headers = {
            "host": self._host,
            "authorization": f"Bearer {self._token()}",
            "accept": "application/json, text/html",
            **request.headers,
        }
        if data is not None:
            headers["content-type"] = "application/json"
        try:
            with _opener().open(
                urllib.request.Request(url, data=data, method=request.method, headers=headers), timeout=TIMEOUT_SECONDS
            ) as answer:
                return _response(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return _response(error.code, error.headers, error.read())
        except (OSError, ValueError) as error:
            hint = "Check --api-url and the context (`towpath context show`); --via aws goes past the API."
            raise Unreachable(f"no answer from {self._url}: {error}", hint) from error


class LambdaTransport:
    """Straight over AWS credentials: lambda:InvokeFunction on the API's function is the authorisation.

    `function` tells which function serves a request. `principal` names who asks, for records; it is asked for once, and
    only when something is changed.
    """

    def __init__(self, client: Any, function: Callable[[Request], str], principal: Callable[[], str]) -> None:
        self._client = client
        self._function = function
        self._principal = principal

    def send(self, request: Request) -> Response:
        asked = {
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "headers": dict(request.headers),
            "body": request.body,
            "principal": "reader" if request.method == "GET" else self._principal(),
        }
        function = self._function(request)
        answer = self._client.invoke(FunctionName=function, Payload=json.dumps({"towpath": asked}).encode())
        payload = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError") or not isinstance(payload, dict) or "statusCode" not in payload:
            raise _function_failed(function, payload)
        return _response(payload["statusCode"], payload.get("headers") or {}, (payload.get("body") or "").encode())


def _function_failed(function: str, payload: Any) -> CliError:
    said = payload.get("errorMessage", payload) if isinstance(payload, dict) else payload
    if "timed out" in str(said):
        return Unreachable(f"{function} gave no answer in time: {said}", "The change may have been made: look before.")
    return CliError(f"{function} failed: {said}", f"Its log is /aws/lambda/{function}.")


def _response(status: int, headers: Any, content: bytes) -> Response:
    lower = {str(name).lower(): str(value) for name, value in headers.items()}
    text = content.decode("utf-8", "replace")
    if text and "json" in lower.get("content-type", "json"):
        try:
            return Response(status, json.loads(text), lower)
        except ValueError:
            pass
    return Response(status, text or None, lower)


def _reachable(url: str) -> str:
    """Names below `localhost` are this machine's (RFC 6761, section 6.3), whether or not its resolver knows that."""
    address = urllib.parse.urlsplit(url)
    if not (address.hostname or "").endswith(".localhost"):
        return url
    port = f":{address.port}" if address.port else ""
    return urllib.parse.urlunsplit(address._replace(netloc=f"127.0.0.1{port}"))


def is_loopback(host: str) -> bool:
    """True for names and addresses of this machine (RFC 6761, section 6.3)."""
    return host in ("127.0.0.1", "::1", "localhost") or host.endswith(".localhost")


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token is for one host: it does not follow to another."""

    def redirect_request(self, *_: Any) -> None:
        return None
