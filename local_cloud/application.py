"""The ASGI application that the server process serves."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any, NoReturn, cast

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config
from ministack.app import app as ministack_app
from ministack.core import lambda_runtime as lambda_pool

from local_cloud import gaps, permissions, settings
from local_cloud.control_plane import ControlPlane
from local_cloud.drs.control import routes as drs_routes
from local_cloud.drs.service import ACCOUNTS as DRS_ACCOUNTS
from local_cloud.faults.rules import IN_FORCE
from local_cloud.lambda_runtime import code
from local_cloud.partner import server as partner
from local_cloud.quicksight.control import routes as quicksight_routes
from local_cloud.quicksight.service import ACCOUNTS as QUICKSIGHT_ACCOUNTS
from local_cloud.settings import Settings
from local_cloud.traffic import RECORDER
from local_cloud.websocket_api.limits import IN_FORCE as WEBSOCKET_LIMITS


def build() -> ControlPlane:
    """Closes the gaps and puts the control plane in front."""
    control = ControlPlane(ministack_app, gaps.install())
    control.routes |= {
        ("POST", "calls/mark"): RECORDER.mark,
        ("GET", "calls"): RECORDER.read,
        ("POST", "faults"): IN_FORCE.replace,
        ("GET", "faults"): IN_FORCE.read,
        ("DELETE", "faults"): IN_FORCE.clear,
        ("GET", "permissions"): permissions.read,
        ("POST", "websockets"): WEBSOCKET_LIMITS.replace,
        ("DELETE", "websockets"): WEBSOCKET_LIMITS.reset,
        **drs_routes(DRS_ACCOUNTS),
        **quicksight_routes(QUICKSIGHT_ACCOUNTS),
    }
    return control


def serve(chosen: Settings) -> None:
    """Serves until SIGTERM or SIGINT."""
    # Functions' answers are awaited in threads while the event loop works for the functions: hand over more often
    # than Python's 5 ms, which every hop would wait for.
    sys.setswitchinterval(0.001)
    partner.start(chosen)
    config = Config()
    config.bind = [f"{settings.LOOPBACK}:{chosen.port}"]
    # Longer than any client keeps an idle connection (Terraform: 90 s): whoever closes first may cut off a request.
    config.keep_alive_timeout = 600
    config.graceful_timeout = 1
    asyncio.new_event_loop().run_until_complete(hypercorn_serve(cast(Any, build()), config))
    _end()


def _end() -> NoReturn:
    # The snapshot is written. Threads may still wait for messages or run executions, for minutes; nobody needs them.
    lambda_pool.reset()
    code.discard()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
