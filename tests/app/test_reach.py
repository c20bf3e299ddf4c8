"""A change is shown to the theorems, layouts and eras that it can reach, and to no others."""

import pytest

from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.modules import load_text
from spteproof.grammar.mutation.mutants import mutants
from spteproof.grammar.reading import read_module
from spteproof.mutating.reach import Reach
from spteproof.running.pipeline import LIBRARY

TEXT = """
layout one { A = bit 1; W = bit 2; }
layout two extends one { D = bit 3; }
layout other { A = bit 4; W = bit 5; invariant kept: is_kept(spte); }
predicate is_kept(u64 spte) = !(spte & W) || spte & A;
interface mmu { predicate may(u64 spte); helper clear(u64 old); }
predicate is_a(u64 spte) = !(spte & A);
era v1 implements mmu {
    predicate may(u64 spte) = is_a(spte) || !(spte & W);
    helper clear(u64 old) { if (may(old)) atomic64_and(~W, sptep); }
}
era v2 extends v1 { helper clear(u64 old) { atomic64_and(~W, sptep); } }
era v3 extends v1 { predicate may(u64 spte) = !(spte & W); }
theorem t for layout in one, two, other, era in v1, v2, v3 { u64 old = READ_ONCE(*sptep); clear(old); prove preserves A; }
theorem u(u64 x) for layout in other { assume(x & W); prove that is_a(x) || x; }
"""
ERAS = ("v1", "v2", "v3")
LAYOUTS = ("one", "two", "other")


@pytest.fixture(scope="module")
def reached():
    """Of a change in an item of an era: whether `u` can tell it, and the layouts and eras in which `t` can."""
    found = load_text(TEXT, name="t.spte", library_root=LIBRARY)
    assert found.library is not None
    (module,) = [read_module(each, Findings()) for each in found.sources]
    reach = Reach(found.library, [module], ["t", "u"])

    def call(item, era=None):
        mutant = next(each for each in mutants(module) if (each.item, each.era) == (item, era))
        of_t = {(layout, each) for layout in LAYOUTS for each in ERAS if reach.meets_in(mutant, "t", layout, each)}
        assert reach.meets(mutant, "t") is bool(of_t)
        return reach.meets(mutant, "u"), of_t

    return call


@pytest.mark.parametrize(
    "item, era, u, layouts, eras",
    [
        ("t", None, False, LAYOUTS, ERAS),
        ("u", None, True, (), ()),
        ("clear", "v1", False, LAYOUTS, ("v1", "v3")),
        ("clear", "v2", False, LAYOUTS, ("v2",)),
        ("may", "v1", False, LAYOUTS, ("v1",)),
        ("may", "v3", False, LAYOUTS, ("v3",)),
        ("is_kept", None, True, LAYOUTS, ERAS),
        ("is_a", None, True, LAYOUTS, ("v1",)),
        ("one", None, False, ("one", "two"), ERAS),
        ("two", None, False, ("two",), ERAS),
        ("other", None, True, ("other",), ERAS),
    ],
)
def test_only_what_rests_on_an_item_is_reached(reached, item, era, u, layouts, eras):
    assert reached(item, era) == (u, {(layout, each) for layout in layouts for each in eras})
