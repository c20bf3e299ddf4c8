"""For each bit that a property speaks about: kept, lost, or not known. Kept is said only of what is proved."""

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver.counterexamples import SHOWN_BITS, Hunt
from spteproof.solver.z3_solver import Unknown

WRITER = "agent a lockless { step sets: when spte & M0 { spte |= M1 | M3; } }"
STALE = "u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~M0);"
SYMBOLIC = "layout l { M0 = bit 0; M1 = some bit; M2 = some bit or none; M3 = bit 3; }\n"


@pytest.fixture
def bits(prove):
    """What one property asks, keeps and loses."""

    def call(claim, body=STALE, layout=None, parameters=""):
        options = {} if layout is None else {"layout": layout}
        text = f"{WRITER} theorem t({parameters}) for layout in l against any number of a {{ {body} prove {claim}; }}"
        (result,) = prove(text, **options)
        return result.asked, result.kept, result.losing

    return call


@pytest.mark.parametrize(
    "claim, asked, kept, losing",
    [
        ("preserves M0 | M1 | M2 except M0", "M1 M2", "M2", "M1"),
        ("preserves M1 | M3", "M1 M3", "", "M1 M3"),
        ("preserves M2", "M2", "M2", ""),
        ("preserves M0 except M0", "", "", ""),
        ("conserves M0 | M1 into old", "M0 M1", "M0", "M1"),
        ("resurrects nothing in M1 | M2", "M1 M2", "M1 M2", ""),
        ("changes only ~(M1 | M2)", "M1 M2", "M2", "M1"),
        ("changes only M0", None, "", "M1 M3"),
        ("that M0 == 1", None, "", ""),
    ],
)
def test_bits_of_each_property(bits, claim, asked, kept, losing):
    assert bits(claim) == (asked if asked is None else tuple(asked.split()), (*kept.split(),), (*losing.split(),))


def test_a_mask_that_the_instance_does_not_fix_asks_for_no_bits(bits):
    assert bits("preserves mask", parameters="u64 mask")[:2] == (None, ())


def test_many_bits_are_not_asked_one_by_one(bits):
    few, many = (f"preserves GENMASK_ULL({20 + count}, 21)" for count in (SHOWN_BITS, SHOWN_BITS + 1))
    assert len(bits(few)[0]) == SHOWN_BITS
    assert bits(many)[:2] == (None, ())


@pytest.mark.parametrize("body", [STALE, "*sptep &= ~M2;", "atomic64_xor(M1 | M2, sptep);", "WRITE_ONCE(*sptep, M1);"])
@pytest.mark.parametrize("claim", ["preserves {}", "changes only ~({})", "resurrects nothing in {}"])
def test_what_is_kept_is_proved_alone(bits, body, claim):
    _, kept, losing = bits(claim.format("M0 | M1 | M2 | M3"), body)
    assert {*kept, *losing} == {"M0", "M1", "M2", "M3"} and not {*kept} & {*losing}
    for bit in ("M0", "M1", "M2", "M3"):
        assert bits(claim.format(bit), body)[1:] == (((bit,), ()) if bit in kept else ((), (bit,)))


def test_of_several_placements_a_bit_is_kept_only_if_all_keep_it(bits):
    asked, kept, losing = bits("preserves M1 | M2", layout=SYMBOLIC)
    assert {"M1", "M2"} <= {*asked} and {"M1", "M2"} <= {*losing} and not {*kept} & {"M1", "M2"}
    apart = SYMBOLIC.replace("}", "disjoint(M0, M1, M2, M3); }")
    assert bits("preserves M1 | M2", layout=apart) == (("M1", "M2"), ("M2",), ("M1",))


def test_a_bit_whose_counterexample_does_not_count_is_not_kept(bits, monkeypatch):
    real = Hunt._shortened

    def failing(self, solver, model, literals, bit):
        return "no" if bit == 1 << 1 else real(self, solver, model, literals, bit)

    monkeypatch.setattr(Hunt, "_shortened", failing)
    assert bits("preserves M1 | M2 | M3") == (("M1", "M2", "M3"), ("M2",), ("M3",))


def test_what_a_solver_that_gives_up_left_open_is_not_kept(bits, monkeypatch):
    from spteproof.solver import counterexamples

    real = counterexamples.Solver.check

    def tired(self, *literals):
        answer = real(self, *literals)
        return Unknown("timeout") if answer is False and literals[:1] == ("violated",) else answer

    monkeypatch.setattr(counterexamples.Solver, "check", tired)
    assert bits("preserves M1 | M2") == (("M1", "M2"), (), ("M1",))


def test_nothing_is_kept_on_the_word_of_invariants_that_are_not():
    text = """
    layout l {{ M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: !(spte & M0) || spte & M1; }}
    agent a(int level) lockless {{ step s: saw spte & M0 && !(spte & M1) {{ spte |= M2; }} }}
    theorem t(int level) for layout in l against any number of a {{
        u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~{cleared}); prove preserves M0 | M1 | M2 except {exempt};
    }}"""
    kept = {}
    for cleared, exempt in (("M0", "0"), ("M1", "0")):
        results = prove_text(text.format(cleared=cleared, exempt=exempt)).results
        (kept[cleared],) = [each.kept for each in results if each.property.startswith("preserves")]
    assert kept == {"M0": ("M1", "M2"), "M1": ()}


def test_an_unknown_keeps_nothing(prove):
    hard = "agent a lockless { step s: { spte = spte * spte * 3ULL + (spte >> 7); } }"
    (result,) = prove(f"{hard} theorem t for layout in l against any number of a {{ *sptep = 0; prove preserves M1; }}")
    assert (result.verdict, result.kept) == ("unknown", ())


def test_what_iterations_that_are_left_out_may_lose_is_not_kept():
    """The first failed exchange finds W, the next one finds it gone, and the third brings it back: more than one failed
    iteration, and with one it is not seen. D is lost without any."""
    text = """
    layout one { A = bit 18; W = bit 41; D = bit 39; invariant closed: !(spte & ~(A | W | D)); }
    agent writer lockless { step s: { spte = A; } }
    agent steps lockless { step s: when !spte { spte = W; } }
    theorem t for layout in one against any number of writer, steps {
        u64 old = *sptep;
        assume(!(old & W));
        xchg(sptep, old & ~W);
        retry { } until (try_cmpxchg64(sptep, &old, W));
        prove resurrects nothing in W | D;
    }"""
    (result,) = [each for each in prove_text(text).results if each.property.startswith("resurrects")]
    assert (result.verdict, result.losing, result.kept) == ("refuted", ("D",), ())
