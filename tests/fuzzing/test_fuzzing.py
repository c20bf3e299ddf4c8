"""A little of the fuzzing, what it once found, and texts that grow too large: all bounded by counting, not by a clock.

The rest: `python -m tests.fuzzing`.
"""

import random

import pytest

from spteproof.grammar.source import Place
from spteproof.running.pipeline import prove_text
from spteproof.solver.results import Budget

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


LAYOUT = "layout l { P = bit 0; W = bit 1; }\n"


def theorem(body, layouts="l", parameters=""):
    return f"theorem t{parameters} for layout in {layouts} against nobody {{ {body} }}\n"


LARGE = {
    "functions that call the one before twice": LAYOUT
    + "function f0(u64 x) -> u64 { return x; }\n"
    + "".join(f"function f{n}(u64 x) -> u64 {{ return f{n - 1}(x) | f{n - 1}(x + {n}); }}\n" for n in range(1, 60))
    + theorem("u64 o = *sptep; WRITE_ONCE(*sptep, f59(o)); prove preserves W;"),
    "families that hold the one before twice": LAYOUT
    + "family g0 = l;\n"
    + "".join(f"family g{n} = g{n - 1}, g{n - 1};\n" for n in range(1, 60))
    + theorem("WRITE_ONCE(*sptep, 1); prove preserves W;", "g59"),
    "a chain of products": "layout l { value V0 = 3; "
    + "".join(f"value V{n} = V{n - 1} * V{n - 1} + 1; " for n in range(1, 150))
    + "}\n",
    "a number of many digits": LAYOUT + theorem(f"WRITE_ONCE(*sptep, {'9' * 20_000}); prove preserves W;"),
    "a name of many letters": LAYOUT.replace("W", "W" * 20_000),
    "many layouts": "".join(f"layout l{n} {{ W = bit 1; }}\n" for n in range(150))
    + theorem("WRITE_ONCE(*sptep, 1); prove preserves W;", ", ".join(f"l{n}" for n in range(150))),
    "many symbolic bits": f"layout l {{ {''.join(f'M{n} = some bit or none; ' for n in range(60))} }}\n"
    + theorem("WRITE_ONCE(*sptep, M1); prove preserves M0;"),
    "many values of a parameter": LAYOUT
    + theorem(
        "WRITE_ONCE(*sptep, m); prove preserves W;", parameters=f"(u64 m in {{{', '.join(map(str, range(400)))}}})"
    ),
    "many claims": LAYOUT + theorem("WRITE_ONCE(*sptep, 1); " + "prove preserves W; " * 150),
    "brackets": LAYOUT + theorem(f"WRITE_ONCE(*sptep, {'(' * 3_000}1{')' * 3_000}); prove preserves W;"),
    "comments that open": "/*" * 5_000,
    "signs": "~!-*&" * 2_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_work_grows_no_faster_than_the_text(name):
    text = LARGE[name]
    steps(lambda: check(text), allowed(text))


@pytest.mark.parametrize(
    "name, verdict", [("functions that call the one before twice", "unknown"), ("many symbolic bits", "unknown")]
)
def test_what_unfolds_too_far_is_unknown_with_the_reason(name, verdict):
    (result,) = prove_text(LARGE[name], budget=Budget(timeout_seconds=5.0)).results
    assert result.verdict == verdict and "more than" in (result.reason or "")
