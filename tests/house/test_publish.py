"""Publishing uploads a content once and writes what a pull request shows."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tools.package import Packages
from tools.publish import ARTIFACTS_FILE, LAYER, publish


class FakeStore:
    """A bucket that refuses, like S3, a body that has another checksum than the one named."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.uploads = 0

    def list_objects_v2(self, **arguments: Any) -> Mapping[str, Any]:
        return {"KeyCount": sum(key.startswith(arguments["Prefix"]) for key in self.objects)}

    def put_object(self, **arguments: Any) -> Mapping[str, Any]:
        body = arguments["Body"]
        assert arguments["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(body).digest()).decode()
        self.objects[arguments["Key"]] = body
        self.uploads += 1
        return {}


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with a system's package and a layer."""
    built = Packages(tmp_path / "packages")
    built.add("file_transfer", "1", lambda: {"file_transfer/__init__.py": b"code"})
    built.add(LAYER, "1", lambda: {"python/lib.py": b"library"})
    built.write_manifest()
    return tmp_path / "packages"


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """An empty stack."""
    folder = tmp_path / "envs/dev/file-transfer"
    folder.mkdir(parents=True)
    return folder


def test_a_stack_gets_the_place_and_the_hash_of_its_zips(packages: Path, stack: Path) -> None:
    # When a stack's packages are published
    store = FakeStore()
    publish(store, "artefacts", packages, stack)

    # Then its variables name objects whose keys are the contents' hashes
    manifest = json.loads((packages / "manifest.json").read_text())
    written = json.loads((stack / ARTIFACTS_FILE).read_text())
    assert written == {
        variable: {
            "s3_bucket": "artefacts",
            "s3_key": f"packages/{name}/{manifest[name]['sha256']}.zip",
            "source_code_hash": manifest[name]["source_code_hash"],
        }
        for variable, name in (("package", "file_transfer"), ("layer", LAYER))
    }
    assert sorted(store.objects) == sorted(entry["s3_key"] for entry in written.values())


def test_a_stack_that_declares_the_content_layer_gets_it_too(packages: Path, stack: Path) -> None:
    # Given a stack with a variable for it
    (stack / "variables.tf").write_text('variable "content_layer" {\n  type = object({ s3_key = string })\n}\n')
    built = Packages(packages)
    for name in ("file_transfer", LAYER, "layer-content-lambda"):
        built.add(name, "2", lambda: {"python/lib.py": b"library"})
    built.write_manifest()

    # When it is published, then the variable names that layer
    publish(FakeStore(), "artefacts", packages, stack)
    written = json.loads((stack / ARTIFACTS_FILE).read_text())
    assert list(written) == ["package", "layer", "content_layer"]
    assert written["content_layer"]["s3_key"].startswith("packages/layer-content-lambda/")


def test_publishing_again_uploads_and_changes_nothing(packages: Path, stack: Path) -> None:
    store = FakeStore()
    publish(store, "artefacts", packages, stack)
    before = (stack / ARTIFACTS_FILE).read_bytes()
    publish(store, "artefacts", packages, stack)
    assert store.uploads == 2
    assert (stack / ARTIFACTS_FILE).read_bytes() == before


def test_a_stack_that_does_not_exist_is_named(packages: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="nowhere does not exist"):
        publish(FakeStore(), "artefacts", packages, tmp_path / "nowhere")


def test_a_stack_without_a_package_uploads_nothing(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "reporting").mkdir()
    store = FakeStore()
    with pytest.raises(SystemExit, match="there is no package reporting"):
        publish(store, "artefacts", packages, tmp_path / "reporting")
    assert store.uploads == 0
