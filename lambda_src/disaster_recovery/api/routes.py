"""The operations of the disaster recovery API. Reading this table imports nothing of what it names."""

from __future__ import annotations

from disaster_recovery.api.routes_catalog import GROUP_ROUTES, PLAN_ROUTES
from disaster_recovery.api.routes_executions import COMMAND_ROUTES, EXECUTION_ROUTES
from disaster_recovery.api.terms import DRILL, PAGE, PLACE, RECOVER, SERVERS, TERMINATE, VIEW, answer
from shared.api.routes import Api, Route

SERVER_ROUTES = (
    Route(
        "GET",
        "/source-servers",
        "listSourceServers",
        "List source servers of AWS DRS",
        (VIEW,),
        f"{SERVERS}:list_source_servers",
        answer("sourceServerPage"),
        query=(*PAGE, *PLACE),
    ),
    Route(
        "GET",
        "/quotas",
        "getQuotas",
        "Read the quotas of AWS DRS and what is used of them",
        (VIEW,),
        f"{SERVERS}:quotas",
        answer("quotas"),
        query=PLACE,
    ),
)

API = Api(
    title="Towpath disaster recovery",
    description="Recovery plans over AWS Elastic Disaster Recovery: drills and recoveries in waves.",
    version="1.0.0",
    routes=(*GROUP_ROUTES, *PLAN_ROUTES, *EXECUTION_ROUTES, *COMMAND_ROUTES, *SERVER_ROUTES),
    path_patterns={
        "groupId": "pg-[a-z2-7]{20}",
        "planId": "rp-[a-z2-7]{20}",
        "executionId": "ex-[a-z2-7]{20}",
    },
    permissions={
        VIEW: "Read everything, validate, preview, rehearse.",
        DRILL: "Start and control drills.",
        RECOVER: "Edit groups and plans; start and control recoveries.",
        TERMINATE: "Terminate recovery instances.",
    },
    problem=answer("problem"),
)
