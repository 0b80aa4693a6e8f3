"""Groups and plans over the API: names, versions, selection, lists."""

from __future__ import annotations

from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from tests.unit.disaster_recovery.api_world import (
    ACCOUNT,
    OTHER,
    REGION,
    World,
    create_tables,
    meanwhile,
    paths,
    plan,
    server_id,
    wave,
)

GROUP = {"name": "web", "selection": {"tags": {"tier": "web"}}}


@pytest.fixture
def world(moto_client: Any) -> World:
    dynamodb_backends.reset()
    create_tables(moto_client)
    return World(moto_client)


def group(world: World, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = world.ask("POST", "/protection-groups", {**GROUP, **changes}).body
    return found


def test_a_group_is_stored_read_replaced_and_deleted(world: World) -> None:
    # Given a group
    created = world.ask("POST", "/protection-groups", GROUP)
    group_id = created.body["groupId"]
    assert (created.status, created.headers["location"]) == (201, f"/protection-groups/{group_id}")
    assert (created.body["version"], created.body["createdBy"]) == (1, "user:ada")
    # When it is replaced by somebody else at the version that was read
    changed = {**GROUP, "description": "all web servers"}
    answer = world.ask(
        "PUT", f"/protection-groups/{group_id}", changed, user="bob", headers={"if-match": created.headers["etag"]}
    )
    # Then it has the next version, and keeps who made it
    assert (answer.status, answer.headers["etag"], answer.body["version"]) == (200, '"2"', 2)
    assert (answer.body["createdBy"], answer.body["updatedBy"]) == ("user:ada", "user:bob")
    assert world.ask("GET", f"/protection-groups/{group_id}").body == answer.body
    # And can be deleted
    assert world.ask("DELETE", f"/protection-groups/{group_id}", headers={"if-match": '"2"'}).status == 204
    assert world.ask("GET", f"/protection-groups/{group_id}").status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_names_the_version_it_is_of(world: World, method: str) -> None:
    path = f"/protection-groups/{group(world)['groupId']}"
    assert world.ask(method, path, GROUP).status == 428
    stale = world.ask(method, path, GROUP, headers={"if-match": '"7"'})
    assert (stale.status, stale.body["code"], stale.body["currentVersion"]) == (409, "STALE_VERSION", 1)
    assert world.ask("GET", path).body["version"] == 1


def test_of_two_changes_at_one_time_one_wins(world: World) -> None:
    # Given a change that is overtaken after it has read the version
    path = f"/protection-groups/{group(world)['groupId']}"
    first, second = {**GROUP, "description": "first"}, {**GROUP, "description": "second"}

    def overtake() -> None:
        assert world.ask("PUT", path, first, headers={"if-match": '"1"'}).status == 200

    with meanwhile(world.services.catalog.groups.dynamodb, "transact_write_items", overtake):
        answer = world.ask("PUT", path, second, headers={"if-match": '"1"'})
    # Then it is told so
    assert (answer.status, answer.body["currentVersion"]) == (409, 2)
    assert world.ask("GET", path).body["description"] == "first"


@pytest.mark.parametrize("name", ["web", "WEB", "Web"])
def test_a_name_is_given_once(world: World, name: str) -> None:
    first = group(world)
    answer = world.ask("POST", "/protection-groups", {**GROUP, "name": name})
    assert (answer.status, answer.body["code"], answer.body["holder"]) == (409, "NAME_TAKEN", first["groupId"])


def test_of_two_creations_at_one_time_one_wins(world: World) -> None:
    def overtake() -> None:
        assert world.ask("POST", "/protection-groups", GROUP).status == 201

    with meanwhile(world.services.catalog.groups.dynamodb, "transact_write_items", overtake):
        assert world.ask("POST", "/protection-groups", GROUP).status == 409
    assert len(world.ask("GET", "/protection-groups").body["items"]) == 1


def test_a_name_that_was_given_up_is_free(world: World) -> None:
    # Given a renamed and a deleted group
    renamed, deleted = group(world), group(world, name="db")
    path = f"/protection-groups/{renamed['groupId']}"
    assert world.ask("PUT", path, {**GROUP, "name": "front"}, headers={"if-match": '"1"'}).status == 200
    assert world.ask("DELETE", f"/protection-groups/{deleted['groupId']}", headers={"if-match": '"1"'}).status == 204
    # Then their names can be used again, and the new one is taken
    assert [world.ask("POST", "/protection-groups", {**GROUP, "name": name}).status for name in ("web", "db")] == [
        201,
        201,
    ]
    assert world.ask("POST", "/protection-groups", {**GROUP, "name": "front"}).status == 409


def test_a_name_may_change_its_case(world: World) -> None:
    path = f"/protection-groups/{group(world)['groupId']}"
    assert world.ask("PUT", path, {**GROUP, "name": "Web"}, headers={"if-match": '"1"'}).body["name"] == "Web"


def test_lists_are_by_name_page_by_page(world: World) -> None:
    # Given five groups, stored in another order
    for name in ("e", "b", "d", "a", "c"):
        group(world, name=name)
    # When they are read two at a time
    names, cursor = [], None
    for _ in range(3):
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = world.ask("GET", "/protection-groups", query=query).body
        names.append([item["name"] for item in page["items"]])
        cursor = page.get("nextCursor")
    # Then each is there once
    assert (names, cursor) == ([["a", "b"], ["c", "d"], ["e"]], None)


def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    for name in ("a", "b"):
        group(world, name=name)
    cursor = world.ask("GET", "/protection-groups", query={"limit": "1"}).body["nextCursor"]
    answer = world.ask("GET", "/recovery-plans", query={"cursor": cursor})
    assert (answer.status, paths(answer)) == (400, ["$query.cursor"])


def test_a_selection_is_shown_before_it_is_stored(world: World) -> None:
    # Given a selection by id and by tags, one server being both
    selection = {"sourceServerIds": [server_id(1), server_id(2)], "tags": {"tier": "web", "app": "shop"}}
    answer = world.ask("POST", "/protection-groups/preview", {"selection": selection}, groups="[dr-view]")
    # Then each server says why it is taken
    assert [(each["hostname"], each["by"]) for each in answer.body["servers"]] == [
        ("host-1", ["ID"]),
        ("host-2", ["ID", "TAGS"]),
        ("host-4", ["TAGS"]),
        ("host-6", ["TAGS"]),
    ]
    assert (answer.body["count"], answer.body["account"]) == (4, {"accountId": ACCOUNT, "region": REGION})


def test_tags_must_all_fit(world: World) -> None:
    selection = {"tags": {"tier": "web", "app": "another"}}
    assert world.ask("POST", "/protection-groups/preview", {"selection": selection}).body["count"] == 0


@pytest.mark.parametrize("path", ["/protection-groups", "/protection-groups/preview"])
def test_unknown_servers_are_named_with_their_place(world: World, path: str) -> None:
    body: dict[str, Any] = {
        "selection": {"sourceServerIds": [server_id(1), server_id(98), server_id(2), server_id(99)]}
    }
    answer = world.ask("POST", path, {**body, **({} if path.endswith("preview") else {"name": "x"})})
    assert answer.status == 400
    assert paths(answer) == ["$.selection.sourceServerIds[1]", "$.selection.sourceServerIds[3]"]


def test_a_selection_of_nothing_is_refused(world: World) -> None:
    for selection in ({}, {"sourceServerIds": []}, {"tags": {}}):
        answer = world.ask("POST", "/protection-groups", {"name": "x", "selection": selection})
        assert (answer.status, paths(answer)) == (400, ["$.selection"])


def test_a_group_s_servers_are_those_of_its_account(world: World) -> None:
    # Given the other account, which has two servers
    account = {"accountId": OTHER, "region": REGION, "roleArn": f"arn:aws:iam::{OTHER}:role/dr"}
    # Then the third is unknown there
    body = {"name": "x", "account": account, "selection": {"sourceServerIds": [server_id(2), server_id(3)]}}
    assert paths(world.ask("POST", "/protection-groups", body)) == ["$.selection.sourceServerIds[1]"]


def test_launch_settings_are_set_on_the_servers_that_the_group_takes(world: World) -> None:
    # Given a group with launch settings, one of its servers being out of reach
    settings = {"launchDisposition": "STOPPED", "copyTags": True, "licensing": {"osByol": True}}
    path = f"/protection-groups/{group(world, launchSettings=settings)['groupId']}/apply-launch-settings"
    simulator = world.simulators[ACCOUNT]
    del simulator.state.launch_configurations[server_id(4)]
    # When they are applied
    assert world.ask("POST", path, groups="[dr-drill]").status == 403
    answer = world.ask("POST", path)
    # Then each other server has them, and what could not be set is told
    assert (answer.status, answer.body["applied"], answer.body["failed"]) == (200, 2, 1)
    assert [each["sourceServerId"] for each in answer.body["servers"] if "error" in each] == [server_id(4)]
    for number in (2, 6):
        found = simulator.call("GetLaunchConfiguration", {"sourceServerID": server_id(number)})
        assert {name: found[name] for name in settings} == settings
    assert simulator.call("GetLaunchConfiguration", {"sourceServerID": server_id(1)})["copyTags"] is False


def test_a_group_without_launch_settings_has_none_to_apply(world: World) -> None:
    path = f"/protection-groups/{group(world)['groupId']}/apply-launch-settings"
    answer = world.ask("POST", path)
    assert (answer.status, answer.body["code"]) == (409, "NO_LAUNCH_SETTINGS")


def test_a_group_that_a_plan_names_stays(world: World) -> None:
    # Given a plan of a group
    group_id = group(world)["groupId"]
    created = world.ask("POST", "/recovery-plans", plan(wave("web", protectionGroupId=group_id))).body
    # Then the group cannot be deleted
    answer = world.ask("DELETE", f"/protection-groups/{group_id}", headers={"if-match": '"1"'})
    assert (answer.status, answer.body["code"], answer.body["planIds"]) == (409, "GROUP_IN_USE", [created["planId"]])
    # Unless the plan goes first
    assert world.ask("DELETE", f"/recovery-plans/{created['planId']}", headers={"if-match": '"1"'}).status == 204
    assert world.ask("DELETE", f"/protection-groups/{group_id}", headers={"if-match": '"1"'}).status == 204


def test_a_plan_is_stored_read_replaced_and_listed(world: World) -> None:
    # Given a plan with a description
    document = plan(wave("databases", 1, 3), wave("web", 2), description="the shop", objectives={"rtoSeconds": 3600})
    created = world.ask("POST", "/recovery-plans", document)
    plan_id = created.body["planId"]
    # Then it comes back as it went in
    assert {name: created.body[name] for name in document} == document
    # And lists show it without its waves, also by name
    summary = {"planId": plan_id, "name": "shop", "description": "the shop", "waveCount": 2, "version": 1}
    (item,) = world.ask("GET", "/recovery-plans", query={"name": "shop"}).body["items"]
    assert {name: item[name] for name in summary} == summary and "waves" not in item
    assert world.ask("GET", "/recovery-plans", query={"name": "other"}).body == {"items": []}
    # And it can be replaced
    changed = world.ask("PUT", f"/recovery-plans/{plan_id}", plan(), headers={"if-match": '"1"'})
    assert (changed.status, changed.body["version"], len(changed.body["waves"])) == (200, 2, 1)
    assert world.ask("GET", f"/recovery-plans/{plan_id}").body == changed.body


def test_numbers_of_a_payload_come_back_as_they_went_in(world: World) -> None:
    payload = {"whole": 3, "half": 0.5, "exponent": 1200.0, "none": None, "list": [1, True]}
    action = {"name": "warm", "type": "LAMBDA", "functionName": "warm-up", "payload": payload}
    created = world.ask("POST", "/recovery-plans", plan(wave("databases", 1, preActions=[action])))
    read = world.ask("GET", f"/recovery-plans/{created.body['planId']}")
    assert read.body["waves"][0]["preActions"][0]["payload"] == payload


def test_an_unknown_plan_or_group_is_not_found(world: World) -> None:
    for path in ("/recovery-plans/rp-" + "a" * 20, "/protection-groups/pg-" + "a" * 20, "/recovery-plans/NAME%23shop"):
        assert world.ask("GET", path).status == 404
        assert world.ask("DELETE", path, headers={"if-match": '"1"'}).status == 404
    assert world.ask("PUT", "/recovery-plans/rp-" + "a" * 20, plan(), headers={"if-match": '"1"'}).status == 404


@pytest.mark.parametrize(
    ("groups", "status"), [("[dr-view]", 403), ("[dr-drill]", 403), ("[dr-terminate]", 403), ("[dr-recover]", 201)]
)
def test_only_who_may_recover_edits(world: World, groups: str, status: int) -> None:
    answer = world.ask("POST", "/recovery-plans", plan(), groups=groups)
    assert answer.status == status
    if status == 403:
        assert "recover" in answer.body["detail"]
    assert world.ask("GET", "/recovery-plans", groups=groups).status == 200
