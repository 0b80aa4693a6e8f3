"""A system under test as people use it: over its HTTP API, each with a token of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local_cloud.api_session import ApiAnswer
from local_cloud.session import LocalCloud


class PeopleAndApi:
    """`system` are the outputs of a system's stack; `people` names who there is and their groups."""

    def __init__(self, cloud: LocalCloud, system: Mapping[str, Any], people: Mapping[str, Sequence[str]]) -> None:
        self.cloud, self.system, self._people = cloud, system, people
        self._tokens: dict[str, str] = {}

    def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        person: str = "chief",
        headers: Mapping[str, str] | None = None,
    ) -> ApiAnswer:
        """One request over HTTP with the person's token."""
        token = self.token(person) if person else None
        endpoint = self.system["api_endpoint"]
        return self.cloud.http(method, path, endpoint, token=token, body=body, headers=dict(headers or {}))

    def token(self, person: str) -> str:
        """An id token of a person, who is made when first asked for."""
        if person not in self._tokens:
            name = f"{person}@example.com"
            self._tokens[person] = self.cloud.sign_in(name, self._people[person], self.system).id
        return self._tokens[person]

    def eventually(
        self, check: Callable[[], bool], what: str, seconds: float = 30, between: Callable[[], None] | None = None
    ) -> None:
        """Waits until the check holds; does `between` after each look."""
        deadline = time.monotonic() + seconds
        while not check():
            assert time.monotonic() < deadline, f"{what}: not after {seconds} s"
            if between:
                between()
            time.sleep(0.2)
