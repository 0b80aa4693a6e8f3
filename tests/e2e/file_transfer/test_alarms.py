"""Whoever is woken by an alarm finds it in the documentation."""

from __future__ import annotations

import re

from local_cloud.session import LocalCloud
from tools.paths import ROOT

PAGES = [ROOT / "docs" / "file-transfer.md", *sorted((ROOT / "docs" / "file-transfer").glob("*.md"))]


def patterns() -> list[str]:
    """What the first cells of tables call alarms: whole names, `-endings` beside one, some with a part left open."""
    cells = [line.split("|")[1] for page in PAGES for line in page.read_text().splitlines() if line.startswith("|")]
    names = [name for cell in cells if "`file-transfer-" in cell for name in re.findall(r"`([a-z-]+[^` ]*)`", cell)]
    return [
        re.sub("<function>|…", "[a-z-]+", f"file-transfer[a-z-]*{name}" if name[0] == "-" else name) for name in names
    ]


def test_every_alarm_is_described(cloud: LocalCloud) -> None:
    pages = cloud.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix="file-transfer")
    alarms = {alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]}

    assert len(alarms) > 50
    assert {alarm for alarm in alarms if not any(re.fullmatch(each, alarm) for each in patterns())} == set()
