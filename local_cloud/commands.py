"""What `python -m local_cloud` can do: up, down, reset, status."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local_cloud import artifacts, settings, ssh_keys, stacks
from local_cloud.partner import keys as partner_keys
from local_cloud.process import CannotRun, Server
from local_cloud.settings import LOOPBACK, Settings


def say(line: str) -> None:
    """Progress, at once, so that a pipe sees it too."""
    print(f"· {line}", flush=True)


def up(chosen: Settings, apply: bool = True) -> None:
    """Starts the server unless it runs, applies the chosen stacks, writes endpoints.json. Raises CannotRun."""
    server = Server(chosen)
    if server.pid() is None:
        _forget_terraform_without_snapshot(chosen)
        seconds = server.start()
        say(f"local cloud started in {seconds:.1f} s: {chosen.endpoint_url}, SFTP on port {chosen.sftp_port}")
        _use_up_snapshot(chosen)
    else:
        say(f"local cloud is running: {chosen.endpoint_url}, SFTP on port {chosen.sftp_port}")
    keys = ssh_keys.ensure(chosen.state_dir / "ssh")
    outputs = applied(chosen)
    if apply:
        outputs |= _apply_all(chosen, keys)
    path = write_endpoints(chosen, keys, outputs)
    say(f"endpoints and outputs are in {path}")


def down(chosen: Settings) -> None:
    """Stops the server; it saves its state. Raises CannotRun."""
    say("local cloud stopped" if Server(chosen).stop() else "local cloud was not running")


def reset(chosen: Settings) -> None:
    """Removes every resource and the Terraform state of the stacks; keys stay."""
    server = Server(chosen)
    if server.pid() is not None:
        server.empty()
    shutil.rmtree(_snapshot(chosen), ignore_errors=True)
    _forget_terraform(chosen)
    say("local cloud is empty; `make up` applies the stacks again")


def status(chosen: Settings) -> bool:
    """Prints whether the local cloud runs, where, and what is applied; returns whether it runs."""
    pid = Server(chosen).pid()
    if pid is None:
        say(f"local cloud is not running (port {chosen.port}, state in {chosen.state_dir})")
        return False
    say(f"local cloud runs as process {pid}: {chosen.endpoint_url}, SFTP on port {chosen.sftp_port}")
    say(f"stacks: {', '.join(applied(chosen)) or 'none applied'}")
    return True


def applied(chosen: Settings) -> dict[str, Any]:
    """Outputs of the stacks that the last `up` or the ones before it applied."""
    try:
        endpoints: dict[str, dict[str, Any]] = json.loads((chosen.state_dir / "endpoints.json").read_text())
    except FileNotFoundError:
        return {}
    return endpoints["stacks"]


def write_endpoints(chosen: Settings, keys: list[ssh_keys.KeyPair], outputs: dict[str, Any]) -> Path:
    """Writes what a user, a test or the console needs to talk to the local cloud."""
    path, partner = chosen.state_dir / "endpoints.json", partner_keys.ensure(chosen)
    path.write_text(
        json.dumps(
            {
                "endpoint_url": chosen.endpoint_url,
                "region": settings.REGION,
                "account": settings.ACCOUNT,
                "credentials": {
                    "access_key_id": settings.ACCESS_KEY_ID,
                    "secret_access_key": settings.SECRET_ACCESS_KEY,
                },
                "sftp": {
                    "host": LOOPBACK,
                    "port": chosen.sftp_port,
                    "users": [{"name": key.user, "private_key_path": str(key.private_key_path)} for key in keys],
                },
                "partner": {
                    "url": partner.url,
                    "host_key": partner.host_key,
                    "folder": str(partner_keys.folder(chosen)),
                },
                "stacks": outputs,
            },
            indent=2,
        )
    )
    return path


def _apply_all(chosen: Settings, keys: list[ssh_keys.KeyPair]) -> dict[str, Any]:
    """Applies the chosen stacks, all at a time: they are independent, and each mostly waits for its queues."""
    packages = artifacts.publish(chosen)
    found = list(stacks.discover(chosen))
    with ThreadPoolExecutor(max_workers=max(1, len(found))) as pool:
        applying = {
            stack.name: pool.submit(stack.apply, _values(chosen, keys, packages, stack.package), say) for stack in found
        }
        return {name: outputs.result() for name, outputs in applying.items()}


def _values(
    chosen: Settings, keys: list[ssh_keys.KeyPair], packages: dict[str, dict[str, str]], package: str
) -> dict[str, Any]:
    """Values for the variables that local stacks share; each takes those it declares."""
    partner = partner_keys.ensure(chosen)
    arm = platform.machine().lower() in ("arm64", "aarch64")
    return {
        "package": packages[package],
        "layer": packages["layer-local"],
        "content_layer": packages["layer-content-local"],
        "sftp_public_keys": {key.user: key.public_key for key in keys},
        "partner_server": {"url": partner.url, "host_key": partner.host_key, "secret": partner.secret},
        "lambda_runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "lambda_architecture": "arm64" if arm else "x86_64",
    }


def _snapshot(chosen: Settings) -> Path:
    return chosen.state_dir / "snapshot"


def _forget_terraform(chosen: Settings) -> None:
    for state in (chosen.state_dir / "terraform").glob("*.tfstate*"):
        state.unlink()
    (chosen.state_dir / "endpoints.json").unlink(missing_ok=True)


def _forget_terraform_without_snapshot(chosen: Settings) -> None:
    # A server that was killed comes back empty, and a state that remembers its resources would only confuse.
    if not _snapshot(chosen).exists():
        _forget_terraform(chosen)


def _use_up_snapshot(chosen: Settings) -> None:
    # From here on it would be out of date; a server that ends in good order writes the next one.
    shutil.rmtree(_snapshot(chosen), ignore_errors=True)


__all__ = ["CannotRun", "down", "reset", "say", "status", "up", "write_endpoints"]
