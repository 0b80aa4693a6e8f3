"""The acts of disaster recovery, told with the commands that a person would type."""

from __future__ import annotations

import json

from local_cloud.session import LocalCloud
from tools.demo.commands import CommandStory
from tools.demo.show import Screen
from tools.paths import BUILD, ROOT, shown

PLAN = ROOT / "examples" / "disaster-recovery" / "payroll.yaml"
INVENTORY = ROOT / "examples" / "disaster-recovery" / "payroll-inventory.json"
NAME = "payroll"
CLOCK = 120
FAILING = "payroll-app-2"


class RecoveryStory(CommandStory):
    """Tells the acts on a running local cloud."""

    def __init__(self, cloud: LocalCloud, screen: Screen) -> None:
        super().__init__(cloud, screen)
        self._drs = cloud.drs()

    def tell(self) -> list[str]:
        """Play all acts; returns one line for each thing that did not end as announced."""
        self._cloud.clear_faults()
        self._drs.clear()
        self._protect()
        self._plan()
        self._drill()
        self._retry()
        self._resume()
        self._look_back()
        return self._surprises

    def _protect(self) -> None:
        servers = self._drs.seed(json.loads(INVENTORY.read_text()))
        self._drs.clock(CLOCK)
        self._screen.say(f"The local DRS protects {len(servers)} servers; two minutes of its work take a second here.")

    def _plan(self) -> None:
        self._screen.act("1  A plan is a file: checked, stored, and rehearsed before it is needed")
        self._towpath("drs", "plans", "validate", shown(PLAN))
        self._towpath("drs", "plans", "apply", shown(PLAN), "--yes")
        self._towpath("drs", "readiness", NAME)
        self._towpath("drs", "rehearse", shown(PLAN), "--inventory", shown(INVENTORY))

    def _drill(self) -> None:
        self._screen.act(f"2  A drill: databases launch, then {FAILING} fails and the plan asks what to do")
        self._drs.inject({"server": FAILING, "phase": "LAUNCH", "times": 1, "action": {"type": "fail"}})
        self._towpath("drs", "execute", NAME, "--drill")
        self._towpath("drs", "watch", "latest", "--stop-at-pause")

    def _retry(self) -> None:
        self._screen.act("3  Only the failed server is launched again; then the plan pauses before the web servers")
        self._towpath("drs", "executions", "retry-failed", "latest")
        self._towpath("drs", "watch", "latest", "--stop-at-pause")

    def _resume(self) -> None:
        self._screen.act("4  Somebody has looked, and says go on")
        self._towpath("drs", "executions", "resume", "latest", "--comment", "databases and application answer")
        self._towpath("drs", "watch", "latest")

    def _look_back(self) -> None:
        self._screen.act("5  What happened, the evidence, and the end of the instances")
        self._towpath("drs", "executions", "timeline", "latest")
        page = BUILD / "demo" / "evidence.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        self._towpath("drs", "evidence", "latest", "--html", shown(page))
        self._towpath("drs", "executions", "terminate-instances", "latest", "--yes")
        instances = self._cloud.client("drs").describe_recovery_instances
        if not self._until(lambda: not instances(filters={})["items"], "recovery instances are left"):
            return
        self._screen.say(f"No recovery instance is left. The evidence pack is {shown(page)}: open it in a browser.")
