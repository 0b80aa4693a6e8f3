"""The server process: ministack's ASGI application with every gap closed, on loopback.

`python -m local_cloud.server` runs in the foreground until SIGTERM or SIGINT; `python -m local_cloud up` runs it in
the background.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import MutableMapping

from local_cloud import settings
from local_cloud.settings import Settings


def configure(chosen: Settings, environment: MutableMapping[str, str]) -> None:
    """Sets what ministack reads from its environment when it is imported.

    Replaces credentials of the developer's own shell: nothing here may ever reach a real account.
    """
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "LOCALSTACK_HOSTNAME"):
        environment.pop(name, None)
    environment.update(
        AUTH="true",
        AWS_ACCESS_KEY_ID=settings.ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY=settings.SECRET_ACCESS_KEY,
        AWS_DEFAULT_REGION=settings.REGION,
        MINISTACK_ACCOUNT_ID=settings.ACCOUNT,
        MINISTACK_REGION=settings.REGION,
        MINISTACK_HOST="localhost",
        GATEWAY_PORT=str(chosen.port),
        BIND_HOST=settings.LOOPBACK,
        SFTP_HOST=settings.LOOPBACK,
        SFTP_PORT=str(chosen.sftp_port),
        IOT_MTLS_ENABLED="0",
        DOCKER_HOST="unix:///nonexistent",  # functions run in subprocesses; no container engine is asked for
        LAMBDA_EXECUTOR="local",
        PERSIST_STATE="1",
        STATE_DIR=str(chosen.state_dir / "snapshot"),
    )
    environment.setdefault("LOG_LEVEL", "WARNING")


def main() -> None:
    """Runs the server until it is told to stop."""
    chosen = settings.from_environment()
    configure(chosen, os.environ)
    # Only now may ministack be imported, and with it everything that builds on it.
    importlib.import_module("local_cloud.application").serve(chosen)


if __name__ == "__main__":
    main()
