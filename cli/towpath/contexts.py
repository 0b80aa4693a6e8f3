"""Contexts: named answers to "where is the system, and how is it reached?", kept in one YAML file.

    current: dev
    contexts:
      dev:
        api_url: https://….execute-api.eu-west-1.amazonaws.com
        user_pool_id: …         # of Cognito, for `towpath login`
        client_id: …            # its client
        region: eu-west-1       # also of the user pool
        profile: dev            # AWS profile, for what goes straight over AWS credentials
        via: api                # or aws: how commands reach the systems
        drs_function: disaster-recovery-api-handler
        quicksight:             # of QuickSight migration; it has an API, users and functions of its own
          api_url: …
          user_pool_id: …
          client_id: …
          functions: {start-job: biops-start-job, api-handler: biops-api-handler}
        transfers:              # of file transfer, likewise
          api_url: …
          user_pool_id: …
          client_id: …
          function: file-transfer-api-handler
      laptop:
        endpoints: …/build/local/endpoints.json   # a local cloud; the values are read from it each time

The file holds no secret: tokens are elsewhere (tokens.py), AWS credentials are AWS's business.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from towpath.errors import Invalid, Missing

LOCAL = "local"
DEFAULT_FUNCTION = "disaster-recovery-api-handler"
DRS, QUICKSIGHT, TRANSFERS = "drs", "quicksight", "transfers"
#: Systems that one signs in to.
SYSTEMS = (DRS, QUICKSIGHT, TRANSFERS)
TRANSFER_FUNCTION = "file-transfer-api-handler"
MIGRATION_FUNCTIONS = {"start-job": "biops-start-job", "api-handler": "biops-api-handler"}
#: What a context says of each system with an API.
OF_SYSTEM = ("api_url", "user_pool_id", "client_id")
_REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Context:
    """Where to go. Empty means: as AWS's own configuration says, or not known."""

    name: str = ""
    api_url: str = ""
    user_pool_id: str = ""
    client_id: str = ""
    region: str = ""
    profile: str = ""
    endpoint_url: str = ""
    via: str = ""
    drs_function: str = DEFAULT_FUNCTION
    credentials: Mapping[str, str] = field(default_factory=dict)
    endpoints: str = ""
    quicksight: Mapping[str, Any] = field(default_factory=dict)
    transfers: Mapping[str, Any] = field(default_factory=dict)

    def of(self, system: str) -> Context:
        """The context with the API and users of a system; as it is, it is disaster recovery's."""
        if system == DRS:
            return self
        told = self.quicksight if system == QUICKSIGHT else self.transfers
        own: dict[str, Any] = {name: str(told.get(name) or "") for name in OF_SYSTEM}
        return replace(self, **own, region=told.get("region") or self.region)

    @property
    def migration_functions(self) -> Mapping[str, str]:
        """The two functions behind the API of QuickSight migration, by what they do."""
        return {**MIGRATION_FUNCTIONS, **self.quicksight.get("functions", {})}

    @property
    def transfer_function(self) -> str:
        """The function behind the API of file transfer."""
        return str(self.transfers.get("function") or TRANSFER_FUNCTION)


KNOWN = {each.name for each in fields(Context)} - {"name", "credentials"}
#: What contexts of earlier versions say: file transfer was read past an API then.
FORGOTTEN = {"tables", "table_prefix"}


class ContextFile:
    """The file of all contexts; made when something is first put into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._content = self._read()

    @property
    def current(self) -> str:
        """Name of the context that is used when none is named, or empty."""
        return str(self._content.get("current") or "")

    def names(self) -> list[str]:
        """All contexts of the file."""
        return sorted(self._contexts())

    def raw(self, name: str) -> dict[str, Any]:
        """A context as it is written. Raises Missing."""
        found = self._contexts().get(name)
        if not isinstance(found, dict):
            known = ", ".join(self.names()) or "none yet"
            raise Missing(f"there is no context {name!r}", f"Known contexts: {known}. `towpath context add` makes one.")
        return found

    def put(self, name: str, values: Mapping[str, Any]) -> None:
        """Adds or replaces a context."""
        self._contexts()[name] = {key: value for key, value in values.items() if value}
        self._write()

    def remove(self, name: str) -> None:
        """Takes a context away. Raises Missing."""
        self.raw(name)
        del self._contexts()[name]
        if self.current == name:
            self._content["current"] = ""
        self._write()

    def use(self, name: str) -> None:
        """Makes a context the current one. Raises Missing unless it exists or is the local cloud's."""
        if name != LOCAL:
            self.raw(name)
        self._content["current"] = name
        self._write()

    def _contexts(self) -> dict[str, Any]:
        contexts: dict[str, Any] = self._content.setdefault("contexts", {})
        return contexts

    def _read(self) -> dict[str, Any]:
        if not self.path.exists():
            return {}
        try:
            content = yaml.safe_load(self.path.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            raise Invalid(f"{self.path} is not YAML: {error}") from error
        if not isinstance(content, dict) or not isinstance(content.setdefault("contexts", {}), dict):
            raise Invalid(f"{self.path} must hold `contexts`, a map of names")
        return content

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".new")
        unfinished.write_text(yaml.safe_dump(self._content, sort_keys=False), encoding="utf-8")
        unfinished.replace(self.path)


def default_path() -> Path:
    """TOWPATH_CONFIG, else `towpath/config.yaml` in the user's configuration folder (XDG)."""
    if given := os.environ.get("TOWPATH_CONFIG"):
        return Path(given)
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "towpath" / "config.yaml"


def resolve(file: ContextFile, name: str) -> Context:
    """The context of that name, else the current one, else an empty one: AWS's own configuration.

    The name `local` needs no entry: it is the local cloud of TOWPATH_STATE_DIR, this folder or this checkout.
    """
    chosen = name or file.current
    if not chosen:
        return Context()
    if chosen == LOCAL and LOCAL not in file.names():
        return from_endpoints(local_endpoints(), LOCAL)
    values = {key: value for key, value in file.raw(chosen).items() if key not in FORGOTTEN}
    if unknown := sorted(set(values) - KNOWN):
        raise Invalid(f"context {chosen!r} has unknown keys: {', '.join(unknown)}", f"It is in {file.path}.")
    if endpoints := values.get("endpoints"):
        base = from_endpoints(Path(endpoints), chosen)
        return replace(base, **{key: value for key, value in values.items() if key != "endpoints"})
    return Context(name=chosen, **values)


def local_endpoints() -> Path:
    """Where the local cloud leaves its endpoints. Raises Missing when it is not up."""
    folders = [Path("build/local"), _REPOSITORY / "build" / "local"]
    if state := os.environ.get("TOWPATH_STATE_DIR"):
        folders = [Path(state)]
    for folder in folders:
        if (folder / "endpoints.json").exists():
            return (folder / "endpoints.json").resolve()
    looked = ", ".join(str(folder) for folder in folders)
    raise Missing(f"no local cloud is up (no endpoints.json in {looked})", "Start one with `make up` in a checkout.")


def from_endpoints(path: Path, name: str) -> Context:
    """The context of a local cloud. Raises Missing when its file is gone."""
    try:
        endpoints: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Missing(f"{path} is gone", "Start the local cloud with `make up`.") from error
    stacks = endpoints.get("stacks", {})
    values = {
        "region": endpoints["region"],
        "endpoint_url": endpoints["endpoint_url"],
        "credentials": endpoints["credentials"],
        "via": "aws",
    }
    return Context(name=name, endpoints=str(path), **(values | from_outputs([*stacks.values()])))


def from_outputs(stacks: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What Terraform outputs of the stacks (plain values) tell: APIs, clients and functions."""
    values: dict[str, Any] = {}
    for stack in stacks:
        recovery, transfer = stack.get("disaster_recovery"), stack.get("file_transfer_api")
        if migration := stack.get("quicksight_migration"):
            functions = {name: migration["function_names"][name] for name in MIGRATION_FUNCTIONS}
            values["quicksight"] = {
                "api_url": migration["api_endpoint"],
                "user_pool_id": migration["user_pool_id"],
                "client_id": migration["user_pool_client_id"],
                "region": _region_of(migration["state_machine_arn"]),
                "functions": functions,
            }
        if recovery:
            values |= {
                "api_url": recovery["api_endpoint"],
                "user_pool_id": recovery["user_pool_id"],
                "client_id": recovery["user_pool_client_id"],
                "drs_function": recovery["function_names"]["api-handler"],
                "region": _region_of(recovery["state_machine_arn"]),
            }
        if transfer:
            values["transfers"] = {
                "api_url": transfer["api_endpoint"],
                "user_pool_id": transfer["user_pool_id"],
                "client_id": transfer["user_pool_client_id"],
                "region": transfer["user_pool_id"].partition("_")[0],
                "function": transfer["function_names"]["api-handler"],
            }
    return values


def _region_of(arn: str) -> str:
    return arn.split(":")[3]
