"""File transfer over its API and by command: definitions, retries, replays of many, dead letters, permissions."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from click.testing import CliRunner

from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.people import API_ROLES, REPLAY_ROLES, People
from tests.e2e.file_transfer.test_faults import s3_event
from tests.e2e.file_transfer.transfers import Transfers, typed
from tests.e2e.permissions import left_over, refused
from towpath.main import cli


@pytest.fixture
def people(transfers: Transfers) -> People:
    """Everybody who works with file transfer."""
    return People(transfers)


def definition(transfers: Transfers, customer: str, **changes: Any) -> dict[str, Any]:
    """A definition for files over SFTP that go to the archive."""
    return {
        "workflowId": f"wf-{customer}",
        "sourceType": "SFTP",
        "sourcePrefix": f"from-sftp/{customer}/",
        "customerId": customer,
        "targets": {"s3": {"type": "S3", "uri": f"s3://{transfers.archive}/{customer}/"}},
        **changes,
    }


def test_a_definition_over_the_api_sends_a_file_where_the_simulation_said(transfers: Transfers, people: People) -> None:
    customer = f"api{uuid.uuid4().hex[:8]}"
    body = definition(transfers, customer)
    key = f"from-sftp/{customer}/a.csv"
    # Given a draft that is simulated, and then stored
    draft = people.ok("POST", "/workflows/simulate", {"key": key, "definition": body}, person="viewer")
    assert draft["outcome"] == "TRANSFER"
    assert people.ok("POST", "/workflows/simulate", {"key": key})["rejection"]["reason"] == "UNKNOWN_WORKFLOW"
    assert people.ok("POST", "/workflows/validate", body, person="viewer")["valid"] is True
    people.ok("POST", "/workflows", body, person="configurer")
    # When such a file comes
    with transfers.cloud.sftp("tester") as sftp:
        sftp.put(f"/{customer}/a.csv", b"a,b\n")
    people.eventually(lambda: bool(transfers.queries.latest_status(customer, "a.csv")), "the arrival", 60)
    people.eventually(
        lambda: transfers.queries.latest_status(customer, "a.csv")["status"] == "SUCCESS", "the delivery", 60
    )
    # Then it is where the simulation said, and the API tells of it
    assert transfers.content(transfers.archive, draft["targets"][0]["key"]) == b"a,b\n"
    (listed,) = people.ok("GET", f"/transfers?customerId={customer}&fileName=a.csv", person="viewer")["items"]
    shown = people.ok("GET", f"/transfers/{listed['transferKey']}", person="viewer")
    assert shown["targets"][0]["uri"] == draft["targets"][0]["uri"] and shown["status"] == "SUCCESS"
    day = shown["arrivedAt"][:10]
    in_day = people.items(f"/transfers?date={day}&status=SUCCESS&limit=50")
    assert listed["transferKey"] in {each["transferKey"] for each in in_day}
    people.eventually(
        lambda: (
            "SUCCESS"
            in {each["eventType"] for each in people.ok("GET", f"/transfers/{listed['transferKey']}/audit")["items"]}
        ),
        "the trail",
    )
    # And without its definition the next one is rejected
    people.ok("DELETE", f"/workflows/wf-{customer}", headers={"if-match": '"1"'})
    assert people.api("GET", f"/workflows/wf-{customer}").status == 404


def test_each_operation_needs_its_permission(transfers: Transfers, people: People) -> None:
    route = people.rejected(["a.csv"])
    key = people.key_of(route, "a.csv")
    body = definition(transfers, route.customer)

    def status(method: str, path: str, sent: Any, person: str) -> int:
        return people.api(method, path, sent, person=person, headers={"if-match": '"99"'}).status

    assert status("GET", f"/transfers/{key}", None, "") == 401
    for person in ("viewer", "configurer"):
        assert status("POST", f"/transfers/{key}/retry", {}, person) == 403
        assert status("POST", "/replays", {"customerId": route.customer}, person) == 403
        assert status("POST", "/dead-letters/redrive", {}, person) == 403
    for person in ("viewer", "operator"):
        assert status("POST", "/workflows", body, person) == 403
        assert status("PUT", f"/workflows/{route.workflow_id}", body, person) == 403
        assert status("DELETE", f"/workflows/{route.workflow_id}", None, person) == 403
    # Given somebody who looks after another customer
    assert status("GET", f"/transfers/{key}", None, "banker") == 404
    assert status("GET", f"/failures/{key}", None, "banker") == 404
    assert status("GET", f"/workflows/{route.workflow_id}", None, "banker") == 404
    assert status("POST", f"/transfers/{key}/retry", {}, "banker") == 404
    assert status("POST", "/replays", {"customerId": route.customer}, "banker") == 404
    assert status("GET", "/dead-letters", None, "banker") == 403
    assert people.items(f"/failures?workflowId={route.workflow_id}", "banker") == []
    # And somebody whose version is old
    assert status("DELETE", f"/workflows/{route.workflow_id}", None, "configurer") == 409


def test_a_rejected_file_is_tried_again_by_the_definition_of_now(people: People) -> None:
    # Given a file that came while its workflow was disabled
    route = people.rejected(["a.csv"])
    key = people.key_of(route, "a.csv")
    # When the answer of the retry is lost, and it is asked for again
    people.cloud.inject([fault("sqs", "SendMessageBatch", "lost_response", principal=API_ROLES, times=1, nth=[1])])
    for _ in range(2):
        people.api("POST", f"/transfers/{key}/retry", {}, person="operator", headers={"idempotency-key": key[-40:]})
    # Then it is delivered once, the trail says who asked, and the failure is marked
    people.delivered(route, ["a.csv"])
    shown = people.ok("GET", f"/transfers/{key}")
    assert (shown["replays"], shown["replayedBy"]) == (1, "user:operator@example.com")
    people.eventually(lambda: "replayedAt" in people.ok("GET", f"/failures/{key}"), "the mark on the failure")
    assert people.api("POST", f"/transfers/{key}/retry", {}).status == 409


def test_many_failures_are_replayed_once_whatever_breaks(people: People) -> None:
    # Given a dozen failures of a workflow
    names = [f"{number:02d}.csv" for number in range(12)]
    route = people.rejected(names)
    wanted = {"workflowId": route.workflow_id, "reason": "WORKFLOW_DISABLED"}
    preview = people.ok("POST", "/replays/preview", wanted, person="viewer")
    assert (preview["count"], preview["complete"], preview["reasons"]) == (12, True, {"WORKFLOW_DISABLED": 12})
    # When they are replayed by a function that is killed, throttled, and does not hear the intake's queue
    people.cloud.inject(
        [
            killed("replay-failures", 30, nth=[1]),
            fault("sqs", "SendMessageBatch", "lost_response", principal=REPLAY_ROLES, nth=[1]),
            fault("dynamodb", "*", "throttle", principal=REPLAY_ROLES, nth=[2, 5]),
        ]
    )
    key = {"idempotency-key": route.customer}
    first, second = (people.ok("POST", "/replays", wanted, person="operator", headers=key) for _ in range(2))
    assert first["replayId"] == second["replayId"]

    # Then it comes to its end, and each file is delivered once
    def status() -> str:
        return str(people.ok("GET", f"/replays/{first['replayId']}", person="viewer")["status"])

    people.eventually(lambda: status() == "COMPLETED", "the replay", 300)
    people.delivered(route, names)
    assert people.ok("GET", f"/replays/{first['replayId']}")["counts"] == {"sent": 12, "left": 0}
    items = [people.transfers.queries.latest_status(route.customer, name) for name in names]
    assert {(item["replays"], item["lastReplay"]) for item in items if item} == {(1, first["replayId"])}
    people.eventually(
        lambda: people.ok("POST", "/replays/preview", wanted)["count"] == 0, "the marks on the failures", 60
    )


def test_dead_letters_go_to_the_intake_unless_their_transfer_has_ended(transfers: Transfers, people: People) -> None:
    # Given letters about a delivered file, about one that nobody told of, and one that nobody can read
    route = transfers.route(source="S3", to=("s3",))
    transfers.s3.put_object(Bucket=transfers.landing, Key=f"{route.prefix}done.csv", Body=b"1")
    assert transfers.settled(route, "done.csv")["status"] == "SUCCESS"
    silent = [
        {"id": "silence", "service": "events", "operation": "Deliver", "probability": 1, "action": {"type": "drop"}}
    ]
    transfers.cloud.inject(silent)
    transfers.s3.put_object(Bucket=transfers.landing, Key=f"{route.prefix}lost.csv", Body=b"2")
    transfers.cloud.clear_faults()
    url = transfers.system["dead_letter_queue_url"]
    bodies = (s3_event(transfers, route, "done.csv"), s3_event(transfers, route, "lost.csv"), {"hello": route.customer})
    sent = [transfers.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(each))["MessageId"] for each in bodies]

    def ours() -> dict[str, str]:
        found = people.items("/dead-letters?limit=100")
        return {each["messageId"]: each["verdict"] for each in found if each["messageId"] in sent}

    # When they are looked at, and then sent again while the answer of the first is lost
    looked = ours()
    assert (looked[sent[0]], looked[sent[2]]) == ("SETTLED", "UNREADABLE")
    assert looked[sent[1]] in ("REDRIVE", "SETTLED")  # the sweep may have been there before us
    transfers.cloud.inject([fault("sqs", "SendMessage", "lost_response", principal=API_ROLES, nth=[1])])
    named = {"messageIds": sent}
    done = [people.api("POST", "/dead-letters/redrive", named, person="operator") for _ in range(2)]
    # Then the lost one is delivered once, and what nobody can read is left
    assert done[-1].status == 200, done[-1].text
    assert transfers.settled(route, "lost.csv")["status"] == "SUCCESS"
    assert len(transfers.versions(transfers.archive, f"{route.customer}/")) == 2
    assert ours() == {sent[2]: "UNREADABLE"}
    throw_away(transfers, url, sent[2])


def throw_away(transfers: Transfers, url: str, message_id: str) -> None:
    """Deletes one message of a queue and leaves the others."""

    def deleted() -> bool:
        answer = transfers.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1)
        for each in answer.get("Messages", []):
            if each["MessageId"] == message_id:
                transfers.sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
                return True
        return False

    transfers.eventually(deleted, "the message to be thrown away")


def test_a_missed_window_is_acknowledged_and_a_notification_sent_again(transfers: Transfers, people: People) -> None:
    # Given a delivered file that the topic was told of, and a window that nothing came in
    route = transfers.route(to=("s3",))
    transfers.upload(route, "a.csv")
    transfers.settled(route, "a.csv")
    query = f"/notifications?customerId={route.customer}&fileName=a.csv"
    people.eventually(lambda: [each["status"] for each in people.items(query)] == ["SENT"], "the notification", 60)
    at = "2026-01-02T08:00:00.000000Z"
    names = {"workflowId": route.workflow_id, "expectationId": "daily", "customerId": route.customer}
    times = {"startAt": at, "dueAt": at, "missedAt": at, "timeZone": "UTC", "timestamp": at}
    window = {"PK": f"EXPECTATION#{route.workflow_id}#daily", "SK": f"WINDOW#{at}", "status": "MISSED", "revision": 1}
    table = transfers.system["table_names"]["TransferExpectation"]
    item = {name: typed(value) for name, value in {**window, **names, **times}.items()}
    transfers.dynamodb.put_item(TableName=table, Item=item)
    # When somebody looks after both
    (missed,) = people.items(f"/expectations?customerId={route.customer}", "viewer")
    path = f"/expectations/{missed['expectationKey']}/acknowledge"
    assert people.api("POST", path, {}, person="viewer").status == 403
    done = people.ok("POST", path, {"comment": "holiday"}, person="operator")
    (told,) = people.items(query, "viewer")
    key = {"idempotency-key": route.customer}
    again = people.ok("POST", f"/notifications/{told['notificationKey']}/resend", person="operator", headers=key)
    # Then the records say who
    assert (done["acknowledgedBy"], done["acknowledgement"]) == ("user:operator@example.com", "holiday")
    assert again["resend"].startswith("resend-")
    people.eventually(lambda: "resentBy" in people.items(query)[0], "the notification to be sent again", 60)


def test_a_throttled_table_is_told_as_such(people: People) -> None:
    route = people.transfers.route()
    people.cloud.inject([fault("dynamodb", "Query", "throttle", principal=API_ROLES, probability=1.0)])
    answer = people.api("GET", f"/failures?customerId={route.customer}")

    assert (answer.status, answer.body["code"]) == (503, "THROTTLED")
    assert answer.headers["retry-after"] == "2"


def test_commands_invoke_the_api_s_function(
    people: People, local_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a rejected file, and the command line in the state folder of this local cloud
    route = people.rejected(["a.csv"])
    monkeypatch.setenv("TOWPATH_STATE_DIR", local_environment["TOWPATH_STATE_DIR"])

    def towpath(*words: str) -> Any:
        run = CliRunner().invoke(cli, ["--context", "local", "--json", *words])
        assert run.exit_code == 0, run.output
        return json.loads(run.stdout)

    # When somebody with AWS credentials looks at it and replays it
    (failure,) = towpath("failures", "list", "--customer", route.customer, "--open")
    assert failure["failureReason"] == "WORKFLOW_DISABLED"
    replay = towpath("failures", "replay", "--customer", route.customer, "--file", "a.csv", "--yes", "--watch")
    # Then it is delivered, and the records name their ARN
    assert (replay["status"], replay["startedBy"].partition(":")[0]) == ("COMPLETED", "aws")
    people.delivered(route, ["a.csv"])
    assert towpath("transfers", "show", route.customer, "a.csv")["replayedBy"].startswith("aws:arn:aws:")
    story = towpath("transfers", "trace", route.customer, "a.csv")
    assert "REPLAYED" in {each["eventType"] for each in story["events"]}
    assert towpath("workflows", "simulate", f"from-sftp/{route.customer}/b.csv")["outcome"] == "TRANSFER"


@pytest.mark.last(5)
def test_the_api_may_do_exactly_what_it_was_seen_to_need(people: People) -> None:
    roles = people.system["role_names"]["functions"].values()

    assert left_over(people.cloud, roles, {}) == ""
    assert refused(people.cloud, roles) == set()
