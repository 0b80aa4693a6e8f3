"""What every virtual cloud has: time, traffic and its faults, functions, a topic, and people who do something later."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

from local_cloud.virtual.faults import CallFault, CallFaults
from local_cloud.virtual.functions import Functions
from local_cloud.virtual.kernel import START, Kernel
from local_cloud.virtual.services import TopicApi
from local_cloud.virtual.traffic import Traffic
from shared.clock import parse

HOUR = 3600.0


class VirtualCloud:
    """A system adds its machine, services and functions, and says in `is_over` when a run has nothing left to do."""

    def __init__(self, seed: int = 0, faults: Sequence[CallFault] = (), start: datetime = START) -> None:
        self.kernel = Kernel(seed, start)
        self.traffic = Traffic(self.kernel)
        self.functions = Functions(self.kernel, self.traffic)
        self.faults = CallFaults(self.traffic, faults)
        self.topic = TopicApi()

    @property
    def notifications(self) -> list[str]:
        """Texts that were published."""
        return [message["Message"] for message in self.topic.published]

    def later(self, seconds: float, name: str, work: Callable[[], object]) -> None:
        """Somebody does something so many seconds from now."""
        self.kernel.spawn(name, work, after=seconds)

    def every(self, seconds: float, function: str) -> None:
        """A schedule of EventBridge that invokes a function, at once for the first time."""
        self.functions.invoke_later(function, {"source": "aws.events", "detail-type": "Scheduled Event"})
        self.kernel.after(seconds, lambda: self.every(seconds, function))

    def random_id(self, prefix: str) -> str:
        """The prefix and 20 characters of base32, by chance of the seed."""
        return prefix + base64.b32encode(self.kernel.random.randbytes(13)).decode().lower()[:20]

    def run(self, hours: float, finished: Callable[[], bool] | None = None) -> bool:
        """Lets so many hours pass, or fewer when it is finished: by default, when everything is over."""
        return self.kernel.run(self.kernel.now + hours * HOUR, finished or self.is_over)

    def is_over(self) -> bool:
        """Everything that was started has ended."""
        raise NotImplementedError

    def seconds_at(self, text: str) -> float:
        """Virtual seconds of a stamp in a record."""
        return self.kernel.seconds_at(parse(text))

    def close(self) -> None:
        self.kernel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
