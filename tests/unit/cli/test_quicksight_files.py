"""Migrations as files: the examples are valid, and a context says where the system is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.api.job_validation import account_problems
from quicksight_migration.api.routes import API
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_api import FakeApi
from tools.paths import ROOT
from towpath.contexts import QUICKSIGHT, Context
from towpath.errors import Missing
from towpath.quicksight.job_files import is_file_name, read_job
from towpath.session import Session

EXAMPLES = sorted((ROOT / "examples" / "quicksight-migration").glob("*.yaml"))
OUTPUTS: dict[str, Any] = {
    "api_endpoint": "https://bi.example.com",
    "live_url": "wss://live.example.com/live",
    "user_pool_id": "eu-west-1_Bi",
    "user_pool_client_id": "bi-client",
    "state_machine_arn": "arn:aws:states:eu-west-1:000000000000:stateMachine:bi-migration",
    "function_names": {"start-job": "bi-start-job", "api-handler": "bi-api-handler", "preflight": "bi-preflight"},
}
RECOVERY: dict[str, Any] = {
    "api_endpoint": "https://dr.example.com",
    "user_pool_id": "eu-west-1_Dr",
    "user_pool_client_id": "dr-client",
    "function_names": {"api-handler": "dr-api"},
    "state_machine_arn": "arn:aws:states:eu-west-1:000000000000:stateMachine:dr",
}


def printed(home: Path, name: str, **outputs: Any) -> str:
    """A file as `terraform output -json` prints it."""
    (home / name).write_text(json.dumps({key: {"value": value} for key, value in outputs.items()}))
    return name


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_each_example_is_a_valid_migration_between_the_accounts_beside_it(file: Path) -> None:
    body = read_job(file).value
    known = {side: _account(side) for side in ("dev", "prod")}
    assert (
        account_problems(body, {known["dev"].account_id: known["dev"]}, {known["prod"].account_id: known["prod"]}) == []
    )


def _account(name: str) -> BiAccount:
    document = json.loads((ROOT / f"examples/quicksight-migration/accounts/{name}.json").read_text())
    return BiAccount(document["account"], name, document["region"], "arn:aws:iam::1:role/r")


def test_what_is_a_file_and_what_an_id() -> None:
    assert is_file_name("jobs/sales.yaml") and is_file_name("sales.json")
    assert not is_file_name("job-22222222222222222222") and not is_file_name("latest")


def test_one_context_knows_both_systems(home: Path, run: Run) -> None:
    # Given what Terraform says of two stacks
    files = [
        printed(home, "dr.json", disaster_recovery=RECOVERY),
        printed(home, "bi.json", quicksight_migration=OUTPUTS, accounts={}),
    ]
    result = run("context", "add", "prod", *(part for file in files for part in ("--outputs", file)))
    assert result.exit_code == 0, result.output
    # Then each system has its own API and users
    file = Session().context_file.raw("prod")
    context = Context(name="prod", **file)
    assert (context.api_url, context.of(QUICKSIGHT).api_url) == ("https://dr.example.com", "https://bi.example.com")
    assert (context.client_id, context.of(QUICKSIGHT).client_id) == ("dr-client", "bi-client")
    assert context.migration_functions == {"start-job": "bi-start-job", "api-handler": "bi-api-handler"}
    # And it is shown
    shown = json.loads(run("context", "show", "prod", "--json").stdout)
    assert shown["quicksight"]["api_url"] == "https://bi.example.com"


def test_a_context_of_quicksight_alone_by_hand(run: Run) -> None:
    options = ("--system", "quicksight", "--api-url", "https://bi.example.com", "--user-pool-id", "eu-west-1_Bi")
    assert run("context", "add", "bi", *options, "--client-id", "bi-client", "--profile", "bi").exit_code == 0
    shown = json.loads(run("context", "show", "bi", "--json").stdout)
    assert (shown["api_url"], shown["profile"]) == ("", "bi")
    assert shown["quicksight"] == {
        "api_url": "https://bi.example.com",
        "user_pool_id": "eu-west-1_Bi",
        "client_id": "bi-client",
    }


def test_a_context_without_the_system_says_so(run: Run) -> None:
    run("context", "add", "dr", "--api-url", "https://dr.example.com", "--via", "api")
    result = run("quicksight", "jobs", "list", session=Session())
    assert (result.exit_code, "no api_url" in result.stderr) == (2, True)


def test_straight_over_aws_each_request_reaches_its_function(run: Run, home: Path) -> None:
    # Given a context that goes over AWS credentials
    run("context", "add", "bi", "--outputs", printed(home, "bi.json", quicksight_migration=OUTPUTS), "--via", "aws")
    lambda_client = FakeLambda()
    # When jobs are listed, cancelled and run again
    job = "job-22222222222222222222"
    for command in ("jobs list", f"jobs cancel {job} --yes", f"jobs retry {job}"):
        run("quicksight", *command.split(), session=Session(clients={"lambda": lambda_client, "sts": FakeSts()}))
    # Then start-job gets what makes a job run
    assert lambda_client.invoked == ["bi-api-handler", "bi-api-handler", "bi-start-job"]


class FakeSts:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": "arn:aws:iam::1:user/ada"}


class FakeLambda:
    def __init__(self) -> None:
        self.invoked: list[str] = []

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.invoked.append(asked["FunctionName"])
        answer = {"statusCode": 200, "headers": {}, "body": json.dumps({"items": []})}
        return {"Payload": Payload(json.dumps(answer).encode())}


class Payload:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self) -> bytes:
        return self._content


def test_signing_in_names_the_system(run: Run, api: FakeApi) -> None:
    result = run("login", "--system", "quicksight", "--username", "ada", input="secret\n", session=Session())
    assert result.exit_code == 2 and "where to sign in" in result.stderr


def test_every_permission_of_the_api_is_one_that_the_module_gives() -> None:
    text = (ROOT / "modules/quicksight-migration/variables.tf").read_text()
    assert all(f'"{permission}"' in text for permission in API.permissions)


def test_a_local_cloud_that_is_not_up_is_missing(run: Run) -> None:
    result = run("--context", "local", "quicksight", "jobs", "list", session=Session())
    assert result.exit_code == Missing.exit_code
