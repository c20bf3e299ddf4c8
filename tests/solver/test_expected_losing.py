"""`expect refuted losing {...}` is met only by an event that loses all of it; a mask that is none is never lost."""

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver.foremost import Foremost
from spteproof.solver.noticing import Noticing, NoticingAll
from spteproof.solver.proof import Prover
from spteproof.solver.z3_solver import Solver

TEXT = """
layout l {{ W = bit 1; D = bit 6; N = none; }}
theorem t for layout in l against nobody {{ *sptep = 0; prove preserves W | D expect refuted losing {{{bits}}}; }}
"""


@pytest.mark.parametrize("bits, met", [("W", True), ("W, D", True), ("N", False), ("W, N", False)])
def test_what_is_expected_to_be_lost_must_be_lost(bits, met):
    (result,) = prove_text(TEXT.format(bits=bits)).results
    assert (result.verdict, result.ok) == ("refuted", met)


@pytest.mark.parametrize("bits", [("W", "N"), ("N", "W")])
def test_each_expectation_of_one_property_is_met_by_itself(bits):
    claims = " ".join(f"prove preserves W | D expect refuted losing {{{each}}};" for each in bits)
    text = f"layout l {{ W = bit 1; D = bit 6; N = bit 7; }}\ntheorem t against nobody {{ atomic64_and(~W, sptep); {claims} }}"
    assert [each.ok for each in prove_text(text).results] == [each == "W" for each in bits]


def test_what_a_layout_has_no_name_for_is_not_lost_there():
    text = "layout m { W = bit 1; }\nlayout l extends m { D = bit 6; }\n"
    text += "theorem t against nobody { *sptep = 0; prove preserves ~0ULL expect refuted losing {D}; }"
    results = prove_text(text).results
    assert [(each.layout, each.verdict, each.ok) for each in results] == [
        ("m", "refuted", False),
        ("l", "refuted", True),
    ]


@pytest.mark.parametrize("kind", [None, Foremost, Noticing, NoticingAll])
@pytest.mark.parametrize("claim", ["equivalent sets(), clears()", "ensures !(end & D)"])
def test_what_speaks_of_no_bits_loses_none(claim, kind):
    text = f"""layout l {{ W = bit 1; D = bit 6; N = none; }}
        helper sets() {{ *sptep |= W; }} helper clears() {{ *sptep &= ~W; }}
        theorem t for layout in l against nobody {{ *sptep |= D; prove {claim} expect refuted;
            prove {claim} expect refuted losing {{D}}; prove {claim} expect refuted losing {{D, N}}; }}"""
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    found = list(Prover(library, kind=kind).prove(library.theorems["t"]))
    assert [(each.verdict, each.ok) for each in found] == [("refuted", True), ("refuted", False), ("refuted", False)]
    if kind is None:
        assert [each.reason for each in found] == [None, "no event loses D", "no event loses D, N all at once"]


PLACED = """layout l { W = bit 1; S = some bit overlaps W; }
theorem t for layout in l against nobody { *sptep = 0; prove preserves W | S expect refuted losing {BITS}; }
"""
IN_SOME = """layout l { W = bit 1; X = bit 2; S = some bit overlaps W, X; }
theorem t for layout in l against nobody { u64 old = xchg(sptep, 0); assert(FOLDED || !(old & X));
    prove that true; }
"""
FLAT = """layout l { W = bit 1; S = bit 2; }
theorem t for layout in l against nobody { parallel { thread a { *sptep = 0; } thread b { set_bit(1, sptep); } }
    prove preserves W | S expect refuted losing {BITS}; }
"""


@pytest.mark.parametrize("kind", [Foremost, Noticing, NoticingAll])
@pytest.mark.parametrize("text", [PLACED, FLAT], ids=["placements", "orders of threads"])
def test_what_is_expected_to_be_lost_is_not_asked_about_again_where_it_is(monkeypatch, text, kind):
    asked, check = [], Solver.check
    monkeypatch.setattr(Solver, "check", lambda self, *given: asked.append(given[:1]) or check(self, *given))
    library = load_text(text.replace("BITS", "W, S"), name="<text>", library_root=LIBRARY).library
    found, *_ = Prover(library, kind=kind).prove(library.theorems["t"])
    assert found.verdict == "refuted" and found.ok
    assert (asked.count(("violated0at0",)) > 1) == (text == PLACED) and asked.count(("together0",)) == 1


@pytest.mark.parametrize("kind", [None, Foremost, Noticing, NoticingAll])
@pytest.mark.parametrize("folded", ["S == W", "S == X", "S != W", "S != X"])
def test_what_is_claimed_in_some_placements_only_is_refuted_there(kind, folded):
    """In the others the assert folds away, and is no claim."""
    text = IN_SOME.replace("FOLDED", folded)
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    found = {each.property: each.verdict for each in Prover(library, kind=kind).prove(library.theorems["t"])}
    assert found["asserts hold"] == "refuted"
