"""A reader of Terraform files that keeps expressions as they are written.

Documentation needs types and defaults in the author's words, and checks need to see which arguments a block has;
neither needs expressions evaluated, which is what general HCL libraries spend their time and approximations on.
The grammar is HCL's native syntax: bodies of attributes and blocks, expressions with brackets, templates and heredocs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
HEREDOC = re.compile(r"<<(-?)([A-Za-z_][A-Za-z0-9_-]*)\n")
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Block:
    """A block: `type "label" … { attributes and blocks }`; the file itself is one of type "" without labels."""

    type: str
    labels: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def of_type(self, kind: str) -> Iterator[Block]:
        """The blocks directly inside that have this type."""
        return (block for block in self.blocks if block.type == kind)


class HclError(ValueError):
    """The text is not HCL; the message names file and line."""


def parse_module(folder: Path) -> Block:
    """All *.tf files of a module as one body, in file name order; attributes do not occur there."""
    whole = Block("")
    for path in sorted(folder.glob("*.tf")):
        whole.blocks.extend(parse_file(path).blocks)
    return whole


def parse_file(path: Path) -> Block:
    """Read one file of HCL."""
    return parse(path.read_text(), str(path))


def parse(text: str, source: str = "text") -> Block:
    """Read HCL; `source` names it in errors."""
    reader = _Reader(text, source)
    body = Block("")
    reader.read_body(body, closing=False)
    return body


def text_of(expression: str) -> str:
    """The string that a literal or heredoc without interpolation stands for; other expressions stay as they are."""
    heredoc = HEREDOC.match(expression)
    if heredoc:
        lines = expression.split("\n")[1:-1]
        if heredoc.group(1):
            indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
            lines = [line[min(indents, default=0) :] for line in lines]
        return "\n".join(lines)
    if len(expression) > 1 and expression[0] == expression[-1] == '"':
        return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), expression[1:-1])
    return expression


class _Reader:
    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.at = 0

    def read_body(self, body: Block, *, closing: bool) -> None:
        while True:
            self._skip(newlines=True)
            if self.at >= len(self.text):
                if closing:
                    self._fail("a block is not closed")
                return
            if self.text[self.at] == "}":
                if not closing:
                    self._fail("a block is closed that was not opened")
                self.at += 1
                return
            self._read_item(body)

    def _read_item(self, body: Block) -> None:
        name = self._identifier()
        self._skip(newlines=False)
        if self._peek() == "=":
            self.at += 1
            self._skip(newlines=False)
            body.attributes[name] = self._expression()
            return
        labels: list[str] = []
        while self._peek() != "{":
            if self._peek() == '"':
                start = self.at
                self._template_string()
                labels.append(self.text[start + 1 : self.at - 1])
            else:
                labels.append(self._identifier())
            self._skip(newlines=False)
        self.at += 1
        block = Block(name, tuple(labels))
        self.read_body(block, closing=True)
        body.blocks.append(block)

    def _expression(self) -> str:
        """Everything up to the end of the line, or of the block, that is outside of brackets and templates."""
        start, end = self.at, self.at
        depth = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "\n" and depth == 0:
                break
            if character in CLOSING:
                if depth == 0:
                    break
                depth -= 1
            elif character in OPENING:
                depth += 1
            if self._skip_comment():
                continue
            if not self._skip_literal():
                self.at += 1
            if not character.isspace():
                end = self.at
        return self.text[start:end].rstrip()

    def _skip_literal(self) -> bool:
        """Pass over a quoted template or a heredoc, where one starts here."""
        if self._peek() == '"':
            self._template_string()
            return True
        heredoc = HEREDOC.match(self.text, self.at)
        if not heredoc:
            return False
        end = re.compile(rf"^[ \t]*{heredoc.group(2)}[ \t]*$", re.MULTILINE).search(self.text, heredoc.end())
        if not end:
            self._fail(f"heredoc {heredoc.group(2)} does not end")
        else:
            self.at = end.end()
        return True

    def _template_string(self) -> None:
        """Pass over "…" with its nested ${…} and %{…}; `$${` is an escape."""
        self.at += 1
        while self._peek() != '"':
            two = self.text[self.at : self.at + 2]
            if two.startswith("\\") or two in ("$$", "%%"):
                self.at += 2
            elif two in ("${", "%{"):
                self.at += 2
                self._interpolation()
            elif not two or two[0] == "\n":
                self._fail("a string does not end")
            else:
                self.at += 1
        self.at += 1

    def _interpolation(self) -> None:
        depth = 1
        while depth:
            character = self._peek()
            if not character:
                self._fail("an interpolation does not end")
            if self._skip_literal():
                continue
            depth += (character in OPENING) - (character in CLOSING)
            self.at += 1

    def _skip(self, *, newlines: bool) -> None:
        blanks = " \t\r\n" if newlines else " \t\r"
        while self.at < len(self.text) and (self.text[self.at] in blanks or self._skip_comment()):
            if self.text[self.at : self.at + 1] in tuple(blanks):
                self.at += 1

    def _skip_comment(self) -> bool:
        """Pass over a comment, without the newline that ends it."""
        if self.text.startswith(("#", "//"), self.at):
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            return True
        if self.text.startswith("/*", self.at):
            end = self.text.find("*/", self.at)
            self.at = len(self.text) if end < 0 else end + 2
            return True
        return False

    def _identifier(self) -> str:
        match = IDENTIFIER.match(self.text, self.at)
        if not match:
            self._fail(f"a name is expected, not {self.text[self.at : self.at + 10]!r}")
            return ""
        self.at = match.end()
        return match.group()

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _fail(self, message: str) -> None:
        line = self.text.count("\n", 0, self.at) + 1
        raise HclError(f"{self.source}:{line}: {message}")
