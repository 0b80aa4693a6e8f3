"""Events that AWS services put on the default bus of the account."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ministack.services import eventbridge


def put_event(source: str, detail_type: str, detail: dict[str, Any], resources: Iterable[str] = ()) -> None:
    """Puts an event of an AWS service (`aws.…`) on the default bus of the current account and region.

    In process, since only the services themselves may send events with such a source.
    """
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": list(resources),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
