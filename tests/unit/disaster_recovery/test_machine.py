"""Step Functions as the handlers use it, and DRS in other accounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from disaster_recovery.drs.accounts import AwsAccounts
from disaster_recovery.errors import PermissionDenied, StaleToken, Throttled, Transient
from disaster_recovery.machine.aws_tools import QueueWake
from disaster_recovery.plans.plan import Account
from disaster_recovery.records.execution import Execution
from shared.state_machine import StateMachine

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:disaster-recovery"
RUN = Execution(execution_id="ex-1", run_number=2)
RUN_ARN = "arn:aws:states:us-east-1:000000000000:execution:disaster-recovery:ex-1-r2"
TOKEN = "AQCsecret"


class FakeClient:
    """A client whose calls answer, or fail with a code."""

    def __init__(self, answer: Any = None, code: str = "", status: int = 400) -> None:
        self.answer, self.code, self.status = answer or {}, code, status
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.asked.append({"operation": name, **arguments})
            if self.code:
                said = {"Code": self.code, "Message": f"token {TOKEN}"}
                raise ClientError({"Error": said, "ResponseMetadata": {"HTTPStatusCode": self.status}}, name)
            return self.answer

        return call


def test_a_run_is_started_by_name_so_that_it_starts_once() -> None:
    client = FakeClient({"executionArn": RUN_ARN})
    assert StateMachine(client, ARN).start(RUN) == RUN_ARN
    assert client.asked == [
        {"operation": "start_execution", "stateMachineArn": ARN, "name": "ex-1-r2", "input": '{"executionId":"ex-1"}'}
    ]
    assert StateMachine(FakeClient(code="ExecutionAlreadyExists"), ARN).start(RUN) == RUN_ARN
    with pytest.raises(Throttled):
        StateMachine(FakeClient(code="ThrottlingException"), ARN).start(RUN)


def test_the_status_of_a_run_is_read_by_its_arn() -> None:
    client = FakeClient({"status": "RUNNING"})
    assert StateMachine(client, ARN).status(RUN) == "RUNNING"
    assert client.asked[0]["executionArn"] == RUN_ARN
    assert StateMachine(FakeClient(code="ExecutionDoesNotExist"), ARN).status(RUN) == ""
    with pytest.raises(Transient):
        StateMachine(FakeClient(code="InternalError", status=500), ARN).status(RUN)


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_token_that_nothing_waits_for_is_stale_and_stays_secret(code: str) -> None:
    machine = StateMachine(FakeClient(code=code), ARN)
    for send in (
        lambda: machine.succeed(TOKEN, {}),
        lambda: machine.fail(TOKEN, "e", "c"),
        lambda: machine.heartbeat(TOKEN),
    ):
        with pytest.raises(StaleToken, match=code) as raised:
            send()
        assert TOKEN not in str(raised.value)
        assert raised.value.__suppress_context__


def test_other_failures_may_be_tried_again() -> None:
    with pytest.raises(Throttled) as raised:
        StateMachine(FakeClient(code="ThrottlingException"), ARN).succeed(TOKEN, {"next": "NEXT"})
    assert TOKEN not in str(raised.value) and raised.value.__suppress_context__


def test_a_wake_up_is_a_message_with_a_delay_that_sqs_takes() -> None:
    sqs = FakeClient()
    QueueWake(sqs, "https://queue")("ex-1", "QUICK#1", 4000)
    assert sqs.asked == [
        {
            "operation": "send_message",
            "QueueUrl": "https://queue",
            "MessageBody": '{"executionId":"ex-1","reason":"QUICK#1"}',
            "DelaySeconds": 900,
        }
    ]
    QueueWake(sqs, "")("ex-1", "QUICK#1")
    assert len(sqs.asked) == 1
    with pytest.raises(PermissionDenied):
        QueueWake(FakeClient(code="AccessDenied", status=403), "https://queue")("ex-1", "TICK")


# --- accounts

NOW = datetime(2026, 1, 2, tzinfo=UTC)
OTHER = Account("111111111111", "eu-west-1", "arn:aws:iam::111111111111:role/recovery", "shared-secret")


class Factory:
    """Makes clients and remembers with what."""

    def __init__(self, code: str = "") -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.now = NOW
        self.code = code

    def __call__(self, service: str, read_timeout: int = 0, attempts: int = 0, **session: str) -> FakeClient:
        self.made.append((service, {"attempts": attempts, **session}))
        given = {"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "token"}
        answer = {"Credentials": {**given, "Expiration": self.now + timedelta(hours=1)}}
        self.last = FakeClient(answer, self.code if service == "sts" else "", 403)
        return self.last

    def clock(self) -> datetime:
        return self.now


def test_our_own_account_needs_no_role() -> None:
    factory = Factory()
    accounts = AwsAccounts(factory, factory.clock)
    assert accounts.drs(Account()) is accounts.drs(Account())
    assert [service for service, _ in factory.made] == ["drs", "drs", "service-quotas"]


def test_calls_that_change_something_are_never_sent_twice() -> None:
    factory = Factory()
    AwsAccounts(factory, factory.clock).drs(Account())
    assert [made["attempts"] for service, made in factory.made if service == "drs"] == [0, 1]


def test_another_account_is_entered_over_its_role_with_the_external_id() -> None:
    factory = Factory()
    AwsAccounts(factory, factory.clock).drs(OTHER)
    session = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "aws_session_token": "token"}
    assert factory.made[0][0] == "sts"
    assert factory.made[1] == ("drs", {"attempts": 0, "region_name": "eu-west-1", **session})


def test_credentials_are_renewed_before_they_expire() -> None:
    factory = Factory()
    accounts = AwsAccounts(factory, factory.clock)
    first = accounts.drs(OTHER)
    factory.now += timedelta(minutes=49)
    assert accounts.drs(OTHER) is first
    factory.now += timedelta(minutes=2)
    assert accounts.drs(OTHER) is not first


def test_a_role_that_refuses_is_told_as_it_is() -> None:
    factory = Factory(code="AccessDenied")
    with pytest.raises(PermissionDenied, match="role/recovery"):
        AwsAccounts(factory, factory.clock).drs(OTHER)
