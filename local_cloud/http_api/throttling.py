"""Throttling of a stage: a token bucket for each route, filled at the rate limit and as large as the burst limit.

"Throttle requests to your HTTP APIs": a route has its own settings or those of the stage's default route.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Key = tuple[str, str, str]


@dataclass
class Bucket:
    """`tokens` of requests that may still come at the moment `filled`."""

    rate: float
    burst: float
    tokens: float
    filled: float

    def take(self, now: float) -> bool:
        """Whether one more request fits in."""
        self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Throttle:
    """The buckets of all routes, by API, stage and route key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[Key, Bucket] = {}

    def lets_in(self, key: Key, stage: Mapping[str, Any], now: float | None = None) -> bool:
        """Whether a request of the route may be served; without limits it always may."""
        own = (stage.get("routeSettings") or {}).get(key[2]) or {}
        settings = {**(stage.get("defaultRouteSettings") or {}), **own}
        limits = [settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")]
        given = [float(limit) for limit in limits if limit is not None]
        if not given:
            return True
        wanted = (given[0], given[-1])
        moment = time.monotonic() if now is None else now
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None or (bucket.rate, bucket.burst) != wanted:
                bucket = self._buckets[key] = Bucket(*wanted, tokens=wanted[1], filled=moment)
            return bucket.take(moment)
