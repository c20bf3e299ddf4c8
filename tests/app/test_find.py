"""The `find` command: what it says, to whom, and how it ends."""

import json

import pytest

from spteproof.finding.masks import static_assert
from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.finding.masks import MaskFinder

TEXT = """\
layout small {
    W = bit 1;
    A = bit 8;
    D = bit 9;
    NONE = none;
    COUNT = GENMASK_ULL(59, 52);
}
layout narrow extends small { D = none; invariant counted: spte & BIT_ULL(52) -> spte & BIT_ULL(53); }

agent cpu lockless {
    step set_dirty: when spte & W { spte |= A | D; }
}

theorem clears(u64 mask in {W, A, D})
    for layout in small, narrow
    against any number of cpu
{
    u64 old = READ_ONCE(*sptep);
    if (old & W) atomic64_and(~mask, sptep);
    else WRITE_ONCE(*sptep, old & ~mask);
    prove preserves W | A | D except mask;
    prove that mask != A && mask != COUNT;
}
"""
STORES = TEXT.replace("if (old & W) atomic64_and(~mask, sptep);\n    else ", "")


@pytest.fixture
def clears(own_place):
    (own_place / "clears.spte").write_text(TEXT)
    return "clears.spte"


@pytest.fixture
def stores(own_place):
    (own_place / "stores.spte").write_text(STORES)
    return "stores.spte"


def timeless(text):
    lines = text.splitlines()
    assert lines[-1].endswith(" s")
    return "\n".join([*lines[:-1], lines[-1].rsplit(" in ", 1)[0]]) + "\n"


def test_masks_for_a_person(spteproof, clears, golden):
    answer = spteproof("find", clears)
    assert (answer.status, answer.err) == (0, "")
    golden("find_masks.txt", timeless(answer.out))


def test_one_property_alone(spteproof, clears):
    by_number = spteproof("find", clears, "--property", 1, "--layout", "small")
    by_text = spteproof("find", clears, "--property", "preserves*", "--layout", "small")
    assert "static_assert(true);  // any single bit may be passed" in by_number.out
    assert timeless(by_number.out) == timeless(by_text.out)


def test_few_bits_are_listed_by_name(spteproof, stores):
    answer = spteproof("find", stores, "--property", 1, "--layout", "narrow")
    assert "    static_assert(mask == A);\n" in answer.out
    both = spteproof("find", stores, "--property", 1, "--layout", "small").out
    assert "    static_assert(false);  // no single bit may be passed\n" in both


def test_masks_for_programs(spteproof, clears):
    answer = spteproof("find", clears, "--format", "json")
    document = json.loads(answer.out)
    assert document["schema"] == "spteproof.found/1" and answer.status == 0
    small, narrow = document["masks"]
    assert (small["layout"], small["parameter"], small["none"]) == ("small", "mask", ["NONE"])
    assert small["assert"] == "static_assert(!(mask & A));"
    assert small["placements"][0]["proved"] == f"0x{(1 << 64) - 1 ^ 1 << 8:016x}"
    assert [each["bit"] for each in narrow["placements"][0]["others"]] == [8, 53]
    assert narrow["placements"][0]["others"][1]["broken"] == ["keeps invariants"]
    assert narrow["none"] == ["D", "NONE"]
    assert document["summary"] == {**document["summary"], "answers": 2, "unknown": 0}


def test_the_report_goes_into_a_file(spteproof, clears, own_place):
    answer = spteproof("find", clears, "--output", "found.txt")
    assert (answer.status, answer.out) == (0, "")
    assert "static_assert" in (own_place / "found.txt").read_text()


def test_nothing_decided_is_3(spteproof, clears):
    answer = spteproof("find", clears, "--timeout", "0.00001", "--layout", "small")
    assert answer.status == 3
    assert "unknown" in answer.out and answer.out.splitlines()[-1].startswith("1 answer, 1 with something unknown")


def test_where_all_is_skipped_nothing_is_found_is_3(spteproof, small):
    text = "theorem t(u64 m, u64 n in {D}) { atomic64_and(~m, sptep); prove preserves n except m; }\n"
    small.write_text(f"layout bare {{ D = none; }}\nlayout full {{ D = bit 6; }}\n{text}")
    answer = spteproof("find", small, "--bits", "m", "--layout", "bare")
    assert answer.status == 3 and answer.out.splitlines()[-1].startswith("0 answers, 1 skipped")
    assert spteproof("find", small, "--bits", "m").status == 0


@pytest.mark.parametrize(
    "words, message",
    [
        (["--theorem", "cleans"], "no theorem matches `cleans`: did you mean `clears`?"),
        (["--layout", "smal"], "there is no layout `smal`: did you mean `small`?"),
        (["--bits", "masc"], "no theorem has a u64 parameter `masc`: did you mean `mask`?"),
        (["--bits", "mask", "--predicate", "zz"], "there is no predicate `zz`"),
        (["--bits", "masc", "--predicate", "zz"], "there is no predicate `zz`"),
        (["--property", "3"], "`clears` has no property `3`"),
        (["--property", "preserves W | A | D"], "`clears` has no property `preserves W | A | D`: did you mean"),
    ],
)
def test_a_wrong_call_is_2_and_says_why(spteproof, clears, words, message):
    answer = spteproof("find", clears, *words)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"spteproof: {message}")


def test_nothing_to_find_is_2(spteproof, small):
    answer = spteproof("find", small)
    assert answer.status == 2 and "there is nothing to find" in answer.err


def test_a_wrong_text_is_2(spteproof, clears, own_place):
    (own_place / clears).write_text(TEXT.replace("else WRITE_ONCE", "else WRITE_TWICE"))
    answer = spteproof("find", clears)
    assert answer.status == 2 and "error[" in answer.err


def test_help_has_examples(spteproof):
    answer = spteproof("find", "--help")
    assert answer.status == 0 and "spteproof find spec/mail/clear_one_bit.spte" in answer.out


ASKING = """\
layout small { W = bit 1; M = bit 2; D = bit 6; invariant known: spte & W -> spte & M; }
layout no_dirty extends small { D = none; }
agent cpu lockless { step dirty: when spte & W { spte |= D; } step write: when spte & M { spte |= W; } }
predicate both(u64 old, int level) = (old & M) != 0 && !(old & W);

theorem asks(u64 mask in {W, D}, int level)
    for layout in small, no_dirty
    against any number of cpu
{
    u64 old = READ_ONCE(*sptep);
    if (both(old, level)) atomic64_and(~mask, sptep);
    else WRITE_ONCE(*sptep, old & ~mask);
    prove changes only mask;
}
"""


@pytest.fixture
def asking(own_place):
    (own_place / "asking.spte").write_text(ASKING)
    return "asking.spte"


def test_predicates_for_a_person(spteproof, asking, golden):
    answer = spteproof("find", asking, "--predicate", "both")
    assert (answer.status, answer.err) == (0, "")
    golden("find_predicates.txt", timeless(answer.out))


def test_a_call_that_names_nothing_asks_for_masks_and_predicates(spteproof, asking):
    answer = spteproof("find", asking, "--layout", "small")
    assert "single bits as `mask`" in answer.out and "instead of `both`" in answer.out


def test_predicates_for_programs(spteproof, asking):
    answer = spteproof("find", asking, "--predicate", "both", "--format", "json")
    document = json.loads(answer.out)
    assert document["masks"] == [] and document["summary"]["answers"] == 2
    small, no_dirty = document["predicates"]
    (placed,) = small["placements"]
    assert placed["own_broken"] == ["changes only mask"] and placed["reason"] is None
    assert placed["missing"]["examples"] == [{"old": "0x6", "level": "0x4"}]
    assert placed["stricter"] == {"products": [], "examples": []}
    assert {each["bit"] for product in placed["weakest"] for each in product} == {1, 2, 6}
    assert no_dirty["left_out"] == ["D: `D` is none in `no_dirty`"]


@pytest.mark.parametrize(
    "name, message",
    [
        ("bothh", "there is no predicate `bothh`: did you mean `both`?"),
        ("other", "no theorem's program asks `other`"),
    ],
)
def test_a_predicate_that_is_not_asked_is_2(spteproof, asking, own_place, name, message):
    (own_place / asking).write_text(ASKING + "predicate other(u64 old) = old;\n")
    answer = spteproof("find", asking, "--predicate", name)
    assert (answer.status, answer.err) == (2, f"spteproof: {message}\n")


def test_an_unknown_predicate_is_3(spteproof, asking):
    answer = spteproof("find", asking, "--predicate", "both", "--timeout", "0.00001")
    assert answer.status == 3 and "unknown" in answer.out


def test_where_no_predicate_is_enough_that_is_said(spteproof, asking, own_place):
    (own_place / asking).write_text(ASKING.replace("changes only mask", "changes nothing"))
    answer = spteproof("find", asking, "--predicate", "both")
    assert "no predicate is enough: always atomic, it breaks `changes nothing`" in answer.out


NESTED = """\
layout s { X = bit 9; A = some bit; F3 = GENMASK_ULL(7, 2); F2 = GENMASK_ULL(5, 2) overlaps F3; W = bit 3 overlaps F2, F3;
           F1 = GENMASK_ULL(5, 4) overlaps F2, F3; disjoint(A, F3); }
"""


@pytest.mark.parametrize("may_change", ["F3 & ~F2 | F1 | A", "~F2 | W", "F2 & ~F1 | X", "~F3 | F1 | W", "F3 & ~W | A"])
def test_the_line_in_c_lets_only_what_is_proved_pass_wherever_symbolic_bits_lie(may_change):
    text = NESTED + f"theorem t(u64 m) {{ atomic64_and(~m, sptep); prove changes only {may_change} | X & A; }}\n"
    library = library_of(load_text(text, name="<text>", library_root=LIBRARY))
    (found,) = MaskFinder(library).find(library.theorems["t"], "m")
    line = static_assert(found).removeprefix("static_assert(").removesuffix(");")
    line = line.replace("||", " or ").replace("!(", "not (")
    assert len(found.placed) > 1
    bits_of = {"BIT_ULL": lambda bit: 1 << bit, "GENMASK_ULL": lambda high, low: (2 << high) - (1 << low)}
    for placed in found.placed:
        passing = [bit for bit in placed.bits if eval(line, {**bits_of, **placed.values, "m": 1 << bit.number})]
        assert passing and all(bit.verdict == "proved" for bit in passing)


def test_what_is_proved_in_some_placements_and_vacuous_in_the_rest_is_proved_as_prove_says(spteproof, own_place):
    """All placements but one leave no value possible."""
    never = "invariant never: X == BIT_ULL(7) || (spte & A && !(spte & A));"
    text = f"layout l {{ A = bit 0; B = bit 1; X = some bit; disjoint(A, B, X); {never} }}\n"
    body = "{ atomic64_or(m, sptep); prove changes only A | X; }\n"
    (own_place / "find.spte").write_text(f"{text}theorem t(u64 m) {body}")
    (own_place / "prove.spte").write_text(f"{text}theorem t(u64 m in {{A, B, X}}) {body}")
    assert spteproof("prove", "prove.spte").out.count("proved   l(A) l(X)\n") == 1
    out = spteproof("find", "find.spte", "--bits", "m").out
    assert "  proved   A X\n" in out and "static_assert(m == A || m == X);" in out
