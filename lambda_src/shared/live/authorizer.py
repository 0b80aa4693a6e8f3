"""The authorizer of `$connect`: a ticket becomes a policy, and who holds it the context of every later message.

API Gateway asks once a connection and keeps the answer as long as the connection lives. It takes 8 KB of it at the most
("AWS Lambda authorizer result size"): a few hundred tenants.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.live.tickets import Holder, Tickets, holder_of

TICKET_PARAMETER = "ticket"
#: Longer ones are not ours, and need not be looked for.
MAX_TICKET_LENGTH = 128


def authorize(event: Mapping[str, Any], tickets: Tickets) -> dict[str, Any]:
    """The answer to a REQUEST event. Without a ticket that holds it denies, which the client sees as 403."""
    text = str((event.get("queryStringParameters") or {}).get(TICKET_PARAMETER) or "")
    holder = tickets.redeem(text) if 0 < len(text) <= MAX_TICKET_LENGTH else None
    if holder is None:
        return {"principalId": "nobody", "policyDocument": _policy("Deny", event["methodArn"])}
    return {
        "principalId": holder.actor,
        "policyDocument": _policy("Allow", event["methodArn"]),
        "context": {"holder": json.dumps(holder.attributes())},
    }


def admitted(request_context: Mapping[str, Any]) -> Holder | None:
    """The holder whom `authorize` let in; the context of an authorizer holds texts only."""
    text = (request_context.get("authorizer") or {}).get("holder")
    return holder_of(json.loads(text)) if text else None


def _policy(effect: str, resource: str) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}
