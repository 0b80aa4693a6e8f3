"""Where Terraform's providers come from, on machines made of temporary folders."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools.terraform_config import PROVIDER, locked_version, terraform_env

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
PLATFORM = f"{platform.system().lower()}_{ARCHITECTURE}"


@dataclass
class Machine:
    """A home, system folders and folders to search, all below one temporary folder."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)

    def mirror(self, place: str, version: str = "5.100.0", target: str = PLATFORM) -> Path:
        """Put an unpacked mirror of the provider somewhere and return its folder."""
        folder = self.root / place
        (folder / PROVIDER / version / target).mkdir(parents=True)
        return folder

    def lock(self, version: str) -> None:
        """Give a stack a lock file that names a provider version."""
        stack = self.root / "envs/dev/some-stack"
        stack.mkdir(parents=True)
        (stack / ".terraform.lock.hcl").write_text(f'provider "{PROVIDER}" {{\n  version     = "{version}"\n}}\n')

    def env(self) -> dict[str, str]:
        """What terraform_env makes of it."""
        return terraform_env(
            {"HOME": str(self.root / "home"), **self.environ},
            build=self.root / "build",
            stacks=self.root / "envs",
            system_folders=(self.root / "usr-share/terraform/plugins",),
            searched=(self.root / "usr-share", self.root / "opt"),
        )

    def configured(self) -> str | None:
        """The text of the CLI configuration that Terraform would read, None if none is named."""
        named = self.env().get("TF_CLI_CONFIG_FILE")
        return Path(named).read_text() if named else None


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    "place",
    [
        "home/.terraform.d/plugins",
        "home/.local/share/terraform/plugins",
        "usr-share/terraform/plugins",
        "usr-share/some/where",
        "opt/mirror",
    ],
)
def test_a_mirror_in_a_usual_place_is_the_only_source(machine: Machine, place: str) -> None:
    # Given a mirror somewhere
    folder = machine.mirror(place)

    # When Terraform is configured
    text = machine.configured()

    # Then providers come from there, and the registry is not asked
    assert text is not None
    assert f'path = "{folder}"' in text
    assert "direct" not in text


def test_a_named_mirror_comes_before_one_that_is_found(machine: Machine) -> None:
    machine.mirror("opt/found")
    named = machine.mirror("elsewhere/named")
    machine.environ["TF_PLUGIN_MIRROR"] = str(named)
    assert f'path = "{named}"' in (machine.configured() or "")


def test_the_data_home_is_looked_into(machine: Machine) -> None:
    folder = machine.mirror("data/terraform/plugins")
    machine.environ["XDG_DATA_HOME"] = str(machine.root / "data")
    assert f'path = "{folder}"' in (machine.configured() or "")


def test_a_packed_mirror_counts(machine: Machine) -> None:
    archive = machine.root / "opt/packed" / PROVIDER / f"terraform-provider-aws_5.100.0_{PLATFORM}.zip"
    archive.parent.mkdir(parents=True)
    archive.touch()
    assert f'path = "{machine.root / "opt/packed"}"' in (machine.configured() or "")


def test_without_a_mirror_the_registry_is_used_through_a_cache(machine: Machine) -> None:
    env = machine.env()
    assert "TF_CLI_CONFIG_FILE" not in env
    assert Path(env["TF_PLUGIN_CACHE_DIR"]).is_dir()


@pytest.mark.parametrize(("version", "target"), [("4.67.0", PLATFORM), ("5.100.0", "plan9_mips")])
def test_a_mirror_without_the_locked_version_for_this_platform_is_none(
    machine: Machine, version: str, target: str
) -> None:
    machine.lock("5.100.0")
    machine.mirror("opt/mirror", version, target)
    assert machine.configured() is None


def test_a_mirror_too_deep_to_search_for_is_not_found(machine: Machine) -> None:
    machine.mirror("opt/a/b/c/d/e")
    assert machine.configured() is None


def test_a_configuration_file_that_does_not_exist_is_ignored(machine: Machine) -> None:
    machine.environ["TF_CLI_CONFIG_FILE"] = str(machine.root / "missing.tfrc")
    assert "TF_CLI_CONFIG_FILE" not in machine.env()


def test_a_configuration_of_the_caller_is_kept(machine: Machine) -> None:
    machine.mirror("opt/mirror")
    own = machine.root / "own.tfrc"
    own.touch()
    machine.environ["TF_CLI_CONFIG_FILE"] = str(own)
    assert machine.env()["TF_CLI_CONFIG_FILE"] == str(own)


def test_an_installation_method_in_the_home_folder_is_kept(machine: Machine) -> None:
    machine.mirror("opt/mirror")
    (machine.root / "home").mkdir()
    (machine.root / "home/.terraformrc").write_text("provider_installation {\n  direct {}\n}\n")
    assert "TF_CLI_CONFIG_FILE" not in machine.env()


def test_the_rest_of_the_environment_is_passed_on(machine: Machine) -> None:
    machine.environ["AWS_REGION"] = "eu-west-1"
    assert machine.env()["AWS_REGION"] == "eu-west-1"


def test_the_locked_version_is_read_from_the_stacks(machine: Machine) -> None:
    assert locked_version(machine.root / "envs") is None
    machine.lock("5.100.0")
    assert locked_version(machine.root / "envs") == "5.100.0"


def test_a_caller_s_own_garbage_collection_is_kept(machine: Machine) -> None:
    assert machine.env()["GOGC"] == "400"
    machine.environ["GOGC"] = "50"
    assert machine.env()["GOGC"] == "50"
