"""The acts of QuickSight migration: two accounts, a plan that a person reads, an import that fails, a way back."""

from __future__ import annotations

from local_cloud.quicksight import examples
from local_cloud.session import LocalCloud
from tools.demo.commands import CommandStory
from tools.demo.show import Screen
from tools.paths import ROOT, shown

PLAN = ROOT / "examples" / "quicksight-migration" / "sales.yaml"
SOURCE, TARGET, REGION = "111111111111", "222222222222", "us-east-1"
CLOCK = 20
DASHBOARD = "sales-overview"


class MigrationStory(CommandStory):
    """Tells the acts on a running local cloud."""

    def __init__(self, cloud: LocalCloud, screen: Screen) -> None:
        super().__init__(cloud, screen)
        self._source = cloud.quicksight(SOURCE, REGION)
        self._target = cloud.quicksight(TARGET, REGION)

    def tell(self) -> list[str]:
        """Play all acts; returns one line for each thing that did not end as announced."""
        self._cloud.clear_faults()
        self._open_accounts()
        self._plan()
        self._import()
        self._fail()
        self._resume()
        self._restore()
        return self._surprises

    def _open_accounts(self) -> None:
        for side, document in ((self._source, examples.dev()), (self._target, examples.prod())):
            side.clear()
            side.clock(CLOCK)
            side.seed(document)
        self._screen.say(
            f"Two accounts: {SOURCE} has a dashboard with its analysis, datasets, data sources and theme; {TARGET} has "
            f"people and no assets. {CLOCK} seconds of QuickSight's work take a second here."
        )
        self._towpath("quicksight", "accounts")

    def _plan(self) -> None:
        self._screen.act("1  A migration is a file; what it would change is a plan that a person reads")
        self._towpath("quicksight", "jobs", "start", shown(PLAN))
        self._towpath("quicksight", "jobs", "watch", "latest", "--stop-at-approval")
        self._towpath("quicksight", "plan", "latest")

    def _import(self) -> None:
        self._screen.act("2  Approved, that very plan: backed up, imported, permissions given by ARN, verified")
        self._towpath("quicksight", "jobs", "approve", "latest", "--yes", "--comment", "as discussed")
        self._towpath("quicksight", "jobs", "watch", "latest")
        self._towpath("quicksight", "jobs", "show", "latest")
        granted = self._cloud.client("quicksight", TARGET).describe_dashboard_permissions(
            AwsAccountId=TARGET, DashboardId=DASHBOARD
        )["Permissions"]
        self._screen.table(
            f"Permissions of dashboard {DASHBOARD} in {TARGET}",
            ("principal", "actions"),
            [(each["Principal"].partition(f"{TARGET}:")[2], len(each["Actions"])) for each in granted],
        )
        if not granted:
            self._surprises.append("nobody may see the dashboard")

    def _fail(self) -> None:
        self._screen.act("3  A new version; its import fails halfway and is rolled back")
        self._source.inject({"action": {"type": "edit_asset", "asset": f"dashboard/{DASHBOARD}", "name": "Sales 2027"}})
        self._target.inject({"phase": "IMPORT", "asset": DASHBOARD, "times": 1, "action": {"type": "fail"}})
        self._towpath("quicksight", "jobs", "start", shown(PLAN))
        self._towpath("quicksight", "jobs", "watch", "latest", "--stop-at-approval")
        self._towpath("quicksight", "plan", "latest")
        self._towpath("quicksight", "jobs", "approve", "latest", "--yes")
        self._towpath("quicksight", "jobs", "watch", "latest", code=1)
        self._expect("Sales overview", "the failed import is rolled back")

    def _resume(self) -> None:
        self._screen.act("4  Tried again from the step that failed: nothing that succeeded is repeated")
        self._towpath("quicksight", "jobs", "retry", "latest")
        self._towpath("quicksight", "jobs", "watch", "latest")
        self._towpath("quicksight", "jobs", "show", "latest")
        self._expect("Sales 2027", "the second try has imported it")

    def _restore(self) -> None:
        self._screen.act("5  And back: the backup that was made before the import")
        self._towpath("quicksight", "drift", "--source", SOURCE, "--target", TARGET)
        self._towpath("quicksight", "restore", "latest", "--yes")
        self._towpath("quicksight", "jobs", "watch", "latest", "--stop-at-approval")
        self._towpath("quicksight", "jobs", "approve", "latest", "--yes")
        self._towpath("quicksight", "jobs", "watch", "latest")
        self._expect("Sales overview", "the restore has brought it back")

    def _expect(self, name: str, why: str) -> None:
        client = self._cloud.client("quicksight", TARGET)
        found = client.describe_dashboard(AwsAccountId=TARGET, DashboardId=DASHBOARD)["Dashboard"]["Name"]
        self._screen.say(f"In {TARGET} the dashboard is called [bold]{found}[/bold]: {why}.")
        if found != name:
            self._surprises.append(f"the dashboard is called {found!r}, not {name!r}")
