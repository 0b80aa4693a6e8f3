"""The stacks of envs/local: applied with Terraform against the running local cloud."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_cloud import settings
from local_cloud.process import CannotRun
from local_cloud.settings import REPOSITORY, Settings
from tools.terraform_config import terraform_env

STACKS = REPOSITORY / "envs" / "local"
# SQS queues alone hold their slot for 25 seconds each, so let everything that can start, start.
PARALLELISM = 40
_PROGRESS_SECONDS = 5.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """One root module and its Terraform state, which is kept outside of the source tree."""

    name: str
    settings: Settings

    @property
    def source(self) -> Path:
        """The root module."""
        return STACKS / self.name

    @property
    def package(self) -> str:
        """Name of the zip with the system's handlers: the stack's name as Python spells it."""
        return self.name.replace("-", "_")

    @property
    def _files(self) -> Path:
        return self.settings.state_dir / "terraform"

    def apply(self, values: dict[str, Any], say: Say) -> dict[str, Any]:
        """Applies the stack with those of the values that it declares; returns its outputs. Raises CannotRun."""
        self._files.mkdir(parents=True, exist_ok=True)
        self._initialise(say)
        declared = {name: value for name, value in values.items() if name in self._declared_variables()}
        var_file = self._files / f"{self.name}.tfvars.json"
        var_file.write_text(json.dumps(declared, indent=2))
        command = ["apply", "-json", "-auto-approve", f"-parallelism={PARALLELISM}", f"-var-file={var_file}"]
        self._follow(command, say)
        outputs: dict[str, dict[str, Any]] = json.loads(self._capture(["output", "-json"]))
        return {name: output["value"] for name, output in outputs.items()}

    def _declared_variables(self) -> set[str]:
        return set(re.findall(r'^variable "(\w+)"', _text(self.source.glob("*.tf")), re.MULTILINE))

    def _initialise(self, say: Say) -> None:
        # What init depends on: the calls of modules and the providers. Anything else may change without it.
        sources = [self.source / ".terraform.lock.hcl", *self.source.glob("*.tf"), *REPOSITORY.glob("modules/*/*.tf")]
        lines = re.findall(r"^\s*(?:source|version|provider|hashes)\b.*$", _text(sources), re.MULTILINE)
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        marker = self._files / self.name / "initialised"
        if marker.exists() and marker.read_text() == digest:
            return
        say(f"terraform init {self.name}")
        self._capture(["init", "-reconfigure", f"-backend-config=path={self._files / self.name}.tfstate"])
        marker.write_text(digest)

    def _environment(self) -> dict[str, str]:
        """Terraform's environment: it can reach the local cloud and nothing that the developer has access to."""
        own = {name: value for name, value in terraform_env().items() if not name.startswith("AWS_")}
        return own | {
            "TF_DATA_DIR": str(self._files / self.name),
            "AWS_ENDPOINT_URL": self.settings.endpoint_url,
            "AWS_ACCESS_KEY_ID": settings.ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": settings.SECRET_ACCESS_KEY,
            "AWS_REGION": settings.REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def _command(self, arguments: list[str]) -> list[str]:
        return [os.environ.get("TERRAFORM", "terraform"), f"-chdir={self.source}", *arguments]

    def terraform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs Terraform on the applied stack and its state; a plan or destroy gets the variables of the last apply."""
        var_file = self._files / f"{self.name}.tfvars.json"
        variables = [f"-var-file={var_file}"] if arguments[0] in ("plan", "apply", "destroy") else []
        return self._terraform([*arguments, *variables])

    def _terraform(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(arguments), env=self._environment(), capture_output=True, text=True, check=False
        )

    def _capture(self, arguments: list[str]) -> str:
        done = self._terraform(arguments)
        if done.returncode:
            raise CannotRun(f"terraform {arguments[0]} of {self.name} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _follow(self, arguments: list[str], say: Say) -> None:
        """Runs Terraform and reports its progress every few seconds, and its errors in full."""
        progress = Progress(self.name, say)
        with subprocess.Popen(
            self._command(arguments),
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout
            for line in process.stdout:
                progress.take(line)
        if process.returncode:
            raise CannotRun(f"terraform {arguments[0]} of {self.name} failed:\n" + "\n".join(progress.problems))
        progress.finish()


class Progress:
    """Turns Terraform's JSON messages (its "machine-readable UI") into a line now and then."""

    def __init__(self, name: str, say: Say) -> None:
        self.name, self.say = name, say
        self.planned = self.done = 0
        self.begun = self.said = time.monotonic()
        self.problems: list[str] = []

    def take(self, line: str) -> None:
        """Takes one line of Terraform's output."""
        try:
            message = json.loads(line)
        except ValueError:
            self.problems.append(line.rstrip())
            return
        kind = message.get("type")
        if kind == "planned_change" and message["change"]["action"] != "noop":
            self.planned += 1
        elif kind == "apply_complete" and message["hook"]["action"] != "read":
            self.done += 1
        elif kind == "diagnostic" and message["diagnostic"]["severity"] == "error":
            found = message["diagnostic"]
            self.problems.append(f"{found.get('address', '')}: {found['summary']}\n{found.get('detail', '')}".strip())
        now = time.monotonic()
        if kind in ("apply_complete", "apply_progress") and now - self.said >= _PROGRESS_SECONDS:
            self.said = now
            self.say(f"{self.name}: {self.done} of {self.planned} resources after {now - self.begun:.0f} s")

    def finish(self) -> None:
        """Says how it ended."""
        seconds = time.monotonic() - self.begun
        changes = f"{self.done} resources changed" if self.done else "nothing to change"
        self.say(f"{self.name}: applied in {seconds:.0f} s, {changes}")


def discover(chosen: Settings) -> Iterator[Stack]:
    """The stacks of envs/local that were chosen, by name. Raises CannotRun for one that does not exist."""
    present = [folder.name for folder in sorted(STACKS.glob("*/"))]
    if unknown := set(chosen.stacks).difference(present):
        raise CannotRun(f"TOWPATH_STACKS names {', '.join(sorted(unknown))}; there are {', '.join(present)}")
    for name in present:
        if not chosen.stacks or name in chosen.stacks:
            yield Stack(name, chosen)


def _text(paths: Any) -> str:
    return "\n".join(path.read_text() for path in sorted(paths) if path.exists())
