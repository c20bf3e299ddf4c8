"""What is said of one run is what the solver says of all: a claim is refuted where some run breaks it, and only there."""

import itertools

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY
from spteproof.solver import judgement
from spteproof.solver.finding.quick import Quick
from spteproof.solver.instances import instances
from spteproof.solver.interpretation import Values
from spteproof.solver.proof import Prover
from spteproof.solver.witness import Witness, replay

BITS = """layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }
ghost bool flag;
ghost u64 count;
"""
BODIES = {
    "all is taken over": "a = xchg(sptep, 0); b = a & M0; flag = b; count = a;",
    "one bit is taken over": "b = test_and_clear_bit(0, sptep); if (b) flag = true; a = b ? M0 : 0; count |= 0;",
    "a choice": "if (n) { clear_bit(1, sptep); flag = true; flag = false; } a = M0; b = n; count = M1;",
    "a bit is set again": "atomic64_or(M1, sptep); clear_bit(1, sptep); *sptep |= M1; count = 0; flag = true; a = *sptep;",
    "at once": "atomic { a = *sptep; *sptep = a & ~M0; flag = a & M0; } b = flag; count = M0 | M1;",
    "in a branch": "if (*sptep & M0) { a = xchg(sptep, M3); b = true; } else { count = *sptep; flag = false; }",
    "nothing": "count = 0; b = n; flag = n; a = 0;",
}
INTO = [
    f"conserves{exactly} M0 | M1 into {name}" for exactly in ("", " exactly") for name in ("a", "b", "flag", "count")
]
CLAIMS = [
    *INTO,
    "preserves M0 | M1",
    "preserves M0 | M1 except M0",
    "changes only M1",
    "changes only M0 | M3",
    "refines { a = *sptep; *sptep &= ~M0; }",
    "refines { *sptep &= ~M1; }",
    "ensures (end & M0) -> (start & M0)",
    "ensures after == end",
    "ensures flag -> !(end & M1)",
    "always (*sptep & M3) -> (start & M3)",
    "always flag -> count == 0 || (*sptep & M1)",
    "that b -> (a & M0)",
    "that a == 0 || n",
]


@pytest.mark.parametrize("name", BODIES)
def test_a_claim_is_refuted_where_one_of_all_runs_breaks_it_and_only_there(name):
    claims = " ".join(f"prove {each};" for each in CLAIMS)
    text = f"theorem t(bool n) for layout in l against nobody {{ u64 a = 0; bool b = false; {BODIES[name]} {claims} }}"
    library = load_text(BITS + text, name="<text>", library_root=LIBRARY).library
    theorem = library.theorems["t"]
    found = [each.verdict for each in Prover(library, kind=Quick).prove(theorem)]
    (instance,) = instances(library, theorem)
    broken = set()
    for entry, n, (flag, count) in itertools.product(range(16), (0, 1), ((False, 0), (True, 3))):
        start = Values(entry, {"flag": flag, "count": count})
        run = Witness(
            setting=instance.settings[0], theorem=theorem, start=start, parameters={"n": n}, inputs={}, steps={}
        )
        trace = replay(run)
        broken.update(
            text for text, each in zip(CLAIMS, theorem.proves, strict=True) if judgement.breaches(trace, each.property)
        )
    assert {text for text, verdict in zip(CLAIMS, found, strict=True) if verdict == "refuted"} == broken
    assert broken and len(broken) < len(CLAIMS)
