"""A batch of changes to all who follow them, many at a time and none twice at the same time.

Nothing here waits. Who was throttled gets a second try after everybody else; who is throttled again is reported, and
the stream brings the changes again later. Clients drop what they have by its number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.live.changes import Change, coalesced
from shared.live.connections import Connections
from shared.live.posting import Outcome, Poster
from shared.side_by_side import side_by_side

#: As many as botocore keeps connections open for.
AT_ONCE = 10


@dataclass(frozen=True)
class Told:
    """How many connections had which outcome; `late` are the topics that somebody did not get."""

    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    late: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Broadcast:
    """Tells changes of a system's topics."""

    connections: Connections
    poster: Poster

    def tell(self, changes: Iterable[Change]) -> Told:
        """Each follower gets what it follows, in order. Raises what botocore raises when followers cannot be read."""
        topics: dict[str, list[str]] = defaultdict(list)
        for change in coalesced(changes):
            topics[change.topic].append(change.message())
        mail: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for topic, messages in topics.items():
            for connection_id in self.connections.followers(topic):
                mail[connection_id][topic] = messages
        return self._sent(mail)

    def _sent(self, mail: Mapping[str, Mapping[str, Sequence[str]]]) -> Told:
        outcomes = dict.fromkeys(Outcome, 0)
        waiting: list[str] = list(mail)
        late: list[str] = []
        for _round in range(2):
            late = []
            for connection_id, outcome in zip(waiting, self._round(mail, waiting), strict=True):
                if outcome is Outcome.LATE:
                    late.append(connection_id)
                else:
                    outcomes[outcome] += 1
            waiting = late
        outcomes[Outcome.LATE] = len(late)
        return Told(outcomes, frozenset(topic for connection_id in late for topic in mail[connection_id]))

    def _round(self, mail: Mapping[str, Mapping[str, Sequence[str]]], waiting: Sequence[str]) -> list[Outcome]:
        return side_by_side(lambda each: self._post(each, mail[each]), waiting, AT_ONCE, many=2)

    def _post(self, connection_id: str, topics: Mapping[str, Sequence[str]]) -> Outcome:
        return self.poster.post(connection_id, [message for messages in topics.values() for message in messages])
