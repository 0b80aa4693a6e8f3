"""What tests say about disaster recovery: servers, plans, executions, people, and what every execution keeps."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from disaster_recovery.records.dynamo_store import DynamoStore
from local_cloud.api_session import ApiAnswer
from local_cloud.session import LocalCloud
from tests.e2e.people import PeopleAndApi

ENDED = ("COMPLETED", "PARTIAL", "FAILED", "CANCELLED")
POLLER_ROLE = "*disaster-recovery-execution-poller*"
ORCHESTRATION_ROLE = "*disaster-recovery-orchestration*"
SCALE = 600  # seconds of DRS in one second: a launch of ten minutes takes one
PEOPLE = {
    "viewer": ["dr-view"],
    "driller": ["dr-drill"],
    "recoverer": ["dr-recover"],
    "cleaner": ["dr-terminate"],
    "chief": ["dr-recover", "dr-terminate"],
}
POOL = [f"s-{number:017x}" for number in range(1, 1201)]
_unused = iter(POOL)


class Recoveries(PeopleAndApi):
    """The disaster-recovery stack under test, used over its HTTP API as people do."""

    def __init__(self, cloud: LocalCloud) -> None:
        super().__init__(cloud, cloud.outputs("disaster-recovery")["disaster_recovery"], PEOPLE)
        self.drs = cloud.drs()
        self.states = cloud.client("stepfunctions")
        self.functions = cloud.client("lambda")
        self.store = DynamoStore(cloud.client("dynamodb"), self.system["table_names"]["execution-history"])

    # Given

    def protect(self) -> None:
        """Fills DRS with the suite's source servers; each test takes some that no other has used."""
        self.drs.seed({"servers": [{"sourceServerID": name, "hostname": f"host-{name[-4:]}"} for name in POOL]})

    def calm(self) -> None:
        """No faults, no injections, the usual clock."""
        self.cloud.clear_faults()
        self.drs.clear()
        self.drs.mode(pageSize=0, fidelity="observed")
        self.drs.clock(SCALE)

    def servers(self, count: int) -> list[str]:
        """Source servers that replicate well and that nobody has launched yet."""
        return [next(_unused) for _ in range(count)]

    def plan(self, *waves: Sequence[str] | Mapping[str, Any], **settings: Any) -> dict[str, Any]:
        """A stored plan; a wave is a list of server ids, or a wave document whose `servers` may be such a list."""
        document = {"name": f"plan-{uuid.uuid4().hex[:10]}", **settings, "waves": self.waves(*waves)}
        answer = self.api("POST", "/recovery-plans", document)
        assert answer.status == 201, answer
        stored: dict[str, Any] = answer.body
        return stored

    @staticmethod
    def waves(*waves: Sequence[str] | Mapping[str, Any]) -> list[dict[str, Any]]:
        """Wave documents."""
        made = []
        for number, wave in enumerate(waves, 1):
            given = dict(wave) if isinstance(wave, Mapping) else {"servers": wave}
            listed = [each if isinstance(each, Mapping) else {"sourceServerId": each} for each in given["servers"]]
            made.append({"name": f"wave {number}", **given, "servers": listed})
        return made

    # When

    def start(self, plan: Mapping[str, Any], kind: str = "DRILL", **more: Any) -> str:
        """Starts a plan; returns the execution's id."""
        confirm = {"confirm": plan["name"]} if kind == "RECOVERY" else {}
        answer = self.api("POST", "/executions", {"planId": plan["planId"], "type": kind, **confirm, **more})
        assert answer.status == 201, answer
        return str(answer.body["executionId"])

    def command(self, execution_id: str, name: str, body: Any = None, *, person: str = "chief") -> ApiAnswer:
        """A command to an execution."""
        return self.api("POST", f"/executions/{execution_id}/{name}", body or {}, person=person)

    def tick(self) -> None:
        """What the schedule does every minute, now; as with the schedule, nobody is told when it fails."""
        self.functions.invoke(
            FunctionName=self.system["function_names"]["execution-finder"],
            InvocationType="Event",
            Payload=json.dumps({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
        )

    def rewind(self, execution_id: str, record: str, attribute: str) -> None:
        """Sets a time in a record back, as if it were long over."""
        names = {f"#{number}": name for number, name in enumerate(attribute.split("."))}
        self.cloud.client("dynamodb").update_item(
            TableName=self.system["table_names"]["execution-history"],
            Key={"executionId": {"S": execution_id}, "record": {"S": record}},
            UpdateExpression=f"SET {'.'.join(names)} = :past",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":past": {"S": "2026-01-01T00:00:00.000000Z"}},
        )

    # Then

    def execution(self, execution_id: str) -> dict[str, Any]:
        """The execution as the API shows it."""
        answer = self.api("GET", f"/executions/{execution_id}")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body
        return found

    def wait(
        self, execution_id: str, *statuses: str, seconds: float = 60, ticking: float | None = 1.5
    ) -> dict[str, Any]:
        """The execution once it is in one of the statuses (default: ended).

        Every `ticking` seconds the schedule's minute is said to be over; None leaves it to the real schedule.
        """
        wanted = statuses or ENDED
        deadline, next_tick = time.monotonic() + seconds, time.monotonic() + (ticking or 0)
        while True:
            answer = self.api("GET", f"/executions/{execution_id}")
            if answer.status == 200 and answer.body["status"] in wanted:
                found: dict[str, Any] = answer.body
                return found
            # While tables are throttled on purpose, the API says so.
            assert answer.status in (200, 503), answer
            assert time.monotonic() < deadline, f"not {wanted} after {seconds} s: {answer.text}"
            if ticking is not None and time.monotonic() >= next_tick:
                self.tick()
                next_tick = time.monotonic() + ticking
            time.sleep(0.2)

    def timeline(self, execution_id: str) -> list[dict[str, Any]]:
        """The events of an execution, oldest first."""
        return self._all(f"/executions/{execution_id}/timeline")

    def launched(self, execution_id: str) -> list[dict[str, Any]]:
        """The servers of an execution that launched."""
        return [each for each in self.servers_of(execution_id) if each["launchStatus"] == "LAUNCHED"]

    def servers_of(self, execution_id: str) -> list[dict[str, Any]]:
        """The servers of an execution."""
        return self._all(f"/executions/{execution_id}/servers")

    def _all(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = self.api("GET", f"{path}?limit=200{cursor}")
            assert answer.status == 200, answer
            found += answer.body["items"]
            if not answer.body.get("nextCursor"):
                return found
            cursor = f"&cursor={answer.body['nextCursor']}"

    def jobs(self, *server_ids: str) -> list[dict[str, Any]]:
        """DRS's launch jobs in which one of the servers takes part, oldest first."""
        found: list[dict[str, Any]] = []
        pages = self.cloud.client("drs").get_paginator("describe_jobs").paginate(filters={})
        for page in pages:
            found += page["items"]
        named = set(server_ids)
        ours = [
            job
            for job in found
            if job["type"] == "LAUNCH" and named & {each["sourceServerID"] for each in job["participatingServers"]}
        ]
        return sorted(ours, key=lambda job: str(job["creationDateTime"]))

    def history(self, execution_id: str) -> list[dict[str, Any]]:
        """History events of the state machine's latest run of an execution."""
        return self.cloud.history(self.run_arn(execution_id))

    def run_arn(self, execution_id: str) -> str:
        """ARN of the state machine's latest run of an execution."""
        execution = self.store.execution(execution_id)
        assert execution
        return f"{self.system['state_machine_arn'].replace(':stateMachine:', ':execution:')}:{execution.run_name}"

    def check(self, execution_id: str) -> None:
        """What holds for every execution that has ended."""
        execution = self.execution(execution_id)
        assert execution["status"] in ENDED
        servers = self.servers_of(execution_id)
        waves = self.store.waves(execution_id)
        intents = self.store.intents(execution_id)
        # Each intent has one job at the most, and no job is of two intents.
        jobs = [intent.job_id for intent in intents if intent.job_id]
        assert len(jobs) == len(set(jobs))
        self.check_locks(execution_id)
        # What DRS launched for us is what we say launched.
        ours = {job["jobID"] for job in self.jobs(*[each["sourceServerId"] for each in servers])} & set(jobs)
        assert ours == set(jobs)
        # No wave began before the one before it was settled.
        begun = [wave for wave in waves if wave.started_at]
        for earlier, later in itertools.pairwise(begun):
            if earlier.ended_at and later.started_at:
                assert later.started_at >= earlier.ended_at, (earlier, later)
        assert self.store.token(execution_id) is None or execution["status"] in ENDED

    def check_locks(self, execution_id: str) -> None:
        """No lock outlives its execution."""
        held = [lock for lock in self._locks(execution_id) if lock.holder == execution_id]
        assert held == [], held

    def _locks(self, execution_id: str) -> list[Any]:
        plan = self.store.execution(execution_id)
        assert plan
        region = plan.account.region or "us-east-1"
        account = plan.account.account_id or "000000000000"
        keys = [f"LOCK#{account}#{region}#{each.source_server_id}" for each in self.store.servers(execution_id)]
        return list(self.store.locks(keys).values())
