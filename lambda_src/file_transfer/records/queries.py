"""Every question the brief asks of the six tables, each answered by Query: nothing here, or anywhere, scans.

The names of the access patterns are the brief's; docs/file-transfer.md lists them beside the keys they use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from file_transfer.records.identity import SHARDS, file_partition, key_part
from shared.questions import Asker, Question

#: Behind every text that begins with a prefix.
LAST = "\U0010ffff"

Item = dict[str, Any]


class TransferQueries:
    """Reads of the tables of one environment.

    `dynamodb` is a low-level boto3 client; `tables` maps the brief's table names to the real ones. Items come back as
    plain values (numbers as int or Decimal), newest first unless a method says otherwise.
    """

    def __init__(self, dynamodb: Any, tables: Mapping[str, str]) -> None:
        self._asker = Asker(dynamodb)
        self._tables = tables

    def latest_status(self, customer_id: str, file_name: str) -> Item | None:
        """The newest arrival of a file, or None when there was none."""
        return next(self._query("FileTransferStatus", "PK", file_partition(customer_id, file_name), limit=1), None)

    def history(self, customer_id: str, file_name: str) -> list[Item]:
        """Every arrival of a file, newest first."""
        return list(self._query("FileTransferStatus", "PK", file_partition(customer_id, file_name)))

    def files_of_customer(self, customer_id: str, period: str) -> list[Item]:
        """Files that arrived from a customer on a day (`2025-06-28`), in a month (`2025-06`) or a year (`2025`)."""
        key = f"CUSTOMER#{key_part(customer_id)}"
        return list(self._query("CustomerFileIndex", "PK", key, prefix=("SK", f"DATE#{period}")))

    def attention_of_customer(self, customer_id: str) -> list[Item]:
        """Transfers of a customer that are RETRYING, PARTIAL, FAILED or REJECTED."""
        return list(self._query("FileTransferStatus", "attentionCustomerId", customer_id, index="CustomerIndex"))

    def by_workflow_and_status(self, workflow_id: str, status: str) -> list[Item]:
        """Keys of the transfers of a workflow that ended in (or wait in) a status."""
        return self._sharded("WorkflowStatusIndex", "workflowStatus", f"{workflow_id}#{status}")

    def by_date_and_status(self, date: str, status: str) -> list[Item]:
        """Keys of the transfers that arrived on a day and ended in (or wait in) a status."""
        return self._sharded("DateStatusIndex", "dateStatus", f"{date}#{status}")

    def audit_trail(self, customer_id: str, file_name: str) -> list[Item]:
        """Every event of every arrival of a file, oldest first, one entry an event."""
        records = self._query("FileTransferAuditLog", "PK", file_partition(customer_id, file_name), newest_first=False)
        return [{**event, "recordKey": record["SK"]} for record in records for event in record["events"]]

    def audit_records(self, customer_id: str, file_name: str) -> list[Item]:
        """The audit records as they are stored, oldest first, with the hashes that chain them."""
        return list(
            self._query("FileTransferAuditLog", "PK", file_partition(customer_id, file_name), newest_first=False)
        )

    def failures_of_file(self, customer_id: str, file_name: str) -> list[Item]:
        """Failure records of a file."""
        key = f"FAILURE#{key_part(customer_id)}#{key_part(file_name)}"
        return list(self._query("TransferFailureQueue", "PK", key))

    def failures_of_customer(self, customer_id: str) -> list[Item]:
        """Failure records of a customer."""
        return list(self._query("TransferFailureQueue", "customerId", customer_id, index="FailureByCustomer"))

    def notifications_of_file(self, customer_id: str, file_name: str) -> list[Item]:
        """Notifications about a file."""
        key = f"NOTIFY#{key_part(customer_id)}#{key_part(file_name)}"
        return list(self._query("TransferNotificationLog", "PK", key))

    def notifications_of_customer(self, customer_id: str, status: str | None = None) -> list[Item]:
        """Keys of a customer's notifications, all or those with one status (SENT, RETRYING, FAILED)."""
        prefix = None if status is None else ("statusTimestamp", f"{status}#")
        index = "NotificationCustomerIndex"
        return list(self._query("TransferNotificationLog", "customerId", customer_id, index=index, prefix=prefix))

    def failed_notifications(self, date: str, limit: int = 5) -> list[Item]:
        """The last `limit` notifications that failed for good on a day, of all customers."""
        index = "FailedNotificationIndex"
        return list(self._query("TransferNotificationLog", "failedDate", date, index=index, limit=limit))

    def _sharded(self, index: str, attribute: str, value: str) -> list[Item]:
        shards = (
            self._query("FileTransferStatus", attribute, f"{value}#{shard}", index=index) for shard in range(SHARDS)
        )
        items = [item for shard in shards for item in shard]
        return sorted(items, key=lambda item: str(item["timestamp"]), reverse=True)

    def _query(
        self,
        table: str,
        attribute: str,
        value: str,
        *,
        index: str | None = None,
        prefix: tuple[str, str] | None = None,
        newest_first: bool = True,
        limit: int | None = None,
    ) -> Iterator[Item]:
        sort, between = "SK", None
        if prefix is not None:
            sort, between = prefix[0], (prefix[1], f"{prefix[1]}{LAST}")
        question = Question(self._tables[table], attribute, value, index or "", sort, between, newest_first)
        return self._asker.every(question, limit)
