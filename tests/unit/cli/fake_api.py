"""An API that answers from a table, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from towpath.errors import Unreachable
from towpath.transport import Request, Response

Answer = Response | Callable[[Request], Response]


class FakeApi:
    """`on("GET /executions", {...})`. Several answers to one request are given in turn; the last one stays."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._answers: dict[str, list[Answer]] = {}

    def on(self, request: str, *bodies: Any, status: int = 200) -> None:
        """Answers of a request, as bodies or as whole responses."""
        self._answers[request] = [
            body if isinstance(body, Response) or callable(body) else Response(status, body) for body in bodies
        ]

    def refuse(self, request: str, status: int, detail: str, **members: Any) -> None:
        """A problem document."""
        problem = {"type": "about:blank", "title": "No", "status": status, "detail": detail, **members}
        self.on(request, problem, status=status)

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        answers = self._answers.get(f"{request.method} {request.path}")
        if answers is None:
            return Response(404, {"title": "Not Found", "status": 404, "detail": f"{request.path} does not exist"})
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(request) if callable(answer) else answer

    def asked(self, method: str) -> list[str]:
        """Paths that were asked with a method, in order."""
        return [request.path for request in self.requests if request.method == method]

    def body(self, path: str) -> Any:
        """Body of the last request to a path that was not a GET."""
        return next(each.body for each in reversed(self.requests) if each.path == path and each.method != "GET")


def silence(_: Request) -> Response:
    """No answer."""
    raise Unreachable("no answer")
