"""What is set for single servers: launch configuration and tags."""

from __future__ import annotations

from local_cloud.drs.admission import missing
from local_cloud.drs.state import Record, State

_NESTED = ("licensing", "launchIntoInstanceProperties")


def default_configuration(state: State, server: str, hostname: str) -> Record:
    """What a source server has before anybody sets anything."""
    return {
        "sourceServerID": server,
        "name": hostname,
        "ec2LaunchTemplateID": state.identifier("lt"),
        "launchDisposition": "STARTED",
        "targetInstanceTypeRightSizingMethod": "BASIC",
        "copyPrivateIp": False,
        "copyTags": False,
        "licensing": {"osByol": False},
        "postLaunchEnabled": False,
        "launchIntoInstanceProperties": {},
    }


def get_launch_configuration(state: State, parameters: Record) -> Record:
    """GetLaunchConfiguration."""
    return dict(_configuration(state, parameters))


def update_launch_configuration(state: State, parameters: Record) -> Record:
    """UpdateLaunchConfiguration: only what the request names changes."""
    configuration = _configuration(state, parameters)
    for name, value in parameters.items():
        configuration[name] = {**configuration[name], **value} if name in _NESTED else value
    return dict(configuration)


def _configuration(state: State, parameters: Record) -> Record:
    found = state.launch_configurations.get(parameters["sourceServerID"])
    if found is None:
        raise missing("SourceServer", parameters["sourceServerID"])
    return found


def tag(state: State, parameters: Record) -> Record:
    """TagResource of a source server, job or recovery instance."""
    _tagged(state, parameters["resourceArn"])["tags"].update(parameters["tags"])
    return {}


def untag(state: State, parameters: Record) -> Record:
    """UntagResource; keys that are not there do not matter."""
    tags = _tagged(state, parameters["resourceArn"])["tags"]
    for key in parameters["tagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags(state: State, parameters: Record) -> Record:
    """ListTagsForResource."""
    return {"tags": dict(_tagged(state, parameters["resourceArn"])["tags"])}


def _tagged(state: State, arn: str) -> Record:
    kind, _, identifier = arn.rpartition(":")[2].partition("/")
    tables = {"source-server": state.servers, "job": state.jobs, "recovery-instance": state.instances}
    found = tables.get(kind, {}).get(identifier)
    if found is None or found["arn"] != arn:
        raise missing("Resource", arn)
    return found
