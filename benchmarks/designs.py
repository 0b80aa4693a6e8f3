"""The two designs under measurement: where their files go in, and which tables, roles and functions are theirs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.brief_design import machine, setup
from local_cloud.session import LocalCloud
from local_cloud.sftp_login import SftpLogin

OURS = "Towpath"
BRIEF = "brief"
ONE, TWO = 1, 2
# Number of targets → customer, the same in both designs: those of the workflows copy-sftp-to-s3(-and-sftp).
CUSTOMERS = {ONE: setup.CUSTOMERS[machine.ONE_TARGET], TWO: setup.CUSTOMERS[machine.BOTH_TARGETS]}


@dataclass(frozen=True)
class Design:
    """One design in the running local cloud.

    A customer's files are uploaded to the folder of that name. Both designs record whom they served under the brief's
    table, index and attribute names, so that both are asked in the same way.
    `functions` begins with the one that takes messages. The ARN of every principal that works for the design contains
    one of `principals`, that of its SFTP user contains `uploader`.
    """

    name: str
    login: SftpLogin
    status_table: str
    index_table: str
    notification_table: str
    functions: tuple[str, ...]
    principals: tuple[str, ...]
    uploader: str

    def recorded(self, cloud: LocalCloud, targets: int) -> int:
        """Number of files that are completely through: in the customer's index, and announced."""
        customer, dynamodb = CUSTOMERS[targets], cloud.client("dynamodb")
        indexed = _count(dynamodb, self.index_table, "PK", f"CUSTOMER#{customer}")
        announced = _count(dynamodb, self.notification_table, "customerId", customer, "NotificationCustomerIndex")
        return min(indexed, announced)

    def owns(self, principal: str) -> bool:
        """Whether a call was made for this design, other than to upload."""
        return any(role in principal for role in self.principals) and self.uploader not in principal


def towpath(cloud: LocalCloud) -> Design:
    """Our stack as `make up` applied it, with the workflows that ship with it."""
    stack = cloud.outputs("file-transfer")
    system = stack["file_transfer"]
    tables, roles, names = system["table_names"], system["role_names"], dict(system["function_names"])
    working = (*roles["functions"].values(), roles["state_machine"], roles["pipe"])
    return Design(
        name=OURS,
        login=cloud.sftp("tester"),
        status_table=tables["FileTransferStatus"],
        index_table=tables["CustomerFileIndex"],
        notification_table=tables["TransferNotificationLog"],
        functions=(names.pop("validate-input"), *names.values()),
        principals=tuple(f"assumed-role/{role}/" for role in working),
        uploader=f"assumed-role/{roles['sftp_users']['tester']}/",
    )


def use_production_times(cloud: LocalCloud, design: Design) -> None:
    """Gives our stack the times it has in production: `envs/local` shortens them for the tests.

    With seconds of visibility a busy machine redelivers what is still at work; the defaults of modules/file-transfer.
    """
    queue_url = cloud.outputs("file-transfer")["file_transfer"]["queue_url"]
    cloud.client("sqs").set_queue_attributes(QueueUrl=queue_url, Attributes={"VisibilityTimeout": "360"})
    first, functions = design.functions[0], cloud.client("lambda")
    variables = functions.get_function_configuration(FunctionName=first)["Environment"]["Variables"]
    variables |= {"LEASE_SECONDS": "330", "WORKFLOW_CACHE_SECONDS": "30"}
    functions.update_function_configuration(FunctionName=first, Environment={"Variables": variables})


def brief(cloud: LocalCloud, state_dir: Path) -> Design:
    """The brief's design, made now."""
    key = setup.create(cloud.client, state_dir / "ssh")
    sftp = cloud.endpoints["sftp"]
    return Design(
        name=BRIEF,
        login=SftpLogin(sftp["host"], sftp["port"], setup.SFTP_USER, str(key)),
        status_table=f"{setup.PREFIX}FileTransferStatus",
        index_table=f"{setup.PREFIX}CustomerFileIndex",
        notification_table=f"{setup.PREFIX}TransferNotificationLog",
        functions=tuple(setup.PREFIX + name.replace("_", "-") for name in setup.FUNCTIONS),
        principals=(f"assumed-role/{setup.PREFIX}",),
        uploader=f"assumed-role/{setup.PREFIX}sftp-user/",
    )


def _count(dynamodb: Any, table: str, attribute: str, value: str, index: str | None = None) -> int:
    request = {
        "TableName": table,
        "Select": "COUNT",
        "KeyConditionExpression": "#key = :key",
        "ExpressionAttributeNames": {"#key": attribute},
        "ExpressionAttributeValues": {":key": {"S": value}},
        **({"IndexName": index} if index else {}),
    }
    return sum(page["Count"] for page in dynamodb.get_paginator("query").paginate(**request))
