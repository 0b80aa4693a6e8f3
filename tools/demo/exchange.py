"""More acts of file transfer: a replay, a lost event, and a customer whose partner has an SFTP server of his own."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from file_transfer.records.queries import TransferQueries
from local_cloud.session import LocalCloud
from tools.demo.commands import CommandStory
from tools.demo.show import Screen

BANK, FAILED_FILE = "bankpacific", "bankpacific_transactions_2025-06-29.csv"
LOST_FILE = "bankpacific_transactions_2025-06-30.csv"
CUSTOMER, ORDERS = "acme", "orders.csv"
CONTENT = b"order,amount\n1,9.90\n2,12.50\n"
#: Of the local stack: an arrival without a record is looked into after so long (intake.sweep.settle_seconds).
SETTLE_SECONDS = 6
#: Onboarding is this document: no deploy, no ticket.
DEFINITION: dict[str, Any] = {
    "workflowId": "acme-orders",
    "sourceType": "SFTP",
    "sourcePrefix": "from-sftp/acme/",
    "customerId": CUSTOMER,
    "targets": {"bank": {"type": "CONNECTOR", "uri": "sftp-connector://partner/in/acme/"}},
    "rules": {"csv": {"header": ["order", "amount"], "minRows": 1}},
}


class Exchange(CommandStory):
    """Plays after the four acts of the bank; the replay needs the failure of the last of them."""

    def __init__(self, cloud: LocalCloud, screen: Screen, queries: TransferQueries) -> None:
        super().__init__(cloud, screen)
        self._queries = queries
        self._system = cloud.outputs("file-transfer")["file_transfer"]

    def tell(self) -> list[str]:
        """Play the acts; returns one line for each thing that did not end as announced."""
        self._cloud.clear_faults()
        self._replayed()
        self._found_by_the_sweep()
        self._onboarded()
        return self._surprises

    def _replayed(self) -> None:
        self._screen.act("5  The archive is open again: the failure is replayed")
        self._towpath("failures", "list", "--customer", BANK, "--open")
        self._towpath("failures", "replay", "--customer", BANK, "--file", FAILED_FILE, "--yes", "--watch")
        self._until(lambda: self._is(BANK, FAILED_FILE, "SUCCESS"), f"{FAILED_FILE} was not delivered by its replay")
        self._towpath("transfers", "trace", BANK, FAILED_FILE)

    def _found_by_the_sweep(self) -> None:
        self._screen.act("6  The event of an upload is lost: the sweep finds the file")
        lost = {"service": "events", "operation": "Deliver", "resource": "*file-transfer-queue", "probability": 1.0}
        self._cloud.inject([{"id": "lost-event", "principal": "*", **lost, "action": {"type": "drop"}}])
        with self._cloud.sftp(BANK) as sftp:
            sftp.put(LOST_FILE, CONTENT)
        self._screen.step("upload", f"{LOST_FILE}; nobody hears of it")
        time.sleep(SETTLE_SECONDS)
        found = self._cloud.tick(self._system["function_names"]["sweep-arrivals"])
        self._screen.step("sweep", f"arrivals without a record: {found['arrivalsFound']}; the server's log confirms")
        self._until(lambda: self._is(BANK, LOST_FILE, "SUCCESS"), f"{LOST_FILE} was not found by the sweep")
        self._cloud.clear_faults()
        self._screen.step("SUCCESS", LOST_FILE)

    def _onboarded(self) -> None:
        self._screen.act("7  A new customer, whose files are checked and go to a partner's own SFTP server")
        with TemporaryDirectory() as folder:
            file = Path(folder) / "acme-orders.yaml"
            file.write_text(yaml.safe_dump(DEFINITION, sort_keys=False))
            self._screen.say(file.read_text())
            self._towpath("workflows", "apply", str(file), "--yes")
        self._towpath("workflows", "simulate", f"from-sftp/{CUSTOMER}/{ORDERS}")
        partner = self._cloud.partner()
        partner.make("in/acme")
        with self._cloud.sftp("tester") as sftp:
            sftp.put(f"/{CUSTOMER}/{ORDERS}", CONTENT)
            sftp.put(f"/{CUSTOMER}/wrong.csv", CONTENT.replace(b"amount", b"sum"))
        self._until(lambda: self._is(CUSTOMER, ORDERS, "SUCCESS"), f"{ORDERS} did not reach the partner")
        self._until(lambda: self._is(CUSTOMER, "wrong.csv", "REJECTED"), "wrong.csv was not rejected")
        if partner.get(f"in/acme/{ORDERS}") != CONTENT:
            self._surprises.append(f"{ORDERS} at the partner is not what was sent")
        self._towpath("transfers", "show", CUSTOMER, ORDERS)
        self._towpath("transfers", "show", CUSTOMER, "wrong.csv")

    def _is(self, customer: str, name: str, status: str) -> bool:
        item = self._queries.latest_status(customer, name)
        return item is not None and item["status"] == status
