"""For simulators that answer in process, also after another test has switched moto on for the whole session."""

from __future__ import annotations

import pytest
from moto.core.models import botocore_stubber


@pytest.fixture(autouse=True)
def no_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto answers before whoever was asked later."""
    monkeypatch.setattr(botocore_stubber, "enabled", False)
