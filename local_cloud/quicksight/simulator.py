"""QuickSight of one account in one Region, without network, threads or a clock of its own.

    simulator = Simulator(ManualClock(), seed=1, account="111111111111")
    simulator.seed(document)
    simulator.call("StartAssetBundleExportJob", {"AwsAccountId": "111111111111", …})
    simulator.advance_to(simulator.next_due())

Time passes when somebody says so: `call` first catches up with the clock, `advance_to` goes on to a moment, `next_due`
says when something will happen by itself. The same seed, document and calls give the same jobs, bundles and times.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from local_cloud.aws_models.errors import ApiError, LostResponse
from local_cloud.aws_models.models import check_answer, check_request, model_of
from local_cloud.aws_models.values import from_json, to_json
from local_cloud.quicksight import acts, bundle, exporting, importing, jobs, seeds
from local_cloud.quicksight.bundle import DownloadRefused
from local_cloud.quicksight.calls import Call
from local_cloud.quicksight.documents import SERVICE
from local_cloud.quicksight.engine import Engine, Objects, no_objects
from local_cloud.quicksight.errors import refusal
from local_cloud.quicksight.injections import CATALOGUE, DOWNLOAD, strike
from local_cloud.quicksight.operations import all_operations
from local_cloud.quicksight.permissions import Authorise, everything
from local_cloud.quicksight.state import Record, State
from local_cloud.simulation.clock import Clock, Stamp, stamp
from local_cloud.simulation.simulator import Simulation
from shared.model_checks import Deviations

EDITIONS = ("STANDARD", "ENTERPRISE", "ENTERPRISE_AND_Q")
# The live service gives https alone; the local cloud is reached without TLS.
LOCAL_LINKS: Deviations = {"SensitiveS3Uri": lambda text: text.startswith("http://")}
NOWHERE = "https://quicksight-bundles.local/bundle"
_JOB_ID: dict[str, jobs.Which] = {"StartAssetBundleExportJob": "Export", "StartAssetBundleImportJob": "Import"}


def _job_in(parameters: Mapping[str, Any]) -> str:
    return str(parameters.get("AssetBundleExportJobId") or parameters.get("AssetBundleImportJobId") or "")


class Simulator(Simulation[Engine]):
    """QuickSight of one account and Region.

    `objects` reads from S3 and `authorise` asks for permissions, both for the caller of a bundle job; `links` is what
    the URLs of bundles begin with. `set_scale` says how many seconds of QuickSight's work pass in one of the clock.
    """

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        *,
        account: str = "000000000000",
        region: str = "us-east-1",
        objects: Objects = no_objects,
        authorise: Authorise = everything,
        links: str = NOWHERE,
    ) -> None:
        state = State(account=account, region=region, seed=seed)
        super().__init__(clock, Engine(state, objects, authorise), CATALOGUE)
        self.links = links
        self._operations = all_operations(self._link)
        self.engine.steps |= {
            "export_begin": self._step(exporting.begin),
            "export_asset": self._step(exporting.export_asset),
            "export_end": self._step(exporting.end),
            "import_begin": self._step(importing.begin),
            "import_asset": self._step(importing.import_asset),
            "import_end": self._step(importing.end),
            "rollback_asset": self._step(importing.rollback_asset),
            "rollback_end": self._step(importing.rollback_end),
            "external_end": self._step(acts.external_end),
            "act": self._step(acts.act),
            "reveal": self._reveal,
            "arrive": self._arrive,
        }

    @property
    def state(self) -> State:
        """Everything there is to know; change it through the methods only."""
        return self.engine.state

    # ---- the API

    def call(self, operation: str, parameters: Mapping[str, Any] | None = None, principal: str = "") -> dict[str, Any]:
        """The answer of an operation, in the shape that boto3 gives.

        Raises ApiError as the service would, LostResponse when an injection loses the answer of a call that was
        carried out, or will be, and AnswerBreaksModel for a bug of the simulator.
        """
        at, given = self._catch_up(), deepcopy(dict(parameters or {}))
        struck = self._struck(operation, at, _job_in(given))
        if struck["type"] == "delayed_request":
            self._delay(operation, given, principal, at, struck["seconds"])
            raise LostResponse(operation)
        answer = self._carried_out(Call(operation, at, given, principal, struck.get("size", self.state.page_size)))
        if struck["type"] == "late_visibility" and operation in _JOB_ID:
            self._conceal(operation, given, at, struck["seconds"])
        if struck["type"] == "lost_response":
            raise LostResponse(operation)
        return answer

    def _carried_out(self, call: Call) -> dict[str, Any]:
        check_request(SERVICE, call.operation, call.parameters)
        if call.operation not in self._operations:
            raise ApiError("NotImplemented", f"{call.operation} is not simulated", HTTPStatus.NOT_IMPLEMENTED)
        account = call.parameters.get("AwsAccountId", self.state.account)
        if account != self.state.account:
            raise refusal("AccessDeniedException", f"account {account} is not the caller's, {self.state.account}")
        answer = self._operations[call.operation](self.engine, call)
        check_answer(SERVICE, call.operation, answer, LOCAL_LINKS)
        return answer

    def _struck(self, operation: str, at: Stamp, job: str) -> Record:
        """The injection that hits a call, or one that does nothing. Raises ApiError for refusals."""
        struck = strike(self.state, "call", at, operation=operation, job=job) or {"type": "none"}
        if struck["type"] == "throttle":
            raise refusal("ThrottlingException", "injected")
        if struck["type"] == "limit_exceeded":
            raise refusal("LimitExceededException", "injected")
        if struck["type"] == "error":
            raise ApiError(struck["code"], struck["message"], struck["status"])
        return struck

    def _delay(self, operation: str, given: Record, principal: str, at: Stamp, seconds: float) -> None:
        shape = model_of(SERVICE).operation_model(operation).input_shape
        self.engine.after(at, seconds, "arrive", operation=operation, given=to_json(shape, given), principal=principal)

    def _arrive(self, at: Stamp, operation: str, given: Record, principal: str) -> None:
        """A request that its sender has given up on; what comes of it nobody hears."""
        shape = model_of(SERVICE).operation_model(operation).input_shape
        try:
            self._carried_out(Call(operation, at, from_json(shape, given), principal, None))
        except ApiError as refused:
            self.state.injected.append({"rule": "", "type": "arrived", "time": at, "outcome": str(refused)})

    def _conceal(self, operation: str, given: Record, at: Stamp, seconds: float) -> None:
        which = _JOB_ID[operation]
        identifier = given[f"AssetBundle{which}JobId"]
        jobs.table(self.state, which)[identifier]["concealed"] = True
        self.engine.after(at, seconds, "reveal", which=which, job=identifier)

    def _reveal(self, at: Stamp, which: jobs.Which, job: str) -> None:
        jobs.reveal(self.state, which, job)

    # ---- bundles

    def _link(self, token: str, record: Record) -> str:
        names = {"account": self.state.account, "region": self.state.region, "job": record["id"], "token": token}
        return f"{self.links}?{urlencode(names)}"

    def download(self, url: str) -> bytes:
        """What fetching a DownloadUrl gives. Raises DownloadRefused once it has expired, or an injection wants it."""
        at, names = self._catch_up(), dict(parse_qsl(urlsplit(url).query))
        job, token = names.get("job", ""), names.get("token", "")
        try:
            struck = self._struck(DOWNLOAD, at, job)
        except ApiError as error:
            raise DownloadRefused(error.status, error.code, error.message) from error
        record = self.state.exports.get(job)
        expires = record["links"].get(token, "") if record else ""
        if record is None or expires <= at or struck["type"] == "expire":
            raise DownloadRefused(HTTPStatus.FORBIDDEN, "AccessDenied", "Request has expired")
        file = bundle.written(record["documents"], record["created"])
        return file[: struck["bytes"]] if struck["type"] == "cut" else file

    # ---- setting things up

    def seed(self, document: Mapping[str, Any]) -> list[str]:
        """Makes the account what a document says and returns the ARNs of its assets. Raises BadSeed."""
        seeds.fill(self.state, document, stamp(self.clock.now()))
        return [self.state.arn(key) for key in self.state.assets]

    def configure(self, *, edition: str | None = None, page_size: int | None = None) -> None:
        """Changes the account's edition, or the largest page of every listing. Raises ValueError."""
        if edition is not None:
            if edition not in EDITIONS:
                raise ValueError(f"edition must be one of {', '.join(EDITIONS)}, not {edition!r}")
            self.state.edition = edition
        if page_size is not None:
            self.state.page_size = page_size or None

    def __deepcopy__(self, memo: dict[int, Any]) -> Simulator:
        """A copy that goes its own way, with the same clock, objects and permissions."""
        twin = Simulator(self.clock, objects=self.engine.objects, authorise=self.engine.authorise, links=self.links)
        twin.load_json(self.to_json())
        return twin
