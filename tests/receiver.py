"""A receiver of notifications on loopback: HTTPS with a certificate of its own authority, answers as they are told."""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Reply:
    """What is answered next. `drip_seconds`: between the bytes of the body; `late_seconds`: before the answer."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    late_seconds: float = 0.0
    drip_seconds: float = 0.0
    cut: bool = False


@dataclass(frozen=True)
class Received:
    """One request. Names of headers are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """`url` is where it listens, `ca` the PEM of its authority; `replies` are given in turn, then always 200."""

    def __init__(self, server: ThreadingHTTPServer, ca: str) -> None:
        self.ca = ca
        self.port: int = server.server_address[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self.replies: deque[Reply] = deque()
        self._requests: list[Received] = []

    def received(self, path: str = "") -> list[Received]:
        """The requests so far, oldest first; with a path those to it."""
        return [each for each in self._requests if not path or each.path == path]

    def take(self, request: Received) -> Reply:
        """Keeps a request and says what is answered."""
        self._requests.append(request)
        return self.replies.popleft() if self.replies else Reply()


@contextmanager
def receiver(folder: Path, names: tuple[str, ...] = ("127.0.0.1", "localhost")) -> Iterator[Receiver]:
    """A receiver that runs until the end of the block; `names` are those of its certificate."""
    chain, ca = _certificates(folder, names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.context = context
    server.receiver = Receiver(server, ca)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.receiver
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    context: ssl.SSLContext
    receiver: Receiver

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake happens in the thread of the request: whoever refuses the certificate holds up nobody."""
        with self.context.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, *_: Any) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.receiver.take(Received(self.path, headers, body))
        time.sleep(reply.late_seconds)
        if reply.cut:
            return
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        if reply.drip_seconds:
            # The line of the status is kept back too: an answer that never becomes one.
            for byte in b"".join(self._headers_buffer):
                self.wfile.write(bytes([byte]))
                time.sleep(reply.drip_seconds)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: Any) -> None:
        """Tests read requests, not lines."""


def _certificates(folder: Path, names: tuple[str, ...]) -> tuple[Path, str]:
    """A file with the server's key and certificate, and the PEM of the authority that signed it."""
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, name = _name("Test authority"), _name("Test receiver")

    def begin(subject: x509.Name, public: Any) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(ca_name).public_key(public)
        builder = builder.serial_number(x509.random_serial_number())
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
        builder = builder.add_extension(authority, critical=False)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))

    usage = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    ca = (
        begin(ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    alternatives = [x509.IPAddress(ip_address(each)) if each[0].isdigit() else x509.DNSName(each) for each in names]
    certificate = (
        begin(name, key.public_key())
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "receiver.pem"
    path.write_bytes(secret + certificate.public_bytes(pem))
    return path, ca.public_bytes(pem).decode()


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
