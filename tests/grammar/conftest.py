"""Reads the cases of a folder: each begins with `//// its name`; `//! id` at the end of a line expects a diagnostic
there."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from spteproof.grammar.modules import Loaded, load_text

HERE = Path(__file__).parent
LIBRARY = HERE / "library"
_EXPECTED = re.compile(r"//! (\S+)(?: (-\d+))?")


@dataclass(frozen=True, slots=True)
class Case:
    """`expected` counts (line, id); a number after the id moves the line."""

    name: str
    text: str
    expected: Counter[tuple[int, str]]


def cases(folder: str) -> list[Case]:
    return [
        each for path in sorted((HERE / folder).glob("*.spte")) for each in _cases(path.read_text(encoding="utf-8"))
    ]


def _cases(text: str) -> list[Case]:
    found = []
    for part in text.split("//// ")[1:]:
        name, body = part.split("\n", 1)
        expected: Counter[tuple[int, str]] = Counter()
        for number, line in enumerate(body.split("\n"), start=1):
            for match in _EXPECTED.finditer(line):
                expected[number + int(match[2] or 0), match[1]] += 1
        found.append(Case(name, re.sub(r"//!.*", "", body), expected))
    return found


WRONG, RIGHT = cases("wrong"), cases("right")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for fixture, found in (("wrong", WRONG), ("right", RIGHT)):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, found, ids=[case.name for case in found])


@pytest.fixture(scope="session", autouse=True)
def cache_of_these_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What these tests keep between runs is kept apart from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path_factory.mktemp("kept")))
        yield


@pytest.fixture(scope="session")
def all_wrong() -> list[Case]:
    return WRONG


@pytest.fixture(scope="session")
def all_right() -> list[Case]:
    return RIGHT


@pytest.fixture(scope="session")
def loaded() -> Callable[..., Loaded]:
    """Loads a text that may use `tests/grammar/library`."""
    return lambda text, name="case": load_text(text, name=name, library_root=LIBRARY)
