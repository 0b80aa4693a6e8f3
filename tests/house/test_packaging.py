"""Packages are the same bytes wherever, whenever and by whomever they are built."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.package import LAYERS, Packages, layer_entries, system_entries, systems
from tools.paths import BUILD, ROOT
from tools.zips import content_digest, file_hashes, tree_entries, wheel_entries, write_zip

SOURCES = ("lambda_src", "schemas", "requirements")
PYTHON_OF_LAMBDA = re.compile(r"\.(?:cpython-313-aarch64-linux-gnu|abi3)\.so$")
# Where the header of an ELF file names the instruction set, and what it says there for 64-bit ARM (elf(5)).
ELF_MACHINE, AARCH64 = 18, (183).to_bytes(2, "little")


def build_from_a_copy(folder: Path, umask: int, time: int) -> dict[str, dict[str, str]]:
    """Copy what is packaged into a folder under a umask, set all times, package it; returns the manifest."""
    copy, output = folder / "checkout", folder / "packages"
    script = (
        "import os, shutil, sys; os.umask(int(sys.argv[1]));"
        "[shutil.copytree(source, target, copy_function=shutil.copyfile)"
        " for source, target in zip(sys.argv[2::2], sys.argv[3::2])]"
    )
    pairs = [str(path) for name in SOURCES if (ROOT / name).exists() for path in (ROOT / name, copy / name)]
    copy.mkdir(parents=True)
    subprocess.run([sys.executable, "-c", script, str(umask), *pairs], check=True)
    for path in copy.rglob("*"):
        os.utime(path, (time, time))
    command = [sys.executable, "-m", "tools.package", "--root", str(copy), "--output", str(output), "--without-layers"]
    subprocess.run(command, check=True, cwd=ROOT, umask=umask, capture_output=True)
    manifest: dict[str, dict[str, str]] = json.loads((output / "manifest.json").read_text())
    return manifest


def test_two_builds_under_other_umasks_and_times_are_equal(tmp_path: Path) -> None:
    # Given two checkouts in other folders, with other file modes and times
    first = build_from_a_copy(tmp_path / "one", umask=0o022, time=1_000_000_000)
    second = build_from_a_copy(tmp_path / "another/place", umask=0o077, time=1_700_000_000)

    # Then their packages have the same bytes
    assert first == second
    assert list(first) == systems(ROOT / "lambda_src")


def test_entries_are_sorted_dated_and_readable_by_all(tmp_path: Path) -> None:
    write_zip(tmp_path / "x.zip", {"b.py": b"2", "a.py": b"1"})
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["a.py", "b.py"]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {oct(entry.external_attr >> 16) for entry in entries} == {"0o100644"}


def test_caches_of_python_stay_out(tmp_path: Path) -> None:
    for name in ("code.py", "__pycache__/code.cpython-313.pyc", "old.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert dict(tree_entries(tmp_path, "system/")) == {"system/code.py": b""}


def test_a_system_s_package_holds_its_code_the_shared_code_and_the_schemas(tmp_path: Path) -> None:
    # Given a repository with two systems
    for name in ("lambda_src/billing/__init__.py", "lambda_src/other/__init__.py", "lambda_src/shared/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/message.json").write_text("{}")
    (tmp_path / "schemas/README.md").write_text("for people")

    # When the package of one is put together
    entries = system_entries(tmp_path, "billing")

    # Then the other is not in it
    assert sorted(entries) == ["billing/__init__.py", "shared/__init__.py", "shared/schemas/message.json"]
    assert systems(tmp_path / "lambda_src") == ["billing", "other"]


def test_a_wheel_is_laid_out_as_installed(tmp_path: Path) -> None:
    # Given a wheel with a data folder and a list of its own files
    wheel = tmp_path / "thing-1-py3-none-any.whl"
    names = ["thing/__init__.py", "thing-1.data/platlib/fast.so", "thing-1.data/scripts/run"]
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in [*names, "thing-1.dist-info/METADATA", "thing-1.dist-info/RECORD"]:
            archive.writestr(name, name)

    # When it becomes part of a layer
    entries = dict(wheel_entries(wheel))

    # Then libraries are where Python finds them, and nothing else comes along
    assert sorted(entries) == ["fast.so", "thing-1.dist-info/METADATA", "thing/__init__.py"]
    assert sorted(layer_entries([wheel])) == [f"python/{name}" for name in sorted(entries)]


def test_nothing_is_built_again_from_the_same_inputs(tmp_path: Path) -> None:
    # Given a package that was built
    built: list[str] = []

    def entries() -> dict[str, bytes]:
        built.append("built")
        return {"a": b"1"}

    Packages(tmp_path).add("x", "inputs", entries)

    # When it is asked for again with the same inputs, and then with others
    Packages(tmp_path).add("x", "inputs", entries)
    assert len(built) == 1
    Packages(tmp_path).add("x", "other inputs", entries)

    # Then only these build it again
    assert len(built) == 2


def test_the_manifest_lists_what_is_there_and_the_rest_is_removed(tmp_path: Path) -> None:
    (tmp_path / "gone.zip").touch()
    packages = Packages(tmp_path)
    packages.add("x", "inputs", lambda: {"a": b"1"})
    packages.write_manifest()
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest == {"x": {"filename": "x.zip", **file_hashes(tmp_path / "x.zip")}}
    assert not (tmp_path / "gone.zip").exists()


def test_the_digest_tells_a_name_from_a_content() -> None:
    assert content_digest({"ab": b"c"}) != content_digest({"a": b"bc"})


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_are_built_from_wheels_alone(layer: str, tmp_path: Path) -> None:
    """`make package` has put the layers and the wheels they are made of under build/."""
    wheels = sorted((BUILD / "wheels" / layer).glob("*.whl"))
    write_zip(tmp_path / "again.zip", layer_entries(wheels))
    manifest = json.loads((BUILD / "packages/manifest.json").read_text())
    assert file_hashes(tmp_path / "again.zip")["sha256"] == manifest[layer]["sha256"]


@pytest.mark.parametrize("layer", ["layer-lambda", "layer-content-lambda"])
def test_the_lambda_layers_are_for_the_lambda_platform(layer: str) -> None:
    with zipfile.ZipFile(BUILD / "packages" / f"{layer}.zip") as archive:
        native = {name: archive.read(name)[:20] for name in archive.namelist() if name.endswith(".so")}
    assert native
    assert [name for name in native if not PYTHON_OF_LAMBDA.search(name)] == []
    assert [name for name, header in native.items() if header[ELF_MACHINE:] != AARCH64] == []


def test_the_local_layers_can_be_imported(tmp_path: Path) -> None:
    # Given the local layers, unpacked
    for layer in ("layer-local", "layer-content-local"):
        shutil.unpack_archive(BUILD / "packages" / f"{layer}.zip", tmp_path)

    # When an interpreter that has nothing else on its path imports what handlers need
    code = "import argon2, aws_lambda_powertools, jsonschema, pysequoia, re2; print(jsonschema.__file__)"
    python = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'python')!r}); {code}"]
    done = subprocess.run(python, capture_output=True, text=True, check=False)

    # Then it works, and from there
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout
