"""Build the Lambda packages and layers into build/packages, with a manifest of their hashes.

<system>.zip      lambda_src/<system>, lambda_src/shared and schemas/ (as shared/schemas/), for each system
layer-lambda.zip  requirements/lambda.txt for the Lambda platform (Python 3.13, arm64)
layer-local.zip   the same versions for the interpreter that make uses, for the local cloud
layer-content-lambda.zip, layer-content-local.zip   the same two of requirements/lambda-content.txt
manifest.json     name => filename (beside the manifest), sha256 (hex), source_code_hash (base64)

Nothing is built again while its inputs are the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tools.paths import BUILD, ROOT, shown
from tools.zips import content_digest, file_hashes, tree_entries, wheel_entries, write_zip

SHARED = "shared"
LAYER_ROOT = "python/"
# Raised when the layout of the zips changes, so that older ones are built anew.
LAYOUT = "1"

LAMBDA_PLATFORM = [
    *("--python-version", "3.13", "--implementation", "cp", "--abi", "cp313", "--abi", "abi3", "--abi", "none"),
    *("--platform", "manylinux_2_28_aarch64"),
    *("--platform", "manylinux_2_26_aarch64"),
    *("--platform", "manylinux_2_17_aarch64"),
    *("--platform", "manylinux2014_aarch64"),
]
# Name => lock and platform (options of pip; none: this interpreter's).
LAYERS: dict[str, tuple[str, list[str]]] = {
    "layer-lambda": ("lambda.txt", LAMBDA_PLATFORM),
    "layer-local": ("lambda.txt", []),
    "layer-content-lambda": ("lambda-content.txt", LAMBDA_PLATFORM),
    "layer-content-local": ("lambda-content.txt", []),
}


def systems(source: Path) -> list[str]:
    """The packages of lambda_src that get a zip of their own."""
    return sorted(folder.parent.name for folder in source.glob("*/__init__.py") if folder.parent.name != SHARED)


def system_entries(root: Path, system: str) -> dict[str, bytes]:
    """What the zip of a system holds: name in the zip => content."""
    entries = dict(tree_entries(root / "lambda_src" / system, f"{system}/"))
    entries |= tree_entries(root / "lambda_src" / SHARED, f"{SHARED}/")
    schemas = root / "schemas"
    entries |= {name: data for name, data in tree_entries(schemas, f"{SHARED}/schemas/") if name.endswith(".json")}
    return entries


def download_wheels(lock: Path, folder: Path, platform: list[str]) -> list[Path]:
    """Fetch the wheels of a hash-locked requirements file for a platform (pip options; none: this interpreter's)."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.whl"):
        stale.unlink()
    pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps"]
    only_wheels = ["--only-binary=:all:", "--require-hashes"]
    subprocess.run([*pip, *only_wheels, *platform, "-r", str(lock), "-d", str(folder)], check=True)
    return sorted(folder.glob("*.whl"))


def layer_entries(wheels: list[Path]) -> dict[str, bytes]:
    """What a layer holds: the contents of the wheels under the folder that Lambda puts on sys.path."""
    return {LAYER_ROOT + name: content for wheel in wheels for name, content in wheel_entries(wheel)}


class Packages:
    """build/packages: zips with the digest of the inputs each was made from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._inputs_file = folder / ".inputs.json"
        folder.mkdir(parents=True, exist_ok=True)
        self._inputs: dict[str, str] = json.loads(self._inputs_file.read_text()) if self._inputs_file.exists() else {}
        self._names: list[str] = []

    def add(self, name: str, inputs: str, entries: Callable[[], dict[str, bytes]]) -> None:
        """Make <name>.zip of `entries()`, unless the one there was made from the same inputs."""
        self._names.append(name)
        path = self.folder / f"{name}.zip"
        if path.exists() and self._inputs.get(name) == inputs:
            return
        print(f"· {shown(path)}", flush=True)
        write_zip(path, entries())
        self._inputs[name] = inputs
        self._inputs_file.write_text(json.dumps(self._inputs, indent=2) + "\n")

    def write_manifest(self) -> None:
        """List what add() was called for; other zips in the folder are removed."""
        manifest = {}
        for name in sorted(self._names):
            path = self.folder / f"{name}.zip"
            manifest[name] = {"filename": path.name, **file_hashes(path)}
        for path in self.folder.glob("*.zip"):
            if path.stem not in manifest:
                path.unlink()
        (self.folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def build(root: Path, output: Path, *, with_layers: bool = True) -> None:
    """Bring every package of the repository at `root` up to date in `output`."""
    packages = Packages(output)
    for system in systems(root / "lambda_src"):
        entries = system_entries(root, system)
        packages.add(system, content_digest(entries), partial(dict, entries))
    for name, (requirements, platform) in LAYERS.items() if with_layers else ():
        lock = root / "requirements" / requirements
        wheels = output.parent / "wheels" / name
        packages.add(name, _layer_inputs(lock, platform), partial(_layer, lock, wheels, platform))
    packages.write_manifest()


def _layer(lock: Path, wheels: Path, platform: list[str]) -> dict[str, bytes]:
    return layer_entries(download_wheels(lock, wheels, platform))


def _layer_inputs(lock: Path, platform: list[str]) -> str:
    described = [LAYOUT, lock.read_text(), platform or [sys.version, sysconfig.get_platform()]]
    return hashlib.sha256(json.dumps(described).encode()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="repository to package")
    parser.add_argument("--output", type=Path, default=BUILD / "packages", help="folder of the zips")
    parser.add_argument("--without-layers", action="store_true", help="only the zips of lambda_src")
    arguments = parser.parse_args()
    build(arguments.root, arguments.output, with_layers=not arguments.without_layers)


if __name__ == "__main__":
    main()
