"""Pages of the documentation and what the code has to say of itself, for the tests that hold the one to the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

from shared import errors
from shared.api.problems import of_taxonomy
from shared.api.routes import Api, Route
from shared.errors import TowpathError, code_of
from tools.asl_lint import scopes
from tools.paths import ASL, ROOT

SOURCES = ROOT / "lambda_src"


@dataclass(frozen=True)
class Page:
    """A page below docs/, by its file name."""

    name: str

    @cached_property
    def text(self) -> str:
        return (ROOT / "docs" / self.name).read_text()

    @cached_property
    def named(self) -> set[str]:
        """Everything in backticks."""
        return set(re.findall(r"`([^`\n]+)`", self.text))

    @cached_property
    def table_rows(self) -> list[list[str]]:
        """The cells of each row of each table."""
        return [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in self.text.splitlines()
            if line.startswith("|")
        ]

    @cached_property
    def rows(self) -> set[str]:
        """What the rows of tables are about: their first cells, several with commas between, without backticks."""
        return {part.strip(" `") for cells in self.table_rows for part in cells[0].split(", ")}

    @cached_property
    def parts(self) -> set[str]:
        """The names that make up paths such as `pause.onTimeout` and `servers[].criticality`."""
        return {part for name in self.named for part in re.split(r"\[\]\.|\.", name)}

    def row_of(self, name: str) -> list[str]:
        """The cells of the row about something; empty when there is none."""
        return next((cells for cells in self.table_rows if cells[0] == f"`{name}`"), [])

    def routes(self) -> dict[str, str]:
        """`POST /jobs` → its row; rows such as `GET`, `POST /recovery-plans` are those of several."""
        found = {}
        for cells in self.table_rows:
            methods, slash, path = cells[0].replace("`", "").partition(" /")
            found |= {f"{method.strip()} /{path.strip()}": " ".join(cells) for method in methods.split(",") if slash}
        return found


@dataclass(frozen=True)
class System:
    """A package of lambda_src, with what all systems share; only some have live updates."""

    package: str
    is_live: bool = False

    def texts(self) -> Iterator[str]:
        """Each module's text."""
        for folder in (SOURCES / self.package, SOURCES / "shared"):
            for path in sorted(folder.rglob("*.py")):
                if self.is_live or SOURCES / "shared" / "live" not in path.parents:
                    yield path.read_text()

    def found(self, pattern: str) -> set[str]:
        """What the pattern's group finds in them."""
        return {each for text in self.texts() for each in re.findall(pattern, text)}

    def answered_codes(self) -> set[str]:
        """Codes that the API answers with of its own accord."""
        return self.found(r'(?:ApiProblem\(\s*\d{3},|conflict\()\s*"([A-Z_]+)"') | {"VALIDATION_FAILED"}

    def counted(self) -> set[str]:
        """Names of metrics, or their beginnings where the rest is computed."""
        return self.found(r'(?:count|add_metric)\(f?"([A-Z][A-Za-z]+)')

    def own_errors(self) -> set[str]:
        """Codes of the exceptions that the package defines."""
        names = {
            name
            for path in (SOURCES / self.package).rglob("*.py")
            for name, bases in re.findall(r"^class (\w+)\((\w+)\):", path.read_text(), re.MULTILINE)
            if bases in ERRORS
        }
        return {code_of(name) for name in names}


#: Exceptions that those of systems derive from, by name.
ERRORS = {
    name: each for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, TowpathError)
}


def states_of(machine: str) -> set[str]:
    """Names of all states of asl/<machine>.asl.json, those inside of others too."""
    definition = json.loads((ASL / f"{machine}.asl.json").read_text())
    return {name for scope in scopes(definition) for name in scope["States"]}


def fields_of(schema: str) -> set[str]:
    """Members of a document, of its members, and of its definitions."""
    document = json.loads((ROOT / "schemas" / f"{schema}.schema.json").read_text())
    parts: list[Mapping[str, Any]] = [document, *document["properties"].values(), *document.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


def errors_of(module: ModuleType) -> set[str]:
    """Codes of the exceptions that a module defines, or takes over from what all systems share."""
    found = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, TowpathError)]
    return {each.code for each in found if each is not TowpathError}


def undescribed_routes(page: Page, api: Api, permissions: Mapping[tuple[str, ...], str]) -> list[str]:
    """Routes without a row, or whose row has other permissions in its brackets; `permissions` names combinations."""
    rows = page.routes()

    def wanted(route: Route) -> str:
        return permissions.get(route.permissions, ", ".join(route.permissions))

    return [
        route.name for route in api.routes if f"[{wanted(route)}]" not in rows.get(f"{route.method} {route.path}", "")
    ]


def wrong_statuses(page: Page, system: System) -> dict[str, set[str]]:
    """Codes of the API whose rows name another status than the code answers with, and what they name."""
    answered = {
        (code, status)
        for text in system.texts()
        for status, code in re.findall(r'ApiProblem\(\s*(\d{3}),\s*"([A-Z_]+)"', text)
    }
    answered |= {(code, "409") for text in system.texts() for code in re.findall(r'conflict\(\s*"([A-Z_]+)"', text)}
    for name in ("ValidationFailed", "NotFound", "PermissionDenied", "Throttled", "Timeout", "Transient"):
        problem = of_taxonomy(ERRORS[name](""))
        answered.add((problem.code, str(problem.status)))
    told = {
        (code, cells[0])
        for cells in page.table_rows
        if re.fullmatch(r"\d{3}", cells[0])
        for code in re.findall(r"`([A-Z_]+)`", cells[1])
    }
    codes = {code for code, _ in told} & {code for code, _ in answered}
    named = {code: {status for each, status in told if each == code} for code in codes}
    return {
        code: statuses for code, statuses in named.items() if statuses != {s for each, s in answered if each == code}
    }


def alarms_of(module: str, name: str) -> set[str]:
    """Names of a system's alarms in modules/<module>/alarms.tf; those of each function with `<function>`."""
    text = (ROOT / "modules" / module / "alarms.tf").read_text()
    found = set(re.findall(r"^ {4}([a-z][a-z-]+) = \{$", text, re.MULTILINE))
    each = set(re.findall(r'"\$\{key\}-([a-z-]+)" =', text))
    queues = set(re.findall(r"^ {6}([a-z][a-z-]+) += module\.\w+\.dead_letter_queue_name$", text, re.MULTILINE))
    found |= {f"{queue}-{kind}" for kind in each for queue in queues if "dead" in kind}
    found |= {f"<function>-{kind}" for kind in each if "dead" not in kind}
    return {f"{name}-{alarm}" for alarm in found}
