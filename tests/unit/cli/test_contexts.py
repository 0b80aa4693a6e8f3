"""Contexts: where systems are, and which answer wins."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from towpath.contexts import ContextFile, resolve
from towpath.errors import Invalid, Missing

OUTPUTS = {
    "disaster_recovery": {
        "api_endpoint": "https://api.example.com",
        "user_pool_id": "eu-west-1_Abc",
        "user_pool_client_id": "client",
        "function_names": {"api-handler": "dr-api"},
        "state_machine_arn": "arn:aws:states:eu-west-1:111122223333:stateMachine:disaster-recovery",
    },
    "file_transfer_api": {
        "api_endpoint": "https://files.example.com",
        "user_pool_id": "eu-central-1_Files",
        "user_pool_client_id": "files-client",
        "function_names": {"api-handler": "prod-ft-api-handler", "replay-failures": "prod-ft-replay-failures"},
    },
}


def local_cloud(folder: Path) -> Path:
    """What `make up` leaves behind."""
    (folder / "local").mkdir()
    path = folder / "local" / "endpoints.json"
    credentials = {"access_key_id": "test", "secret_access_key": "test"}
    endpoints = {"endpoint_url": "http://127.0.0.1:4670", "region": "us-east-1", "credentials": credentials}
    path.write_text(json.dumps({**endpoints, "stacks": {"all": OUTPUTS}}))
    return path


def test_a_context_from_terraform_outputs(home: Path, run: Run) -> None:
    # Given what `terraform output -json` prints
    plain = {name: {"value": value, "type": "object", "sensitive": False} for name, value in OUTPUTS.items()}
    (home / "outputs.json").write_text(json.dumps(plain))

    # When a context is made from it
    result = run("context", "add", "prod", "--outputs", "outputs.json", "--profile", "recovery")

    # Then it holds the API, its user pool, the functions, and is the current one
    assert result.exit_code == 0, result.output
    shown = json.loads(run("context", "show", "--json").stdout)
    assert shown["api_url"] == "https://api.example.com"
    assert (shown["user_pool_id"], shown["client_id"], shown["drs_function"]) == ("eu-west-1_Abc", "client", "dr-api")
    assert (shown["region"], shown["profile"], shown["via"]) == ("eu-west-1", "recovery", "api")
    assert shown["transfers"]["function"] == "prod-ft-api-handler"
    transfers = resolve(ContextFile(home / "config.yaml"), "prod").of("transfers")
    assert (transfers.api_url, transfers.client_id) == ("https://files.example.com", "files-client")
    assert (transfers.region, transfers.transfer_function) == ("eu-central-1", "prod-ft-api-handler")


def test_options_win_over_the_context(run: Run) -> None:
    run("context", "add", "dev", "--region", "eu-west-1", "--profile", "dev")

    shown = json.loads(run("--region", "us-west-2", "context", "show", "dev", "--json", "--profile", "me").stdout)

    assert (shown["region"], shown["profile"]) == ("us-west-2", "me")


def test_an_api_url_on_the_command_line_is_meant_to_be_used(run: Run) -> None:
    run("context", "add", "dev", "--via", "aws", "--region", "eu-west-1")

    shown = json.loads(run("context", "show", "--json", "--api-url", "https://other.example.com").stdout)

    assert (shown["api_url"], shown["via"]) == ("https://other.example.com", "api")


def test_options_win_over_variables_wherever_they_stand(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a variable that names one context, and another context
    for name in ("test", "dev", "prod"):
        run("context", "add", name, "--region", "eu-west-1")
    assert json.loads(run("context", "show", "--json").stdout)["name"] == "test"
    monkeypatch.setenv("TOWPATH_CONTEXT", "dev")

    # Then the variable holds, and an option before or after the command wins over it
    assert json.loads(run("context", "show", "--json").stdout)["name"] == "dev"
    assert json.loads(run("--context", "prod", "context", "show", "--json").stdout)["name"] == "prod"
    assert json.loads(run("context", "show", "--context", "prod", "--json").stdout)["name"] == "prod"


def test_local_needs_no_entry(home: Path, run: Run) -> None:
    local_cloud(home)

    shown = json.loads(run("context", "show", "--context", "local", "--json").stdout)

    assert (shown["endpoint_url"], shown["via"], shown["drs_function"]) == ("http://127.0.0.1:4670", "aws", "dr-api")


def test_a_context_for_the_local_cloud_follows_it(home: Path, run: Run) -> None:
    # Given a context for the local cloud
    path = local_cloud(home)
    assert run("context", "add-local", "laptop").exit_code == 0

    # When the local cloud moves to another port
    path.write_text(path.read_text().replace("4670", "4999"))

    # Then so does the context
    assert resolve(ContextFile(home / "config.yaml"), "laptop").endpoint_url == "http://127.0.0.1:4999"


def test_no_local_cloud_says_how_to_start_one(run: Run) -> None:
    result = run("context", "show", "--context", "local")

    assert result.exit_code == Missing.exit_code
    assert "make up" in result.stderr


def test_an_unknown_context_names_the_known_ones(run: Run) -> None:
    run("context", "add", "dev", "--region", "eu-west-1")

    result = run("context", "use", "prod")

    assert result.exit_code == Missing.exit_code
    assert "Known contexts: dev" in result.stderr


def test_the_list_marks_the_current_one(run: Run) -> None:
    for name in ("dev", "prod"):
        run("context", "add", name, "--region", "eu-west-1")
    run("context", "use", "prod")

    rows = json.loads(run("context", "list", "--json").stdout)

    assert {row["name"]: row["current"] for row in rows} == {"dev": False, "prod": True}
    assert run("context", "remove", "prod").exit_code == 0
    assert json.loads(run("context", "list", "--json").stdout)[0]["current"] is False


@pytest.mark.parametrize("content", ["current: [", "contexts: 7", "contexts: {dev: {reggion: x}}\ncurrent: dev"])
def test_a_file_that_is_none_is_refused(home: Path, content: str) -> None:
    (home / "config.yaml").write_text(content)

    with pytest.raises(Invalid):
        resolve(ContextFile(home / "config.yaml"), "")


def test_local_cannot_be_redefined(run: Run) -> None:
    assert run("context", "add", "local", "--region", "eu-west-1").exit_code == Invalid.exit_code


def test_nothing_secret_is_in_the_file(home: Path, run: Run) -> None:
    local_cloud(home)
    run("context", "add-local", "laptop")

    path = home / "config.yaml"

    assert "test" not in path.read_text().replace(str(home), "")
    assert not path.stat().st_mode & stat.S_IWOTH


def test_what_earlier_versions_said_of_tables_is_forgotten(home: Path, run: Run) -> None:
    (home / "config.yaml").write_text("contexts: {old: {region: eu-west-1, tables: {a: b}, table_prefix: x}}")

    assert json.loads(run("context", "show", "old", "--json").stdout)["region"] == "eu-west-1"


def test_users_of_file_transfer_are_added_by_hand(run: Run) -> None:
    run("context", "add", "dev", "--system", "transfers", "--user-pool-id", "eu-west-1_F", "--client-id", "c")
    run("context", "add", "dev", "--system", "transfers", "--api-url", "https://files.example.com")

    shown = json.loads(run("context", "show", "dev", "--json").stdout)
    assert shown["transfers"] == {
        "user_pool_id": "eu-west-1_F",
        "client_id": "c",
        "api_url": "https://files.example.com",
    }
    assert shown["api_url"] == ""
