"""Who acts in the virtual cloud."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Somebody who may do everything, over AWS credentials."""

    actor: str = "aws:rehearsal"
    groups: frozenset[str] = frozenset()
    direct: bool = True
