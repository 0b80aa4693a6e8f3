"""Operations on what went wrong: failures, replays, dead letters."""

from __future__ import annotations

from file_transfer.api.terms import (
    CUSTOMER,
    DEAD_LETTERS,
    FAILURE_STATUSES,
    FAILURES,
    OPERATE,
    PAGE,
    REASON_LENGTH,
    REPLAYS,
    SINCE,
    UNTIL,
    VIEW,
    WORKFLOW,
    YES_OR_NO,
    answer,
)
from shared.api.routes import Parameter, Route

FAILURE_ROUTES = (
    Route(
        "GET",
        "/failures",
        "listFailures",
        "List failure records: of a customer, of a workflow, or of a reason",
        (VIEW,),
        f"{FAILURES}:list_failures",
        answer("failurePage"),
        query=(
            *PAGE,
            CUSTOMER,
            WORKFLOW,
            Parameter("reason", "Only failures with this code.", max_length=REASON_LENGTH),
            Parameter("status", "Only transfers that ended so.", choices=FAILURE_STATUSES),
            Parameter("replayed", "Only what was (or was not) replayed.", choices=YES_OR_NO),
            SINCE,
            UNTIL,
        ),
    ),
    Route(
        "GET",
        "/failures/{transferKey}",
        "getFailure",
        "Read the failure record of a transfer",
        (VIEW,),
        f"{FAILURES}:get_failure",
        answer("failure"),
    ),
)

REPLAY_ROUTES = (
    Route(
        "POST",
        "/replays",
        "startReplay",
        "Replay the failures that a filter takes, in the background",
        (OPERATE,),
        f"{REPLAYS}:start",
        answer("replay"),
        answer("startReplay"),
        202,
        once=True,
        refusals=(409,),
    ),
    Route(
        "POST",
        "/replays/preview",
        "previewReplay",
        "Say what a replay would take, and do nothing",
        (VIEW,),
        f"{REPLAYS}:preview",
        answer("replayPreview"),
        answer("startReplay"),
    ),
    Route(
        "GET",
        "/replays/{replayId}",
        "getReplay",
        "Read how far a replay has come",
        (VIEW,),
        f"{REPLAYS}:get_replay",
        answer("replay"),
    ),
)

DEAD_LETTER_ROUTES = (
    Route(
        "GET",
        "/dead-letters",
        "listDeadLetters",
        "Look at messages that the intake gave up, and at what would become of them",
        (VIEW,),
        f"{DEAD_LETTERS}:list_dead_letters",
        answer("deadLetters"),
        query=(Parameter("limit", "At most so many messages.", minimum=1, maximum=100, default=50),),
    ),
    Route(
        "POST",
        "/dead-letters/redrive",
        "redriveDeadLetters",
        "Send them to the intake again, without those whose transfer has ended meanwhile",
        (OPERATE,),
        f"{DEAD_LETTERS}:redrive",
        answer("redriven"),
        answer("redrive"),
    ),
)
