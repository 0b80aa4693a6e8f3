"""The environment Terraform runs in, with or without a reachable registry.

Where a filesystem mirror holds the aws provider, a CLI configuration that names only this mirror is written to
build/terraform/cli.tfrc: with a `direct {}` method beside it Terraform still asks the registry, and fails offline.
Without a mirror there is no configuration, and providers come from the registry through a plugin cache.
What a caller configured himself (an existing TF_CLI_CONFIG_FILE, or provider_installation in ~/.terraformrc) is kept.

    eval "$(python -m tools.terraform_config)"
"""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.paths import BUILD, STACKS

PROVIDER = Path("registry.terraform.io/hashicorp/aws")
SEARCHED = (Path("/usr/share"), Path("/opt"))
SEARCH_DEPTH = 3
SEARCH_LIMIT = 20_000

# Most of a short run's time goes into reading the provider's large schema; with rarer garbage collection of the Go
# runtime a third less.
RARE_COLLECTION = "400"
QUIET = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


def terraform_env(
    environ: Mapping[str, str] | None = None,
    *,
    build: Path = BUILD,
    stacks: Path = STACKS,
    system_folders: tuple[Path, ...] | None = None,
    searched: tuple[Path, ...] = SEARCHED,
) -> dict[str, str]:
    """A whole environment for a terraform process: the given one (default: ours) plus what the docstring above says.

    `system_folders` replaces the machine-wide folders that Terraform itself looks into.
    """
    env = dict(os.environ if environ is None else environ)
    env |= QUIET
    env.setdefault("GOGC", RARE_COLLECTION)
    if named := env.get("TF_CLI_CONFIG_FILE"):
        if Path(named).is_file():
            return env
        del env["TF_CLI_CONFIG_FILE"]
    if _user_chose_installation(env):
        return env
    folder = build / "terraform"
    folder.mkdir(parents=True, exist_ok=True)
    mirror = find_mirror(env, version=locked_version(stacks), system_folders=system_folders, searched=searched)
    if mirror is None:
        cache = folder / "plugins"
        cache.mkdir(exist_ok=True)
        env.setdefault("TF_PLUGIN_CACHE_DIR", str(cache))
        return env
    config = folder / "cli.tfrc"
    _write_if_changed(config, _configuration(mirror))
    env["TF_CLI_CONFIG_FILE"] = str(config)
    return env


def find_mirror(
    env: Mapping[str, str],
    *,
    version: str | None = None,
    system_folders: tuple[Path, ...] | None = None,
    searched: tuple[Path, ...] = SEARCHED,
) -> Path | None:
    """The first folder that holds the aws provider for this platform, in `version` if one is given."""
    named = [Path(env["TF_PLUGIN_MIRROR"])] if env.get("TF_PLUGIN_MIRROR") else []
    for folder in [*named, *_implied_folders(env, system_folders)]:
        if _holds_provider(folder, version):
            return folder.resolve()
    for root in searched:
        for folder in _folders(root):
            if _holds_provider(folder, version):
                return folder.resolve()
    return None


def locked_version(stacks: Path = STACKS) -> str | None:
    """The aws provider's version in the stacks' lock files, None where there are none."""
    for lock in sorted(stacks.glob("*/*/.terraform.lock.hcl")):
        block = re.search(rf'provider "{PROVIDER}" {{\s*version\s*=\s*"([^"]+)"', lock.read_text())
        if block:
            return block.group(1)
    return None


def _implied_folders(env: Mapping[str, str], system_folders: tuple[Path, ...] | None) -> list[Path]:
    """Terraform's implied local mirror directories (CLI documentation, "Implied Local Mirror Directories")."""
    home = Path(env.get("HOME", "~")).expanduser()
    data = Path(env.get("XDG_DATA_HOME") or home / ".local/share")
    if system_folders is None:
        dirs = env.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        system_folders = tuple(Path(folder) / "terraform/plugins" for folder in dirs.split(":") if folder)
    mac = home / "Library/Application Support/io.terraform/plugins"
    return [home / ".terraform.d/plugins", data / "terraform/plugins", mac, *system_folders]


def _folders(root: Path) -> Iterator[Path]:
    """Folders under root, nearest first, to a bounded depth and number; symbolic links are not followed."""
    level, seen = [root], 0
    for _ in range(SEARCH_DEPTH + 1):
        below: list[Path] = []
        for folder in level:
            seen += 1
            if seen > SEARCH_LIMIT:
                return
            yield folder
            try:
                with os.scandir(folder) as entries:
                    below += [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
            except OSError:
                continue
        level = sorted(below)


def _holds_provider(mirror: Path, version: str | None) -> bool:
    """True for both layouts of a mirror: <version>/<platform>/… unpacked, or a zip file a version and platform."""
    folder = mirror / PROVIDER
    wanted = version or "*"
    target = _platform()
    try:
        return any(folder.glob(f"{wanted}/{target}")) or any(folder.glob(f"*_{wanted}_{target}.zip"))
    except OSError:
        return False


def _platform() -> str:
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386"}.get(machine, machine)
    return f"{platform.system().lower()}_{architecture}"


def _user_chose_installation(env: Mapping[str, str]) -> bool:
    personal = Path(env.get("HOME", "~")).expanduser() / ".terraformrc"
    return personal.is_file() and "provider_installation" in personal.read_text()


def _configuration(mirror: Path) -> str:
    return f"provider_installation {{\n  filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n  }}\n}}\n"


def _write_if_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main() -> None:
    """Print what differs from this process's environment, as shell commands."""
    env = terraform_env()
    for name in sorted(set(os.environ) - set(env)):
        print(f"unset {name}")
    for name in sorted(env):
        if os.environ.get(name) != env[name]:
            print(f"export {name}={shlex.quote(env[name])}")


if __name__ == "__main__":
    main()
