"""One local cloud for the whole suite, started on free ports with a state folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.ports import free_port
from local_cloud.session import LocalCloud
from tests.e2e.disaster_recovery.recoveries import Recoveries
from tests.e2e.file_transfer.transfers import Transfers

REPOSITORY = Path(__file__).resolve().parents[2]
# Parts of the suite that run side by side have a local cloud each.
STATE_DIR = REPOSITORY / "build" / os.environ.get("TOWPATH_E2E_NAME", "e2e")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `last` judge the whole suite or take the stack away: they run at the end, by their number."""
    items.sort(key=lambda item: marker.args[0] if (marker := item.get_closest_marker("last")) else 0)


def stacks_of(items: list[pytest.Item]) -> str:
    """The stacks that the chosen tests are about, by their folders; all for tests outside of a system's folder."""
    folders = {item.path.parent for item in items}
    return "" if Path(__file__).parent in folders else ",".join(folder.name.replace("_", "-") for folder in folders)


@pytest.fixture(scope="session")
def local_environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where the suite's own local cloud is; TOWPATH_E2E_STATE reuses a running one while a test is being written."""
    reused = os.environ.get("TOWPATH_E2E_STATE")
    if reused:
        return {**os.environ, "TOWPATH_STATE_DIR": str(Path(reused).resolve())}
    chosen = {"TOWPATH_STATE_DIR": str(STATE_DIR), "TOWPATH_STACKS": stacks_of(request.session.items)}
    ports = {name: str(free_port()) for name in ("TOWPATH_PORT", "TOWPATH_SFTP_PORT", "TOWPATH_PARTNER_PORT")}
    return {**os.environ, **chosen, **ports}


@pytest.fixture(scope="session")
def cloud(local_environment: dict[str, str]) -> Iterator[LocalCloud]:
    """The running local cloud with the stacks applied that the tests are about."""
    state_dir = Path(local_environment["TOWPATH_STATE_DIR"])
    if os.environ.get("TOWPATH_E2E_STATE"):
        yield LocalCloud.load(state_dir)
        return
    run_local_cloud("reset", local_environment)
    try:
        run_local_cloud("up", local_environment)
        yield LocalCloud.load(state_dir)
    finally:
        run_local_cloud("down", local_environment)


@pytest.fixture
def transfers(cloud: LocalCloud) -> Iterator[Transfers]:
    """File transfer as its users see it; no fault outlives a test."""
    cloud.clear_faults()
    yield Transfers(cloud)
    cloud.clear_faults()


@pytest.fixture(scope="session")
def protected(cloud: LocalCloud) -> Recoveries:
    """Disaster recovery with source servers to recover."""
    recoveries = Recoveries(cloud)
    recoveries.protect()
    return recoveries


@pytest.fixture
def recoveries(protected: Recoveries) -> Iterator[Recoveries]:
    """Disaster recovery as its users see it: ten minutes of DRS are a second, and no fault outlives a test."""
    protected.calm()
    yield protected
    protected.calm()


def run_local_cloud(command: str, environment: dict[str, str]) -> None:
    """Run `python -m local_cloud <command>`; a failure shows what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "local_cloud", command],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"local_cloud {command} failed:\n{done.stdout}\n{done.stderr}"
