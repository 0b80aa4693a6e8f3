"""Keep what AWS provider 6 takes for the resources that modules/ use, for the test that modules fit it.

    terraform providers schema -json > schema.json     # in a configuration with hashicorp/aws ~> 6.0
    python -m tools.provider_arguments schema.json

Instead of a schema, the source may be JSON of the form of the result: type => argument or block => required|optional,
where the type of a data source starts with "data.".
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tools.hcl import parse_module
from tools.paths import ROOT, module_folders, shown

ARGUMENTS_FILE = ROOT / "tests/house/data/aws_provider_6_arguments.json"

Arguments = dict[str, dict[str, str]]


def type_of(kind: str, name: str) -> str:
    """The key under which a resource or data block's type is kept."""
    return name if kind == "resource" else f"data.{name}"


def used_types() -> set[str]:
    """Types of all resources and data sources in modules/."""
    blocks = [block for folder in module_folders() for block in parse_module(folder).blocks]
    return {type_of(block.type, block.labels[0]) for block in blocks if block.type in ("resource", "data")}


def arguments_of_schema(schemas: dict[str, Any]) -> Arguments:
    """What `terraform providers schema -json` says of the aws provider; arguments that only AWS sets are left out."""
    provider = schemas["provider_schemas"]["registry.terraform.io/hashicorp/aws"]
    found: Arguments = {}
    for kind, key in (("resource", "resource_schemas"), ("data", "data_source_schemas")):
        for name, schema in provider[key].items():
            found[type_of(kind, name)] = _arguments(schema["block"])
    return found


def _arguments(block: dict[str, Any]) -> dict[str, str]:
    settable = {
        name: "required" if attribute.get("required") else "optional"
        for name, attribute in block.get("attributes", {}).items()
        if attribute.get("required") or attribute.get("optional")
    }
    blocks = {
        name: "required" if nested.get("min_items") else "optional"
        for name, nested in block.get("block_types", {}).items()
    }
    return settable | blocks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    source = json.loads(parser.parse_args().source.read_text())
    known: Arguments = arguments_of_schema(source) if "provider_schemas" in source else source
    used = used_types()
    if missing := sorted(used - known.keys()):
        print(f"the source does not know {', '.join(missing)}", file=sys.stderr)
        return 1
    kept = {name: dict(sorted(known[name].items())) for name in sorted(used)}
    ARGUMENTS_FILE.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"· wrote {shown(ARGUMENTS_FILE)}: {len(kept)} types")
    return 0


if __name__ == "__main__":
    sys.exit(main())
