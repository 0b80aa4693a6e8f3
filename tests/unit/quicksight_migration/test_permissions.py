"""Permissions: from the job's wishes to what each asset has, by ARN and within what the API takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quicksight_migration.assets.api_shapes import shape
from quicksight_migration.assets.types import Asset, AssetType, Place
from quicksight_migration.permissions.actions import PERMITTED, actions_of
from quicksight_migration.permissions.convergence import Permissions, change_of, requests_of, wanted_of
from quicksight_migration.permissions.grants import grants_of
from quicksight_migration.permissions.override_permissions import override_permissions
from quicksight_migration.planning.plan import Action, ConflictPolicy, Grant, Item, Plan
from shared import model_checks
from tests.unit.quicksight_migration.bundle_world import REGION, SOURCE, TARGET
from tests.unit.quicksight_migration.planning_world import OWNERS, PERMISSIONS, VIEWERS, PlanningWorld, payload

CAROL, DAVE = (f"arn:aws:quicksight:{REGION}:{TARGET}:user/default/{name}" for name in ("carol", "dave"))
BOARD = Asset(AssetType.DASHBOARD, "sales-overview")
OWN, VIEW = (frozenset(actions_of(AssetType.DASHBOARD, access)) for access in ("OWNER", "VIEWER"))


def item(kind: AssetType, name: str, action: Action = Action.CREATE, prefix: str = "") -> Item:
    asset = Asset(kind, name)
    return Item(asset, asset.prefixed(prefix), name, action, 1)


def plan_of(items: list[Item], entries: list[dict[str, Any]]) -> Plan:
    places = {"source": Place(SOURCE, REGION), "target": Place(TARGET, REGION)}
    grants = tuple(grants_of(entries, items))
    policy = ConflictPolicy.UPDATE
    return Plan("job-1", 1, "now", **places, bundles=(), conflict_policy=policy, items=tuple(items), permissions=grants)


def entry(access: str, *principals: str, **more: Any) -> dict[str, Any]:
    return {"assetTypes": ["DASHBOARD"], "principals": list(principals), "access": access, **more}


# --- what is wanted


def test_by_type_and_by_id_and_the_higher_access_wins() -> None:
    boards = [item(AssetType.DASHBOARD, name) for name in ("a", "b")]
    entries = [entry("VIEWER", CAROL, DAVE), {"assetIds": ["b"], "principals": [CAROL], "access": "OWNER"}]

    found = {(grant.asset.id, grant.access): grant.principals for grant in grants_of(entries, boards)}

    assert found == {("a", "VIEWER"): (CAROL, DAVE), ("b", "OWNER"): (CAROL,), ("b", "VIEWER"): (DAVE,)}


def test_the_target_gets_the_prefixed_id_and_what_is_skipped_is_left_alone() -> None:
    items = [item(AssetType.DASHBOARD, "a", prefix="qa-"), item(AssetType.DASHBOARD, "b", Action.SKIP)]

    (grant,) = grants_of([entry("VIEWER", DAVE)], items)
    assert (grant.asset.id, grant.target.id) == ("a", "qa-a")


def test_types_without_permissions_get_none() -> None:
    schedules = [item(AssetType.VPC_CONNECTION, "v")]

    assert grants_of([{"assetIds": ["v"], "principals": [DAVE], "access": "OWNER"}], schedules) == []


@pytest.mark.parametrize("kind", PERMITTED)
def test_a_viewer_may_do_less_than_an_owner_and_within_what_one_entry_takes(kind: AssetType) -> None:
    viewer, owner = set(actions_of(kind, "VIEWER")), set(actions_of(kind, "OWNER"))

    assert viewer < owner
    assert 1 <= len(owner) <= 20
    assert all(action.startswith("quicksight:") for action in owner)


# --- with the import


def test_new_assets_are_born_with_their_permissions() -> None:
    plan = plan_of([item(AssetType.DASHBOARD, "a")], [entry("OWNER", CAROL), entry("VIEWER", DAVE)])

    found = override_permissions(plan, plan.imported(1))

    assert found == {
        "Dashboards": [
            {"DashboardIds": ["a"], "Permissions": {"Principals": [CAROL], "Actions": sorted(OWN)}},
            {"DashboardIds": ["a"], "Permissions": {"Principals": [DAVE], "Actions": sorted(VIEW)}},
        ]
    }
    assert list(model_checks.problems(shape("AssetBundleImportJobOverridePermissions"), found)) == []


def test_what_exists_keeps_its_permissions_unless_nobody_else_may_keep_any() -> None:
    boards = [item(AssetType.DASHBOARD, "a", Action.UPDATE)]

    assert override_permissions(plan_of(boards, [entry("OWNER", CAROL)]), [boards[0].asset]) == {}
    replacing = plan_of(boards, [entry("OWNER", CAROL, replace=True)])
    assert "Dashboards" in override_permissions(replacing, [boards[0].asset])


def test_only_what_the_bundle_holds_is_named() -> None:
    boards = [item(AssetType.DASHBOARD, name) for name in ("a", "b")]

    found = override_permissions(plan_of(boards, [entry("OWNER", CAROL)]), [boards[1].asset])
    assert found["Dashboards"][0]["DashboardIds"] == ["b"]


def test_what_does_not_fit_into_an_import_is_left_for_later_and_the_rest_is_valid() -> None:
    # Given more analyses, people and groups of people than one import can be told
    people = [f"{CAROL}{number:03}" for number in range(90)]
    analyses = [item(AssetType.ANALYSIS, f"a{number:03}") for number in range(120)]
    entries = [
        {"assetTypes": ["ANALYSIS"], "principals": people, "access": "OWNER"},
        {"assetIds": ["a001"], "principals": [DAVE], "access": "VIEWER"},
    ]
    plan = plan_of(analyses, entries)

    found = override_permissions(plan, plan.imported(1))

    assert list(model_checks.problems(shape("AssetBundleImportJobOverridePermissions"), found)) == []
    assert len(found["Analyses"]) == 1
    assert len(found["Analyses"][0]["AnalysisIds"]) == 50
    assert len(found["Analyses"][0]["Permissions"]["Principals"]) == 64


# --- from what is there to what is wanted


@pytest.mark.parametrize(
    ("current", "wanted", "replaces", "grant", "revoke"),
    [
        ({}, {CAROL: OWN}, False, {CAROL: OWN}, {}),
        ({CAROL: OWN}, {CAROL: OWN}, False, {}, {}),
        ({CAROL: OWN}, {CAROL: VIEW}, False, {}, {}),
        ({CAROL: OWN}, {CAROL: VIEW}, True, {}, {CAROL: OWN - VIEW}),
        ({CAROL: VIEW}, {CAROL: OWN}, False, {CAROL: OWN}, {}),
        ({DAVE: VIEW}, {CAROL: OWN}, False, {CAROL: OWN}, {}),
        ({DAVE: VIEW}, {CAROL: OWN}, True, {CAROL: OWN}, {DAVE: VIEW}),
        ({}, {}, True, {}, {}),
    ],
)
def test_the_way_to_what_is_wanted(
    current: Permissions, wanted: Permissions, replaces: bool, grant: Permissions, revoke: Permissions
) -> None:
    change = change_of(current, wanted, replaces)

    assert (change.grant, change.revoke) == (grant, revoke)
    assert bool(change) is bool(grant or revoke)


@pytest.mark.parametrize("most", [64, 100])
def test_changes_go_out_in_calls_of_bounded_size_grants_first(most: int) -> None:
    people = {f"{CAROL}{number:03}": OWN for number in range(150)}
    gone = {f"{DAVE}{number:03}": VIEW for number in range(70)}

    calls = requests_of(change_of(gone, people, True), most)

    names = [next(iter(call)) for call in calls]
    assert names == sorted(names)
    assert all(1 <= len(each) <= most for call in calls for each in call.values())
    assert sum(len(each) for call in calls for each in call.values()) == 220


def test_grants_of_one_asset_come_together() -> None:
    grants = [
        Grant(BOARD, BOARD, "OWNER", (CAROL,), tuple(OWN)),
        Grant(BOARD, BOARD, "VIEWER", (CAROL, DAVE), tuple(VIEW), True),
    ]

    assert wanted_of(grants) == ({CAROL: OWN, DAVE: VIEW}, True)


# --- the step


def ready(**more: Any) -> PlanningWorld:
    """Everything has been imported, permissions are next."""
    world = PlanningWorld(payload=payload(**more))
    world.planned()
    world.through("BackupTarget", "ImportAssets")
    return world


def of_the_board(world: PlanningWorld) -> dict[str, set[str]]:
    found = world.simulators[TARGET].state.assets["dashboard/sales-overview"]["permissions"]
    return {each["Principal"]: set(each["Actions"]) for each in found}


def test_what_the_import_has_given_is_only_looked_at() -> None:
    world = ready(permissions=PERMISSIONS)

    answer = world.run("UpdatePermissions")

    assert answer["output"] == {"assets": 7, "changed": 0}
    assert of_the_board(world) == {OWNERS: OWN, VIEWERS: VIEW}
    assert not [name for name in world.calls[TARGET].calls if name.startswith("Update")]


def test_permissions_converge_and_doing_it_again_changes_nothing() -> None:
    # Given a dashboard that has lost its permissions since it was imported
    world = ready(permissions=PERMISSIONS)
    world.simulators[TARGET].state.assets["dashboard/sales-overview"]["permissions"] = []

    assert world.run("UpdatePermissions")["output"]["changed"] == 1
    assert of_the_board(world) == {OWNERS: OWN, VIEWERS: VIEW}
    assert world.run("UpdatePermissions")["output"]["changed"] == 0


def test_others_keep_theirs_unless_they_shall_not() -> None:
    stranger = {"Principal": DAVE, "Actions": sorted(VIEW)}
    for replaces in (False, True):
        permissions = [{"assetTypes": ["DASHBOARD"], "principals": [OWNERS], "access": "OWNER", "replace": replaces}]
        world = ready(permissions=permissions)
        world.simulators[TARGET].state.assets["dashboard/sales-overview"]["permissions"].append(dict(stranger))

        world.run("UpdatePermissions")

        assert (DAVE in of_the_board(world)) is not replaces


def test_a_job_without_permissions_skips_the_step() -> None:
    assert ready().run("UpdatePermissions")["state"] == "SKIPPED"


def test_a_lost_answer_and_throttling_are_lived_with() -> None:
    world = ready(permissions=PERMISSIONS)
    world.simulators[TARGET].state.assets["dashboard/sales-overview"]["permissions"] = []
    faults = {3: "throttled", 9: "lost"}
    first = len(world.calls[TARGET].calls)
    world.calls[TARGET].fault = lambda _, number: faults.get(number - first, "")

    assert world.run("UpdatePermissions")["state"] == "SUCCEEDED"
    assert of_the_board(world) == {OWNERS: OWN, VIEWERS: VIEW}


def test_an_asset_that_somebody_deleted_is_a_failure_that_names_it() -> None:
    world = ready(permissions=PERMISSIONS)
    world.simulators[TARGET].inject({"action": {"type": "delete_asset", "asset": "dashboard/sales-overview"}})

    answer = world.run("UpdatePermissions")

    assert answer["error"]["code"] == "PERMISSIONS_NOT_APPLIED"
    assert [each["assetId"] for each in answer["error"]["details"]] == ["sales-overview"]


def test_permissions_that_do_not_come_are_waited_for_and_then_a_failure() -> None:
    world = ready(permissions=PERMISSIONS)
    rule = {
        "operation": "UpdateDashboardPermissions",
        "action": {"type": "error", "code": "ConflictException", "status": 409},
    }
    world.simulators[TARGET].state.assets["dashboard/sales-overview"]["permissions"] = []
    world.simulators[TARGET].inject({**rule, "times": 2})
    assert world.run("UpdatePermissions")["state"] == "SUCCEEDED"

    world.simulators[TARGET].state.assets["dashboard/sales-overview"]["permissions"] = []
    world.simulators[TARGET].inject(rule)
    assert world.run("UpdatePermissions")["error"]["code"] == "PERMISSIONS_NOT_APPLIED"


def test_a_worker_that_runs_out_of_time_goes_on_where_it_was() -> None:
    world = ready(permissions=PERMISSIONS)
    world.tools = replace(world.tools, remaining=lambda: 1.0)

    answer = world.call("UpdatePermissions")

    assert (answer["state"], answer["progress"]) == ("WAIT", {"done": 0, "changed": 0, "tries": 0})
