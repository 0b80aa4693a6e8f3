"""Two accounts on a clock that the test moves: one with a dashboard, and an empty one that it goes to."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from local_cloud.quicksight import ApiError, ManualClock, ObjectRefused, Simulator, examples
from local_cloud.quicksight.permissions import Need

CALLER = "arn:aws:sts::{account}:assumed-role/bi/job-1"
URI = "s3://staging/bundle.qs"
DASHBOARD = "dashboard/sales-overview"


class Account:
    """A simulator with its clock, the objects that it finds in S3, and what its caller may not do."""

    def __init__(self, document: dict[str, Any], clock: ManualClock | None = None, **arguments: Any) -> None:
        self.clock, self.number = clock or ManualClock(), document["account"]
        self.objects, self.forbidden = dict[str, bytes](), set[str]()
        given = {"seed": 7, "account": self.number, "objects": self._read, "authorise": self._denied, **arguments}
        self.simulator = Simulator(self.clock, **given)
        self.simulator.seed(document)

    def _read(self, principal: str, account: str, uri: str) -> bytes:
        if uri not in self.objects:
            raise ObjectRefused("NoSuchKey", f"{uri} does not exist")
        return self.objects[uri]

    def _denied(self, _principal: str, needs: Sequence[Need]) -> list[str]:
        return [action for action, arn in needs if action in self.forbidden or f"{action} {arn}" in self.forbidden]

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        caller = CALLER.format(account=self.number)
        return self.simulator.call(operation, {"AwsAccountId": self.number, **parameters}, caller)

    def plain_call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """A call whose request has no account."""
        return self.simulator.call(operation, parameters, CALLER.format(account=self.number))

    def refusal(self, operation: str, **parameters: Any) -> ApiError:
        """How a call is refused."""
        try:
            answer = self.call(operation, **parameters)
        except ApiError as error:
            return error
        raise AssertionError(f"{operation} was not refused but answered {answer}")

    def arn(self, what: str) -> str:
        return f"arn:aws:quicksight:us-east-1:{self.number}:{what}"

    def wait(self, seconds: float = 3600) -> None:
        """Lets time pass."""
        self.clock.move(seconds)
        self.simulator.advance_to(self.clock.now())

    def asset(self, key: str) -> dict[str, Any]:
        """An asset as the state has it."""
        return dict(self.simulator.to_json()["assets"][key])

    def keys(self) -> set[str]:
        return set(self.simulator.state.assets)

    # ---- exports

    def start_export(self, *assets: str, job: str = "export-1", **more: Any) -> dict[str, Any]:
        wanted = {"ExportFormat": "QUICKSIGHT_JSON", "IncludeAllDependencies": True, **more}
        arns = [each if each.startswith("arn:") else self.arn(each) for each in assets]
        return self.call("StartAssetBundleExportJob", AssetBundleExportJobId=job, ResourceArns=arns, **wanted)

    def export(self, job: str = "export-1") -> dict[str, Any]:
        return self.call("DescribeAssetBundleExportJob", AssetBundleExportJobId=job)

    def exported(self, *assets: str, job: str = "export-1", **more: Any) -> dict[str, Any]:
        """An export job that has ended."""
        self.start_export(*assets, job=job, **more)
        self.wait(200)
        return self.export(job)

    def bundle(self, *assets: str, **more: Any) -> bytes:
        """The file with some assets."""
        job = self.exported(*assets, **more)
        assert job["JobStatus"] == "SUCCESSFUL", job
        return self.simulator.download(job["DownloadUrl"])

    # ---- imports

    def start_import(self, file: bytes | None = None, job: str = "import-1", **more: Any) -> dict[str, Any]:
        if file is not None:
            self.objects[URI] = file
        source = {"AssetBundleImportSource": {"S3Uri": URI}, "FailureAction": "ROLLBACK"}
        return self.call("StartAssetBundleImportJob", AssetBundleImportJobId=job, **{**source, **more})

    def job(self, job: str = "import-1") -> dict[str, Any]:
        return self.call("DescribeAssetBundleImportJob", AssetBundleImportJobId=job)

    def imported(self, file: bytes | None = None, job: str = "import-1", **more: Any) -> dict[str, Any]:
        """An import job that has ended."""
        self.start_import(file, job, **more)
        self.wait(600)
        return self.job(job)


def dev(**more: Any) -> Account:
    """The account in which the dashboard is built."""
    return Account(examples.dev() | more)


def prod(**more: Any) -> Account:
    """The account that it goes to."""
    return Account(examples.prod() | more)


def credentials(account: Account) -> dict[str, Any]:
    """The override that the data source with a login needs."""
    secret = f"arn:aws:secretsmanager:us-east-1:{account.number}:secret:warehouse"
    return {"DataSources": [{"DataSourceId": "warehouse", "Credentials": {"SecretArn": secret}}]}


def documents(file: bytes) -> dict[str, Any]:
    """Path → document of a bundle."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def zipped(found: dict[str, Any]) -> bytes:
    """A bundle with these documents."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in found.items():
            archive.writestr(name, document if isinstance(document, (str, bytes)) else json.dumps(document))
    return file.getvalue()
