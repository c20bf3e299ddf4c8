"""Texts that a hand has been through: pieces left out, doubled, torn and put elsewhere. Nothing may raise, and what is said of
a place must lie inside of the text. By hand, for as long as one likes:

    python tests/app/editing/test_mangled_texts.py SEED ROUNDS
"""

import contextlib
import random
import re
import sys

import pytest

from spteproof.editing.actions import actions, applied
from spteproof.editing.completion import completions, signature
from spteproof.editing.documents import Change, Documents
from spteproof.editing.folding import folds
from spteproof.editing.formatting_edits import formatting_edit
from spteproof.editing.hover import hover
from spteproof.editing.navigation import CannotRename, definition, references, renamed
from spteproof.editing.symbols import outline
from spteproof.editing.tokens import tokens
from spteproof.running.keys import keyed
from spteproof.running.pipeline import LIBRARY

TEXTS = [path.read_text(encoding="utf-8") for path in sorted(LIBRARY.rglob("*.spte"))]
PIECE = re.compile(r"\w+|\s+|[^\w\s]")
STRANGE = [
    "{",
    "}",
    "(",
    ")",
    ";",
    "/*",
    "*/",
    "//",
    "é",
    "😋",
    "\0",
    "\r\n",
    "use kvm.mmu;",
    "theorem",
    "->",
    "<<",
    "*",
    "\ud800",
]


def mangled(text: str, chance: random.Random) -> str:
    pieces = PIECE.findall(text)
    for _ in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        match chance.randrange(5):
            case 0:
                del pieces[at]
            case 1:
                pieces.insert(at, pieces[other])
            case 2:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 3:
                pieces.insert(at, chance.choice(STRANGE))
            case 4:
                del pieces[at : at + chance.randint(1, 40)]
        if not pieces:
            return ""
    return "".join(pieces)


def ask_everything(documents: Documents, text: str, chance: random.Random) -> int:
    """How many answers were asked for."""
    documents.change("untitled:x", [Change(None, text)], 2)
    document = documents.open["untitled:x"]
    for offset in {chance.randrange(len(text) + 1) for _ in range(3)} | {len(text)}:
        for offer in completions(documents, document, offset):
            assert 0 <= offer.start <= offset
        signature(documents, document, offset)
        hover(documents, document, offset, {})
        for place in definition(documents.read(document), offset):
            assert place.end <= len(place.source.text)
        for each in references(documents, document, offset, []):
            assert (
                each.source.text[each.start : each.end].isidentifier() or "." in each.source.text[each.start : each.end]
            )
        with contextlib.suppress(CannotRename):
            renamed(documents, document, offset, "quite_new", [])
    read = documents.read(document)
    for each in (*tokens(read), *folds(text), *outline(read.module), *read.occurrences):
        assert 0 <= each.start <= each.end <= len(text)
    keyed("x", text, [], "")
    edit = formatting_edit(text, "x")
    if edit is not None:
        assert formatting_edit(applied(text, (edit,)), "x") is None
    for diagnostic in documents.check(document).own:
        assert diagnostic.place is None or 0 <= diagnostic.place.start <= diagnostic.place.end <= len(text) + 1
    actions(documents, document, 0, min(len(text), 200))
    return 1


def run(seed: int, rounds: int) -> int:
    chance, documents = random.Random(seed), Documents()
    documents.put("untitled:x", "", 1)
    return sum(ask_everything(documents, mangled(chance.choice(TEXTS), chance), chance) for _ in range(rounds))


@pytest.mark.parametrize("seed", range(4))
def test_nothing_raises_whatever_a_text_looks_like(seed):
    assert run(seed, 12) == 12


if __name__ == "__main__":
    print(run(int(sys.argv[1]), int(sys.argv[2])), "texts")
