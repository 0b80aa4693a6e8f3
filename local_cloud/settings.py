"""Where the local cloud listens, whose account it is and where it keeps its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
REGION = "us-east-1"
ACCOUNT = "000000000000"
# The administrator of the account: Terraform and tests sign with these. Lambdas, pipes, state machines and SFTP users
# never do: they hold a session of their own role.
ACCESS_KEY_ID = "test"
SECRET_ACCESS_KEY = "test"
REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Ports and folders of one local cloud.

    `port` serves every AWS API, `sftp_port` the Transfer Family servers, `partner_port` a partner's SFTP server; all on
    loopback only. `state_dir` holds the process id, the log, keys, the partner's folder, Terraform state and
    `endpoints.json`. `stacks` are those that `up` applies; none means all.
    """

    port: int
    sftp_port: int
    state_dir: Path
    lambda_python: Path | None
    stacks: tuple[str, ...] = ()
    chosen_partner_port: int | None = None

    @property
    def partner_port(self) -> int:
        """Port of the partner's SFTP server: the one after that of our own unless another was chosen."""
        return self.chosen_partner_port or self.sftp_port + 1

    @property
    def endpoint_url(self) -> str:
        """The one URL of all AWS APIs."""
        return f"http://{LOOPBACK}:{self.port}"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Reads TOWPATH_PORT, TOWPATH_SFTP_PORT, TOWPATH_PARTNER_PORT, TOWPATH_STATE_DIR, TOWPATH_LAMBDA_PYTHON and
    TOWPATH_STACKS.

    Lambdas run in `build/lambda-python` when it has been made, else in the interpreter of the server.
    """
    clean = REPOSITORY / "build" / "lambda-python" / "bin" / "python"
    chosen = environment.get("TOWPATH_LAMBDA_PYTHON")
    partner_port = environment.get("TOWPATH_PARTNER_PORT")
    return Settings(
        port=int(environment.get("TOWPATH_PORT", "4566")),
        sftp_port=int(environment.get("TOWPATH_SFTP_PORT", "2222")),
        state_dir=Path(environment.get("TOWPATH_STATE_DIR", REPOSITORY / "build" / "local")),
        lambda_python=Path(chosen) if chosen else clean if clean.exists() else None,
        stacks=tuple(name for name in environment.get("TOWPATH_STACKS", "").split(",") if name),
        chosen_partner_port=int(partner_port) if partner_port else None,
    )
