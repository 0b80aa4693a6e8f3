"""Ports for a local cloud beside others: the suites and the benchmark start their own."""

from __future__ import annotations

import socket

from local_cloud.settings import LOOPBACK


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
