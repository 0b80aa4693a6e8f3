"""A replay of many transfers: what it takes, how far it is, and who wants it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

PENDING, RUNNING, COMPLETED = "PENDING", "RUNNING", "COMPLETED"
#: Filters that are equal to a field of the failure record, narrowest first, with the index that knows it.
INDEXES = {
    "customerId": "FailureByCustomer",
    "workflowId": "FailureByWorkflow",
    "reason": "FailureByReason",
}
ATTRIBUTES = {"customerId": "customerId", "workflowId": "workflowId", "reason": "failureReason", "status": "status"}
FIRST = "0"

Item = dict[str, Any]


@dataclass(frozen=True)
class Filter:
    """Which failures are meant. `keys`: exactly these (PK, SK). `customers` None: of all customers.

    `until` is when the replay was asked for: what fails again because of it comes after that, and is not taken twice.
    `confirmed`: whoever asks vouches that the uploads are whole.
    """

    fields: Mapping[str, str]
    since: str
    until: str
    keys: tuple[tuple[str, str], ...] = ()
    include_replayed: bool = False
    confirmed: bool = False
    customers: Collection[str] | None = None

    @property
    def index(self) -> tuple[str, str, str] | None:
        """The index to ask, its attribute and the value; None where keys are named. Raises ValueError without both."""
        if self.keys:
            return None
        for name, index in INDEXES.items():
            if name in self.fields:
                return index, ATTRIBUTES[name], self.fields[name]
        raise ValueError("a replay names keys, a customer, a workflow or a reason")

    def takes(self, item: Mapping[str, Any]) -> bool:
        """True for a failure record that is to be replayed."""
        return (
            all(item.get(ATTRIBUTES[name]) == value for name, value in self.fields.items())
            and self.since <= item["timestamp"] <= self.until
            and (self.include_replayed or "replayedAt" not in item)
            and (self.customers is None or item["customerId"] in self.customers)
        )

    def to_item(self) -> Item:
        """As it is stored."""
        item: Item = {"fields": dict(self.fields), "since": self.since, "until": self.until}
        item |= {"includeReplayed": self.include_replayed, "confirmed": self.confirmed}
        item["keys"] = [list(key) for key in self.keys]
        return item if self.customers is None else {**item, "customers": sorted(self.customers)}


def filter_of(item: Mapping[str, Any]) -> Filter:
    """The filter of a stored replay."""
    keys = tuple((str(pk), str(sk)) for pk, sk in item["keys"])
    customers = frozenset(item["customers"]) if "customers" in item else None
    return Filter(
        item["fields"], item["since"], item["until"], keys, item["includeReplayed"], item["confirmed"], customers
    )


def status_key(failure: Mapping[str, Any]) -> tuple[str, str]:
    """Key of the status item that a failure record is about."""
    return str(failure.get("fileId") or "FILE#" + str(failure["PK"]).partition("#")[2]), str(failure["SK"])
