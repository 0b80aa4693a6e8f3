"""Endpoints of messages that the intake gave up. They may be anybody's, so they are for whoever sees all customers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from file_transfer.api.keys import write_key
from file_transfer.api.letter_queue import Letter
from file_transfer.api.services import Services
from file_transfer.api.terms import OPERATE, VIEW
from file_transfer.replays.letters import REDRIVE, SETTLED, Judged
from shared.api.answers import Answer
from shared.api.requests import Request

DEFAULT_LIMIT = 100

View = dict[str, Any]


def list_dead_letters(request: Request, services: Services) -> Answer:
    """Each with what would become of it; they stay where they are."""
    services.require_all(request.principal, VIEW)
    letters = services.letters.receive(request.query["limit"])
    try:
        shown = [_view(letter, services.letter_judge.look(letter.as_record())) for letter in letters]
    finally:
        services.letters.release(letters)
    return Answer({"items": shown})


def redrive(request: Request, services: Services) -> Answer:
    """Each by itself: what fails in the middle has lost no letter, and may be asked for again."""
    services.require_all(request.principal, OPERATE)
    named = request.body.get("messageIds")
    letters = services.letters.receive(request.body.get("limit", DEFAULT_LIMIT))
    waiting = {letter.message_id: letter for letter in letters}
    counts: Counter[str] = Counter()
    shown = []
    try:
        for letter in letters:
            if named is not None and letter.message_id not in named:
                continue
            judged = services.letter_judge.look(letter.as_record())
            shown.append(_view(letter, judged))
            counts[judged.verdict] += 1
            if judged.verdict == REDRIVE:
                services.letters.redrive(letter)
            elif judged.verdict == SETTLED:
                services.letters.drop(letter)
            else:
                continue
            del waiting[letter.message_id]
    finally:
        services.letters.release(waiting.values())
    left = len(waiting)
    return Answer({"redriven": counts[REDRIVE], "dropped": counts[SETTLED], "left": left, "items": shown})


def _view(letter: Letter, judged: Judged) -> View:
    view: View = {
        "messageId": letter.message_id,
        "kind": judged.kind,
        "verdict": judged.verdict,
        "sentAt": judged.sent_at,
        "receives": judged.receives,
        "body": letter.body,
    }
    item = judged.item
    known = {"transferKey": write_key(item), "status": item["status"]} if item else {}
    told = {"bucket": judged.bucket, "key": judged.key, "problem": judged.problem}
    return {**view, **known, **{name: value for name, value in told.items() if value}}
