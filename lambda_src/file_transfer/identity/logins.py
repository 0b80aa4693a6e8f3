"""One login: who asks, from where, with what.

Whoever is refused gets the same answer after the same work, so that nobody learns which users there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from file_transfer.identity.answer import answer
from file_transfer.identity.passwords import is_right
from file_transfer.identity.settings import IdentitySettings
from file_transfer.identity.user import NAME, SECTION, SftpUser, UnusableUser, read_user
from file_transfer.observe import count, logger
from shared.dynamodb import from_item

INDEX = "SftpUserIndex"
REFUSED: dict[str, Any] = {}
#: As Transfer Family names users (API Reference, CreateUser); what is no name is looked up as one that nobody can have.
USER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_@.-]{2,99}")
NO_NAME = "-"


@dataclass(frozen=True)
class Login:
    """What the server says of an attempt. Without a password the client offers a key."""

    name: str
    password: str
    source_ip: str

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Login:
        """From the event of Transfer Family."""
        name = str(event.get("username") or "")
        return cls(
            name=name if USER_NAME.fullmatch(name) else NO_NAME,
            password=str(event.get("password") or ""),
            source_ip=str(event.get("sourceIp") or ""),
        )


@dataclass(frozen=True)
class Logins:
    """Answers logins out of the table of workflow definitions."""

    settings: IdentitySettings
    dynamodb: Any

    def decide(self, login: Login) -> dict[str, Any]:
        """The answer, or {}: no such user, switched off, wrong password, another network, or a broken definition."""
        found = self._user(login.name)
        user = found or nobody(self.settings)
        proven = is_right(login.password, user.password_hash) if login.password else bool(user.public_keys)
        comes_from_there = user.may_come_from(login.source_ip)
        try:
            prepared = answer(user, self.settings, with_keys=not login.password)
        except UnusableUser as error:
            logger.error("the definition of a user cannot be followed", userName=user.name, problem=str(error))
            return REFUSED
        if found and user.enabled and proven and comes_from_there:
            count("LoginsAnswered")
            return prepared
        count("LoginsRefused")
        if found:
            logger.info("a login was refused", userName=user.name, because=_why(user, proven, comes_from_there))
        return REFUSED

    def _user(self, name: str) -> SftpUser | None:
        """The one user of this name; several are nobody, since each would be right in its own way."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.settings.workflow_table,
            IndexName=INDEX,
            KeyConditionExpression="#name = :name",
            ExpressionAttributeNames={"#name": NAME},
            ExpressionAttributeValues={":name": {"S": name}},
        )
        items = [item for page in pages for item in map(from_item, page["Items"]) if SECTION in item]
        if len(items) > 1:
            ids = sorted(str(item.get("workflowId")) for item in items)
            logger.error("several definitions have a user of one name", userName=name, workflowIds=ids)
            count("SftpUsersUnusable")
        if len(items) != 1:
            return None
        try:
            return read_user(items[0], self.settings)
        except UnusableUser as error:
            logger.error("the definition of a user cannot be followed", userName=name, problem=str(error))
            count("SftpUsersUnusable")
            return None


def nobody(settings: IdentitySettings) -> SftpUser:
    """Stands in for a user that does not exist, so that the work is the same."""
    place = settings.homes[0]
    home = {"bucket": place.bucket, "prefix": f"{place.prefix}nobody/"}
    return read_user({NAME: NO_NAME, SECTION: {"publicKeys": ["ssh-ed25519 AAAA"], "home": home}}, settings)


def _why(user: SftpUser, proven: bool, comes_from_there: bool) -> list[str]:
    facts = {"disabled": not user.enabled, "unproven": not proven, "network": not comes_from_there}
    return [name for name, holds in facts.items() if holds]
