"""One POST over HTTPS to an address that was judged: certificates checked, no redirects, no proxies, little time."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from time import monotonic

from file_transfer.notifications.addresses import Place
from shared.errors import Timeout, Transient, ValidationFailed

#: Of an answer only its beginning is read: enough for what a person wants to know of it.
ANSWER_BYTES = 4096


@dataclass(frozen=True)
class Answer:
    """What the receiver said. `retry_after` in seconds, if it said so in seconds."""

    status: int
    body: str
    retry_after: int | None = None


class _PinnedConnection(http.client.HTTPSConnection):
    """Connects to addresses that were judged; the certificate has to be that of the name all the same."""

    def __init__(self, place: Place, seconds: float, context: ssl.SSLContext) -> None:
        super().__init__(place.host, place.port, timeout=seconds, context=context)
        self._place, self._trusted = place, context
        self._until = monotonic() + seconds
        self.was_cut = False

    def connect(self) -> None:
        last: OSError = ConnectionError("no address")
        for address in self._place.addresses:
            left = self._until - monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                plain = socket.create_connection((address, self._place.port), left)
            except OSError as error:
                last = error
                continue
            # The socket is known before the handshake, which can be cut as everything else.
            held = self._trusted.wrap_socket(plain, server_hostname=self._place.host, do_handshake_on_connect=False)
            self.sock = held
            held.do_handshake()
            return
        raise last

    def cut(self) -> None:
        """Ends whatever goes on; called from another thread."""
        self.was_cut = True
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def post(place: Place, headers: Mapping[str, str], body: bytes, seconds: float, ca_certificate: str = "") -> Answer:
    """The answer, whatever its status; a redirect is an answer like others.

    `ca_certificate` (PEM) is trusted instead of the public authorities. Raises Timeout, Transient (no connection, TLS
    or HTTP broken) or ValidationFailed (the certificate to trust cannot be read).
    """
    connection = _PinnedConnection(place, seconds, _context(ca_certificate))
    # A timeout of the socket is one of each read: a receiver that drips would keep us for as long as it likes.
    watch = Timer(seconds, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", place.path, body, {**headers, "Host": place.host_header, "Connection": "close"})
        answer = connection.getresponse()
        return Answer(answer.status, _beginning(answer), _seconds(answer.getheader("Retry-After")))
    except TimeoutError as error:
        raise Timeout(f"no answer of {place.host} within {seconds:g} s") from error
    except (OSError, http.client.HTTPException) as error:
        if connection.was_cut:
            raise Timeout(f"no answer of {place.host} within {seconds:g} s") from error
        raise Transient(f"{place.host}: {type(error).__name__}: {error}") from error
    finally:
        watch.cancel()
        connection.close()


def _beginning(answer: http.client.HTTPResponse) -> str:
    """The status has decided; a body that breaks off only says less."""
    try:
        return answer.read(ANSWER_BYTES).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return ""


def _context(ca_certificate: str) -> ssl.SSLContext:
    if not ca_certificate:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cadata=ca_certificate)
    except (ssl.SSLError, ValueError) as error:
        raise ValidationFailed(f"caCertificate cannot be read: {error}") from error


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004
