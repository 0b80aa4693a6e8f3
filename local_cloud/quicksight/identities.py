"""The account's subscription, its users and its groups, all of namespace `default`.

Users and groups are known in the identity Region alone, whatever Region the assets are in.
"""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.quicksight.calls import Call, answer_of, page
from local_cloud.quicksight.engine import Engine
from local_cloud.quicksight.errors import missing, refusal
from local_cloud.quicksight.state import Record, State

Operation = Callable[[Engine, Call], Record]
NAMESPACE = "default"


def settings(engine: Engine, call: Call) -> Record:
    """DescribeAccountSettings."""
    state = engine.state
    known = {"AccountName": state.account_name, "Edition": state.edition, "DefaultNamespace": NAMESPACE}
    return answer_of(call, {"AccountSettings": known})


def subscription(engine: Engine, call: Call) -> Record:
    """DescribeAccountSubscription."""
    state = engine.state
    known = {
        "AccountName": state.account_name,
        "Edition": state.edition,
        "AccountSubscriptionStatus": "ACCOUNT_CREATED",
    }
    return answer_of(call, {"AccountInfo": known | {"AuthenticationType": "IAM_AND_QUICKSIGHT"}})


def at_home(operation: Operation) -> Operation:
    """The operation, refused outside of the identity Region and for namespaces that there are not."""

    def run(engine: Engine, call: Call) -> Record:
        state = engine.state
        if state.region != state.identity_region:
            raise refusal(
                "AccessDeniedException",
                f"Operation is being called from endpoint {state.region}, but your identity region is "
                f"{state.identity_region}. Please use the {state.identity_region} endpoint.",
            )
        if call.parameters.get("Namespace", NAMESPACE) != NAMESPACE:
            raise missing(f"namespace {call.parameters['Namespace']}")
        return operation(engine, call)

    return run


def user_item(state: State, name: str) -> Record:
    """A user as the API gives it."""
    user = state.users[name]
    return {"Arn": state.identity_arn(f"user/{NAMESPACE}/{name}"), "UserName": name, "Active": True, **user}


def group_item(state: State, name: str) -> Record:
    """A group as the API gives it."""
    group = state.groups[name]
    arn = state.identity_arn(f"group/{NAMESPACE}/{name}")
    return {"Arn": arn, "GroupName": name, "Description": group["description"] or None}


def _user(state: State, name: str) -> str:
    if name not in state.users:
        raise missing(f"user {name}")
    return name


def _group(state: State, name: str) -> str:
    if name not in state.groups:
        raise missing(f"group {name}")
    return name


def register_user(engine: Engine, call: Call) -> Record:
    """RegisterUser."""
    state, given = engine.state, call.parameters
    name = given.get("UserName") or given["Email"]
    if name in state.users:
        raise refusal("ResourceExistsException", f"user {name} exists")
    state.users[name] = {
        "Email": given["Email"],
        "Role": given["UserRole"],
        "IdentityType": given["IdentityType"],
    }
    return answer_of(call, {"User": user_item(state, name)})


def describe_user(engine: Engine, call: Call) -> Record:
    """DescribeUser."""
    return answer_of(call, {"User": user_item(engine.state, _user(engine.state, call.parameters["UserName"]))})


def list_users(engine: Engine, call: Call) -> Record:
    """ListUsers."""
    return page(call, "UserList", [user_item(engine.state, name) for name in engine.state.users])


def delete_user(engine: Engine, call: Call) -> Record:
    """DeleteUser: its groups forget it."""
    state = engine.state
    name = _user(state, call.parameters["UserName"])
    del state.users[name]
    for group in state.groups.values():
        group["members"] = [each for each in group["members"] if each != name]
    return answer_of(call, {})


def create_group(engine: Engine, call: Call) -> Record:
    """CreateGroup."""
    state, name = engine.state, call.parameters["GroupName"]
    if name in state.groups:
        raise refusal("ResourceExistsException", f"group {name} exists")
    state.groups[name] = {"description": call.parameters.get("Description", ""), "members": []}
    return answer_of(call, {"Group": group_item(state, name)})


def describe_group(engine: Engine, call: Call) -> Record:
    """DescribeGroup."""
    return answer_of(call, {"Group": group_item(engine.state, _group(engine.state, call.parameters["GroupName"]))})


def list_groups(engine: Engine, call: Call) -> Record:
    """ListGroups."""
    return page(call, "GroupList", [group_item(engine.state, name) for name in engine.state.groups])


def delete_group(engine: Engine, call: Call) -> Record:
    """DeleteGroup."""
    del engine.state.groups[_group(engine.state, call.parameters["GroupName"])]
    return answer_of(call, {})


def _member(state: State, group: str, name: str) -> Record:
    return {"Arn": state.identity_arn(f"user/{NAMESPACE}/{name}"), "MemberName": name}


def create_membership(engine: Engine, call: Call) -> Record:
    """CreateGroupMembership: once more is fine."""
    state = engine.state
    group = _group(state, call.parameters["GroupName"])
    name = _user(state, call.parameters["MemberName"])
    members = state.groups[group]["members"]
    state.groups[group]["members"] = list(dict.fromkeys([*members, name]))
    return answer_of(call, {"GroupMember": _member(state, group, name)})


def list_memberships(engine: Engine, call: Call) -> Record:
    """ListGroupMemberships."""
    state = engine.state
    group = _group(state, call.parameters["GroupName"])
    return page(call, "GroupMemberList", [_member(state, group, name) for name in state.groups[group]["members"]])


def list_groups_of(engine: Engine, call: Call) -> Record:
    """ListUserGroups."""
    state = engine.state
    name = _user(state, call.parameters["UserName"])
    groups = [group for group, each in state.groups.items() if name in each["members"]]
    return page(call, "GroupList", [group_item(state, group) for group in groups])


def _namespace(state: State) -> Record:
    return {
        "Name": NAMESPACE,
        "Arn": state.identity_arn(f"namespace/{NAMESPACE}"),
        "CapacityRegion": state.identity_region,
        "CreationStatus": "CREATED",
        "IdentityStore": "QUICKSIGHT",
    }


def describe_namespace(engine: Engine, call: Call) -> Record:
    """DescribeNamespace."""
    return answer_of(call, {"Namespace": _namespace(engine.state)})


def list_namespaces(engine: Engine, call: Call) -> Record:
    """ListNamespaces."""
    return page(call, "Namespaces", [_namespace(engine.state)])


OPERATIONS: dict[str, Operation] = {
    "DescribeAccountSettings": settings,
    "DescribeAccountSubscription": subscription,
    "RegisterUser": at_home(register_user),
    "DescribeUser": at_home(describe_user),
    "ListUsers": at_home(list_users),
    "DeleteUser": at_home(delete_user),
    "CreateGroup": at_home(create_group),
    "DescribeGroup": at_home(describe_group),
    "ListGroups": at_home(list_groups),
    "DeleteGroup": at_home(delete_group),
    "CreateGroupMembership": at_home(create_membership),
    "ListGroupMemberships": at_home(list_memberships),
    "ListUserGroups": at_home(list_groups_of),
    "DescribeNamespace": at_home(describe_namespace),
    "ListNamespaces": at_home(list_namespaces),
}
