"""What is known of the same agents is found once, of others anew, and a problem each time."""

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver import surroundings
from spteproof.solver.closure import closure
from spteproof.solver.closure_text import RelationText
from spteproof.solver.environment import current, transitions
from spteproof.solver.instances import instances
from spteproof.solver.results import Budget
from spteproof.solver.surroundings import check_closure
from spteproof.solver.terms import Terms

LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }\n"
SETS = "agent sets(u64 m) lockless { step s: when !(spte & M3) { spte |= M1; } }\nagent idle lockless { step s: { spte |= 0; } }\n"
STATE = "ghost bool flag;\nghost bool other;\n"


def theorem(name, against, rely=""):
    return f"theorem {name} for layout in l against any number of {against} {rely} {{ clear_bit(2, sptep); prove changes only M2; }}\n"


@pytest.fixture
def counted(monkeypatch):
    """How many closures a text's theorems need, and their verdicts."""

    def call(text):
        found, real = [], surroundings.closure
        monkeypatch.setattr(surroundings, "closure", lambda *given: found.append(given) or real(*given))
        results = prove_text(text).results
        monkeypatch.setattr(surroundings, "closure", real)
        return len(found), [(each.theorem, each.verdict) for each in results if not each.implicit]

    return call


def test_the_closure_of_the_same_agents_is_found_once(counted):
    text = f"{LAYOUT}{SETS}"
    text += theorem("a", "sets(M0)") + theorem("b", "sets(M0)") + theorem("c", "sets(M0)")
    assert counted(text) == (1, [("a", "proved"), ("b", "proved"), ("c", "proved")])


OTHERS = {
    "another guard": ("spte |= M1;", "when !(spte & M2) { spte |= M1; }"),
    "another change": ("spte |= M1;", "spte &= ~M1;"),
    "another ghost": ("spte |= M1; flag = true;", "spte |= M1; other = true;"),
    "another value of a ghost": ("flag = true;", "flag = false;"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_closure_of_other_agents_is_another(counted, name):
    steps = [each if each.startswith("when") else f"{{ {each} }}" for each in OTHERS[name]]
    agents = "".join(f"agent a{number} lockless {{ step s: {each} }}\n" for number, each in enumerate(steps))
    body = "bool a = flag, b = other; clear_bit(2, sptep); prove changes only M2;"
    theorems = "".join(
        f"theorem t{each} for layout in l against any number of a{each} {{ {body} }}\n" for each in (0, 1)
    )
    count, verdicts = counted(f"{LAYOUT}{STATE}{agents}{theorems}")
    assert count == 2 and [verdict for _, verdict in verdicts] == ["proved", "proved"]


def test_who_is_idle_goes_by_the_invariants_and_by_the_agents_name():
    text = """layout l { M0 = bit 0; M1 = bit 1; }
        layout k { M0 = bit 0; M1 = bit 1; invariant i: !(spte & M0); }
        agent sets lockless { step s: when spte & M0 { spte |= M1; } }
        agent also lockless { step s: when spte & M0 { spte |= M1; } }
    """
    claim = "{ set_bit(1, sptep); prove changes only M1; }"
    for each in ("sets", "also"):
        text += f"theorem {each}_too against any number of {each} {claim}\n"
    idle = {
        (each.theorem, each.layout): each.scope.idle_agents for each in prove_text(text).results if not each.implicit
    }
    assert idle == {
        ("sets_too", "l"): (), ("also_too", "l"): (), ("sets_too", "k"): ("sets",), ("also_too", "k"): ("also",),
    }  # fmt: skip


def test_idle_is_who_changes_nothing_by_any_of_its_steps():
    either = (
        "agent either lockless { step s: when spte & M0 { spte |= M1; } step t: when !(spte & M0) { spte |= M2; } }\n"
    )
    text = LAYOUT + SETS + "entry child;\n" + either
    text += "theorem t for layout in l against any number of either, idle, sets(M0), idle on child, either on child "
    (found,) = prove_text(f"{text} {{ u64 a = *child; set_bit(1, sptep); prove changes only M1; }}").results
    assert found.scope.idle_agents == ("idle", "idle on child")


@pytest.mark.parametrize(
    ("agent", "asked"),
    [("idle", ["closure", "agents"]), ("shifts", ["closure", "agents", "agents' duties"]),
     ("shifts rely before == after", ["rely", "agents", "agents' duties"]),
     ("idle rely 1ULL << (after & 3) == 1ULL << (before & 3)", ["agents' duties", "rely", "agents"])],
)  # fmt: skip
def test_nothing_is_asked_of_what_cannot_fail(agent, asked, monkeypatch):
    made, real = [], surroundings.Solver
    monkeypatch.setattr(
        surroundings, "Solver", lambda script, budget, about: made.append(about) or real(script, budget, about)
    )
    shifts = "agent shifts lockless { step s: { if (spte & M0) { spte |= 1ULL << (spte & 1); } } }\n"
    prove_text(
        LAYOUT
        + SETS
        + shifts
        + f"theorem t for layout in l against any number of {agent} {{ prove ensures end == end; }}"
    )
    assert made == asked


def test_a_problem_of_the_agents_is_one_of_each_theorem(monkeypatch):
    text = LAYOUT + SETS + theorem("a", "sets(M0)") + theorem("b", "sets(M0)")
    monkeypatch.setattr(
        surroundings, "check_closure", lambda *given: surroundings.Doubt("unknown.internal", "no closure")
    )
    found = [each for each in prove_text(text).results if not each.implicit]
    assert [(each.verdict, each.reason) for each in found] == [("unknown", "no closure")] * 2


RELIES = {
    "misses a step": ("rely (after & M1) == (before & M1)", "does not contain every step of the agents"),
    "no end of steps": ("rely (after ^ before) == M1", "is not reflexive"),
    "one step alone": ("rely after == before || after == (before | M1) || after == (before ^ M2)", "is not transitive"),
    "holds every step": ("rely (after & ~M1) == (before & ~M1)", None),
}


@pytest.mark.parametrize("name", RELIES)
def test_a_rely_that_does_not_hold_helps_no_theorem(name):
    rely, why = RELIES[name]
    text = LAYOUT + SETS + theorem("a", "sets(M0)", rely=rely) + theorem("b", "sets(M0)", rely=rely)
    expected = ("proved", None) if why is None else ("unknown", f"the rely {why}")
    assert [(each.verdict, each.reason) for each in prove_text(text).results if not each.implicit] == [expected] * 2


def test_a_rely_is_taken_for_no_other():
    """The first holds every step; the second, of the same agents, does not."""
    wide, narrow = (RELIES[each][0] for each in ("holds every step", "misses a step"))
    text = LAYOUT + SETS + theorem("a", "sets(M0)", rely=wide) + theorem("b", "sets(M0)", rely=narrow)
    text += theorem("c", "sets(M0)")
    assert [each.verdict for each in prove_text(text).results if not each.implicit] == ["proved", "unknown", "proved"]


STEPS = {
    "a bit of the entry": "spte |= M1;",
    "a truth value": "flag = true;",
    "another entry": "*child |= M3;",
    "a bit of its choice": "spte ^= m & M0;",
}


@pytest.mark.parametrize("left_out", STEPS)
def test_a_closure_that_lacks_any_kind_of_step_is_refused(left_out):
    """What finds a closure is not trusted: what the solver says of it is."""
    steps = " ".join(f"step s{number}(u64 m): {{ {body} }}" for number, body in enumerate(STEPS.values()))
    text = f"{LAYOUT}ghost bool flag;\nentry child;\nagent a lockless {{ {steps} }}\n"
    text += "theorem t against any number of a { u64 x = *child; prove ensures end == start; }"
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    (setting,) = next(instances(library, library.theorems["t"])).settings
    terms = Terms()
    made, _ = transitions(terms, setting, setting.scope.agents["a"], ())
    state = current(terms, setting)
    rest = [each for each, name in zip(made, STEPS, strict=True) if name != left_out]
    found = closure(rest, state)
    assert check_closure(terms, rest, state, found, Budget()) is None
    assert "every step" in check_closure(terms, made, state, found, Budget())


def test_a_closure_that_is_not_reflexive_is_refused(monkeypatch):
    monkeypatch.setattr(RelationText, "of", lambda self, root: "false")
    text = f"{LAYOUT}{SETS}theorem t against any number of sets(M0) {{ prove ensures end == start; }}"
    (found,) = [each for each in prove_text(text).results if not each.implicit]
    assert (found.verdict, found.reason) == ("unknown", "the closure that was found is not reflexive")
