"""Makes the brief's design in a running local cloud, beside ours: own names, own bucket, own SFTP server and user."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from benchmarks.brief_design import machine, tables
from local_cloud import settings

PREFIX = "brief-"
LANDING = "brief-landing-zone"
ARCHIVE = "brief-archive"
PARTNER = "brief-partner-backend"
CUSTOMERS = {machine.BOTH_TARGETS: "bankpacific", machine.ONE_TARGET: "clientx"}  # as in envs/workflows
SFTP_USER = "brief"
FUNCTIONS = {
    "validate_input": "validate_input.handler",
    "check_retry_count": "check_retry_count.handler",
    "update_retry_count": "update_retry_count.handler",
    "sftp_to_s3": "copy_file.to_s3",
    "sftp_to_sftp": "copy_file.to_sftp",
    "log_success": "log_success.handler",
    "log_failure": "log_failure.handler",
    "record_metrics": "record_metrics.handler",
    "send_notification": "send_notification.handler",
}
# As ours: with the same memory, durations cost the same in both designs.
MEMORY_MB = 256
TIMEOUT_SECONDS = 60
Clients = Callable[[str], Any]


def create(client: Clients, key_folder: Path) -> Path:
    """Creates everything; `client` gives boto3 clients by service. Returns the private key of the SFTP user."""
    _buckets(client("s3"))
    tables.create(client("dynamodb"), PREFIX)
    roles = Roles(client("iam"))
    topic = client("sns").create_topic(Name=f"{PREFIX}notify")["TopicArn"]
    functions = _functions(client("lambda"), roles, topic)
    machine_arn = client("stepfunctions").create_state_machine(
        name=f"{PREFIX}file-transfer",
        type="EXPRESS",
        roleArn=roles.create("machine", "states", ("lambda:InvokeFunction", list(functions.values()))),
        definition=json.dumps(machine.definition(functions.__getitem__)),
    )["stateMachineArn"]
    queue = _queue(client("sqs"))
    _rules(client("events"), queue)
    client("pipes").create_pipe(
        Name=f"{PREFIX}pipe",
        Source=queue,
        Target=machine_arn,
        RoleArn=roles.create(
            "pipe",
            "pipes",
            (["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queue]),
            ("states:StartSyncExecution", [machine_arn]),
        ),
        # The machine of the brief takes one file.
        SourceParameters={"SqsQueueParameters": {"BatchSize": 1}},
        TargetParameters={"StepFunctionStateMachineParameters": {"InvocationType": "REQUEST_RESPONSE"}},
    )
    return _sftp_user(client("transfer"), roles, key_folder)


@dataclass(frozen=True)
class Roles:
    """Makes roles with one inline policy."""

    iam: Any

    def create(self, name: str, service: str, *grants: tuple[str | Sequence[str], Sequence[str]]) -> str:
        """A role that the service may assume; each grant is actions on resources. Returns its ARN."""
        trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        role = self.iam.create_role(RoleName=PREFIX + name, AssumeRolePolicyDocument=_policy([trust]))["Role"]
        statements = [{"Effect": "Allow", "Action": actions, "Resource": where} for actions, where in grants]
        self.iam.put_role_policy(RoleName=PREFIX + name, PolicyName="policy", PolicyDocument=_policy(statements))
        return str(role["Arn"])


def _buckets(s3: Any) -> None:
    for bucket in (LANDING, ARCHIVE, PARTNER):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=LANDING, NotificationConfiguration={"EventBridgeConfiguration": {}})


def _functions(lambda_: Any, roles: Roles, topic: str) -> dict[str, str]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted((Path(__file__).parent / "functions").glob("*.py")):
            packed.write(file, file.name)
    variables = {"TABLE_PREFIX": PREFIX, "TOPIC_ARN": topic, "SFTP_BACKENDS": json.dumps({"partner": PARTNER})}
    where = f"{settings.REGION}:{settings.ACCOUNT}"
    role = roles.create(
        "functions",
        "lambda",
        (["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"], [f"arn:aws:dynamodb:{where}:table/{PREFIX}*"]),
        (["s3:GetObject", "s3:PutObject"], [f"arn:aws:s3:::{PREFIX}*"]),
        ("sns:Publish", [topic]),
        ("cloudwatch:PutMetricData", ["*"]),
        (["logs:CreateLogStream", "logs:PutLogEvents"], [f"arn:aws:logs:{where}:log-group:/aws/lambda/{PREFIX}*"]),
    )
    arns = {}
    for name, handler in FUNCTIONS.items():
        created = lambda_.create_function(
            FunctionName=PREFIX + name.replace("_", "-"),
            Runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
            Role=role,
            Handler=handler,
            Code={"ZipFile": archive.getvalue()},
            MemorySize=MEMORY_MB,
            Timeout=TIMEOUT_SECONDS,
            Environment={"Variables": variables},
        )
        arns[name] = str(created["FunctionArn"])
    return arns


def _queue(sqs: Any) -> str:
    arn = f"arn:aws:sqs:{settings.REGION}:{settings.ACCOUNT}:{PREFIX}queue"
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    sqs.create_queue(QueueName=f"{PREFIX}queue", Attributes={"VisibilityTimeout": "360", "Policy": _policy([allow])})
    return arn


def _rules(events: Any, queue: str) -> None:
    """One rule a customer; its input template writes the message, which names customer, workflow and targets."""
    for workflow, customer in CUSTOMERS.items():
        targets = {"s3": f"s3://{ARCHIVE}/{customer}/"}
        if workflow == machine.BOTH_TARGETS:
            targets["sftp"] = f"sftp://partner/{customer}/"
        message = {
            "bucket": "<bucket>",
            "key": "<key>",
            "size": "<size>",
            "sourceType": "SFTP",
            "targetType": "_".join(target.upper() for target in targets),
            "targets": targets,
            "workflowId": workflow,
            "customerId": customer,
        }
        pattern = {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": [LANDING]}, "object": {"key": [{"prefix": f"from-sftp/{customer}/"}]}},
        }
        paths = {"bucket": "$.detail.bucket.name", "key": "$.detail.object.key", "size": "$.detail.object.size"}
        transformer = {"InputPathsMap": paths, "InputTemplate": json.dumps(message).replace('"<size>"', "<size>")}
        events.put_rule(Name=f"{PREFIX}{customer}", EventPattern=json.dumps(pattern))
        target = {"Id": "queue", "Arn": queue, "InputTransformer": transformer}
        events.put_targets(Rule=f"{PREFIX}{customer}", Targets=[target])


def _sftp_user(transfer: Any, roles: Roles, key_folder: Path) -> Path:
    key_folder.mkdir(parents=True, exist_ok=True)
    path = key_folder / SFTP_USER
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    key.write_private_key(path)
    transfer.create_user(
        ServerId=transfer.create_server()["ServerId"],
        UserName=SFTP_USER,
        Role=roles.create(
            "sftp-user",
            "transfer",
            ("s3:ListBucket", [f"arn:aws:s3:::{LANDING}"]),
            (["s3:PutObject", "s3:GetObject"], [f"arn:aws:s3:::{LANDING}/from-sftp/*"]),
        ),
        HomeDirectoryType="LOGICAL",
        HomeDirectoryMappings=[{"Entry": "/", "Target": f"/{LANDING}/from-sftp"}],
        SshPublicKeyBody=key.export_public_key().decode(),
    )
    return path


def _policy(statements: Sequence[object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
