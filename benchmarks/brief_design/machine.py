"""The state machine of the brief without its wait: every step is a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BOTH_TARGETS = "copy-sftp-to-s3-and-sftp"
ONE_TARGET = "copy-sftp-to-s3"
RETRY_LIMIT = 3


def definition(arn_of: Callable[[str], str]) -> dict[str, Any]:
    """The definition in the brief's states; `arn_of` maps a function's name to its ARN."""

    def step(function: str, following: str | None = None, **more: Any) -> dict[str, Any]:
        state = {"Type": "Task", "Resource": arn_of(function), **more}
        return {**state, "Next": following} if following else {**state, "End": True}

    def branch(name: str, function: str) -> dict[str, Any]:
        return {"StartAt": name, "States": {name: step(function)}}

    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Log Failure"}]}
    return {
        "StartAt": "Validate Input",
        "States": {
            # A failure here leaves the record of the queue, an array, which has no place for an error.
            "Validate Input": step(
                "validate_input", "Check Retry Count", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Log Failure"}]
            ),
            "Check Retry Count": step("check_retry_count", "Should Retry?"),
            "Should Retry?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.retryCount", "NumericLessThan": RETRY_LIMIT, "Next": "Update Retry Count"},
                ],
                "Default": "Manual Review Queue",
            },
            "Update Retry Count": step("update_retry_count", "Route Workflow"),
            "Manual Review Queue": {
                "Type": "Pass",
                "Result": "Too many attempts: somebody has to look at this file.",
                "ResultPath": "$.review",
                "Next": "Log Failure",
            },
            "Route Workflow": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.workflowId", "StringEquals": BOTH_TARGETS, "Next": "Copy in Parallel"},
                    {"Variable": "$.workflowId", "StringEquals": ONE_TARGET, "Next": "Copy to S3"},
                ],
                "Default": "Log Failure",
            },
            "Copy to S3": step("sftp_to_s3", "Log Success", ResultPath="$.copies", **caught),
            "Copy in Parallel": {
                "Type": "Parallel",
                "Branches": [
                    branch("Copy to S3 Archive", "sftp_to_s3"),
                    branch("Copy to SFTP Partner", "sftp_to_sftp"),
                ],
                "ResultPath": "$.copies",
                "Next": "Log Success",
                **caught,
            },
            "Log Success": step("log_success", "Record Metrics"),
            "Record Metrics": step("record_metrics", "Send Notification"),
            "Send Notification": step("send_notification"),
            "Log Failure": step("log_failure"),
        },
    }
