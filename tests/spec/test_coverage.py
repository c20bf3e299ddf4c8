"""docs/coverage.md names texts and theorems that exist, every property and number of the history, and leaves no text out."""

import re
from pathlib import Path

import pytest

from spteproof.running.pipeline import LIBRARY

DOCUMENT = Path(__file__).parents[2] / "docs" / "coverage.md"
NAMED = re.compile(r"`(\w+/\w+\.spte)`(?: \(((?:`\w+`(?:, )?)+)\))?")
STATED = re.compile(r"^(?:theorem|lemma) (\w+)", re.MULTILINE)
PROPERTIES = {f"P{number}" for number in range(1, 21)} | {"P3'"}
NEVER_GIVEN = {15, 16, 19, 27, 28, 37, 44, 47}
NUMBERS = {str(number) for number in range(1, 55) if number not in NEVER_GIVEN}
NAMED_IN_FULL = ("history", "properties")


def rows(document: str) -> list[list[str]]:
    """The cells of each row of a table that has three columns, without its head."""
    lines = [line for line in document.splitlines() if line.startswith("| ") and not line.startswith("| | ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if len(row) == 3]


def names(document: str) -> list[tuple[str, list[str]]]:
    """Each text that is named, with the theorems that stand in brackets after it."""
    return [(match[1], re.findall(r"\w+", match[2] or "")) for match in NAMED.finditer(document)]


def wrong_names(document: str) -> list[str]:
    """What is named and does not exist."""
    wrong = []
    for text, theorems in names(document):
        path = LIBRARY / text
        if not path.is_file():
            wrong.append(text)
            continue
        stated = STATED.findall(path.read_text(encoding="utf-8"))
        wrong += [f"{text}: {theorem}" for theorem in theorems if theorem not in stated]
    return wrong


def left_out(document: str) -> set[str]:
    """The texts about history and properties that the document does not name."""
    texts = {f"{folder}/{path.name}" for folder in NAMED_IN_FULL for path in (LIBRARY / folder).glob("*.spte")}
    return texts - {text for text, _ in names(document)}


def uncarried(document: str) -> list[str]:
    """The rows that neither name a text nor say why there is none."""
    says = ("No text", "the same")
    return [row[0] for row in rows(document) if not NAMED.search(row[2]) and not row[2].startswith(says)]


@pytest.fixture(scope="module")
def document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def test_every_text_and_theorem_that_is_named_exists(document):
    assert len(names(document)) > 80
    assert wrong_names(document) == []


def test_a_name_that_does_not_exist_is_found():
    assert wrong_names("`mail/never_written.spte`") == ["mail/never_written.spte"]
    assert wrong_names("`mail/never_atomic.spte` (`never_atomic`, `always_atomic`)") == [
        "mail/never_atomic.spte: always_atomic"
    ]


def test_every_text_about_history_and_properties_is_named(document):
    assert left_out(document) == set()


def test_a_text_that_is_left_out_is_found(document):
    assert left_out(document.replace("`history/dirty_log_of_l2.spte`", "")) == {"history/dirty_log_of_l2.spte"}


def test_every_property_and_every_number_has_a_row(document):
    first = [row[0] for row in rows(document) if row[0] != "-"]
    assert sorted(first) == sorted(PROPERTIES | NUMBERS)


def test_every_row_names_a_text_or_says_why_there_is_none(document):
    assert uncarried(document) == []


def test_a_row_that_says_nothing_is_found():
    assert uncarried("| 99 | a bug | |") == ["99"]
