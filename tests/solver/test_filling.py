"""What a model's execution is filled with: the states that the model has, and what others leave alone as it was."""

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import filling
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.interpretation import Values

LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; }\nghost bool flag;\nghost bool noted;\nghost u64 count;\n"
AGENTS = """agent sets lockless { step s: { spte |= M1; } }
agent flags lockless { step s: { flag = true; } }
"""


@pytest.fixture
def asked(monkeypatch):
    """The states between which steps are looked for, of each execution."""
    found, real = [], filling.Paths.find
    monkeypatch.setattr(
        filling.Paths, "find", lambda self, before, after: found.append((before, after)) or real(self, before, after)
    )
    return found


def refuted(text):
    (found,) = [each for each in prove_text(LAYOUT + AGENTS + text).results if not each.implicit]
    assert found.verdict == "refuted", found.reason
    return found


def test_what_nobody_else_sets_is_what_the_program_made_of_it(asked):
    refuted("""theorem t(u64 n) for layout in l against any number of sets, flags {
        assume(n == 3);
        atomic { noted = true; flag = false; count = n + 2; }
        WRITE_ONCE(*sptep, 0);
        prove ensures !(end & M1) || !flag;
    }""")
    assert asked[-1] == (
        Values(0, {"flag": False, "noted": True, "count": 5}),
        Values(2, {"flag": True, "noted": True, "count": 5}),
    )
    for before, after in asked:
        assert (before.ghosts["noted"], before.ghosts["count"]) == (after.ghosts["noted"], after.ghosts["count"])
        assert {name: type(value) for name, value in after.ghosts.items()} == {
            "flag": bool,
            "noted": bool,
            "count": int,
        }


@pytest.mark.parametrize(("rely", "kind", "told"), [
    ("", "unknown.internal", "internal error: no steps of the agents lead"),
    ("rely (before & ~M1) == (after & ~M1)", "unknown.rely", "rely too weak: no steps of the agents lead"),
])  # fmt: skip
def test_the_first_change_that_no_steps_make_is_named(rely, kind, told, monkeypatch):
    monkeypatch.setattr(filling.Paths, "find", lambda self, before, after: [] if before == after else None)
    text = f"""theorem t for layout in l against any number of sets {rely} {{
        u64 a = READ_ONCE(*sptep); WRITE_ONCE(*sptep, M2); u64 b = READ_ONCE(*sptep);
        prove ensures start != 0 || a != 2 || b != 6;
    }}"""
    (found,) = [each for each in prove_text(LAYOUT + AGENTS + text).results if not each.implicit]
    assert (found.verdict, found.reason_id) == ("unknown", kind)
    assert found.reason == f"{told} from 0x{0:016x} to 0x{2:016x}"


def test_threads_take_turns_in_the_order_of_the_run(monkeypatch):
    seen, judged = [], Hunt.judged

    def noted(self, witness, bits):
        made = self.run.translation
        names = {each.site: strand.name for strand in made.strands for each in made.events[strand.first : strand.end]}
        seen.append((tuple(witness.schedule), tuple(names[site] for site in self.run.schedule)))
        return judged(self, witness, bits)

    monkeypatch.setattr(Hunt, "judged", noted)
    text = """theorem t for layout in l against nobody {
        parallel {
            thread a { set_bit(0, sptep); clear_bit(1, sptep); }
            thread b { set_bit(1, sptep); clear_bit(0, sptep); }
        }
        prove ensures LEFT;
    }"""
    for left in ("!(end & M0)", "!(end & M1)", "(end & M0) || (end & M1)"):
        refuted(text.replace("LEFT", left))
    assert all(turns == order for turns, order in seen) and len(set(seen)) > 2
