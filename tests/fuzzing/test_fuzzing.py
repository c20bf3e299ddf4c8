"""A little of the fuzzing, what it once found, and texts that grow too large: all bounded by counting, not by a clock.

The rest: `python -m tests.fuzzing`.
"""

import random

import pytest

from spteproof.grammar.source import Place

from . import seeds
from .counting import TooMuch, steps
from .minimising import minimised
from .splicing import spliced
from .targets import TARGETS, Broken, check, loaded

CALLS_A_CHARACTER, CALLS_AT_LEAST = 2_000, 400_000


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch):
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", "/dev/null/none")
    loaded("")


def allowed(text):
    return CALLS_AT_LEAST + CALLS_A_CHARACTER * len(text)


@pytest.mark.parametrize("path", sorted(seeds.CORPUS.glob("*.spte")), ids=lambda path: path.stem)
@pytest.mark.parametrize("target", TARGETS)
def test_what_once_broke_the_tool_does_not(path, target):
    text = path.read_text(encoding="utf-8")
    steps(lambda: TARGETS[target](text), 20 * allowed(text))


def test_spliced_texts_are_checked_or_refused():
    draw = random.Random(20)
    texts = list(seeds.examples())
    pieces, vocabulary = [seeds.words(each) for each in texts], seeds.dictionary()
    refused = 0
    for _ in range(120):
        text = spliced(draw.choice(texts), pieces, vocabulary, draw)[:4_000]
        try:
            steps(lambda text=text: check(text), allowed(text))
        except (Exception, TooMuch) as error:
            pytest.fail(f"{type(error).__name__}: {error}\n{text}")
        refused += loaded(text).library is None
    assert 30 < refused < 120


def test_words_put_together_are_the_text():
    for text in seeds.examples():
        assert "".join(seeds.words(text)) == text


def test_a_target_notices_a_crash(monkeypatch):
    def broken(*arguments, **options):
        raise RecursionError

    monkeypatch.setattr("spteproof.grammar.modules.read_module", broken)
    with pytest.raises(RecursionError):
        check("layout l { W = bit 1; }")


def test_a_target_notices_a_place_outside_the_text(monkeypatch):
    def far_away(self, start, end):
        return Place(source=self.source, start=start, end=end + 100, line=1, column=1)

    monkeypatch.setattr("spteproof.grammar.names.Module.stretch", far_away)
    with pytest.raises(Broken, match="a diagnostic at"):
        check("layout l { W = bit 1; } predicate p(u64 x) = y;")


def test_too_many_steps_are_noticed():
    assert steps(lambda: [str.upper("a"), (lambda: None)()], 10) == 2
    with pytest.raises(TooMuch):
        steps(lambda: [(lambda: None)() for _ in range(50)], 10)


def test_a_text_is_made_small():
    text = "theorem t { prove preserves W; } layout l { W = bit 1; } ghost bool g;"
    assert minimised(text, lambda each: "bit" in each and "ghost" in each).split() == ["bitghost"]
    assert issubclass(Broken, Exception)
