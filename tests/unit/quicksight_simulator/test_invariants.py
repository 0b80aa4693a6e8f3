"""The simulator under any sequence of calls, injections and waiting: what always holds of it.

A simulator that broke its own rules would let what is built on it pass for correct.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from local_cloud.quicksight import ApiError, LostResponse, examples
from local_cloud.quicksight.documents import references
from tests.unit.quicksight_simulator.accounts import Account, credentials, dev, documents, zipped

REFUSALS = {"ConflictException", "LimitExceededException"}
JOBS = [f"job-{number}" for number in range(4)]
LIMITS = {"concurrentExports": 2, "concurrentImports": 2}
ORDER = [
    "QUEUED_FOR_IMMEDIATE_EXECUTION",
    "IN_PROGRESS",
    "FAILED_ROLLBACK_IN_PROGRESS",
    "SUCCESSFUL",
    "FAILED",
    "FAILED_ROLLBACK_COMPLETED",
    "FAILED_ROLLBACK_ERROR",
]
KEYS = ["datasource/sales-athena", "dataset/orders", "theme/brand", "analysis/sales-overview"]
FILE = dev().bundle("dashboard/sales-overview", "folder/sales", IncludeFolderMemberships=True)


class Run(RuleBasedStateMachine):
    """Somebody who exports, imports, waits, deletes and breaks things at random."""

    @initialize(seed=st.integers(0, 1000))
    def begin(self, seed: int) -> None:
        self.account = Account(examples.prod() | {"limits": LIMITS}, seed=seed)
        self.known: dict[tuple[str, str], dict[str, Any]] = {}

    def attempt(self, call: Any) -> None:
        try:
            call()
        except ApiError as refused:
            assert refused.code in REFUSALS
        except LostResponse:
            pass

    @rule(
        job=st.sampled_from(JOBS),
        left_out=st.sets(st.sampled_from(sorted(documents(FILE))), max_size=3),
        action=st.sampled_from(["ROLLBACK", "DO_NOTHING"]),
    )
    def take(self, job: str, left_out: set[str], action: str) -> None:
        found = {name: each for name, each in documents(FILE).items() if name not in left_out}
        more = {} if "datasource/warehouse.json" in left_out else {"OverrideParameters": credentials(self.account)}
        self.account.objects[f"s3://staging/{job}"] = zipped(found)
        source = {"S3Uri": f"s3://staging/{job}"}
        self.attempt(
            lambda: self.account.start_import(job=job, AssetBundleImportSource=source, FailureAction=action, **more)
        )

    @rule(job=st.sampled_from(JOBS))
    def give(self, job: str) -> None:
        self.attempt(lambda: self.account.start_export("dashboard/sales-overview", job=job))

    @rule(seconds=st.sampled_from([1, 5, 20, 100]))
    def wait(self, seconds: int) -> None:
        self.account.wait(seconds)

    @rule(scale=st.sampled_from([0.5, 1, 20]))
    def hurry(self, scale: float) -> None:
        self.account.simulator.set_scale(scale)

    @rule(
        key=st.sampled_from(KEYS),
        phase=st.sampled_from(["IMPORT", "EXPORT", "ROLLBACK"]),
        kind=st.sampled_from(["fail", "slow"]),
    )
    def break_an_asset(self, key: str, phase: str, kind: str) -> None:
        rule = {"asset": key, "phase": phase, "times": 1, "action": {"type": kind}}
        self.account.simulator.inject(rule)

    @rule(kind=st.sampled_from(["lost_response", "delayed_request", "late_visibility"]))
    def break_a_call(self, kind: str) -> None:
        self.account.simulator.inject({"operation": "Start*", "times": 1, "action": {"type": kind}})

    @rule(key=st.sampled_from(KEYS))
    def meddle(self, key: str) -> None:
        self.account.simulator.inject({"action": {"type": "edit_asset", "asset": key, "name": "Meddled"}})

    @invariant()
    def limits_are_kept(self) -> None:
        state = self.account.simulator.state
        for jobs in (state.exports, state.imports):
            assert sum(job["ended"] is None for job in jobs.values()) <= 2

    @invariant()
    def a_job_goes_forward_and_its_errors_stay(self) -> None:
        state = self.account.simulator.to_json()
        for which in ("exports", "imports"):
            for identifier, job in state[which].items():
                before = self.known.get((which, identifier))
                if before and before["number"] == job["number"]:
                    assert ORDER.index(before["status"]) <= ORDER.index(job["status"])
                    assert job["errors"][: len(before["errors"])] == before["errors"]
                    assert before["ended"] in (None, job["ended"])
                self.known[which, identifier] = job

    @invariant()
    def a_job_that_ended_says_how(self) -> None:
        state = self.account.simulator.state
        for job in [*state.exports.values(), *state.imports.values()]:
            assert (job["ended"] is not None) == (ORDER.index(job["status"]) >= ORDER.index("SUCCESSFUL"))
            assert bool(job["errors"]) <= (job["status"] not in ("SUCCESSFUL", "QUEUED_FOR_IMMEDIATE_EXECUTION"))

    @invariant()
    def what_assets_need_is_of_this_account(self) -> None:
        state = self.account.simulator.state
        for key, asset in state.assets.items():
            assert "111111111111" not in str(asset["request"])
            assert key not in references(asset["request"])

    def teardown(self) -> None:
        """Whatever happened, everything ends by itself, and every answer is one of the model."""
        if not hasattr(self, "account"):
            return
        self.account.simulator.set_scale(1)
        for _ in range(20):
            self.account.wait(600)
        state = self.account.simulator.state
        assert state.agenda == []
        for which, jobs in (("Export", state.exports), ("Import", state.imports)):
            for identifier in jobs:
                self.account.call(f"DescribeAssetBundle{which}Job", **{f"AssetBundle{which}JobId": identifier})


Run.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
test_what_always_holds = Run.TestCase
