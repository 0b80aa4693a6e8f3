"""The failure records that a filter takes, a page at a time and the earliest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from file_transfer.replays.replay import Filter
from shared.questions import Asker, Question

PAGE = 100

Item = dict[str, Any]
Position = Mapping[str, Any]


@dataclass(frozen=True)
class Selected:
    """`left` were looked at and not taken; `position` is where the next page begins, None on the last."""

    items: list[Item]
    left: int
    position: Position | None


def select(asker: Asker, table: str, wanted: Filter, position: Position | None) -> Selected:
    """A page of what the filter takes."""
    if wanted.index is None:
        keys: list[Item] = [{"PK": pk, "SK": sk} for pk, sk in wanted.keys]
        found = asker.all_of(table, keys)
        taken = [item for item in found if wanted.takes(item)]
        return Selected(taken, len(keys) - len(taken), None)
    index, attribute, value = wanted.index
    between = (wanted.since, wanted.until)
    question = Question(table, attribute, value, index, "timestamp", between=between, newest_first=False)
    page = asker.page(question, PAGE, position)
    taken = [item for item in page.items if wanted.takes(item)]
    return Selected(taken, len(page.items) - len(taken), page.cursor)
