"""Keys of the partner: one that its server is known by, one that our side logs in with; made once and kept.

Connectors of Transfer Family take RSA and ECDSA keys, and private ones in PEM form.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from local_cloud.settings import LOOPBACK, Settings

USER = "towpath"
_USER_KEY_BITS = 3072


@dataclass(frozen=True)
class PartnerKeys:
    """Both pairs, and what a connector is given of them."""

    url: str
    host: asyncssh.SSHKey
    user: asyncssh.SSHKey

    @property
    def host_key(self) -> str:
        """The server's public key as `TrustedHostKeys` has it: type and body, no comment."""
        return " ".join(self.host.export_public_key().decode().split()[:2])

    @property
    def secret(self) -> str:
        """The login as JSON in the form of a connector's secret."""
        return json.dumps({"Username": USER, "PrivateKey": self.user.export_private_key("pkcs1-pem").decode()})


def folder(chosen: Settings) -> Path:
    """What the partner's server serves as `/`."""
    return chosen.state_dir / "partner"


def ensure(chosen: Settings) -> PartnerKeys:
    """The partner's keys, making those that are missing."""
    kept = chosen.state_dir / "partner-keys"
    kept.mkdir(parents=True, exist_ok=True)
    url = f"sftp://{LOOPBACK}:{chosen.partner_port}"
    host = _ensure(kept / "host_key", lambda: asyncssh.generate_private_key("ecdsa-sha2-nistp256"))
    user = _ensure(kept / "user_key", lambda: asyncssh.generate_private_key("ssh-rsa", key_size=_USER_KEY_BITS))
    return PartnerKeys(url, host, user)


def _ensure(path: Path, make: Callable[[], asyncssh.SSHKey]) -> asyncssh.SSHKey:
    if path.exists():
        return asyncssh.read_private_key(path)
    key = make()
    path.touch(mode=0o600)
    key.write_private_key(path, "pkcs1-pem")
    return key
