"""The operations of the file transfer API. Reading this table imports nothing of what it names."""

from __future__ import annotations

from file_transfer.api.routes_failures import DEAD_LETTER_ROUTES, FAILURE_ROUTES, REPLAY_ROUTES
from file_transfer.api.routes_workflows import WORKFLOW_ROUTES
from file_transfer.api.terms import (
    CONFIGURE,
    CUSTOMER,
    DAY_LENGTH,
    EXPECTATION_STATUSES,
    EXPECTATIONS,
    FILE,
    NOTIFICATION_STATUSES,
    NOTIFICATIONS,
    OPERATE,
    PAGE,
    SINCE,
    TRANSFER_STATUSES,
    TRANSFERS,
    UNTIL,
    VIEW,
    WORKFLOW,
    YES_OR_NO,
    answer,
)
from shared.api.routes import Api, Parameter, Route

TRANSFER_ROUTES = (
    Route(
        "GET",
        "/transfers",
        "listTransfers",
        "List transfers: of a customer, of one of its files, or by status of a workflow or a day",
        (VIEW,),
        f"{TRANSFERS}:list_transfers",
        answer("transferPage"),
        query=(
            *PAGE,
            CUSTOMER,
            FILE,
            WORKFLOW,
            Parameter("status", "Only transfers in this status.", choices=TRANSFER_STATUSES),
            Parameter("date", "Only what arrived on this day, 2026-01-02.", max_length=DAY_LENGTH),
            Parameter("attention", "Only what is RETRYING, PARTIAL, FAILED or REJECTED.", choices=YES_OR_NO),
            SINCE,
            UNTIL,
        ),
    ),
    Route(
        "GET",
        "/transfers/{transferKey}",
        "getTransfer",
        "Read a transfer with its targets",
        (VIEW,),
        f"{TRANSFERS}:get_transfer",
        answer("transfer"),
    ),
    Route(
        "GET",
        "/transfers/{transferKey}/audit",
        "getAudit",
        "Read everything that happened to a transfer, with the hashes that chain it",
        (VIEW,),
        f"{TRANSFERS}:get_audit",
        answer("auditPage"),
        query=PAGE,
    ),
    Route(
        "POST",
        "/transfers/{transferKey}/retry",
        "retryTransfer",
        "Judge and try a transfer again; what was reached is not copied again",
        (OPERATE,),
        f"{TRANSFERS}:retry",
        answer("retried"),
        answer("retry"),
        success=202,
        once=True,
        refusals=(409,),
    ),
)

NOTIFICATION_ROUTES = (
    Route(
        "GET",
        "/notifications",
        "listNotifications",
        "List notifications: of a customer, of one of its files, or those that failed on a day",
        (VIEW,),
        f"{NOTIFICATIONS}:list_notifications",
        answer("notificationPage"),
        query=(
            *PAGE,
            CUSTOMER,
            FILE,
            Parameter("status", "Only notifications in this status.", choices=NOTIFICATION_STATUSES),
            Parameter("date", "Those that failed for good on this day, 2026-01-02.", max_length=DAY_LENGTH),
        ),
    ),
    Route(
        "POST",
        "/notifications/{notificationKey}/resend",
        "resendNotification",
        "Send a notification once more",
        (OPERATE,),
        f"{NOTIFICATIONS}:resend",
        answer("resent"),
        success=202,
        once=True,
        refusals=(409,),
    ),
)

EXPECTATION_ROUTES = (
    Route(
        "GET",
        "/expectations",
        "listExpectations",
        "List windows in which files are expected, of a customer or in a status",
        (VIEW,),
        f"{EXPECTATIONS}:list_expectations",
        answer("expectationPage"),
        query=(
            *PAGE,
            CUSTOMER,
            Parameter("status", "Only windows in this status.", choices=EXPECTATION_STATUSES),
            Parameter("unacknowledged", "Only what nobody has acknowledged.", choices=YES_OR_NO),
            SINCE,
            UNTIL,
        ),
    ),
    Route(
        "POST",
        "/expectations/{expectationKey}/acknowledge",
        "acknowledgeExpectation",
        "Say that somebody looks after files that are late or missed",
        (OPERATE,),
        f"{EXPECTATIONS}:acknowledge",
        answer("expectation"),
        answer("acknowledge"),
        refusals=(409,),
    ),
)

API = Api(
    title="Towpath file transfer",
    description="What arrived, where it went, and what a person may do about it; the definitions it goes by.",
    version="1.0.0",
    routes=(
        *TRANSFER_ROUTES,
        *FAILURE_ROUTES,
        *REPLAY_ROUTES,
        *DEAD_LETTER_ROUTES,
        *WORKFLOW_ROUTES,
        *EXPECTATION_ROUTES,
        *NOTIFICATION_ROUTES,
    ),
    path_patterns={
        "transferKey": "[A-Za-z0-9_-]{8,3000}",
        "notificationKey": "[A-Za-z0-9_-]{8,3000}",
        "expectationKey": "[A-Za-z0-9_-]{8,1000}",
        "workflowId": "[A-Za-z0-9][A-Za-z0-9._-]{0,127}",
        "replayId": "replay-[a-z2-7]{20}",
    },
    permissions={
        VIEW: "Read everything, validate, simulate.",
        OPERATE: "Retry, replay and redrive; acknowledge; send notifications again.",
        CONFIGURE: "Create, replace and delete workflow definitions.",
    },
    problem=answer("problem"),
)
