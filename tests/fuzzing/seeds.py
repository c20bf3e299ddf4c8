"""What fuzzing starts from: the examples of the tests, and a part of the library's items one by one."""

import re
from collections.abc import Iterator
from pathlib import Path

from spteproof.grammar.parsing import item_parser
from spteproof.grammar.splitting import stretches

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARY = ROOT / "tests" / "grammar" / "library"
_MARK = re.compile(r"//!.*")
_WORD = re.compile(r"//[^\n]*|/\*.*?\*/|\w+|[-+*/&|^<>=!]=|<<|>>|&&|\|\||->|\.\.|\s+|.", re.DOTALL)
LONGEST, EVERY = 3_000, 6


def words(text: str) -> list[str]:
    """A text cut into words, signs, blanks and comments: joined, they are the text."""
    return _WORD.findall(text)


def examples() -> Iterator[str]:
    """The right and wrong examples of the tests, and what once broke something."""
    for path in sorted((ROOT / "tests" / "grammar").glob("*/*.spte")):
        for part in path.read_text(encoding="utf-8").split("//// "):
            yield _MARK.sub("", part.partition("\n")[2])
    for path in sorted(CORPUS.glob("*.spte")):
        yield path.read_text(encoding="utf-8")


CORPUS = Path(__file__).parent / "corpus"


def seeds() -> list[str]:
    """All starting texts, none twice, none long."""
    found = dict.fromkeys(examples())
    for path in sorted((ROOT / "spec").rglob("*.spte")):
        text = path.read_text(encoding="utf-8")
        items = [text[each.start : each.end] for each in stretches(text)]
        found |= dict.fromkeys(items[::EVERY])
    return [each for each in found if each.strip() and len(each) <= LONGEST]


def dictionary() -> list[str]:
    """The words and signs of the grammar, and a few that its lexer minds."""
    known = sorted(item_parser().words.values())
    return [
        *known,
        "0x",
        "18446744073709551615",
        "9223372036854775808",
        "//",
        "/*",
        "*/",
        "\n",
        "_",
        "GENMASK_ULL(63, 0)",
    ]
