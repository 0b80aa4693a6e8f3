"""Evaluating metric alarms: per metric and dimensions, M out of N periods, missing data treated as configured.

As documented under "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data". ministack mixes
the points of all dimensions of a metric. Periods end now instead of on the minute, so that an alarm goes off soon.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
Alarm = dict[str, Any]


def evaluate(alarm: Alarm) -> None:
    """Brings one alarm to the state that its metric calls for, and runs the actions of that state."""
    if not alarm.get("MetricName") or alarm.get("ComparisonOperator") not in _COMPARE:
        return
    new, reason = state_of(alarm, _values(alarm))
    old = alarm["StateValue"]
    if new is None or new == old:
        return
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def state_of(alarm: Alarm, values: list[float | None]) -> tuple[str | None, str]:
    """The state for the values of the last periods (None = no data), newest first, with the reason.

    The state is None when the alarm stays as it is.
    """
    compare, threshold = _COMPARE[alarm["ComparisonOperator"]], alarm["Threshold"]
    treatment = alarm.get("TreatMissingData") or "missing"
    present = [value for value in values if value is not None]
    if not present and treatment == "ignore":
        return None, ""
    if not present and treatment == "missing":
        return "INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received"
    breaching = sum(compare(value, threshold) for value in present)
    if treatment == "breaching":
        breaching += len(values) - len(present)
    needed = alarm.get("DatapointsToAlarm") or len(values)
    if breaching >= (needed if treatment in ("breaching", "notBreaching") else min(needed, len(present))):
        return "ALARM", f"Threshold Crossed: {breaching} datapoints {present} {alarm['ComparisonOperator']} {threshold}"
    return "OK", f"Threshold not crossed: datapoints {present} against {threshold}"


def _values(alarm: Alarm) -> list[float | None]:
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions", [])}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    points = list(cloudwatch._metrics.get(key) or [])
    period, now = alarm["Period"], time.time()
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    values: list[float | None] = []
    for age in range(alarm["EvaluationPeriods"]):
        start, end = now - (age + 1) * period, now - age * period
        inside = [point for point in points if start < point["Timestamp"] <= end]
        found = cloudwatch._stat_value(cloudwatch._calc_stats(inside), statistic, inside) if inside else None
        values.append(found)
    return values
