"""Choices decided at once, over one small theorem of each kind: every claim is said as it is of each choice alone."""

from dataclasses import replace

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.foremost import Foremost
from spteproof.solver.jointly import Jointly
from spteproof.solver.proof import Prover
from spteproof.solver.results import Result

TEXT = """layout l { P = bit 0; W = bit 1; A = bit 5; D = bit 6; NX = none; invariant dirty: spte & D -> spte & P; }
layout plain { P = bit 0; W = bit 1; A = bit 5; D = bit 6; NX = none; }
layout moved extends plain { A = bit 8; D = bit 9; }
layout s { P = bit 0; W = bit 1; A = some bit or none; D = some bit; disjoint(P, W, A, D); }
ghost bool seen;
ghost u64 noted;
entry child;
agent cpu lockless { step read: when spte & P { spte |= A; } step write: when (spte & P) && (spte & W) { spte |= D; } }
agent late lockless { step s: saw spte & D { spte |= W; } }
agent drops lockless { step s: { spte &= ~P; } }
agent notes(bool b) lockless { step s: when spte & W { seen = b; noted |= spte & D; } }
agent fast lockless { u64 old = READ_ONCE(*sptep); if (!(old & P)) return; try_cmpxchg64(sptep, &old, old | W); }
"""
STALE = "u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~m);"
ATOMIC = "u64 was = atomic64_fetch_and(~m, sptep);"
CLAIMS = "prove preserves A | D except m; prove changes only m; prove resurrects nothing in A; prove always *sptep & P;"
PROVED = "prove preserves D except m; prove changes only m; prove resurrects nothing in P;"
KINDS = {
    "plainly": ("u64 m in {W, A, NX, D}", "plain", "nobody", f"{ATOMIC} {CLAIMS} prove conserves m into was;"),
    "against agents": ("u64 m in {W, A, P}", "plain", "any number of cpu", f"{STALE} {CLAIMS}"),
    "atomically": ("u64 m in {W, A, D}", "l", "any number of cpu, fast", f"{ATOMIC} {PROVED} prove conserves exactly m into was;"),
    "invariants that are not kept": ("u64 m in {W, P}", "l", "any number of late", f"{ATOMIC} {PROVED} prove ensures end & W;"),
    "by agents": ("u64 m in {W, A}", "l", "any number of drops", f"{ATOMIC} {PROVED}"),
    "several layouts": ("u64 m in {W, A}", "plain, moved, l", "any number of cpu", f"{STALE} prove preserves D; prove changes only m;"),
    "symbolic bits": ("u64 m in {W, A}", "s", "any number of cpu", f"{ATOMIC} {PROVED} prove preserves W;"),
    "ghosts": ("u64 m in {W, A}", "plain", "any number of notes(true)", f"{ATOMIC} noted = was & m; prove conserves m into noted; "
               "prove ensures noted == (was & m) || seen; prove conserves exactly W into was;"),
    "two entries": ("u64 m in {W, A}", "plain", "any number of cpu, cpu on child", "if (m == A) *child |= A; "
                    f"{ATOMIC} prove preserves D on child; prove changes only A on child; prove preserves P;"),
    "numbers and truths": ("u64 m in {W, A}, bool b in {false, true}, int n in {0, 5}", "plain", "nobody",
                           f"{ATOMIC} if (b && n == 0) {{ *sptep |= 1ULL << n; }} prove changes only m; prove preserves m;"),
    "inputs, asserts and assumptions": ("u64 m in {W, A}, u64 k", "plain", "any number of cpu", "bool b = any; u64 x = any; "
        f"assume(k == m || b); {ATOMIC} assert(was & P || !(was & ~k)); if (b) *sptep |= x & P; prove changes only m | P; "
        "prove preserves m | A;"),
    "what may be undefined": ("u64 m in {W, A}, u64 k", "plain", "nobody", f"{ATOMIC} if (k < 64) *sptep |= 1ULL << k; "
                              "prove preserves m; prove ensures k < 64 -> (after & 1ULL << k);"),
    "what cannot happen": ("u64 m in {W, A}", "plain", "nobody", "if (m == P) WRITE_ONCE(*sptep, 0); u64 x = READ_ONCE(*sptep); "
                           "prove preserves P; prove always m != P;"),
    "retries": ("u64 m in {W, A}", "plain", "any number of cpu", "u64 old = READ_ONCE(*sptep); "
                "retry { } until (try_cmpxchg64(sptep, &old, old & ~m)); prove preserves D; prove conserves m into old; prove changes only A;"),
    "a rely": ("u64 m in {W, A}", "plain", "any number of cpu rely before == after || (before & P) && !(before & ~after) "
               "&& !(after & ~before & ~(before & W ? A | D : A))", f"{ATOMIC} prove preserves D; prove preserves m;"),
    "what one thing does": ("u64 m in {W, A}", "plain", "any number of cpu", f"{ATOMIC} prove refines {{ was = *sptep; *sptep &= ~m; }}; "
                            "prove refines { *sptep &= ~W; };"),
}  # fmt: skip


SETTLED = {
    "plainly": 3, "against agents": 3, "atomically": 3, "invariants that are not kept": 1, "several layouts": 6, "ghosts": 2,
    "two entries": 1, "inputs, asserts and assumptions": 2, "what may be undefined": 2, "retries": 2, "what one thing does": 2,
}  # fmt: skip
"""How many choices are settled at once where nobody waits for counterexamples; of the others, none."""
IN_THE_END = {"atomically": 3, "ghosts": 2, "retries": 1, "what one thing does": 1}
"""Where somebody does, those of which all is proved."""


@pytest.mark.parametrize("name", KINDS)
def test_before_counterexamples_every_claim_is_said_as_of_each_choice_alone(name, monkeypatch):
    at_once, settled, alone = told(name, Foremost, monkeypatch)
    assert at_once == alone and settled == SETTLED.get(name, 0)


@pytest.mark.parametrize("name", IN_THE_END)
def test_every_claim_is_said_as_of_each_choice_alone(name, monkeypatch):
    at_once, settled, alone = told(name, None, monkeypatch)
    assert at_once == alone and settled == IN_THE_END[name]


def told(name, kind, monkeypatch):
    """What is said at once, how many choices were settled so, and what is said of each alone."""
    parameters, layouts, against, body = KINDS[name]
    text = f"{TEXT}theorem t({parameters}) for layout in {layouts} against {against} {{ {body} }}"
    library = library_of(load_text(text, name="<text>", library_root=LIBRARY))
    decide, found = Jointly.decided, []
    monkeypatch.setattr(Jointly, "decided", lambda *given: found.append(decide(*given)) or found[-1])
    at_once = said(library, kind)
    monkeypatch.setattr(Jointly, "decided", lambda *given: None)
    return at_once, sum(each is not None for each in found), said(library, kind)


def said(library, kind):
    """What one execution loses is left out where it need not be the shortest: it may be another."""
    found = Prover(library, kind=kind).prove(library.theorems["t"])
    return [
        replace(each, seconds=0.0, losing=() if kind is Foremost else each.losing) if isinstance(each, Result) else each
        for each in found
    ]
