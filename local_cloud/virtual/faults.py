"""What may go wrong with calls inside the virtual cloud: the nth call of somebody to something, and how it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from botocore.exceptions import ClientError, ReadTimeoutError

from local_cloud.virtual.kernel import Killed
from local_cloud.virtual.traffic import Call, Traffic

Effect = Literal["kill-before", "kill-after", "lose", "refuse", "throttle", "deny", "hang"]
"""Killed before or after the call; carried out but the answer lost; 500, 429 or 403 before it; no end before Lambda's.
"""
AFTER = ("kill-after", "lose")
FOR_EVER = 1e6


@dataclass(frozen=True)
class CallFault:
    """Hits the calls with the numbers `nth` (from 1) of those that match; `caller`, `service`, `operation` with `*`."""

    effect: Effect
    nth: tuple[int, ...] = (1,)
    caller: str = "*"
    service: str = "*"
    operation: str = "*"

    def matches(self, call: Call) -> bool:
        return (
            fnmatchcase(call.caller, self.caller)
            and fnmatchcase(call.service, self.service)
            and fnmatchcase(call.operation, self.operation)
        )


@dataclass(frozen=True)
class Struck:
    """A fault that hit a call."""

    fault: CallFault
    call: Call


class CallFaults:
    """Puts faults into the traffic; `struck` tells which hit."""

    def __init__(self, traffic: Traffic, faults: Sequence[CallFault]) -> None:
        self._traffic = traffic
        self._faults = tuple(faults)
        self._seen = [0] * len(self._faults)
        self._pending: dict[tuple[str, int], CallFault] = {}
        self.struck: list[Struck] = []
        traffic.before.append(self._before)
        traffic.after.append(self._after)

    def _before(self, call: Call) -> None:
        for index, fault in enumerate(self._faults):
            if not fault.matches(call):
                continue
            self._seen[index] += 1
            if self._seen[index] in fault.nth:
                self.struck.append(Struck(fault, call))
                self._begin(fault, call)

    def _begin(self, fault: CallFault, call: Call) -> None:
        if fault.effect in AFTER:
            self._pending[call.caller, call.number] = fault
        elif fault.effect == "kill-before":
            raise Killed
        elif fault.effect == "hang":
            self._hang(call)
        else:
            raise _refusal(call, fault.effect)

    def _hang(self, call: Call) -> None:
        if self._traffic.sandbox is None:
            raise _no_answer(call)
        self._traffic.pass_time(FOR_EVER)

    def _after(self, call: Call) -> None:
        fault = self._pending.pop((call.caller, call.number), None)
        if fault is None:
            return
        if fault.effect == "kill-after":
            raise Killed
        raise _no_answer(call)


def _no_answer(call: Call) -> Exception:
    lost: Exception = ReadTimeoutError(endpoint_url=f"https://{call.service}/{call.operation}")
    return lost


_REFUSALS = {
    "refuse": ("InternalServerException", 500),
    "throttle": ("ThrottlingException", 429),
    "deny": ("AccessDeniedException", 403),
}


def _refusal(call: Call, effect: Effect) -> Exception:
    code, status = _REFUSALS[effect]
    error = {"Code": code, "Message": "injected"}
    answer = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}
    refused: Exception = ClientError(answer, call.operation)
    return refused
