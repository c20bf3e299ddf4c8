from pathlib import Path

import pytest

from spteproof.editing.documents import Documents, uri_of
from spteproof.editing.meanings import UNKNOWN
from spteproof.grammar.parsing import item_parser
from spteproof.grammar.splitting import stretches

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = sorted((ROOT / "spec").rglob("*.spte"))


@pytest.mark.parametrize("path", LIBRARY[::7], ids=lambda path: path.stem)
def test_each_name_of_the_library_stands_for_something(path):
    documents = Documents()
    document = documents.put(uri_of(path), path.read_text(), 1)
    found = documents.read(document).occurrences
    assert found
    assert all(document.text[each.start : each.end] == each.symbol.name for each in found)
    assert [each.symbol.name for each in found if each.symbol.kind == UNKNOWN] == []


def test_a_name_that_nothing_declares_is_unknown():
    documents = Documents()
    document = documents.put("untitled:1", "predicate p(u64 a) = a & nowhere;", 1)
    assert [each.symbol.name for each in documents.read(document).occurrences if each.symbol.kind == UNKNOWN] == [
        "nowhere"
    ]


def test_every_word_that_the_parser_takes_for_a_name_is_an_occurrence(race):
    documents = Documents()
    document = documents.put("untitled:1", race, 1)
    at = {each.start for each in documents.read(document).occurrences}
    for part in stretches(race):
        for kind, start, end in item_parser().words_of(race, part.start, part.end):
            assert kind != "NAME" or start in at, race[start:end]
