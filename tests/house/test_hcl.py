"""The reader of Terraform files keeps every expression as it is written."""

from __future__ import annotations

import pytest

from tools.hcl import HclError, parse, text_of


def expression(written: str) -> str:
    """Read one attribute that is followed by another one."""
    attributes = parse(f"a = {written}\nb = 1\n").attributes
    assert attributes["b"] == "1"
    return attributes["a"]


@pytest.mark.parametrize(
    "written",
    [
        "1",
        '"text"',
        '"with } and { and # inside"',
        '"nested ${join(", ", [for k in keys(var.x) : "${k}}"])} text"',
        r'"escaped \" quote and $${literal"',
        "{\n  x = 1 # a comment\n  y = [1, 2]\n}",
        '(\n  var.x == null ? "a" : "b"\n)',
        '<<-EOT\n    text with "quote and { brace\n    ${var.x}\n  EOT',
        'optional(list(string), ["a#b", "c//d"])',
        "a / b",
    ],
)
def test_an_expression_ends_where_hcl_says(written: str) -> None:
    assert expression(written) == written


@pytest.mark.parametrize("comment", ["# c", "// c", "/* c */"])
def test_comments_are_not_part_of_an_expression(comment: str) -> None:
    assert expression(f"1 {comment}") == "1"


def test_blocks_have_labels_attributes_and_blocks() -> None:
    # Given a resource with a block in a block, on several lines and on one
    body = parse('# head\nresource "aws_x" this {\n  a = 1\n\n  outer {\n    inner { b = 2 }\n  }\n}\n/* end */\n')

    # Then it is read with its shape
    (resource,) = body.of_type("resource")
    assert resource.labels == ("aws_x", "this")
    assert resource.attributes == {"a": "1"}
    assert resource.blocks[0].blocks[0].attributes == {"b": "2"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x {\n  a = 1\n", "a block is not closed"),
        ("}\n", "a block is closed that was not opened"),
        ('a = "b\n', "a string does not end"),
        ("a = <<EOT\nb\n", "heredoc EOT does not end"),
        ("= 1\n", "a name is expected"),
    ],
)
def test_what_is_not_hcl_is_refused(text: str, message: str) -> None:
    with pytest.raises(HclError, match=message):
        parse(text)


def test_errors_name_the_line() -> None:
    with pytest.raises(HclError, match=r"main\.tf:3: "):
        parse("a = 1\n\n= 2\n", "main.tf")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r'"a \"b\" \\c\n"', 'a "b" \\c\n'),
        ("<<-EOT\n    one\n      two\n\n    three\n  EOT", "one\n  two\n\nthree"),
        ("<<EOT\n  kept\nEOT", "  kept"),
        ("var.x", "var.x"),
    ],
)
def test_literals_are_turned_into_text(written: str, text: str) -> None:
    assert text_of(written) == text
