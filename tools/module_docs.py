"""The generated part of modules/*/README.md: requirements, inputs, outputs, modules and resources.

It stands between two markers; the rest of a README is written by hand. A module without README, or a README without
markers, is an error.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tools.drift import check_flag, write_or_check
from tools.hcl import Block, parse_module, text_of
from tools.paths import module_folders, shown

BEGIN, END = "<!-- BEGIN_TF_DOCS -->", "<!-- END_TF_DOCS -->"
SHORT = 60


def documented(readme: str, tables: str) -> str:
    """The README with its generated part replaced. Raises ValueError where the markers are missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"lacks the markers {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{tables}{END}{after}"


def tables(module: Block) -> str:
    """Markdown of everything generated about a module."""
    variables = sorted(module.of_type("variable"), key=lambda block: (_has_default(block), block.labels))
    parts = [_requirements(module), _inputs(variables), _types(variables), _outputs(module), _resources(module)]
    return "\n".join(part for part in parts if part)


def _requirements(module: Block) -> str:
    settings = next(module.of_type("terraform"), Block(""))
    lines = [f"- Terraform {_code(text_of(settings.attributes['required_version']))}"]
    for providers in settings.of_type("required_providers"):
        for name, described in sorted(providers.attributes.items()):
            version = re.search(r'version\s*=\s*"([^"]*)"', described)
            lines.append(f"- provider {name} {_code(version.group(1))}" if version else f"- provider {name}")
    return "## Requirements\n\n" + "\n".join(lines) + "\n"


def _inputs(variables: list[Block]) -> str:
    if not variables:
        return ""
    lines = ["## Inputs", "", "| Name | Description | Type | Default |", "|---|---|---|---|"]
    for block in variables:
        name = block.labels[0]
        kind = _outline(block.attributes.get("type", ""))
        default = block.attributes.get("default")
        shown_default = "required" if default is None else _code(_outline(default))
        lines.append(f"| `{name}` | {_cell(block)} | {_code(kind)} | {shown_default} |")
    return "\n".join(lines) + "\n"


def _types(variables: list[Block]) -> str:
    """Object types and long defaults in full, below the table whose cells cannot hold them."""
    lines: list[str] = []
    for block in variables:
        for attribute in ("type", "default"):
            written = block.attributes.get(attribute, "")
            if _outline(written) != _one_line(written):
                lines += [f"{block.labels[0]}: {attribute}", "", "```hcl", _dedent(written), "```", ""]
    if not lines:
        return ""
    return "\n".join(["<details><summary>Types and defaults in full</summary>", "", *lines, "</details>"]) + "\n"


def _outputs(module: Block) -> str:
    outputs = sorted(module.of_type("output"), key=lambda block: block.labels)
    if not outputs:
        return ""
    lines = ["## Outputs", "", "| Name | Description |", "|---|---|"]
    lines += [f"| `{block.labels[0]}` | {_cell(block)} |" for block in outputs]
    return "\n".join(lines) + "\n"


def _resources(module: Block) -> str:
    calls = sorted(f"`{block.labels[0]}` ({text_of(block.attributes['source'])})" for block in module.of_type("module"))
    resources = sorted(f"`{'.'.join(block.labels)}`" for block in module.of_type("resource"))
    text = ""
    if calls:
        text += "## Modules\n\n" + "\n".join(f"- {call}" for call in calls) + "\n"
    if resources:
        text += ("\n" if text else "") + "## Resources\n\n" + "\n".join(f"- {name}" for name in resources) + "\n"
    return text


def _has_default(block: Block) -> bool:
    return "default" in block.attributes


def _cell(block: Block) -> str:
    """The description on one line of a table."""
    words = text_of(block.attributes.get("description", '""')).split()
    return " ".join(words).replace("|", "\\|")


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def _one_line(expression: str) -> str:
    return " ".join(expression.split())


def _outline(expression: str) -> str:
    """The expression on one line; the insides of objects are left out where it is long or has comments."""
    line = _one_line(expression)
    if len(line) <= SHORT and "#" not in expression:
        return line
    opening = min((line.find(bracket) for bracket in "{[<" if bracket in line), default=len(line))
    head = line[:opening]
    closing = {"{": "{…}", "[": "[…]"}.get(line[opening : opening + 1], "…")
    return f"{head}{closing}{')' * head.count('(')}"


def _dedent(expression: str) -> str:
    """Later lines of an expression moved left by the indentation of its attribute."""
    first, *rest = expression.split("\n")
    return "\n".join([first, *(line.removeprefix("  ") for line in rest)])


def generated(folder: Path) -> str:
    """The README a module should have. Raises ValueError naming the file where it cannot be generated."""
    readme = folder / "README.md"
    if not readme.exists():
        raise ValueError(f"{shown(readme)} is missing")
    try:
        return documented(readme.read_text(), tables(parse_module(folder)))
    except (ValueError, KeyError) as error:
        raise ValueError(f"{shown(readme)} {error}") from error


def main() -> int:
    check = check_flag(__doc__)
    files, broken = {}, []
    for folder in module_folders():
        try:
            files[folder / "README.md"] = generated(folder)
        except ValueError as error:
            broken.append(str(error))
    for message in broken:
        print(message, file=sys.stderr)
    return write_or_check(files, check=check) or (1 if broken else 0)


if __name__ == "__main__":
    sys.exit(main())
