"""File transfer as people use it: over its API, each with a token of their own."""

from __future__ import annotations

import time
from typing import Any

from local_cloud.api_session import ApiAnswer
from tests.e2e.file_transfer.transfers import Route, Transfers
from tests.e2e.people import PeopleAndApi

PEOPLE = {
    "viewer": ["ft-view"],
    "operator": ["ft-operate"],
    "configurer": ["ft-configure"],
    "banker": ["ft-bank"],
    "chief": ["ft-operate", "ft-configure"],
}
#: The intake of the local stack remembers a definition for a second (settings.workflow_cache_seconds).
REMEMBERED_SECONDS = 1.1
API_ROLES = "*file-transfer-api-handler*"
REPLAY_ROLES = "*file-transfer-replay-failures*"


class People(PeopleAndApi):
    """Whoever works with the transfers of the stack under test."""

    def __init__(self, transfers: Transfers) -> None:
        super().__init__(transfers.cloud, transfers.cloud.outputs("file-transfer")["file_transfer_api"], PEOPLE)
        self.transfers = transfers

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The body of an answer that is a success."""
        answer: ApiAnswer = self.api(method, path, body, **more)
        assert answer.status < 300, (method, path, answer.status, answer.text)
        return answer.body

    def items(self, path: str, person: str = "chief") -> list[Any]:
        """Items of all pages."""
        found, cursor = [], ""
        while True:
            page = self.ok("GET", f"{path}{cursor}", person=person)
            found += page["items"]
            if "nextCursor" not in page:
                return found
            cursor = f"&cursor={page['nextCursor']}"

    def key_of(self, route: Route, name: str) -> str:
        """The key of the latest arrival of a file."""
        (found,) = self.ok("GET", f"/transfers?customerId={route.customer}&fileName={name}&limit=1")["items"]
        return str(found["transferKey"])

    def enable(self, route: Route, enabled: bool = True) -> None:
        """Lets the route's workflow take files, or not."""
        stored = self.ok("GET", f"/workflows/{route.workflow_id}")
        body = {**stored["definition"], "enabled": enabled}
        match = {"if-match": f'"{stored["version"]}"'}
        self.ok("PUT", f"/workflows/{route.workflow_id}", body, headers=match)
        time.sleep(REMEMBERED_SECONDS)

    def rejected(self, names: list[str], **definition: Any) -> Route:
        """A route whose workflow was disabled when these files came, and takes them now."""
        route = self.transfers.route(enabled=False, **definition)
        for name in names:
            self.transfers.upload(route, name)
        for name in names:
            assert self.transfers.settled(route, name)["failureReason"] == "WORKFLOW_DISABLED"
        self.recorded(route, names)
        self.enable(route)
        return route

    def recorded(self, route: Route, names: list[str]) -> None:
        """Waits until each of the files has its failure record."""

        def all_there() -> bool:
            found = self.items(f"/failures?workflowId={route.workflow_id}")
            return {each["fileName"] for each in found} >= set(names)

        self.eventually(all_there, "failure records", 60)

    def delivered(self, route: Route, names: list[str]) -> None:
        """Waits until each file is delivered, and asserts that each was once."""

        def done() -> bool:
            found = [self.transfers.queries.latest_status(route.customer, name) for name in names]
            return all(item and item["status"] == "SUCCESS" for item in found)

        self.eventually(done, "replays to end", 60)
        versions = self.transfers.versions(self.transfers.archive, f"{route.customer}/")
        assert sorted(each["Key"].rpartition("/")[2] for each in versions) == sorted(names)
