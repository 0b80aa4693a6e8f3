"""Requests on loopback count as TLS.

Bucket and queue policies deny what does not come over TLS (`aws:SecureTransport`). The local cloud speaks plain HTTP on
loopback, where nobody listens in; without this, those policies would shut everybody out.
"""

from __future__ import annotations

from ministack import app

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.app", "pin_request_origin", "de819c1bd9ac2be4"),)


def install() -> None:
    """Tells the policy evaluator that every request came over TLS."""
    pin = app.pin_request_origin

    def pin_as_tls(source_ip: str, secure_transport: bool) -> None:
        pin(source_ip, True)

    app.pin_request_origin = pin_as_tls
