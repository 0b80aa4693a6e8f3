"""The bundle behind an address that is a secret."""

from __future__ import annotations

import io
import traceback
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import IO

import pytest

from quicksight_migration.bundles.download import LinkExpired, Refused, download, open_url
from shared.errors import Transient

SECRET = "https://bundles.example/1?X-Amz-Signature=5ec4e7"


def bundle(comment: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("dashboard/sales.json", "{}" * 1000)
        archive.comment = comment
    return made.getvalue()


@pytest.mark.parametrize("comment", [b"", b"made by somebody"])
def test_a_whole_bundle_comes_through(comment: bytes) -> None:
    assert b"".join(download(SECRET, lambda _: io.BytesIO(bundle(comment)))) == bundle(comment)


@pytest.mark.parametrize("left", [0, 1, 21, 22, 100, -1])
def test_a_bundle_that_ends_early_is_noticed(left: int) -> None:
    with pytest.raises(Transient, match="before the bundle did"):
        list(download(SECRET, lambda _: io.BytesIO(bundle()[:left])))


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (Refused(403), LinkExpired),
        (Refused(503), Transient),
        (ConnectionResetError(SECRET), Transient),
        (TimeoutError(SECRET), Transient),
        (ValueError(f"unknown url type: {SECRET}"), Transient),
    ],
)
def test_no_error_bears_the_address(problem: Exception, kind: type[Exception]) -> None:
    def refuse(_url: str) -> io.BytesIO:
        raise problem

    with pytest.raises(kind) as raised:
        list(download(SECRET, refuse))
    told = "".join(traceback.format_exception(raised.value))
    assert "5ec4e7" not in told and "bundles.example" not in told


def test_a_connection_that_breaks_off_in_the_middle_is_told_without_the_address() -> None:
    class Breaking(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise ConnectionResetError(SECRET)

    with pytest.raises(Transient) as raised:
        list(download(SECRET, lambda _: Breaking()))
    assert "5ec4e7" not in "".join(traceback.format_exception(raised.value))


class Answers(BaseHTTPRequestHandler):
    """200 for /bundle, a redirect for /elsewhere, 403 otherwise."""

    def do_GET(self) -> None:  # noqa: N802  (the name that http.server calls)
        status = {"/bundle?token=1": 200, "/elsewhere": 302}.get(self.path, 403)
        body = bundle() if status == 200 else b""
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/bundle?token=1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name it is called by)
        return


@contextmanager
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answers) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


def test_over_http_it_is_one_get_and_no_redirect_is_followed() -> None:
    def opened(url: str) -> IO[bytes]:
        with open_url(url) as stream:
            return io.BytesIO(stream.read())

    with server() as base:
        assert opened(f"{base}/bundle?token=1").read() == bundle()
        for path, status in (("/elsewhere", 302), ("/expired", 403)):
            with pytest.raises(Refused) as raised:
                opened(f"{base}{path}")
            assert raised.value.status == status
            assert path not in "".join(traceback.format_exception(raised.value))
