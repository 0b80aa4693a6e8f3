"""Manifests in the forms that senders write."""

from __future__ import annotations

import pytest

from file_transfer.content import manifests
from file_transfer.content.manifests import Listed, read_manifest
from file_transfer.errors import Rejection

DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("a.csv\nb.csv\n", [Listed("a.csv"), Listed("b.csv")]),
        (
            f"# of today\r\n\r\na.csv,10,{DIGEST.upper()}\r\nb.csv, 5\r\n",
            [Listed("a.csv", 10, DIGEST), Listed("b.csv", 5)],
        ),
        (f"{DIGEST}  a b.csv\n{DIGEST} *c.csv\n", [Listed("a b.csv", None, DIGEST), Listed("c.csv", None, DIGEST)]),
        ('["a.csv", {"name": "b.csv", "size": 7}]', [Listed("a.csv"), Listed("b.csv", 7)]),
        ('{"files": [{"name": "a.csv", "sha256": "AB"}]}', [Listed("a.csv", None, "ab")]),
    ],
)
def test_forms_of_manifests(text: str, files: list[Listed]) -> None:
    assert read_manifest(text.encode()) == files


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a\na\n",
        "folder/a.csv\n",
        "a.csv,many\n",
        "{",
        '{"file": []}',
        "[1]",
        '[{"size": 1}]',
        "n" * 251,
        "\ud800",
    ],
)
def test_others_are_refused(text: str) -> None:
    with pytest.raises(Rejection) as caught:
        read_manifest(text.encode("utf-8", "surrogatepass"))
    assert caught.value.reason == "MANIFEST_INVALID"


def test_a_manifest_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "MOST_FILES", 2)
    with pytest.raises(Rejection, match="3 files, more than 2"):
        read_manifest(b"a\nb\nc\n")
