"""Send Notification: publish first, then log that it was sent."""

from __future__ import annotations

import os
from typing import Any

import boto3
from records import now, table

sns = boto3.client("sns")
TOPIC = os.environ["TOPIC_ARN"]


def handler(event: dict[str, Any], _context: object) -> None:
    text = f"File {event['fileName']} successfully processed for {event['customerId']}."
    message_id = sns.publish(TopicArn=TOPIC, Message=text)["MessageId"]
    sent_at = now()
    table("TransferNotificationLog").put_item(
        Item={
            "PK": f"NOTIFY#{event['fileName']}",
            "SK": f"TS#{sent_at}",
            "fileName": event["fileName"],
            "customerId": event["customerId"],
            "status": "SENT",
            "type": "SNS",
            "target": TOPIC,
            "messageId": message_id,
            "response": "Message published to SNS",
            "retryCount": 0,
            "workflowId": event["workflowId"],
            "timestamp": sent_at,
            "metadata": {"lambda": "lambda_send_notification"},
        }
    )
