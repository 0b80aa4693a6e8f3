"""Checks that take longer than a request can wait: what they found answers the request that comes again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from quicksight_migration.worker_tools import WorkerTools
from shared.clock import parse, stamp
from shared.errors import NotFound

Answer = Mapping[str, Any]
#: An approval waits for 25 seconds (api/wiring.py): whoever asked for a check that took nearly as long may be gone.
SLOW = timedelta(seconds=20)
#: The import looks at the target again before it starts, so an answer may be so old.
GOOD_FOR = timedelta(minutes=2)


def remembered(tools: WorkerTools, plan_key: str, check: Callable[[], Answer]) -> Answer:
    """What a slow check of this plan has found in the last two minutes, else what `check` finds now."""
    key = f"{plan_key.removesuffix('.json')}-check.json"
    begun = tools.clock()
    try:
        kept: Mapping[str, Any] = tools.bucket.get_json(key)
    except NotFound:
        kept = {}
    if kept and begun - parse(kept["checkedAt"]) <= GOOD_FOR:
        answer: Answer = kept["answer"]
        return answer
    found = check()
    ended = tools.clock()
    if ended - begun >= SLOW:
        tools.bucket.put_json(key, {"checkedAt": stamp(ended), "answer": found})
    return found
