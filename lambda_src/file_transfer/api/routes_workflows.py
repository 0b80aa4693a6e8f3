"""Operations on workflow definitions."""

from __future__ import annotations

from file_transfer.api.terms import CONFIGURE, PAGE, SIMULATION, VIEW, WORKFLOWS, YES_OR_NO, answer
from shared.api.routes import Parameter, Route

DEFINITION = "workflow-definition"

WORKFLOW_ROUTES = (
    Route(
        "GET",
        "/workflows",
        "listWorkflows",
        "List workflow definitions by their id",
        (VIEW,),
        f"{WORKFLOWS}:list_workflows",
        answer("workflowPage"),
        query=PAGE,
    ),
    Route(
        "POST",
        "/workflows",
        "createWorkflow",
        "Store a workflow definition",
        (CONFIGURE,),
        f"{WORKFLOWS}:create",
        answer("workflow"),
        DEFINITION,
        201,
        refusals=(409,),
        endpoint_checks_body=True,
    ),
    Route(
        "POST",
        "/workflows/validate",
        "validateWorkflow",
        "Say everything that is wrong with a definition, and store nothing",
        (VIEW,),
        f"{WORKFLOWS}:validate",
        answer("validation"),
        answer("anyDefinition"),
    ),
    Route(
        "POST",
        "/workflows/simulate",
        "simulate",
        "Explain where a file would go and why, and move nothing",
        (VIEW,),
        f"{SIMULATION}:simulate",
        answer("simulation"),
        answer("simulate"),
    ),
    Route(
        "GET",
        "/workflows/{workflowId}",
        "getWorkflow",
        "Read a workflow definition",
        (VIEW,),
        f"{WORKFLOWS}:get_workflow",
        answer("workflow"),
    ),
    Route(
        "PUT",
        "/workflows/{workflowId}",
        "replaceWorkflow",
        "Replace a workflow definition; transfers that were judged keep their targets",
        (CONFIGURE,),
        f"{WORKFLOWS}:replace",
        answer("workflow"),
        DEFINITION,
        query=(Parameter("forgetPassword", "Drop the SFTP user's password, which is else kept.", choices=YES_OR_NO),),
        versioned=True,
        refusals=(409,),
        endpoint_checks_body=True,
    ),
    Route(
        "DELETE",
        "/workflows/{workflowId}",
        "deleteWorkflow",
        "Delete a workflow definition; files of its source are rejected from then on",
        (CONFIGURE,),
        f"{WORKFLOWS}:delete",
        success=204,
        versioned=True,
        refusals=(409,),
    ),
)
