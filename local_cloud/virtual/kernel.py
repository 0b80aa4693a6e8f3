"""Virtual time, and actors of which exactly one runs at a time.

An actor is a thread that holds the baton while it runs and hands it back whenever it waits, so hours pass in the time
that the work itself takes, and what happens in which order is a function of the seed alone: moments that are equal are
ordered by chance, and chance is seeded.
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
Work = Callable[[], object]


class Abandoned(BaseException):
    """The cloud is being closed: an actor that still waits has nothing to wait for."""


class Killed(BaseException):
    """The sandbox an actor runs in is gone; not an Exception, so that nothing but the sandbox's edge sees it."""


class Actor:
    """One thread of the cloud. `error` is what it ended with, if not normally."""

    def __init__(self, kernel: Kernel, name: str, work: Work) -> None:
        self.name = name
        self.done = False
        self.error: BaseException | None = None
        self.ticket = 0  # a resumption that was scheduled for an earlier wait is void
        self.turn = threading.Lock()
        self.turn.acquire()
        self._kernel = kernel
        self._work = work
        self.thread = threading.Thread(target=self._run, daemon=True, name=name)

    def _run(self) -> None:
        self.turn.acquire()
        try:
            if not self._kernel.closing:
                self._work()
        except Abandoned:
            pass
        except BaseException as error:
            self.error = error
        self.done = True
        self._kernel.returned(self)


class Signal(threading.Condition):
    """A condition of virtual time: with one runner at a time nothing has to be locked, only woken."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__()
        self._kernel = kernel
        self.waiting: list[tuple[Actor, int]] = []

    def __enter__(self) -> bool:
        return True

    def __exit__(self, *_: object) -> None:
        return None

    def notify_all(self) -> None:
        """Lets everybody who waits look again, now."""
        woken, self.waiting = self.waiting, []
        for actor, ticket in woken:
            self._kernel.resume_at(self._kernel.now, actor, ticket)


class Kernel:
    """The clock and the heap of what is to happen. `now` is in seconds since the cloud began."""

    def __init__(self, seed: int = 0, start: datetime = START) -> None:
        self.random = random.Random(seed)
        self.now = 0.0
        self.closing = False
        self._start = start
        self._heap: list[tuple[float, float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._baton = threading.Lock()
        self._baton.acquire()
        self._current: Actor | None = None
        self._actors: set[Actor] = set()
        self._failures: list[BaseException] = []

    @property
    def current(self) -> Actor | None:
        """The actor that runs, or None outside of all actors and in threads that an actor has started by itself."""
        actor = self._current
        return actor if actor is not None and actor.thread is threading.current_thread() else None

    def utc(self) -> datetime:
        """The time of day, aware."""
        return self._start + timedelta(seconds=self.now)

    def seconds_at(self, moment: datetime) -> float:
        """Seconds since the cloud began at that time of day."""
        return (moment - self._start).total_seconds()

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Does something at a moment (not before now), outside of all actors: it must not wait."""
        heapq.heappush(self._heap, (max(moment, self.now), self.random.random(), next(self._count), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.at(self.now + seconds, action)

    def spawn(self, name: str, work: Work, after: float = 0.0) -> Actor:
        """Starts an actor that many seconds from now."""
        actor = Actor(self, name, work)
        self._actors.add(actor)
        actor.thread.start()
        self.resume_at(self.now + after, actor, actor.ticket)
        return actor

    def resume_at(self, moment: float, actor: Actor, ticket: int) -> None:
        def resume() -> None:
            if not actor.done and actor.ticket == ticket:
                self._hand_to(actor)

        self.at(moment, resume)

    def sleep(self, seconds: float) -> None:
        """Lets virtual time pass for the running actor; outside of all actors nothing passes."""
        actor = self.current
        if actor is not None:
            actor.ticket += 1
            self.resume_at(self.now + max(0.0, seconds), actor, actor.ticket)
            self._give_back(actor)

    def wait(self, signal: Signal, until: float | None) -> None:
        """Returns when the signal is given or at `until`, whatever comes first."""
        actor = self.current
        if actor is None:
            raise RuntimeError("only an actor can wait")
        actor.ticket += 1
        signal.waiting.append((actor, actor.ticket))
        if until is not None:
            self.resume_at(until, actor, actor.ticket)
        self._give_back(actor)

    def join(self, actor: Actor) -> None:
        """Waits, as an actor, until another one has ended."""
        while not actor.done:
            self.sleep(1)

    def run(self, until: float, finished: Callable[[], bool] = lambda: False) -> bool:
        """Lets things happen until `finished()` or the moment `until`; returns `finished()`.

        Raises what an actor or an action raised: those that may fail are expected to keep it to themselves.
        """
        while self._heap and self._heap[0][0] <= until and not finished():
            self.now, _, _, action = heapq.heappop(self._heap)
            action()
            if self._failures:
                raise self._failures.pop()
        if not finished():
            self.now = max(self.now, until)
        return finished()

    def close(self) -> None:
        """Ends all actors."""
        self.closing = True
        self._heap.clear()
        for actor in list(self._actors):
            while not actor.done:
                self._hand_to(actor)

    def returned(self, actor: Actor) -> None:
        """An actor has ended and gives the baton back for good."""
        self._actors.discard(actor)
        if actor.error is not None and not self.closing:
            self._failures.append(actor.error)
        self._baton.release()

    def _hand_to(self, actor: Actor) -> None:
        self._current = actor
        actor.turn.release()
        self._baton.acquire()
        self._current = None

    def _give_back(self, actor: Actor) -> None:
        if self.closing:
            raise Abandoned
        self._baton.release()
        actor.turn.acquire()
        if self.closing:
            raise Abandoned


class KernelClock:
    """The kernel's time, as simulators and the interpreter of state machines ask for it."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def monotonic(self) -> float:
        """Seconds since the cloud began."""
        return self._kernel.now

    def now(self) -> datetime:
        """The time of day, aware."""
        return self._kernel.utc()

    def wait(self, changed: Any, until: float | None) -> None:
        """Until `changed`, a Signal, is given or the moment has come."""
        self._kernel.wait(changed, until)
