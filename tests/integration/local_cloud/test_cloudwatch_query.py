"""CloudWatch answers the Query protocol, which Terraform speaks, as completely as JSON."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.parsers import create_parser

from .conftest import Cloud


def query(cloud: Cloud, action: str, **parameters: str) -> dict[str, Any]:
    """Sends one signed Query request; returns the answer as botocore's own Query parser reads it."""
    form = urllib.parse.urlencode({"Action": action, "Version": "2010-08-01", **parameters})
    content_type = {"Content-Type": "application/x-www-form-urlencoded"}
    signed = AWSRequest("POST", cloud.url, headers=content_type, data=form)
    SigV4Auth(Credentials("test", "test"), "monitoring", "us-east-1").add_auth(signed)
    request = urllib.request.Request(cloud.url, data=form.encode(), headers=dict(signed.headers))
    try:
        with urllib.request.urlopen(request) as answer:
            status, headers, body = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, headers, body = error.code, error.headers, error.read()
    model = botocore.session.get_session().get_service_model("cloudwatch")
    response = {"status_code": status, "headers": headers, "body": body}
    parsed: dict[str, Any] = create_parser("query").parse(response, model.operation_model(action).output_shape)
    return parsed


@pytest.fixture
def name() -> str:
    return f"alarm-{uuid.uuid4().hex[:8]}"


def put_alarm(cloud: Cloud, name: str) -> None:
    settings = {
        "AlarmName": name,
        "AlarmDescription": "<too> & many",
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions.member.1.Name": "FunctionName",
        "Dimensions.member.1.Value": "one",
        "Dimensions.member.2.Name": "Resource",
        "Dimensions.member.2.Value": "one:live",
        "Statistic": "Sum",
        "Period": "60",
        "EvaluationPeriods": "3",
        "DatapointsToAlarm": "2",
        "Threshold": "1.5",
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        "ActionsEnabled": "true",
        "AlarmActions.member.1": "arn:aws:sns:us-east-1:000000000000:topic",
    }
    query(cloud, "PutMetricAlarm", **settings)


def test_an_alarm_reads_back_as_it_was_written(cloud: Cloud, name: str) -> None:
    # Given an alarm that was put over the Query protocol
    put_alarm(cloud, name)

    # When it is described over the Query protocol
    alarm = query(cloud, "DescribeAlarms", **{"AlarmNames.member.1": name})["MetricAlarms"][0]

    # Then nothing is missing
    assert alarm["AlarmDescription"] == "<too> & many"
    assert alarm["Dimensions"] == [
        {"Name": "FunctionName", "Value": "one"},
        {"Name": "Resource", "Value": "one:live"},
    ]
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 60, 3)
    assert (alarm["DatapointsToAlarm"], alarm["Threshold"]) == (2, 1.5)
    assert (alarm["TreatMissingData"], alarm["ActionsEnabled"]) == ("notBreaching", True)
    assert alarm["AlarmActions"] == ["arn:aws:sns:us-east-1:000000000000:topic"]
    assert alarm["AlarmArn"].endswith(name)


def test_tags_are_listed_after_they_are_set(cloud: Cloud, name: str) -> None:
    # Given an alarm with a tag
    put_alarm(cloud, name)
    arn = query(cloud, "DescribeAlarms", **{"AlarmNames.member.1": name})["MetricAlarms"][0]["AlarmArn"]
    query(cloud, "TagResource", ResourceARN=arn, **{"Tags.member.1.Key": "a", "Tags.member.1.Value": "1"})

    # Then it is listed
    assert query(cloud, "ListTagsForResource", ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "1"}]


def test_a_refusal_is_an_error_of_the_protocol(cloud: Cloud) -> None:
    answer = query(cloud, "ListTagsForResource", ResourceARN="arn:aws:cloudwatch:us-east-1:000000000000:alarm:none")
    assert answer["Error"]["Code"] in ("ResourceNotFoundException", "ResourceNotFound")
