"""Tokens of a sign-in, kept for the next command in a file that only its owner can read."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700


@dataclass(frozen=True)
class Tokens:
    """What Cognito gave. `expires_at` is in seconds since 1970; without a refresh token the sign-in ends then."""

    id_token: str
    access_token: str
    refresh_token: str
    expires_at: float
    username: str


class TokenCache:
    """One file a system, so that signing in to one leaves the others alone."""

    def __init__(self, folder: Path, system: str) -> None:
        """`system` is anything that tells systems apart; it is hashed into the file's name."""
        self.path = folder / f"{hashlib.sha256(system.encode()).hexdigest()[:16]}.json"

    def load(self) -> Tokens | None:
        """The tokens, or None when there are none that can be read."""
        try:
            return Tokens(**json.loads(self.path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, tokens: Tokens) -> None:
        """Replaces the file; it never exists with wider rights, not for a moment."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_OWNER_ONLY)
        unfinished = self.path.with_suffix(f".{os.getpid()}")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(tokens), file)
        unfinished.replace(self.path)

    def forget(self) -> bool:
        """Removes the file; says whether there was one."""
        existed = self.path.exists()
        self.path.unlink(missing_ok=True)
        return existed


def default_folder() -> Path:
    """TOWPATH_CACHE, else `towpath/tokens` in the user's cache folder (XDG)."""
    if given := os.environ.get("TOWPATH_CACHE"):
        return Path(given)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "towpath" / "tokens"
