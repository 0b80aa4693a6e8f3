"""What Terraform writes about web ACLs and trails is what it reads back."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import ACCOUNT, Cloud
from tests.integration.local_cloud.resources import unique

LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"


def web_acl(cloud: Cloud) -> str:
    name = unique("acl")
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
    created = cloud.client("wafv2").create_web_acl(
        Name=name, Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=seen
    )
    return str(created["Summary"]["ARN"])


def test_a_web_acl_keeps_where_it_logs_to(cloud: Cloud) -> None:
    # Given a web ACL that logs without its callers' tokens
    waf, acl = cloud.client("wafv2"), web_acl(cloud)
    wanted = {
        "ResourceArn": acl,
        "LogDestinationConfigs": [f"{LOGS}:aws-waf-logs-{unique('group')}"],
        "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
    }
    waf.put_logging_configuration(LoggingConfiguration=wanted)

    # When
    found = waf.get_logging_configuration(ResourceArn=acl)["LoggingConfiguration"]

    # Then it is told, and gone when it is deleted
    assert {name: found[name] for name in wanted} == wanted
    waf.delete_logging_configuration(ResourceArn=acl)
    with pytest.raises(waf.exceptions.WAFNonexistentItemException):
        waf.get_logging_configuration(ResourceArn=acl)


def test_a_log_group_of_another_name_is_refused(cloud: Cloud) -> None:
    # When / Then
    wanted = {"ResourceArn": web_acl(cloud), "LogDestinationConfigs": [f"{LOGS}:somewhere"]}
    with pytest.raises(ClientError, match="aws-waf-logs-"):
        cloud.client("wafv2").put_logging_configuration(LoggingConfiguration=wanted)


def test_a_trail_keeps_its_tags(cloud: Cloud) -> None:
    # Given a trail that is made with a tag
    s3, trails, bucket = cloud.client("s3"), cloud.client("cloudtrail"), unique("trail")
    s3.create_bucket(Bucket=bucket)
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    tags = [{"Key": "System", "Value": "x"}]
    arn = trails.create_trail(Name=unique("trail"), S3BucketName=bucket, TagsList=tags)["TrailARN"]

    # When / Then
    assert trails.list_tags(ResourceIdList=[arn])["ResourceTagList"] == [{"ResourceId": arn, "TagsList": tags}]
