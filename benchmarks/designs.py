"""The two designs under measurement: where their files go in, and which tables, roles and functions are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.brief_design import machine, setup
from local_cloud.session import LocalCloud
from local_cloud.sftp_login import SftpLogin

OURS = "Towpath"
BRIEF = "brief"
ONE, TWO = 1, 2
# Customer → number of targets; the brief's have rules of their own, ours get a workflow item.
OUR_CUSTOMERS = {ONE: "bench-one", TWO: "bench-two"}


@dataclass(frozen=True)
class Design:
    """One design in the running local cloud.

    `customers` by number of targets; a customer's files are uploaded to the folder of that name. Both designs record
    who they served under the brief's table, index and attribute names, so that both are asked in the same way.
    `principals`: what the ARN of everything that works for the design contains; `uploader`: the SFTP user's.
    """

    name: str
    login: SftpLogin
    customers: Mapping[int, str]
    status_table: str
    index_table: str
    notification_table: str
    functions: tuple[str, ...]
    principals: tuple[str, ...]
    uploader: str

    def recorded(self, cloud: LocalCloud, targets: int) -> int:
        """Number of files that are completely through: in the customer's index, and announced."""
        customer, dynamodb = self.customers[targets], cloud.client("dynamodb")
        index = _count(dynamodb, self.index_table, "PK", f"CUSTOMER#{customer}")
        return min(
            index, _count(dynamodb, self.notification_table, "customerId", customer, "NotificationCustomerIndex")
        )

    def owns(self, principal: str) -> bool:
        """Whether a call was made for this design, other than to upload."""
        return any(role in principal for role in self.principals) and self.uploader not in principal


def towpath(cloud: LocalCloud) -> Design:
    """Our stack as `make up` applied it, with one workflow for each number of targets."""
    stack = cloud.outputs("file-transfer")
    system = stack["file_transfer"]
    tables, roles = system["table_names"], system["role_names"]
    targets = {
        "s3": {"type": "S3", "uri": f"s3://{stack['archive_bucket_name']}/"},
        "sftp": {"type": "SFTP", "uri": "sftp://partner/"},
    }
    for number, customer in OUR_CUSTOMERS.items():
        chosen = {
            key: {**target, "uri": f"{target['uri']}{customer}/", "overwrite": "newest-wins"}
            for key, target in list(targets.items())[:number]
        }
        _put_workflow(cloud, tables["WorkflowDefinition"], customer, chosen)
    working = (*roles["functions"].values(), roles["state_machine"], roles["pipe"])
    return Design(
        name=OURS,
        login=cloud.sftp("tester"),
        customers=OUR_CUSTOMERS,
        status_table=tables["FileTransferStatus"],
        index_table=tables["CustomerFileIndex"],
        notification_table=tables["TransferNotificationLog"],
        functions=tuple(system["function_names"].values()),
        principals=tuple(f"assumed-role/{role}/" for role in working),
        uploader=f"assumed-role/{roles['sftp_users']['tester']}/",
    )


def brief(cloud: LocalCloud, state_dir: Path) -> Design:
    """The brief's design, made now."""
    key = setup.create(cloud.client, state_dir / "ssh")
    sftp = cloud.endpoints["sftp"]
    customers = {ONE: setup.CUSTOMERS[machine.ONE_TARGET], TWO: setup.CUSTOMERS[machine.BOTH_TARGETS]}
    return Design(
        name=BRIEF,
        login=SftpLogin(sftp["host"], sftp["port"], setup.SFTP_USER, str(key)),
        customers=customers,
        status_table=f"{setup.PREFIX}FileTransferStatus",
        index_table=f"{setup.PREFIX}CustomerFileIndex",
        notification_table=f"{setup.PREFIX}TransferNotificationLog",
        functions=tuple(setup.PREFIX + name.replace("_", "-") for name in setup.FUNCTIONS),
        principals=(f"assumed-role/{setup.PREFIX}",),
        uploader=f"assumed-role/{setup.PREFIX}sftp-user/",
    )


def _put_workflow(cloud: LocalCloud, table: str, customer: str, targets: Mapping[str, Mapping[str, str]]) -> None:
    item: dict[str, Any] = {
        "PK": {"S": f"WORKFLOW#{customer}"},
        "workflowId": {"S": customer},
        "sourceType": {"S": "SFTP"},
        "targetType": {"S": "_".join(target["type"] for target in targets.values())},
        "sourcePrefix": {"S": f"from-sftp/{customer}/"},
        "customerId": {"S": customer},
        "targets": {
            "M": {key: {"M": {name: {"S": text} for name, text in target.items()}} for key, target in targets.items()}
        },
        "maxRetries": {"N": "3"},
        "enabled": {"BOOL": True},
        "version": {"N": "1"},
    }
    cloud.client("dynamodb").put_item(TableName=table, Item=item)


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
