"""`some bit` stands for every position: the verdict is that of all positions tried one by one."""

import itertools

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of, prove_text
from spteproof.solver import placements

AGENT = "agent sets lockless { step s: when (spte & M) { spte |= N; } }\n"
ONE, TWO = "M = some bit;", "M = some bit; N = some bit;"
CASES = {
    "a bool stored": (ONE, "(bool b) { WRITE_ONCE(*sptep, b); prove ensures (after & M) ? b : !b; }"),
    "a bool stored, right everywhere": (ONE, "(bool b) { WRITE_ONCE(*sptep, b); prove ensures !(after & M & ~1ULL); }"),
    "a negation stored": (
        ONE,
        "{ u64 x = READ_ONCE(*sptep); WRITE_ONCE(*sptep, !x); prove ensures (after & M) ? !x : !!x; }",
    ),
    "a comparison stored": (
        ONE,
        "{ u64 x = READ_ONCE(*sptep); u64 y = x == M; WRITE_ONCE(*sptep, y); prove ensures after & M || x != M; }",
    ),
    "a constant of the layout stored": (ONE + "HW = true;", "{ WRITE_ONCE(*sptep, HW); prove ensures after & M; }"),
    "an arm that the layout takes": (
        ONE + "HW = true;",
        "(u64 x) { u64 y = HW ? x & ~8ULL : x; WRITE_ONCE(*sptep, y); prove ensures !(x & M) || (after & M); }",
    ),
    "an arm that the layout excludes": (
        ONE + "HW = true;",
        "(u64 x) { u64 y = !HW ? x & ~8ULL : x; WRITE_ONCE(*sptep, y); prove ensures !(x & M) || (after & M); }",
    ),
    "a branch that the layout takes": (
        ONE + "HW = false;",
        "(u64 x) { u64 y = x; if (HW) y &= ~16ULL; else y &= ~8ULL; WRITE_ONCE(*sptep, y); prove ensures !(x & M) || (after & M); }",
    ),
    "a side that the layout asks for": (
        ONE + "HW = true;",
        "(u64 x) { bool y = HW && (x & 8); prove that y -> x & M; }",
    ),
    "a side that the layout makes idle": (
        ONE + "HW = true;",
        "(u64 x) { bool y = HW || (x & 8); prove that y; }",
    ),
    "a level stored": (ONE, "(int n in 1..1) { WRITE_ONCE(*sptep, n); prove ensures after & M; }"),
    "a level stored as u64": (
        ONE,
        "(int n in 0..3) { u64 x = n; WRITE_ONCE(*sptep, x); prove ensures (x & M) || !n; }",
    ),
    "a negative level": (ONE, "(int n in -1..-1) { WRITE_ONCE(*sptep, n); prove ensures after & M; }"),
    "a choice of two numbers": (
        ONE,
        "(bool b) { u64 x = b ? 8 : 0; WRITE_ONCE(*sptep, x); prove ensures !(after & M); }",
    ),
    "a number negated": (ONE, "(u64 x) { u64 y = -x; prove that (y & M) == (x & M); }"),
    "a number negated, right everywhere": (ONE, "(u64 x) { u64 y = -x; prove that x != M || (y & M); }"),
    "a sum": (ONE, "(u64 x) { prove that ((x + x) & M) == 0; }"),
    "a difference": (ONE, "(u64 x) { prove that !((x - 1) & M) || (x & M) || x == 0 || !(x & M); }"),
    "a product": (ONE, "(u64 x) { prove that ((x * 3) & M) == (x & M); }"),
    "an order": (ONE, "(u64 x) { prove that (x & M) < 4096; }"),
    "a bit number": (ONE, "{ clear_bit(3, sptep); prove preserves M; }"),
    "the number of a bit": (ONE, "{ clear_bit(__ffs64(M), sptep); prove preserves M; }"),
    "the number of a bit, elsewhere": (ONE, "{ clear_bit(__ffs64(M), sptep); prove changes only M; }"),
    "a number in the text": (ONE, "{ atomic64_and(~0x2440ULL, sptep); prove preserves M; }"),
    "a masked shift to the right": (
        ONE,
        "(u64 x) { prove that !((x >> 54) & 5) || !((x & M) >> 54) || ((x >> 54) & 5); }",
    ),
    "a masked shift that meets the bit": (ONE, "(u64 x) { prove that (((x & ~M) >> 54) & 5) == ((x >> 54) & 5); }"),
    "a masked shift to the left": (ONE, "(u64 x) { prove that (((x & 5) << 54) & M) == 0; }"),
    "a shift masked by a truth value": (ONE + "HW = true;", "(u64 x) { prove that !(((x & M) >> 54) & HW); }"),
    "a masked shift by a bit": (ONE, "(u64 x) { prove that ((x & M) << 1) != 0 || !(x & M); }"),
    "a value made of a bit": (ONE + "value V = M | 4;", "{ prove that V != M; }"),
    "a mask made of a bit": (ONE + "K = M | 4;", "{ prove that K != M; }"),
    "a value above a mask": (ONE + "value V = M | 4; K = V | M; value Q = K;", "{ prove that Q == V; }"),
    "an alias": (ONE + "alias X = M;", "{ atomic64_and(~0x80ULL, sptep); prove preserves X; }"),
    "an invariant": (
        ONE + "invariant i: !(spte & M) || (spte & 16);",
        "{ atomic64_and(~16ULL, sptep); prove keeps invariants; }",
    ),
    "two bits that may be one": (TWO, "{ atomic64_and(~M, sptep); prove preserves N; }"),
    "two bits apart": (TWO + "disjoint(M, N);", "{ atomic64_and(~M, sptep); prove preserves N; }"),
    "two bits and a number": (TWO + "disjoint(M, N);", "{ u64 x = READ_ONCE(*sptep); prove that (M | N) != 0x21; }"),
    "two bits and an agent": (
        TWO + "disjoint(M, N);",
        " against any number of sets { u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep);"
        " prove ensures (x & M) || x == y; }",
    ),
    "two bits and an agent and a number": (
        TWO + "disjoint(M, N);",
        " against any number of sets { u64 x = READ_ONCE(*sptep); *sptep = x & ~3ULL; prove preserves N & ~3ULL; }",
    ),
    "perhaps no bit": ("M = some bit or none;", "{ prove that M != 0; }"),
    "perhaps no bit, right": ("M = some bit or none;", "(u64 x) { prove that (x & M) == 0 || (x & M) == M; }"),
    "a bit beside a fixed one": (
        "F = bit 7; M = some bit; disjoint(F, M);",
        "{ atomic64_and(~F, sptep); prove preserves M; }",
    ),
    "a bit perhaps on a fixed one": ("F = bit 7; M = some bit;", "{ atomic64_and(~F, sptep); prove preserves M; }"),
}


def theorem(head, body):
    parameters, _, rest = body.partition("{") if not body.startswith("(") else ("", "", "")
    if body.startswith("("):
        close = body.index(")") + 1
        parameters, rest = body[:close], body[close:]
        return f"theorem t{parameters} {head} {rest}"
    return f"theorem t {head} {parameters}{{{rest}"


def verdict(layout, body):
    agent = AGENT if "N = " in layout else ""
    text = f"layout l {{ {layout} }}\n{agent}{theorem('for layout in l', body)}"
    (result, *_) = [each for each in prove_text(text).results if not each.implicit]
    return result.verdict


def places(layout):
    """Positions that the numbers in the cases tell apart, and some others."""
    names = [name for name in ("M", "N") if f"{name} = some bit" in layout]
    positions = [0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 31, 54, 56, 63] if len(names) == 1 else [0, 1, 2, 5, 6, 63]
    ranges = [[*positions, *([None] if "or none" in layout else [])] for _ in names]
    for chosen in itertools.product(*ranges):
        if "disjoint(M, N)" in layout and chosen[0] == chosen[1]:
            continue
        if "disjoint(F, M)" in layout and chosen[0] == 7:
            continue
        yield dict(zip(names, chosen, strict=True))


def concrete(layout, positions):
    """The same with values instead of masks, which may overlap as they like."""
    for name, bit in positions.items():
        value = 0 if bit is None else 1 << bit
        layout = layout.replace(f"{name} = some bit or none;", f"value {name} = {value}ULL;")
        layout = layout.replace(f"{name} = some bit;", f"value {name} = {value}ULL;")
    for part in ("disjoint(M, N);", "disjoint(F, M);"):
        layout = layout.replace(part, "")
    return layout.replace("K = ", "value K = ").replace("alias X = M;", "value X = M;")


@pytest.mark.parametrize("name", CASES)
def test_a_symbolic_bit_gives_the_verdict_of_all_positions(name):
    layout, body = CASES[name]
    single = [verdict(concrete(layout, each), body) for each in places(layout)]
    expected = "refuted" if "refuted" in single else "proved"
    assert set(single) <= {"proved", "refuted", "vacuous"}
    assert verdict(layout, body) == expected


def test_an_assert_of_a_layout_is_proved_through_its_predicates():
    text = """predicate is_not_four(u64 m) = m != 4;
        layout l { M = some bit; assert is_not_four(M); assert M != 0; }
        lemma t for layout in l { prove that M != 0; }"""
    assert [each.verdict for each in prove_text(text).results if each.theorem == "l"] == ["refuted", "proved"]


def test_a_number_in_an_agent_or_a_predicate_tells_positions_apart():
    text = """layout l { M = some bit; }
        predicate has_five(u64 x) = x & 32;
        agent a lockless { step s: when has_five(spte) { spte &= ~0x200ULL; } }
        theorem t for layout in l against any number of a {
            u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); prove ensures (x & M) == (y & M); }"""
    (result,) = prove_text(text).results
    assert result.verdict == "refuted" and result.counterexample.values["M"] == 0x200


def test_every_kind_of_placement_is_counted():
    text = "layout l { M = some bit; N = some bit; } lemma t for layout in l { prove that M & N & 1 || 0 == 0; }"
    (result,) = prove_text(text).results
    assert result.scope.placements == 5


# What tells positions apart ---------------------------------------------------------------------------------

FIXED = "layout l { S = some bit; T = bit 3 overlaps S; U = bit 1 overlaps S; ON = true; }\n"
ONLY_BIT_2 = [
    ("", "", "T - S != S"),
    ("", "", "(-S & T) == 0 || (-S & U) != 0 || S == T"),
    ("", "", "S >> 1 != U"),
    ("", "", "!(U < S && S < T)"),
    ("", "", "!(U <= S && S <= T) || S == U || S == T"),
    ("", "", "!(T > S && S > U)"),
    ("", "", "!(T >= S && S >= U) || S == U || S == T"),
    ("(int k in 4..4)", "u64 w = k;", "w != S"),
    ("(int k in 4..4, bool b)", "u64 w = b ? 1 : k;", "b || w != S"),
    ("(int k in 4..4, bool b)", "u64 w = b ? k : 1;", "!b || w != S"),
]


@pytest.mark.parametrize("parameters, body, claim", ONLY_BIT_2)
def test_what_holds_in_all_positions_but_one_is_refuted(parameters, body, claim):
    """Bit 2 is no constant of the text: something else tells it apart."""
    text = f"theorem t{parameters} for layout in l against nobody {{ {body} u64 z = *sptep; prove that {claim}; }}"
    (found,) = [each for each in prove_text(FIXED + text).results if not each.implicit]
    assert found.verdict == "refuted" and found.counterexample.values["S"] == 4


@pytest.mark.parametrize(
    "body, claim, count",
    [
        ("", "S != 0", 1),
        ("", "(*sptep & S) == S || true", 1),
        ("", "S != T", 2),
        ("", "(T | U) != S", 3),
        ("", "~T != S", 2),
        ("", "!b || S != T", 2),
        ("u64 w = b;", "w != S", 2),
        ("u64 w = b ? 1 : 4;", "w != S", 3),
        ("", "(x & T) << 1 != S", 4),
        ("", "(T & x) << 1 != S", 4),
        ("", "((x >> 1) & T) != S", 4),
        ("", "(T & (x >> 1)) != S", 4),
        ("", "T != U && S != 0", 3),
        ("", "(x & (T | U)) << 1 != S", 6),
        ("", "(S & x) << 1 != 0", 64),
        ("", "(x >> 1) != S", 64),
        ("", "((x >> 1) & ON) != S", 3),
        ("", "((x & ON) << 2) != S", 4),
        ("", "((x >> ON) & T) != S", 4),
        ("u64 w = b ? x == 0 : 4;", "w != S", 3),
        ("u64 w = b ? ON : x == 0;", "w != S", 2),
    ],
)
def test_as_few_placements_as_differ_are_decided(body, claim, count):
    text = f"theorem t(bool b, u64 x) for layout in l {{ {body} prove that {claim.replace('*sptep', 'x')}; }}"
    found = [each for each in prove_text(FIXED + text).results if not each.implicit]
    assert [each.scope.placements for each in found] == [count]


def test_a_bool_that_becomes_a_word_tells_the_lowest_bit_apart():
    text = "layout l { S = some bit; }\ntheorem t(bool b) for layout in l { u64 w = b; prove that b -> w & S; }"
    (found,) = prove_text(text).results
    assert (found.verdict, found.scope.placements) == ("refuted", 2)


@pytest.mark.parametrize("limit, verdict", [(2, "proved"), (1, "unknown")])
def test_as_many_placements_as_the_limit_are_decided_and_not_one_more(monkeypatch, limit, verdict):
    monkeypatch.setattr("spteproof.solver.placements.PLACEMENT_LIMIT", limit)
    (found,) = prove_text(FIXED + "theorem t for layout in l { u64 x = *sptep; prove that S != T || S == T; }").results
    assert found.verdict == verdict and (verdict == "proved" or "more than 1 placements" in found.reason)


def test_no_placement_is_made_that_disjoint_forbids(monkeypatch):
    """To try all that are forbidden as well, and leave them out in the end, would take long."""
    made, disjoint = [], placements._disjoint
    monkeypatch.setattr(placements, "_disjoint", lambda layout, values: made.append(values) or disjoint(layout, values))
    text = """layout l {
        F = bit 0; G = bit 3; M = some bit; N = some bit or none; O = some bit; P = some bit; alias B = N;
        disjoint(M, F, O, B); disjoint(G, M, P); disjoint(O, P, F);
    }
    theorem t for layout in l { u64 x = *sptep; prove that M != O && (M & F) == 0; }"""
    (found,) = prove_text(text).results
    assert (found.verdict, found.scope.placements) == ("proved", len(made))
    apart = [("M", "F", "O", "N"), ("G", "M", "P"), ("O", "P", "F")]
    for values in made:
        assert all(
            sum(values[name] for name in names).bit_count() == sum(values[name] > 0 for name in names)
            for names in apart
        )


def test_a_fixed_mask_that_a_symbolic_one_must_avoid_leaves_it_another_bit():
    text = "layout l { F = bit 0; S = some bit; disjoint(F, S); }\ntheorem t for layout in l { u64 x = *sptep; prove that S != 0; }"
    report = prove_text(text)
    assert not report.skipped and [each.verdict for each in report.results] == ["proved"]


def test_names_that_are_defined_by_later_ones_have_their_values():
    text = "layout l { S = some bit; value Y = S; X = Y overlaps S; }\ntheorem t for layout in l { u64 x = *sptep; prove that X == S; }"
    (found,) = prove_text(text).results
    assert found.verdict == "proved"


def test_what_is_called_more_than_once_is_looked_at_once():
    names = ["f0", "f1", "f2", "f3"]
    text = "layout l { M0 = bit 0; M1 = bit 1; }\npredicate f0(u64 x) = x & M0;\n"
    for before, name in itertools.pairwise(names):
        text += f"predicate {name}(u64 x) = {before}(x) || {before}(x & M1);\n"
    text += "theorem t for layout in l { u64 old = *sptep; prove ensures f3(old) == f3(old); }"
    library = library_of(load_text(text, name="<text>", library_root=LIBRARY))
    found = placements._called(library, list(library.theorems.values()), None, lambda condition: None)
    assert [each.name for each in found] == ["t", *reversed(names)]
