"""Agents whose locks exclude each other go through their programs one after the other, in what refutes and in what is
proved to happen."""

import pytest

from spteproof.running.pipeline import prove_text

LAYOUT = "layout l { A = bit 0; B = bit 1; invariant small: !(spte & ~(A | B)); }\n"
TEXT = """agent slow holding m { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old | B); }
agent clear holding m { step s: { spte &= ~A; } }
helper empty() -> u64 { return xchg(sptep, 0); }
helper emptied() -> u64 { return xchg(sptep, 0); }
theorem t(PARAMETERS) for layout in l against any number of slow, clear RELY {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep);
    assume(a == A && b == 0 && c == LAST);
    PROVE
}
"""
CLAIMS = {
    "an event": "xchg(sptep, 0); prove changes only A | B;",
    "the end": "prove ensures start & A;",
    "two calls": "prove equivalent empty(), emptied();",
    "choices at once": "xchg(sptep, m); prove changes only A | B;",
    "a rely": "xchg(sptep, 0); prove changes only A | B;",
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize(("last", "expected"), [("(A | B)", "unknown.locks"), ("B", None)])
def test_what_is_proved_can_happen_one_section_after_the_other(claim, last, expected):
    """A slow writer that began before A was cleared writes it back only where both run at one time."""
    text = LAYOUT + TEXT.replace("LAST", last).replace("PROVE", CLAIMS[claim])
    text = text.replace("PARAMETERS", "u64 m in {A, B}" if claim == "choices at once" else "")
    text = text.replace("RELY", "rely (before | after | 3) == (before | 3)" if claim == "a rely" else "")
    found = [each for each in prove_text(text).results if not each.implicit]
    assert {each.verdict for each in found} == {"unknown" if expected else "proved"}
    assert {each.reason_id for each in found} == {expected}


WITHIN = """layout l { A = bit 0; B = bit 1; C = bit 2; invariant small: !(spte & ~(A | B | C)); }
agent clear holding m { step s: { spte &= ~B; } }
agent slow holding m {
    u64 first = READ_ONCE(*sptep); u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old | C); if (!(first & B)) WRITE_ONCE(*sptep, 0);
}
agent mark holding m { step s: when spte & C { spte = A; } }
theorem t for layout in l against any number of clear, slow, mark {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); WRITE_ONCE(*sptep, B); u64 c = READ_ONCE(*sptep); u64 d = READ_ONCE(*sptep);
    prove that !(a == (A | B) && b == A && c == (A | C) && d == LAST);
}
"""


@pytest.mark.parametrize(("last", "expected"), [("A", "unknown"), ("0", "refuted")])
def test_an_instance_begins_and_ends_between_what_excludes_it(last, expected):
    """After the clear it has read no B at first, so that it empties the entry before any mark."""
    (found,) = [each for each in prove_text(WITHIN.replace("LAST", last)).results if not each.implicit]
    assert found.verdict == expected


ENDS_LATE = """agent late holding m { WRITE_ONCE(*sptep, A); u64 seen = READ_ONCE(*sptep); if (!(seen & B)) WRITE_ONCE(*sptep, 0); }
agent slow holding m { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old | B); }
theorem t for layout in l against any number of late, slow {
    u64 a = READ_ONCE(*sptep); u64 b = atomic64_fetch_or(B, sptep); u64 c = READ_ONCE(*sptep); u64 d = READ_ONCE(*sptep);
    prove that !(a == 0 && b == A && c == FIRST && d == LAST);
}
"""


@pytest.mark.parametrize(("first", "last", "expected"), [("B", "B", "refuted"), ("A", "(A | B)", "unknown")])
def test_an_instance_may_see_late_how_it_ends(first, last, expected):
    """The one that put A there first ends when it sees B; the next one sees none, and takes A back before any other."""
    text = LAYOUT + ENDS_LATE.replace("FIRST", first).replace("LAST", last)
    (found,) = [each for each in prove_text(text).results if not each.implicit]
    assert found.verdict == expected


LONGER = """layout l { A = bit 0; B = bit 1; C = bit 2; D = bit 3; E = bit 4; F = bit 5; G = bit 6; }
agent slow holding m { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old | B); }
agent clear holding m { step s: { spte = 0; } }
agent set holding m { step a: { spte |= A; } step c: { spte |= C; } }
agent more lockless {
    step e: when spte & D { spte |= E; } step f: when spte & E { spte |= F; } step g: when spte & F { spte |= G; }
}
theorem t for layout in l against any number of slow, clear, set, more {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep);
    prove that !(a == (A | C) && b == 0 && c == (A | B | C) || a == D && b == (D | E) && c == (D | E | F | G));
}
"""


def test_what_the_locks_make_longer_is_not_called_the_shortest():
    """The slow writer cannot have read A and C before the clear: they are set again, in four steps. Three set E, F and G."""
    (found,) = [each for each in prove_text(LONGER).results if not each.implicit]
    example = found.counterexample
    assert found.verdict == "refuted" and (example.environment_steps == 3 or not example.shortest)
