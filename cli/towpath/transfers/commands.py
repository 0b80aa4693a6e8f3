"""All commands of file transfer."""

from __future__ import annotations

from towpath.transfers.audit_commands import audit
from towpath.transfers.failure_commands import dead_letters, failures
from towpath.transfers.transfer_commands import transfers
from towpath.transfers.watching_commands import expectations, notifications
from towpath.transfers.workflow_commands import workflows

GROUPS = (transfers, failures, dead_letters, workflows, expectations, notifications, audit)
