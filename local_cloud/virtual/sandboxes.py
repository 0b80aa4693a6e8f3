"""Sandboxes in one process: what is harmless between processes may stand in the way between actors.

Before Python 3.12 a `functools.cached_property` holds one lock for all instances of its class while it computes. In
Lambda each worker is a process and nobody notices; here an actor that waits inside would lock out all others.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from functools import cached_property


def without_locks(*packages: str) -> None:
    """Lets cached properties of the packages' classes compute without a lock; no instance is shared by two actors."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages:
            for kind in list(vars(module).values()):
                if isinstance(kind, type):
                    _loosen(kind)


def _loosen(kind: type) -> None:
    for value in vars(kind).values():
        if isinstance(value, cached_property) and hasattr(value, "lock"):
            value.lock = nullcontext()
