"""Generated parts: README tables of modules, atlantis.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.atlantis import configuration, watched
from tools.drift import write_or_check
from tools.hcl import parse
from tools.module_docs import BEGIN, END, documented, tables

MODULE = """
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.100, < 7.0" }
  }
}
variable "name" {
  description = "Name of it | or of them."
  type        = string
}
variable "rules" {
  description = <<-EOT
    Rules
    by key.
  EOT
  type = map(object({
    pattern = string # a regular expression
  }))
  default = {}
}
output "arn" {
  description = "ARN of it."
  value       = aws_x.this.arn
}
resource "aws_x" "this" {}
module "part" {
  source = "../part"
}
"""

TABLES = """## Requirements

- Terraform `>= 1.9`
- provider aws `>= 5.100, < 7.0`

## Inputs

| Name | Description | Type | Default |
|---|---|---|---|
| `name` | Name of it \\| or of them. | `string` | required |
| `rules` | Rules by key. | `map(object({…}))` | `{}` |

<details><summary>Types and defaults in full</summary>

rules: type

```hcl
map(object({
  pattern = string # a regular expression
}))
```

</details>

## Outputs

| Name | Description |
|---|---|
| `arn` | ARN of it. |

## Modules

- `part` (../part)

## Resources

- `aws_x.this`
"""


def test_tables_tell_what_a_module_takes_gives_and_makes() -> None:
    assert tables(parse(MODULE)) == TABLES


def test_only_the_part_between_the_markers_is_generated() -> None:
    assert documented(f"head\n{BEGIN}\nold\n{END}\nfoot\n", "new\n") == f"head\n{BEGIN}\nnew\n{END}\nfoot\n"


@pytest.mark.parametrize("readme", ["no markers", BEGIN, f"{END}{BEGIN}"])
def test_a_readme_without_markers_is_refused(readme: str) -> None:
    with pytest.raises(ValueError, match="lacks the markers"):
        documented(readme, "new\n")


def test_a_check_tells_drift_and_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Given a generated file that is out of date
    stale = tmp_path / "stale.md"
    stale.write_text("old\n")

    # When it is checked
    status = write_or_check({stale: "new\n"}, check=True)

    # Then the difference is shown, and it takes a write to mend it
    assert (status, stale.read_text()) == (1, "old\n")
    assert "+new" in capsys.readouterr().out
    assert write_or_check({stale: "new\n"}, check=False) == 0
    assert write_or_check({stale: "new\n"}, check=True) == 0


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A stack whose module calls another one and reads a definition; a third module is nobody's."""
    files = {
        ".terraform-version": "1.11.4\n",
        "envs/dev/file-transfer/main.tf": 'module "x" {\n  source = "../../../modules/system"\n'
        '  definition = file("${path.module}/../../../asl/machine.asl.json")\n}\n',
        "modules/system/main.tf": 'module "y" {\n  source = "../part"\n}\n',
        "modules/part/main.tf": 'module "z" {\n  source = "hashicorp/consul/aws"\n}\n',
        "modules/unused/main.tf": "locals {}\n",
        "lambda_src/file_transfer/__init__.py": "",
        "lambda_src/shared/__init__.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_stack_watches_all_that_it_is_made_of(repository: Path) -> None:
    assert watched(repository, repository / "envs/dev/file-transfer") == [
        "*.tf",
        "*.tfvars",
        "*.json",
        ".terraform.lock.hcl",
        "../../../asl/machine.asl.json",
        "../../../lambda_src/file_transfer/**/*.py",
        "../../../lambda_src/shared/**/*.py",
        "../../../modules/part/*.tf",
        "../../../modules/system/*.tf",
        "../../../requirements/lambda.txt",
        "../../../schemas/**/*.json",
    ]


def test_projects_name_their_folder_and_terraform_s_version(repository: Path) -> None:
    text = configuration(repository, [repository / "envs/dev/file-transfer"])
    assert "  - name: dev-file-transfer\n    dir: envs/dev/file-transfer\n    terraform_version: v1.11.4\n" in text
    assert '        - "../../../modules/part/*.tf"\n' in text
