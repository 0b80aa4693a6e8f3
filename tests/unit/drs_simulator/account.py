"""An account with a few source servers on a clock that the test moves."""

from __future__ import annotations

from typing import Any

from local_cloud.drs import ApiError, ManualClock, Simulator
from local_cloud.drs.engine import Event

HOUR = 3600


def server_id(number: int) -> str:
    """`s-00000000000000001`."""
    return f"s-{number:017d}"


def inventory(count: int, **more: Any) -> dict[str, Any]:
    """Servers `host-1`, `host-2`, … of an account."""
    servers = [{"sourceServerID": server_id(n), "hostname": f"host-{n}"} for n in range(1, count + 1)]
    return {"servers": servers, **more}


class Account:
    """A simulator with its clock and its events."""

    def __init__(self, servers: int = 3, *, document: dict[str, Any] | None = None, **arguments: Any) -> None:
        self.clock, self.events = ManualClock(), list[Event]()
        self.drs = Simulator(self.clock, **{"seed": 7, "events": self.events.append, **arguments})
        self.drs.seed(document or inventory(servers))

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.drs.call(operation, parameters, "arn:aws:iam::000000000000:role/orchestration")

    def start(self, *numbers: int, **more: Any) -> str:
        """Starts a job of these servers; its id."""
        wanted = [{"sourceServerID": server_id(number)} for number in numbers]
        return str(self.call("StartRecovery", sourceServers=wanted, **more)["job"]["jobID"])

    def refusal(self, operation: str, **parameters: Any) -> ApiError:
        """How a call is refused."""
        try:
            answer = self.call(operation, **parameters)
        except ApiError as error:
            return error
        raise AssertionError(f"{operation} was not refused but answered {answer}")

    def refused_start(self, *numbers: int) -> ApiError:
        """How the start of a job of these servers is refused."""
        return self.refusal("StartRecovery", sourceServers=[{"sourceServerID": server_id(each)} for each in numbers])

    def wait(self, seconds: float = HOUR) -> None:
        """Lets time pass."""
        self.clock.move(seconds)
        self.drs.advance_to(self.clock.now())

    def job(self, identifier: str) -> dict[str, Any]:
        (found,) = self.call("DescribeJobs", filters={"jobIDs": [identifier]})["items"]
        return dict(found)

    def launch_status(self, identifier: str) -> dict[str, str]:
        """Source server → launch status."""
        entries = self.job(identifier)["participatingServers"]
        return {each["sourceServerID"]: each["launchStatus"] for each in entries}

    def log(self, identifier: str, server: int | None = None) -> list[str]:
        """Events of a job's log, or those of one server."""
        items = self.call("DescribeJobLogItems", jobID=identifier)["items"]
        name = server_id(server) if server else None
        return [item["event"] for item in items if not name or item["eventData"].get("sourceServerID") == name]

    def server(self, number: int) -> dict[str, Any]:
        (found,) = self.call("DescribeSourceServers", filters={"sourceServerIDs": [server_id(number)]})["items"]
        return dict(found)

    def instances(self) -> list[dict[str, Any]]:
        return list(self.call("DescribeRecoveryInstances")["items"])
