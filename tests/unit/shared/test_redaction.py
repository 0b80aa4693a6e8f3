"""What is hidden of secrets, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from shared.redaction import HIDDEN, redacted

SECRET_ARN = "arn:aws:secretsmanager:us-east-1:222222222222:secret:warehouse-AbCdEf"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"Password": "p"}, {"Password": HIDDEN}),
        ({"clientSecret": "p", "Port": 5432}, {"clientSecret": HIDDEN, "Port": 5432}),
        (
            {"Credentials": {"CredentialPair": {"Username": "u", "Password": "p"}, "SecretArn": SECRET_ARN}},
            {"Credentials": {"CredentialPair": HIDDEN, "SecretArn": SECRET_ARN}},
        ),
        ({"SecretArn": SECRET_ARN}, {"SecretArn": SECRET_ARN}),
        (
            {"Host": "db.example.com", "nested": [{"ApiKey": "k"}]},
            {"Host": "db.example.com", "nested": [{"ApiKey": HIDDEN}]},
        ),
        ("https://b.s3/x?X-Amz-Signature=abc&y=1", f"https://b.s3/x?{HIDDEN}&y=1"),
        ("postgres://ann:pw@db/sales", f"postgres://{HIDDEN}@db/sales"),
        ("host=db password=hunter2;x", f"host=db {HIDDEN};x"),
        ("key AKIAIOSFODNN7EXAMPLE here", f"key {HIDDEN} here"),
        (None, None),
        ({"Password": None}, {"Password": None}),
        ("SELECT password FROM users", "SELECT password FROM users"),
        (["a", 1, True], ["a", 1, True]),
    ],
)
def test_secrets_are_hidden_and_nothing_else(value: Any, shown: Any) -> None:
    assert redacted(value) == shown


def test_the_name_of_the_member_above_counts() -> None:
    assert redacted("p", "Password") == HIDDEN
    assert redacted("p", "Name") == "p"


def test_the_value_itself_stays_as_it_is() -> None:
    value = {"Password": "p"}
    redacted(value)
    assert value == {"Password": "p"}
