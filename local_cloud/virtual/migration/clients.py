"""Clients that lead to the account whose credentials they were made with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.service import Implementation
from local_cloud.virtual.client_factory import ClientFactory
from local_cloud.virtual.clients import Service
from local_cloud.virtual.migration.places import REGION
from local_cloud.virtual.migration.quicksight_account import QuickSightApi
from local_cloud.virtual.services import FunctionsApi

if TYPE_CHECKING:
    from local_cloud.virtual.migration.system import VirtualMigration


class MigrationClients(ClientFactory):
    """QuickSight is the one of the role's account; everything else there is once."""

    def __init__(self, cloud: VirtualMigration) -> None:
        services: dict[str, Service] = {
            "dynamodb": cloud.tables,
            "s3": cloud.buckets,
            "stepfunctions": cloud.machine,
            "lambda": FunctionsApi(cloud.functions),
            "sns": cloud.topic,
            "sts": cloud.roles,
        }
        super().__init__(cloud.traffic, services, REGION)
        self._cloud = cloud

    def wired(self, name: str, session: Mapping[str, str]) -> Implementation | None:
        """QuickSight, when the run is over the wire."""
        return self._quicksight(session) if name == "quicksight" and self._cloud.options.wire else None

    def service(self, name: str, session: Mapping[str, str]) -> Service:
        """Who answers for a service. Raises ApiError for QuickSight without a role of its account."""
        return self._quicksight(session) if name == "quicksight" else super().service(name, session)

    def _quicksight(self, session: Mapping[str, str]) -> QuickSightApi:
        principal = self._cloud.roles.sessions.get(session.get("aws_access_key_id", ""))
        account = self._cloud.accounts.get(principal.split(":")[4]) if principal else None
        if principal is None or account is None:
            raise ApiError("UnrecognizedClientException", "there is no QuickSight for these credentials")
        return QuickSightApi(account, principal)
