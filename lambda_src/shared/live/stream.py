"""A batch of a table's stream, told to whoever follows what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from shared.live.broadcast import Broadcast
from shared.live.changes import Change
from shared.live.posting import Outcome
from shared.observe import logger, new_metrics

ChangesOf = Callable[[Mapping[str, Any]], Iterable[Change]]


def tell(records: Sequence[Mapping[str, Any]], changes_of: ChangesOf, broadcast: Broadcast) -> dict[str, Any]:
    """The answer to the stream: what follows the first record that somebody did not get comes again.

    Raises what botocore raises when followers cannot be read, and then all of it comes again.
    """
    changes = [(record, change) for record in records for change in changes_of(record)]
    told = broadcast.tell(change for _, change in changes)
    _measure(told.outcomes)
    late = next((record for record, change in changes if change.topic in told.late), None)
    if late is None:
        return {"batchItemFailures": []}
    logger.warning("updates come again", topics=sorted(told.late))
    return {"batchItemFailures": [{"itemIdentifier": late["dynamodb"]["SequenceNumber"]}]}


def _measure(outcomes: Mapping[Outcome, int]) -> None:
    if not any(outcomes.values()):
        return
    metrics = new_metrics()
    for outcome, number in outcomes.items():
        metrics.add_metric(f"LiveUpdates{outcome.value.title()}", MetricUnit.Count, number)
    metrics.flush_metrics()
