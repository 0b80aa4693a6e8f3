"""The command line in a home of its own, talking to an API that is a table of answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.unit.cli.fake_api import FakeApi
from towpath.main import cli
from towpath.session import Session

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home: no contexts, no tokens, no local cloud, no AWS configuration of the developer."""
    monkeypatch.setenv("TOWPATH_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("TOWPATH_CACHE", str(tmp_path / "tokens"))
    monkeypatch.setenv("TOWPATH_STATE_DIR", str(tmp_path / "local"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    for name in ("TOWPATH_CONTEXT", "TOWPATH_API_URL", "TOWPATH_VIA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def api() -> FakeApi:
    """Answers 404 until it is told otherwise."""
    return FakeApi()


@pytest.fixture
def slept() -> list[float]:
    """Seconds that would have been slept."""
    return []


@pytest.fixture
def run(api: FakeApi, slept: list[float]) -> Run:
    """Runs a command line: `run("drs", "plans", "list")`; standard output and error come apart."""

    def invoke(*arguments: str, input: str | None = None, session: Session | None = None) -> Result:
        return CliRunner().invoke(
            cli, arguments, input=input, obj=session or Session(transport=api, sleep=slept.append)
        )

    return invoke
