"""A permission that is added twice in the same words stands once; in other words it is refused."""

from __future__ import annotations

import json
import uuid
import zipfile
from io import BytesIO

import pytest

from tests.integration.local_cloud.conftest import Cloud

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def test_the_same_permission_again_is_the_same_answer(cloud: Cloud) -> None:
    # Given a function with a permission for a rule
    functions, name = cloud.client("lambda"), f"f-{uuid.uuid4().hex[:8]}"
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        folder.writestr("main.py", "def handler(event, context):\n    return event\n")
    functions.create_function(
        FunctionName=name, Runtime="python3.13", Role=role, Handler="main.handler", Code={"ZipFile": archive.getvalue()}
    )
    permission = {
        "FunctionName": name,
        "StatementId": "rule",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": "arn:aws:events:us-east-1:000000000000:rule/one",
    }
    first = functions.add_permission(**permission)["Statement"]

    # When it is sent again, then the answer is the same and the policy has it once
    assert json.loads(functions.add_permission(**permission)["Statement"]) == json.loads(first)
    policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])
    assert [each["Sid"] for each in policy["Statement"]] == ["rule"]

    # and another of that id is refused, and changes nothing
    other = permission | {"SourceArn": "arn:aws:events:us-east-1:000000000000:rule/two"}
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.add_permission(**other)
    assert json.loads(functions.get_policy(FunctionName=name)["Policy"]) == policy
