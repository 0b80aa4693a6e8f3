"""Service Quotas of one account and Region: what the simulated services allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.service import Checked, Function
from local_cloud.drs.quotas import BY_CODE, QUOTAS, SERVICE_CODE, SERVICE_NAME, Quota

SERVICE = "service-quotas"
Values = Callable[[], tuple[str, str, Mapping[str, int]]]
"""Account, Region and DRS's quotas there, by their names in inventories."""


class ServiceQuotas(Checked):
    """The read operations. An applied quota is what the simulator enforces, a default is AWS's."""

    def __init__(self, values: Values) -> None:
        functions: dict[str, Function] = {
            "ListServices": lambda _parameters, _principal: {
                "Services": [{"ServiceCode": SERVICE_CODE, "ServiceName": SERVICE_NAME}]
            },
            "GetServiceQuota": lambda parameters, _principal: {"Quota": self._applied(_named(parameters))},
            "GetAWSDefaultServiceQuota": lambda parameters, _principal: {"Quota": self._default(_named(parameters))},
            "ListServiceQuotas": self._list_applied,
            "ListAWSDefaultServiceQuotas": self._list_defaults,
        }
        super().__init__(SERVICE, functions)
        self._values = values

    def _list_applied(self, parameters: dict[str, Any], _principal: str) -> dict[str, Any]:
        _known_service(parameters)
        return {"Quotas": [self._applied(quota) for quota in QUOTAS]}

    def _list_defaults(self, parameters: dict[str, Any], _principal: str) -> dict[str, Any]:
        _known_service(parameters)
        return {"Quotas": [self._default(quota) for quota in QUOTAS]}

    def _applied(self, quota: Quota) -> dict[str, Any]:
        account, region, values = self._values()
        value = values.get(quota.key or "", quota.default)
        described = self._default(quota)
        described["QuotaArn"] = f"arn:aws:servicequotas:{region}:{account}:{SERVICE_CODE}/{quota.code}"
        return {**described, "Value": float(value), "QuotaAppliedAtLevel": "ACCOUNT"}

    def _default(self, quota: Quota) -> dict[str, Any]:
        _account, region, _given = self._values()
        return {
            "ServiceCode": SERVICE_CODE,
            "ServiceName": SERVICE_NAME,
            "QuotaArn": f"arn:aws:servicequotas:{region}::{SERVICE_CODE}/{quota.code}",
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "Value": float(quota.default),
            "Unit": "None",
            "Adjustable": quota.adjustable,
            "GlobalQuota": False,
        }


def _known_service(parameters: Mapping[str, Any]) -> None:
    if parameters["ServiceCode"] != SERVICE_CODE:
        raise ApiError("NoSuchResourceException", f"no quotas of {parameters['ServiceCode']} are simulated")


def _named(parameters: Mapping[str, Any]) -> Quota:
    _known_service(parameters)
    found = BY_CODE.get(parameters["QuotaCode"])
    if found is None:
        raise ApiError("NoSuchResourceException", f"{SERVICE_CODE} has no quota {parameters['QuotaCode']}")
    return found
