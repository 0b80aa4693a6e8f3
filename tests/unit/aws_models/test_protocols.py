"""What botocore sends is read, what is answered botocore understands: rest-json and json, without a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from local_cloud.aws_models.errors import AnswerBreaksModel, ApiError, LostResponse
from local_cloud.aws_models.in_process import bind
from local_cloud.aws_models.message import Message
from local_cloud.aws_models.service import Checked, ModelledService

ONCE = Config(retries={"total_max_attempts": 1})
ROLE = "arn:aws:iam::000000000000:role/one"


class Recorder:
    """Answers each operation with what it was given, and keeps what it was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers, self.calls = answers, list[tuple[str, dict[str, Any], str]]()

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        self.calls.append((operation, dict(parameters), principal))
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def bound(service: str, config: Config = ONCE, **answers: Any) -> tuple[Any, Recorder]:
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x", config=config
    )
    recorder = Recorder(answers)
    bind(client, recorder, ROLE)
    return client, recorder


def test_members_in_the_body() -> None:
    client, recorder = bound("drs", DescribeJobs={"items": [], "nextToken": "more"})

    answer = client.describe_jobs(filters={"jobIDs": ["drsjob-" + "0" * 17]}, maxResults=5)

    assert (answer["items"], answer["nextToken"]) == ([], "more")
    assert recorder.calls == [("DescribeJobs", {"filters": {"jobIDs": ["drsjob-" + "0" * 17]}, "maxResults": 5}, ROLE)]


def test_members_in_the_path_and_the_query() -> None:
    client, recorder = bound("drs", UntagResource={}, TagResource={}, ListTagsForResource={"tags": {"a": "b"}})
    arn = "arn:aws:drs:us-east-1:000000000000:job/drsjob-00000000000000000"

    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    client.tag_resource(resourceArn=arn, tags={"a b": "ü%/"})
    client.untag_resource(resourceArn=arn, tagKeys=["a", "b/c"])

    assert [parameters for _, parameters, _ in recorder.calls] == [
        {"resourceArn": arn},
        {"resourceArn": arn, "tags": {"a b": "ü%/"}},
        {"resourceArn": arn, "tagKeys": ["a", "b/c"]},
    ]


def test_a_path_that_a_server_has_decoded_is_read_too() -> None:
    service = ModelledService("drs", Recorder({}))

    operation, parameters = service.read(Message("GET", "/tags/arn:aws:drs:us-east-1:000000000000:job/drsjob-1"))

    assert operation == "ListTagsForResource"
    assert parameters == {"resourceArn": "arn:aws:drs:us-east-1:000000000000:job/drsjob-1"}


def test_the_status_is_that_of_the_model() -> None:
    client, _ = bound("drs", StartRecovery={"job": {"jobID": "drsjob-" + "0" * 17}}, InitializeService={})

    started = client.start_recovery(sourceServers=[{"sourceServerID": "s-" + "0" * 17}])

    assert started["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert client.initialize_service()["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_quicksight_with_labels_numbers_times_and_a_status_in_the_answer() -> None:
    made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    summary = {"DashboardId": "d", "CreatedTime": made, "PublishedVersionNumber": 7}
    client, recorder = bound(
        "quicksight", ListDashboards={"DashboardSummaryList": [summary], "Status": 206, "RequestId": "r"}
    )

    answer = client.list_dashboards(AwsAccountId="000000000000", MaxResults=3)

    assert recorder.calls[0][:2] == ("ListDashboards", {"AwsAccountId": "000000000000", "MaxResults": 3})
    assert answer["DashboardSummaryList"] == [summary]
    assert (answer["Status"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (206, 206)


def test_blobs_and_nested_structures_of_quicksight() -> None:
    client, recorder = bound("quicksight", StartAssetBundleImportJob={"AssetBundleImportJobId": "j", "Arn": "arn:x"})

    client.start_asset_bundle_import_job(
        AwsAccountId="000000000000",
        AssetBundleImportJobId="j",
        AssetBundleImportSource={"Body": b"\x00zip"},
        FailureAction="ROLLBACK",
    )

    parameters = recorder.calls[0][1]
    assert parameters["AssetBundleImportSource"] == {"Body": b"\x00zip"}
    assert parameters["FailureAction"] == "ROLLBACK"


def test_every_operation_of_a_model_is_found_by_its_own_path() -> None:
    for name in ("drs", "quicksight"):
        service = ModelledService(name, Recorder({}))
        model = boto3.client(name, region_name="us-east-1").meta.service_model
        for operation in map(model.operation_model, model.operation_names):
            path = operation.http["requestUri"].partition("?")[0]
            found, _ = service.read(Message(operation.http["method"], path))
            assert found == operation.name


def test_the_json_protocol() -> None:
    quota = {"QuotaCode": "L-1", "Value": 20.0, "GlobalQuota": False}
    client, recorder = bound("service-quotas", GetServiceQuota={"Quota": quota})

    assert client.get_service_quota(ServiceCode="drs", QuotaCode="L-1")["Quota"] == quota
    assert recorder.calls == [("GetServiceQuota", {"ServiceCode": "drs", "QuotaCode": "L-1"}, ROLE)]


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("drs", lambda client: client.describe_jobs()),
        ("service-quotas", lambda client: client.list_services()),
    ],
)
def test_errors_have_their_code_message_and_status(service: str, call: Callable[[Any], Any]) -> None:
    error = ApiError("AccessDeniedException", "no", 403)
    client, _ = bound(service, DescribeJobs=error, ListServices=error)

    with pytest.raises(client.exceptions.AccessDeniedException) as refused:
        call(client)

    answer = refused.value.response
    assert answer["Error"] == {"Code": "AccessDeniedException", "Message": "no"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_members_of_errors_travel_in_body_and_header() -> None:
    quota = ApiError("ServiceQuotaExceededException", "full", 402, quotaCode="L-1", serviceCode="drs")
    slow = ApiError("ThrottlingException", "slow", 429, retryAfterSeconds="7")
    client, _ = bound("drs", StartRecovery=quota, DescribeJobs=slow)

    with pytest.raises(client.exceptions.ServiceQuotaExceededException) as full:
        client.start_recovery(sourceServers=[{"sourceServerID": "s-" + "0" * 17}])
    with pytest.raises(client.exceptions.ThrottlingException) as throttled:
        client.describe_jobs()

    assert (full.value.response["quotaCode"], full.value.response["code"]) == ("L-1", "ServiceQuotaExceededException")
    assert throttled.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"


def test_a_lost_response_is_a_closed_connection_and_botocore_asks_again() -> None:
    client, recorder = bound("drs", Config(retries={"total_max_attempts": 3}), DescribeJobs=LostResponse())

    with pytest.raises(ConnectionClosedError):
        client.describe_jobs()

    assert len(recorder.calls) == 3


@pytest.mark.parametrize(
    ("message", "code", "status"),
    [
        (Message("POST", "/NothingSuch"), "UnknownOperationException", 404),
        (Message("GET", "/DescribeJobs"), "UnknownOperationException", 404),
        (Message("POST", "/DescribeJobs", body=b"{"), "SerializationException", 400),
        (Message("POST", "/DescribeJobs", body=b"[]"), "SerializationException", 400),
    ],
)
def test_what_is_no_request_is_refused(message: Message, code: str, status: int) -> None:
    found, headers, _ = ModelledService("drs", Recorder({})).answer(message)

    assert (found, headers["x-amzn-errortype"]) == (status, code)


def test_functions_are_held_to_the_model() -> None:
    # Given an implementation of one operation, which answers with the wrong type
    checked = Checked("service-quotas", {"ListServices": lambda _parameters, _principal: {"Services": {}}})
    client = boto3.client(
        "service-quotas", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x", config=ONCE
    )
    bind(client, checked)

    # Then a bad request is refused, what is missing says so, and the bug shows
    with pytest.raises(ClientError, match="ServiceCode must match"):
        client.list_service_quotas(ServiceCode="!!")
    with pytest.raises(ClientError, match="not simulated"):
        client.list_service_quotas(ServiceCode="drs")
    with pytest.raises(AnswerBreaksModel, match="Services must be a list"):
        client.list_services()
