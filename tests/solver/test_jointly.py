"""Choices decided at once: the same verdicts, to the last word, as one by one."""

from dataclasses import replace

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver import jointly
from spteproof.solver.decision import Decision
from spteproof.solver.foremost import Foremost
from spteproof.solver.instances import instances
from spteproof.solver.proof import Prover
from spteproof.solver.questions import Kept
from spteproof.solver.results import Budget, Result
from spteproof.solver.workbench import Workbench
from spteproof.solver.z3_solver import Solver

BITS = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; E = none; }\n"
SETS = "agent sets lockless { step s: { spte |= M1; } }\n"
PLAIN = "u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~m);"
ATOMIC = "atomic64_and(~m, sptep);"

SETTLED = {
    "all proved": f"theorem t(u64 m in {{M0, M2, M3}}) for layout in l against any number of sets "
    f"{{ {PLAIN} prove preserves M2 | M3 except m; prove changes only m | M1; }}",
    "the bits asked about are named for each": f"theorem t(u64 m in {{M0, M2}}) for layout in l against nobody "
    f"{{ {ATOMIC} prove preserves M0 | M1 except m; }}",
    "dead branches differ": "theorem t(u64 m in {M0, M2}) for layout in l against nobody "
    "{ if (m == M0) { *sptep |= M1; } else { *sptep |= M3; } prove preserves M0; }",
    "dead branches differ where nothing is waited for in one": "theorem t(u64 m in {M0, M2}) for layout in l against nobody "
    "{ u64 old = READ_ONCE(*sptep); if (m == M0) { *sptep &= ~M0; } else { *sptep &= ~M1; } prove conserves m into old; }",
    "two parameters and a bool": f"theorem t(u64 m in {{M0, M2}}, bool b in {{false, true}}, u64 n in {{M3, M1}}) "
    f"for layout in l against nobody {{ {ATOMIC} if (b) {{ *sptep |= n; }} prove changes only m | n; }}",
    "one is skipped": f"theorem t(u64 m in {{M0, E, M3}}) for layout in l against nobody {{ {ATOMIC} "
    "prove changes only m; }",
    "what is conserved waits for nothing": "theorem t(u64 m in {M0, M2}) for layout in l against nobody "
    "{ u64 old = READ_ONCE(*sptep); *sptep |= m; prove conserves m into old; prove preserves M1; }",
    "what is conserved is met in one of them": "theorem t(u64 m in {M0, M1}) for layout in l against nobody "
    "{ u64 old = READ_ONCE(*sptep); *sptep &= ~M0; prove conserves m into old; }",
    "a premise is met in one of them": f"theorem t(u64 m in {{M0, M2}}) for layout in l against nobody {{ {ATOMIC} "
    "prove ensures m == M0 -> !(after & M0); }",
    "a mask is empty in one of them": f"theorem t(u64 m in {{M0, M2}}) for layout in l against nobody {{ {ATOMIC} "
    "prove preserves M0 except m; prove preserves M1; }",
    "proved is expected": f"theorem t(u64 m in {{M0, M2}}) for layout in l against nobody {{ {ATOMIC} "
    "prove changes only m expect proved; }",
    "what is proved unasked does not hang on the choice": "theorem t(u64 m in {M0, M2}) for layout in l against nobody "
    f"{{ u64 old = *sptep; assert(!(old & M1) || (old & (M1 | M3))); {ATOMIC} prove preserves M1; }}",
    "a retry": "theorem t(u64 m in {M0, M2}) for layout in l against any number of sets "
    "{ u64 old = READ_ONCE(*sptep); retry { } until (try_cmpxchg64(sptep, &old, old & ~m)); prove preserves M1; }",
}
BUT_ONE = {
    "one of three is refuted": f"theorem t(u64 m in {{M0, M1, M2}}) for layout in l against any number of sets "
    f"{{ {PLAIN} prove preserves M0; prove changes only m | M1; }}",
    "one of three is vacuous": "theorem t(u64 m in {M0, M1, M3}) for layout in l against nobody "
    f"{{ assume(m != M0); {ATOMIC} prove preserves M2; }}",
    "one of three is vacuous and its agents are in doubt": "layout k extends l { invariant i: spte & M0 -> spte & M1; }\n"
    "agent trusts lockless { u64 old = *sptep; if (old & M0) { assert(old & M1); } atomic64_or(M1, sptep); }\n"
    "theorem t(u64 m in {M0, M1, M3}) for layout in k against any number of trusts "
    "{ assume(m != M0); atomic64_or(M1, sptep); prove changes only M1; }",
}
BY_THEMSELVES = {
    "one is refuted": f"theorem t(u64 m in {{M0, M1}}) for layout in l against any number of sets "
    f"{{ {PLAIN} prove preserves M1 except m; prove preserves M0; }}",
    "one is vacuous": "theorem t(u64 m in {M0, M1}) for layout in l against nobody "
    f"{{ assume(m == M0); {ATOMIC} prove preserves M2; }}",
    "what is proved unasked hangs on the choice": "theorem t(u64 m in {M0, M1}) for layout in l against nobody "
    f"{{ assert(m == M0); {ATOMIC} prove preserves M2; }}",
    "whether anything is proved unasked hangs on the choice": "theorem t(u64 m in {M0, M1}) for layout in l against nobody "
    f"{{ u64 old = *sptep; if (m == M0) {{ assert(!(old & M1) || (old & (M1 | M3))); }} {ATOMIC} prove preserves M2; }}",
    "a choice is none where the other is not": "layout s { F = GENMASK_ULL(62, 0); A = some bit or none; "
    "B = some bit or none; disjoint(F, A, B); }\ntheorem t(u64 m in {A, B}) for layout in s against nobody "
    f"{{ {ATOMIC} prove preserves B; }}",
    "a shift by the choice": "theorem t(u64 m in {1, 2, 64}) for layout in l against nobody "
    "{ *sptep |= 1ULL << m; prove preserves M2; }",
    "an agent is given the choice": "agent clears(u64 n) lockless { step s: { spte &= ~n; } }"
    f"theorem t(u64 m in {{M0, M2}}) for layout in l against any number of clears(m) {{ {PLAIN} "
    "prove preserves M1; }",
    "a rely speaks of the choice": f"theorem t(u64 m in {{M0, M2}}) for layout in l against any number of sets "
    f"rely (before & m) == (after & m) {{ {PLAIN} prove preserves M3; }}",
    "an agent that may be undefined": "agent odd lockless { step s: when 1ULL << (spte & 127) { spte |= M1; } }\n"
    f"theorem t(u64 m in {{M0, M2}}) for layout in l against any number of odd {{ {PLAIN} prove preserves M3; }}",
    "threads": f"theorem t(u64 m in {{M0, M2}}) for layout in l against nobody {{ parallel {{ thread a {{ {ATOMIC} }} "
    "thread b { *sptep |= M1; } } prove preserves M3; }",
    "what is not known of a retry": "theorem t(u64 m in {M0, M2}) for layout in l against any number of sets "
    "{ u64 old = READ_ONCE(*sptep); retry { } until (try_cmpxchg64(sptep, &old, old & ~m)); "
    "prove preserves M1; prove resurrects nothing in M3; }",
    "equivalent": "helper a(u64 n) -> u64 { return atomic64_fetch_and(~n, sptep); } "
    "helper b(u64 n) -> u64 { return atomic64_fetch_and(~n, sptep); } "
    "theorem t(u64 m in {M0, M2}) for layout in l against nobody { prove equivalent a(m), b(m); }",
    "refuted is expected": f"theorem t(u64 m in {{M0, M2}}) for layout in l against nobody {{ {ATOMIC} "
    "prove preserves M0 | M2 expect refuted; }",
}


def told(text: str, monkeypatch, budget: Budget | None = None) -> tuple[list, list, set[str]]:
    """What is said of the text at once and one by one, and the choices that were settled at once."""
    library = library_of(load_text(BITS + SETS + text, name="<text>", library_root=LIBRARY))
    settled: set[str] = set()
    decide = jointly.Jointly.decided

    def watched(self, bench, instance):
        found = decide(self, bench, instance)
        if found is not None:
            settled.add(" ".join(instance.parameters.values()))
        return found

    monkeypatch.setattr(jointly.Jointly, "decided", watched)
    ways = [Prover(library, budget or Budget()), Prover(library, budget or Budget(), kind=Decision)]
    at_once, alone = (
        [
            replace(each, seconds=0.0) if isinstance(each, Result) else each
            for theorem in library.theorems.values()
            for each in prover.prove(theorem)
        ]
        for prover in ways
    )
    return at_once, alone, settled


@pytest.mark.parametrize("text", SETTLED.values(), ids=SETTLED)
def test_what_is_settled_at_once_is_said_as_one_by_one(text, monkeypatch):
    at_once, alone, settled = told(text, monkeypatch)
    assert at_once == alone
    assert len(settled) > 1 and all(each.verdict == "proved" for each in at_once if isinstance(each, Result))


@pytest.mark.parametrize("text", BUT_ONE.values(), ids=BUT_ONE)
def test_what_is_not_proved_of_one_choice_leaves_the_others_settled(text, monkeypatch):
    at_once, alone, settled = told(text, monkeypatch)
    assert at_once == alone and len(settled) == 2
    assert {each.verdict for each in at_once if isinstance(each, Result)} > {"proved"}


@pytest.mark.parametrize("text", BY_THEMSELVES.values(), ids=BY_THEMSELVES)
def test_what_hangs_on_the_choice_is_decided_by_itself(text, monkeypatch):
    at_once, alone, settled = told(text, monkeypatch)
    assert at_once == alone
    assert len(settled) < 2


def test_the_dead_branches_are_those_of_each_choice(monkeypatch):
    at_once, _, settled = told(SETTLED["dead branches differ"], monkeypatch)
    dead = [each.scope.dead_branches for each in at_once]
    assert settled == {"M0", "M2"} and len(dead) == 2
    assert [len(each) for each in dead] == [1, 1] and dead[0] != dead[1]


def test_an_unasked_claim_that_the_choice_makes_true_is_not_made(monkeypatch):
    """In one instance the assert folds away."""
    at_once, _, _ = told(BY_THEMSELVES["what is proved unasked hangs on the choice"], monkeypatch)
    assert [each.verdict for each in at_once if each.implicit] == ["refuted"]


def test_who_is_told_of_questions_is_told_of_each_instance(monkeypatch):
    class Listener(Kept):
        def __init__(self):
            self.cases, self.questions = [], 0

        def case(self, case):
            self.cases.append(case.params["m"])

        def claims(self, texts, order, trusting):
            pass

        def asked(self, question):
            self.questions += 1

        def opinions(self):
            return ()

    listener = Listener()
    at_once, alone, settled = told(SETTLED["all proved"], monkeypatch, Budget(told=listener))
    assert not settled and at_once == alone
    assert listener.cases == ["M0", "M2", "M3"] * 2


def test_where_the_effort_ends_each_is_tried_by_itself(monkeypatch):
    monkeypatch.setattr(jointly, "SHARE_OF_EFFORT", 50_000_000)
    at_once, alone, settled = told(SETTLED["all proved"], monkeypatch)
    assert not settled and at_once == alone and all(each.verdict == "proved" for each in at_once)


def test_notes_are_those_of_each_choice(monkeypatch):
    premises, _, _ = told(SETTLED["a premise is met in one of them"], monkeypatch)
    masks, _, _ = told(SETTLED["a mask is empty in one of them"], monkeypatch)
    assert [each.scope.no_premise for each in premises] == [False, True]
    assert [each.scope.no_bits for each in masks] == [True, False, False, False]


def proved_and_asked(monkeypatch, text, kind):
    """The verdicts, and what the solver was asked on the way."""
    asked, check = [], Solver.check
    monkeypatch.setattr(Solver, "check", lambda self, *given: asked.append(given) or check(self, *given))
    library = library_of(load_text(text, name="<text>", library_root=LIBRARY))
    return list(Prover(library, kind=kind).prove(library.theorems["t"])), asked


def test_the_moment_at_which_the_choice_before_violates_a_claim_is_asked_about_first(monkeypatch):
    text = BITS + ("theorem t(u64 m in {M0, M2, M3}) for layout in l against nobody { atomic64_and(~(m & M0), sptep); "
                   "atomic64_and(~(m & ~M0), sptep); prove preserves M0 | M2 | M3 expect refuted; }")  # fmt: skip
    found, asked = proved_and_asked(monkeypatch, text, Foremost)
    assert {each.verdict for each in found if not each.implicit} == {"refuted"}
    assert [each for each in asked if str(each[0]).startswith("violated")] == [
        ("violated0at0",), ("violated0at0", "instance0"),
        ("violated0at0", "instance1"), ("violated0at1", "instance1"), ("violated0at1", "instance2"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [None, Foremost])
def test_a_moment_at_which_no_choice_violates_a_claim_is_asked_about_once(monkeypatch, kind):
    text = BITS + ("theorem t(u64 m in {M0, M1, M2}) for layout in l against nobody { atomic64_and(~M3, sptep); "
                   "atomic64_and(~m, sptep); prove preserves M2; }")  # fmt: skip
    found, asked = proved_and_asked(monkeypatch, text, kind)
    assert [each.verdict for each in found] == ["proved", "proved", "refuted"]
    together = [each for each in asked if str(each[0]).startswith("violated0")][:5]
    assert together == [("violated0at0",), ("violated0at1",), *(("violated0at1", f"instance{n}") for n in range(3))]


def test_where_one_execution_shows_that_all_happens_nothing_is_asked_claim_by_claim(monkeypatch):
    text = BITS + ("theorem t(u64 m in {M0, M2}) for layout in l against nobody { u64 old = READ_ONCE(*sptep); "
                   "if (old & M1) atomic64_and(~m, sptep); prove preserves M3; prove changes only m; }")  # fmt: skip
    asked, check = [], Solver.check
    monkeypatch.setattr(Solver, "check", lambda self, *given: asked.append([*map(str, given)]) or check(self, *given))
    library = library_of(load_text(text, name="<text>", library_root=LIBRARY))
    found = list(Prover(library).prove(library.theorems["t"]))
    assert {each.verdict for each in found} == {"proved"} and not any(each.scope.dead_branches for each in found)
    asked = [each for each in asked if "instance0" in each or "instance1" in each]
    assert [each[:3] for each in asked if "subject1" in each] == [["assumed", "subject0", "subject1"]] * 2
    assert not [each for each in asked if each[0].startswith(("subject", "violated"))]
    arms = [each[1] for each in asked if each[0] == "assumed" and "subject1" not in each]
    assert len(arms) == 2 and not any("Or" in each for each in arms)


def test_a_choice_that_is_not_settled_takes_its_own_time(monkeypatch):
    library = library_of(
        load_text(BITS + SETS + BUT_ONE["one of three is refuted"], name="<text>", library_root=LIBRARY)
    )
    made = list(instances(library, library.theorems["t"]))
    together, bench = jointly.Jointly(made, Budget()), Workbench()
    settled = [together.decided(bench, each) is not None for each in made]
    assert settled == [False, True, True]
    shares = [together.share(each) for each in made]
    assert shares == [None, together._seconds / 2, together._seconds / 2]


def test_a_kind_of_decision_that_does_not_join_decides_each_choice():
    heard = []

    class Hearing(Decision):
        def run(self):
            heard.append(self.instance.parameters["m"])
            return super().run()

    library = library_of(load_text(BITS + SETS + SETTLED["all proved"], name="<text>", library_root=LIBRARY))
    found = Prover(library, kind=Hearing).prove(library.theorems["t"])
    assert {each.verdict for each in found} == {"proved"}
    assert heard == ["M0", "M2", "M3"]


ALL, NONE = ["M0", "M2"], []
FITTING = {
    "nothing is expected": ("", ALL, ALL),
    "proved is expected": ("expect proved", ALL, ALL),
    "refuted is expected": ("expect refuted", NONE, ALL),
    "refuted is expected of one": ("expect refuted with m in {M0}", ["M2"], ALL),
    "bits are expected to be lost": ("expect refuted losing {M1}", NONE, NONE),
    "bits are expected to be lost in one": ("expect refuted, refuted losing {M1} with m in {M0}", NONE, ["M2"]),
    "vacuous is expected": ("expect vacuous", NONE, NONE),
    "vacuous is expected of one": ("expect vacuous with m in {M2}", ["M0"], ["M0"]),
    "the first of two": ("; prove preserves M3 expect refuted with m in {M2}", ["M0"], ALL),
}


@pytest.mark.parametrize("name", FITTING)
def test_what_is_expected_to_be_settled_is_tried_at_once_and_nothing_else(name):
    expected, *fitting = FITTING[name]
    text = f"theorem t(u64 m in {{M0, M2, E}}) for layout in l against nobody {{ {ATOMIC} prove preserves M1 {expected}; }}"
    assert [tried(text, foremost) for foremost in (False, True)] == fitting


@pytest.mark.parametrize("name", [*SETTLED, *BUT_ONE, *BY_THEMSELVES])
def test_what_cannot_be_decided_at_once_is_not_tried(name):
    """That one was refuted or vacuous is seen when it was tried."""
    found = tried({**SETTLED, **BUT_ONE, **BY_THEMSELVES}[name], False)
    apart = (
        "an agent is given the choice",
        "a rely speaks of the choice",
        "threads",
        "equivalent",
        "refuted is expected",
    )
    assert (len(found) < 2) == (name in (*apart, "a choice is none where the other is not"))


@pytest.mark.parametrize(
    "around", ["clears(k)", "sets rely (before & k) == (after & k)", "clears(M1) rely before == after"]
)
def test_what_does_not_speak_of_the_choice_may_be_given_to_agents_and_stand_in_a_rely(around):
    text = "agent clears(u64 n) lockless { step s: { spte &= ~n; } }\n"
    text += f"theorem t(u64 k, u64 m in {{M0, M2}}) for layout in l against any number of {around} "
    assert tried(f"{text} {{ {ATOMIC} prove changes only m; }}", False) == ALL


def test_a_theorem_without_choices_is_not_tried_at_once():
    text = f"theorem t(u64 m) for layout in l, k against nobody {{ {ATOMIC} prove changes only m; }}"
    assert tried(f"layout k extends l {{ }}\n{text}", False) == []


def tried(text, foremost):
    library = library_of(load_text(BITS + SETS + text, name="<text>", library_root=LIBRARY))
    made = list(instances(library, library.theorems["t"]))
    return [each.parameters["m"] for each in jointly._fitting(made, Budget(), foremost)]
