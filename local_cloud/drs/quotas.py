"""DRS's quotas: names, codes and defaults as Service Quotas lists them for the service code `drs`."""

from __future__ import annotations

from dataclasses import dataclass

SERVICE_CODE = "drs"
SERVICE_NAME = "ElasticDisasterRecovery"


@dataclass(frozen=True)
class Quota:
    """`key` is its name in inventories; None for those that the simulator does not enforce."""

    code: str
    name: str
    default: int
    adjustable: bool = False
    key: str | None = None


QUOTAS = (
    Quota("L-D88FAC3A", "Concurrent jobs in progress", 20, key="concurrentJobs"),
    Quota("L-B827C881", "Max source servers in a single Job", 100, key="serversPerJob"),
    Quota("L-05AFA8C6", "Max source servers in all Jobs", 500, key="serversInAllJobs"),
    Quota("L-DD6D028C", "Max concurrent Jobs per source server", 1),
    Quota("L-C1D14A2B", "Max Total replicating source servers Per AWS Account", 300),
    Quota("L-E28BE5E0", "Max Total source servers Per AWS Account", 4000, adjustable=True),
    Quota("L-0588D03B", "Max number of launch actions per resource", 200),
    Quota("L-1F3FAE4D", "Max number of launch configuration templates per AWS account", 1),
    Quota("L-4B0323BD", "Max number of source networks per AWS account", 100, adjustable=True),
)
BY_CODE = {quota.code: quota for quota in QUOTAS}
BY_KEY = {quota.key: quota for quota in QUOTAS if quota.key}
DEFAULTS = {key: quota.default for key, quota in BY_KEY.items()}
