"""Documents whose examples are run: files that they give, changes of these files, commands with their output.

    ```spte file=NAME              a file
    ```diff file=NAME from=OTHER   OTHER with each run of `-` lines replaced by the `+` lines that follow it
    ```console                     `$ spteproof ...` and what it prints; a line `...` stands for any lines

A block whose text holds such fences has a longer one. A command that names one of the document's files, or a bundle that an example before it
writes, runs beside them, any other at the project's root. Times
and the number of a layout's asserts are not compared.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from spteproof.cli import main

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^(`{3,})(\w+)([^\n]*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A command of a document and what the document says that it prints; `before` are those that stand before it."""

    command: str
    expected: str
    document: "Document"
    before: tuple["Example", ...] = ()

    def arguments(self) -> list[str]:
        program, *arguments = shlex.split(self.command)
        assert program == "spteproof"
        return arguments

    def makes(self) -> str | None:
        """The bundle that the command writes."""
        words = self.arguments()
        return words[words.index("--certify") + 1] if "--certify" in words else None

    def check(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Runs the command and compares."""
        for name, text in self.document.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        made = [each for each in self.before if each.makes() in self.arguments()]
        monkeypatch.chdir(folder if made or set(self.arguments()) & self.document.files.keys() else ROOT)
        for each in [*made, self]:
            capsys.readouterr()
            main(each.arguments())
        captured = capsys.readouterr()
        found = settled(captured.err + captured.out)
        if not re.fullmatch(_pattern(settled(self.expected)), found):
            assert found == settled(self.expected)
            pytest.fail("the output and the document differ in what `...` leaves out")


@dataclass(frozen=True)
class Document:
    """Its examples in order, and its files by name."""

    name: str
    examples: tuple[Example, ...]
    files: dict[str, str]
    text: str


def read(path: str) -> Document:
    """A document of the project. Raises AssertionError for a block that is not as said above."""
    text = (ROOT / path).read_text(encoding="utf-8")
    files: dict[str, str] = {}
    consoles = []
    for _, kind, header, body in BLOCK.findall(text):
        words = dict(re.findall(r"(\w+)=(\S+)", header))
        if kind == "console":
            consoles.append(body)
        elif "from" in words:
            assert kind == "diff"
            files[words["file"]] = changed(files[words["from"]], body)
        elif "file" in words:
            assert kind == "spte" and words["file"] not in files
            files[words["file"]] = body
    document = Document(path, (), files, text)
    examples: tuple[Example, ...] = ()
    for body in consoles:
        for command, expected in _commands(body):
            examples = (*examples, Example(command, expected, document, examples))
    return Document(path, examples, files, text)


def changed(text: str, difference: str) -> str:
    """The text after the change; what a run of `-` lines says must stand in it once."""
    lines = [line for line in difference.splitlines() if not line.startswith(" ")]
    runs = [(sign, "".join(f"{line[1:]}\n" for line in run)) for sign, run in groupby(lines, key=lambda line: line[0])]
    assert [sign for sign, _ in runs] == ["-", "+"] * (len(runs) // 2), difference
    for (_, old), (_, new) in zip(runs[::2], runs[1::2], strict=True):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def _commands(block: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert parts[0] == "", block
    for part in parts[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def settled(text: str) -> str:
    """Without times, and without how many asserts the library's layouts have, which count as proved."""
    text = re.sub(r"in \d+\.\d\d s", "in N s", text)
    text = re.sub(r"\b\d+ asserts proved", "N asserts proved", text)
    return re.sub(r"^\d+ proved, ", "N proved, ", text, flags=re.MULTILINE).strip()


def _pattern(expected: str) -> str:
    lines = [r"(?:[^\n]*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in expected.splitlines()]
    pattern = "".join(lines)
    return (
        pattern.removesuffix(r"\n") if expected.splitlines()[-1:] != ["..."] else pattern.removesuffix("?") + r"[^\n]*"
    )
