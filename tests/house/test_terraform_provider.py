"""How runs of Terraform come to share a provider."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.terraform_provider import one_provider
from tools.terraform_workspace import REATTACH

ADDRESS = '{"registry.terraform.io/hashicorp/aws":{"Addr":{"Network":"unix","String":"/run/plugin7"}}}'


@pytest.fixture(autouse=True)
def nobody_shares_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REATTACH, raising=False)


def program(folder: Path, script: str) -> Path:
    """Something to start instead of a provider."""
    path = folder / "provider"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_runs_in_the_block_are_told_where_the_provider_listens(tmp_path: Path) -> None:
    # Given a provider that says where it listens, lives until it is interrupted, and notes when it was
    script = f"trap 'echo gone > {tmp_path}/end; exit' TERM\necho \"{REATTACH}='$(cat {tmp_path}/address)'\""
    (tmp_path / "address").write_text(ADDRESS)

    # When runs share it
    with one_provider(program(tmp_path, f"{script}\nwhile :; do sleep 0.05; done")) as shared:
        # Then they are told where, and afterwards neither is left
        assert shared
        assert os.environ[REATTACH] == ADDRESS
    assert REATTACH not in os.environ
    assert (tmp_path / "end").read_text() == "gone\n"


def test_without_a_provider_to_share_each_run_starts_its_own(tmp_path: Path) -> None:
    with one_provider(program(tmp_path, "echo this is no provider; exit 1")) as shared:
        assert not shared
        assert REATTACH not in os.environ
