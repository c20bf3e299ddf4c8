"""Mutants: each parses, stands where it says, and differs; and each kind of change is made."""

from importlib.resources import files
from pathlib import Path

import pytest

from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.mutation.mutants import mutants
from spteproof.grammar.reading import read_module
from spteproof.grammar.source import Source

LIBRARY = Path(str(files("spteproof.spec")))
TEXTS = sorted(LIBRARY.rglob("*.spte"))


def read(text):
    findings = Findings()
    return read_module(Source(name="text", text=text), findings), findings


def changes(text):
    module, findings = read(text)
    assert not findings.has_errors()
    return {(each.item, text[each.start : each.end], " ".join(each.new.split())) for each in mutants(module)}


@pytest.mark.parametrize("path", TEXTS[::12], ids=lambda path: path.name)
def test_every_mutant_of_the_library_parses(path):
    text = path.read_text()
    module, _ = read(text)
    for each in mutants(module):
        assert not read(each.of(text))[1].has_errors(), each
        assert each.of(text) != text and text[each.start : each.end] != each.new


def test_there_are_many_in_the_library():
    assert sum(len(mutants(read(path.read_text())[0])) for path in TEXTS) > 4000


LAYOUT = "layout l { W = bit 1; A = bit 5; hw_ad = true; invariant i: spte & W -> spte & A; }\n"


@pytest.mark.parametrize(
    "text, change",
    [
        ("predicate p(u64 a) = a & W || a & A;", ("p", "a & W || a & A", "(a & W)")),
        ("predicate p(u64 a) = a & W || a & A;", ("p", "a & W || a & A", "((a & W) && (a & A))")),
        ("predicate p(u64 a) = (a & W) && !(a & A);", ("p", "!(a & A)", "(a & A)")),
        ("predicate p(u64 a) = a == 1;", ("p", "a == 1", "(a != 1)")),
        ("function f(u64 a) -> u64 = a & ~W;", ("f", "W", "A")),
        ("function f(u64 a) -> u64 = a & ~W;", ("f", "~W", "W")),
        ("function f(bool a) -> u64 = a ? W : A;", ("f", "a ? W : A", "(a ? A : W)")),
        ("function f() -> u64 = BIT_ULL(9);", ("f", "9", "10")),
        ("helper h() { atomic64_and(~W, sptep); }", ("h", "atomic64_and(~W, sptep);", "*sptep &= (~W);")),
        ("helper h() { clear_bit(1, sptep); }", ("h", "clear_bit(1, sptep);", "__clear_bit(1, sptep);")),
        (
            "helper h() -> u64 { return xchg(sptep, W); }",
            (
                "h",
                "return xchg(sptep, W);",
                "{ u64 seen_by_plain_read = *sptep; WRITE_ONCE(*sptep, W); return seen_by_plain_read; }",
            ),
        ),
        (
            "helper h(u64 o) { if (!try_cmpxchg64(sptep, &o, W)) return; *sptep = A; }",
            ("h", "if (!try_cmpxchg64(sptep, &o, W)) return;", "WRITE_ONCE(*sptep, W);"),
        ),
        ("helper h() { if (*sptep & W) *sptep = A; }", ("h", "if (*sptep & W) *sptep = A;", "*sptep = A;")),
        ("helper h() { if (*sptep & W) *sptep = A; }", ("h", "if (*sptep & W) *sptep = A;", "{ }")),
        ("helper h() { *sptep = A; *sptep = W; }", ("h", "*sptep = A; *sptep = W;", "*sptep = W; *sptep = A;")),
        (
            "helper h() -> u64 { u64 o = READ_ONCE(*sptep); u64 n = READ_ONCE(*sptep); return n & o; }",
            ("h", "READ_ONCE(*sptep)", "o"),
        ),
        ("agent a lockless { step s: when spte & W { spte |= A; } }", ("a", "when spte & W", "")),
        ("agent a lockless { step s: when spte & W { spte |= A; } }", ("a", "when", "saw")),
        (
            "theorem t for layout in l { assume(*sptep & W); prove changes nothing; }",
            ("t", "assume(*sptep & W);", "{ }"),
        ),
        ("predicate p(u64 a) = a & W;", ("l", "bit 1"[4:], "2")),
        ("predicate p(u64 a) = a & W;", ("l", "5", "8")),
        ("predicate p(u64 a) = a & W;", ("l", "true", "false")),
        ("predicate p(u64 a) = a & W;", ("l", "invariant i: spte & W -> spte & A;", "")),
    ],
)
def test_a_change_that_is_made(text, change):
    found = changes(LAYOUT + text)
    if change[2] == "{ }":
        assert {change, (*change[:2], "")} & found
    else:
        assert change in found


def test_an_agent_is_left_out_where_that_can_be_noticed():
    agents = "agent a lockless { step s: { spte |= W; } } agent b lockless { step s: { spte |= A; } }\n"
    theorem = "theorem t for layout in l against any number of a, b { *sptep = W; prove preserves A%s; }"
    assert ("t", ", b", "") in changes(LAYOUT + agents + theorem % " expect refuted")
    assert ("t", "a, ", "") in changes(LAYOUT + agents + theorem % " expect refuted")
    assert ("t", ", b", "") not in changes(LAYOUT + agents + theorem % "")


def test_what_is_proved_stays_as_it_is():
    text = LAYOUT + "theorem t for layout in l { *sptep = W; prove preserves W | A; prove ensures end & W; }"
    assert not any("prove" in old for _, old, _ in changes(text))
    assert not any(old in ("W | A", "end & W") for _, old, _ in changes(text))


def test_items_inside_an_era_say_so():
    text = LAYOUT + "interface i { predicate p(u64 a); } era e implements i { predicate p(u64 a) = a & W && a & A; }"
    module, _ = read(text)
    assert {each.era for each in mutants(module) if each.item == "p"} == {"e"}
