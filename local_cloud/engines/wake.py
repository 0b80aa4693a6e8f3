"""Waking the engines at the moment there is work, instead of letting them look again and again.

Every part of ministack that puts a message on a queue or a record on a stream sets one shared event,
`ministack.core.concurrency.esm_wake`. `install` makes that also notify whoever waits in `wait_until`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ministack.core import concurrency

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.services.sqs", "_act_send_message", "3abd766508c885c6"),
    PatchedSymbol("ministack.services.dynamodb", "_emit_stream_event", "8568d0446f26eaba"),
)

# Messages also become visible by the passing of time (delays, visibility timeouts), which nobody announces.
_LONGEST_NAP = 0.1
_changed = threading.Condition()
_installed = threading.Event()


def notify() -> None:
    """Makes everybody who waits look again."""
    with _changed:
        _changed.notify_all()


def wait_until(ready: Callable[[], bool], seconds: float) -> bool:
    """Waits until `ready()` is true, at most `seconds`; returns the last answer of `ready`.

    `ready` is called with the lock held and must be quick.
    """
    deadline = time.monotonic() + seconds
    with _changed:
        while not (answer := ready()):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            _changed.wait(min(left, _LONGEST_NAP))
    return answer


def install() -> None:
    """Couples ministack's event to `notify`; a second call does nothing."""
    if _installed.is_set():
        return
    _installed.set()
    announce = concurrency.esm_wake.set

    def set_and_notify() -> None:
        announce()
        notify()

    concurrency.esm_wake.set = set_and_notify
