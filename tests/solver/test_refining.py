"""`refines`: which event is the block, and what no block can say."""

import pytest

HELPERS = """ghost bool logged;
entry child;
helper clears() { *sptep &= ~M0; *child = 0; }
helper assumes() { u64 v = READ_ONCE(*sptep); assume(!(v & M1)); }
helper logs() { logged = true; }
helper tries() { u64 old = READ_ONCE(*sptep); retry { } until (try_cmpxchg64(sptep, &old, 0)); }
helper perhaps() { bool b = any; if (b) *sptep = 0; }
"""
WHY = {
    "assumes": "makes an assumption, at",
    "logs": "sets a ghost, which `refines` does not compare, at",
    "tries": "holds a retry, at",
    "perhaps": "takes an input, at",
}


BODIES = ["{0}(); clears();", "if (*sptep & M1) {{ clears(); {0}(); }}"]


@pytest.mark.parametrize("refused", WHY)
@pytest.mark.parametrize("body", BODIES)
def test_what_a_call_in_a_call_does_is_told_wherever_it_stands(prove, refused, body):
    calls = f"helper calls() {{ {body.format(refused)} }}\nhelper twice() {{ clears(); calls(); calls(); }}\n"
    text = "theorem t for layout in l against nobody { *sptep &= ~M0; prove refines { twice(); }; }"
    (found,) = prove(HELPERS + calls + text)
    assert found.verdict == "unknown" and f"what the block of `refines` calls {WHY[refused]}" in found.reason


def test_a_call_that_only_changes_entries_is_a_block_like_any_other(prove):
    text = "theorem t for layout in l against nobody {{ {0} prove refines {{ clears(); }}; }}"
    for body, verdict in (("atomic { clears(); }", "proved"), ("clears();", "refuted")):
        (found,) = prove(HELPERS + text.format(body))
        assert found.verdict == verdict


@pytest.mark.parametrize(
    ("program", "block", "verdict"),
    [
        ("set_bit(2, sptep);", "seen = seen + 1; set_bit(2, sptep);", "refuted"),
        ("set_bit(2, sptep);", "seen = seen; set_bit(2, sptep);", "unknown"),
        ("set_bit(2, sptep);", "seen = seen; set_bit(3, sptep);", "refuted"),
        ("set_bit(2, sptep); u64 x = READ_ONCE(*sptep);", "seen = seen; set_bit(2, sptep);", "unknown"),
        ("set_bit(2, sptep); clear_bit(2, sptep);", "seen = seen; set_bit(2, sptep);", "refuted"),
        ("u64 x = READ_ONCE(*sptep); set_bit(2, sptep);", "if (x) { seen = 0; } set_bit(2, sptep);", "refuted"),
    ],
)
def test_a_block_that_says_nothing_of_a_local_is_refuted_by_what_else_it_says(prove, program, block, verdict):
    """Whatever the local was: also by one that has the value it ends with."""
    text = f"theorem t(u64 n) for layout in l against nobody {{ u64 seen = n; {program} prove refines {{ {block} }}; }}"
    (found,) = prove(text)
    assert found.verdict == verdict
    if verdict == "unknown":
        assert "reads `seen` before it assigns it, or may leave it as it was" in found.reason


def test_a_call_is_looked_through_once_however_often_it_is_called(prove):
    chain = "".join(f"helper h{n + 1}() {{ h{n}(); h{n}(); }}\n" for n in range(30))
    text = "theorem t for layout in l against nobody { *sptep &= ~M0; prove refines { h30(); assumes(); }; }"
    (found,) = prove(f"{HELPERS}helper h0() {{ *sptep = 0; }}\n{chain}{text}")
    assert found.verdict == "unknown" and WHY["assumes"] in found.reason
