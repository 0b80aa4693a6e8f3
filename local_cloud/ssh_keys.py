"""Key pairs of the demonstration users, made once and kept beside the local cloud's state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import asyncssh

USERS = ("bankpacific", "partner", "tester")


@dataclass(frozen=True)
class KeyPair:
    """One user's pair: the path of the private key, and the public key as OpenSSH writes it."""

    user: str
    private_key_path: Path
    public_key: str


def ensure(folder: Path) -> list[KeyPair]:
    """The pairs of all users, making those that are missing (ed25519, readable by the owner only)."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_ensure(folder / user) for user in USERS]


def _ensure(path: Path) -> KeyPair:
    if path.exists():
        key = asyncssh.read_private_key(path)
    else:
        key = asyncssh.generate_private_key("ssh-ed25519", comment=f"{path.name}@towpath-local")
        path.touch(mode=0o600)
        key.write_private_key(path)
    return KeyPair(path.name, path, key.export_public_key().decode().strip())
