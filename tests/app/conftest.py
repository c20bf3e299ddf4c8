"""Runs the command line in this process, each test with a cache and a folder of its own.

Golden texts lie in `tests/app/golden/`. To write them anew from what the tool says now, then review the difference:

    SPTEPROOF_UPDATE_GOLDEN=1 python -m pytest tests/app
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from spteproof.cli import main

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).resolve().parents[2]

SMALL = """\
layout small {
    W = bit 1;
    A = bit 8;
    D = bit 9;
    COUNT = GENMASK_ULL(59, 52);
    assert (A & D) == 0;
}
layout no_dirty extends small { D = none; }

agent cpu lockless {
    step set_dirty: when spte & W { spte |= A | D; }
}

theorem age_stores()
    for layout in small
    against any number of cpu
{
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~A);

    prove preserves W | D       expect refuted losing {D};
}

theorem age_clears()
    for layout in small, no_dirty
    against any number of cpu
{
    atomic64_and(~A, sptep);

    prove preserves W | D;
}
"""
"""A layout, its variation without D, one race and its repair."""

LARGE = """\
layout small { W = bit 1; A = bit 8; }
agent mixer lockless { step mix: { spte = spte * spte * 3ULL + (spte >> 7); } }
theorem keeps() for layout in small against any number of mixer {
    atomic64_and(~A, sptep);
    prove preserves W;
}
"""
"""An environment that cannot be followed to its end."""


@dataclass(frozen=True)
class Answer:
    """What one call gave."""

    status: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's folder is the current one, and its cache lies inside."""
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def spteproof(capsys: pytest.CaptureFixture[str]) -> Call:
    """One call of the command line; the arguments are words."""

    def call(*words: object) -> Answer:
        capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 1
        captured = capsys.readouterr()
        return Answer(status, captured.out, captured.err)

    return call


@pytest.fixture
def small(own_place: Path) -> Path:
    path = own_place / "small.spte"
    path.write_text(SMALL)
    return Path("small.spte")


@pytest.fixture
def few_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments are found too large sooner; it costs seconds otherwise."""
    monkeypatch.setattr("spteproof.solver.closure.NODE_LIMIT", 20_000)
    monkeypatch.setattr("spteproof.showing.effects.NODE_LIMIT", 20_000)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares a text with the golden one of that name."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("SPTEPROOF_UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


MIXED = (
    SMALL.replace("expect refuted losing {D}", "")
    .replace("prove preserves W | D;", "prove preserves W | D expect refuted;")
    .replace("theorem age_clears()", "theorem age_clears(u64 mask in {A, D})")
    .replace("atomic64_and(~A", "atomic64_and(~mask")
    + LARGE.split("\n", 1)[1]
)
"""A refutation and proofs that are not expected, an expected refutation, a skipped instance, and an unknown."""
