"""What a listener is told is what was asked: the text alone gives the same answer again."""

from dataclasses import dataclass, field, replace

import pytest
import z3

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.proof import Prover
from spteproof.solver.questions import ABOUT, Case, Question
from spteproof.solver.results import Budget
from spteproof.solver.z3_solver import Solver

TEXT = """
layout mine { PRESENT = bit 0; W = bit 1; A = bit 5; D = bit 6; MW = bit 11;
              invariant writable: spte & W -> spte & PRESENT; }
ghost bool noted;
agent cpu lockless { step walk: when spte & PRESENT { spte |= A; } step write: when spte & W { spte |= A | D; } }
agent fault lockless {
    u64 old = READ_ONCE(*sptep), new = old | W;
    if (!(old & MW) || !(old & PRESENT)) return;
    if (try_cmpxchg64(sptep, &old, new)) noted = true;
}
theorem stale for layout in mine against any number of cpu, fault {
    u64 old = READ_ONCE(*sptep);
    assume(old & PRESENT);
    if (old & D) WRITE_ONCE(*sptep, old & ~A);
    prove preserves W | A | D except A expect refuted;
    prove changes only A | W | D;
}
theorem exchanged(u64 mask in {A, D}) for layout in mine against any number of cpu, fault {
    u64 seen = atomic64_fetch_and(~mask, sptep);
    prove preserves W | A | D except mask;
    prove conserves D into seen;
}
theorem relying for layout in mine against any number of cpu rely (before & ~after) == 0 {
    u64 seen = atomic64_fetch_and(~A, sptep);
    prove changes only A;
}
theorem again for layout in mine against any number of cpu {
    u64 old;
    retry { old = READ_ONCE(*sptep); } until (try_cmpxchg64(sptep, &old, old & ~A));
    prove changes only A;
}
agent sets_a lockless {
    u64 old = READ_ONCE(*sptep);
    retry { } until (try_cmpxchg64(sptep, &old, old | A));
}
theorem among for layout in mine against any number of sets_a {
    atomic64_andnot(A, sptep);
    prove changes only A;
}
theorem beside for layout in mine against any number of cpu {
    parallel {
        thread one { if (*sptep & A) { clear_bit(5, sptep); } else { set_bit(6, sptep); } }
        thread two { set_bit(6, sptep); }
    }
    prove preserves D;
}
lemma same_calls { prove equivalent plain(A), locked(A); }
helper plain(u64 mask) { atomic64_andnot(mask, sptep); }
helper locked(u64 mask) { atomic64_and(~mask, sptep); }
"""


@dataclass
class Notes:
    cases: list[Case] = field(default_factory=list)
    claimed: list[tuple[tuple[str, ...], int, bool]] = field(default_factory=list)
    asked_in: list[tuple[Case, Question]] = field(default_factory=list)

    def case(self, case):
        self.cases.append(case)

    def claims(self, texts, order, trusting):
        self.claimed.append((texts, order, trusting))

    def opinions(self):
        return ()

    def asked(self, question):
        model = dict(question.model()) if question.answer else {}
        self.asked_in.append((self.cases[-1], replace(question, model=lambda: model)))


def listened(text=TEXT, names=None):
    notes = Notes()
    library = library_of(load_text(text, name="text", library_root=LIBRARY))
    prover = Prover(library, Budget(told=notes))
    verdicts = [each for name in names or library.theorems for each in prover.prove(library.theorems[name])]
    return notes, verdicts


@pytest.fixture(scope="module")
def told():
    return listened()


def holds(question: Question, more: str = "") -> bool:
    solver = z3.SolverFor("QF_BV", ctx=z3.Context())
    solver.from_string(question.script + "".join(f"(assert {each})" for each in question.assumed) + more)
    return solver.check() == z3.sat


def test_the_text_alone_gives_the_same_answer(told):
    notes, _ = told
    assert len(notes.asked_in) > 40
    for _, question in notes.asked_in:
        assert question.answer is holds(question), question


def test_every_kind_of_question_but_one_is_told(told):
    notes, _ = told
    assert {question.about for _, question in notes.asked_in} == ABOUT.keys() - {"agents' duties"}


def test_a_model_is_one(told):
    notes, _ = told
    models = [question for _, question in notes.asked_in if question.answer]
    assert models
    for question in models:
        fixed = []
        for name, value in question.model().items():
            sort_is_bool = (
                f"(declare-const {name} Bool)" in question.script or f"(declare-const |{name}| Bool)" in question.script
            )
            fixed.append(f"(assert (= |{name}| {str(bool(value)).lower() if sort_is_bool else f'#x{value:016x}'}))")
        assert holds(question, "".join(fixed))


def test_every_verdict_rests_on_questions_of_its_case(told):
    notes, verdicts = told
    cases = {(case.theorem, case.layout, tuple(case.params.items())) for case, _ in notes.asked_in}
    assert {(each.theorem, each.layout, tuple(each.params.items())) for each in verdicts} <= cases


def test_each_case_is_told_what_its_closure_rests_on():
    """The second choice of the mask meets the closure of the first."""
    notes, _ = listened(names=["exchanged"])
    of_closures = [
        (case.params["mask"], *question.assumed) for case, question in notes.asked_in if question.about == "closure"
    ]
    asked = ["|escapes0|", "|escapes1|", "|escapes2|", "|escapes3|", "|irreflexive|"]
    assert sorted(of_closures) == [(mask, each) for mask in "AD" for each in asked]


@pytest.mark.parametrize("against", ["", "against nobody", "against any number of cpu"])
@pytest.mark.parametrize("events", [0, 1, 3])
def test_two_calls_are_asked_about_with_a_value_for_each_event_and_no_more(events, against):
    calls = "".join(f"helper h{each}() {{ {'set_bit(0, sptep);' * each} }}\n" for each in range(4))
    claim = f"theorem two {against} {{ prove equivalent h{events}(), h0(); }}"
    notes, _ = listened(TEXT.split("ghost")[0] + "agent cpu lockless { step s: { spte |= A; } }" + calls + claim)
    (script,) = {question.script for _, question in notes.asked_in if question.about == "equivalence"}
    assert [f"stream{each}" in script for each in range(5)] == [each < max(events, 1) for each in range(5)]


def test_searches_are_not_told(told):
    notes, _ = told
    assert not any("blame" in " ".join(question.assumed) for _, question in notes.asked_in)


def test_verdicts_are_those_of_a_prover_that_nobody_listens_to(told):
    _, verdicts = told
    library = library_of(load_text(TEXT, name="text", library_root=LIBRARY))
    alone = [each for theorem in library.theorems.values() for each in Prover(library).prove(theorem)]
    assert [(each.theorem, each.property, each.verdict, each.ok) for each in alone] == [
        (each.theorem, each.property, each.verdict, each.ok) for each in verdicts
    ]
    assert {each.verdict for each in alone} >= {"proved", "refuted"}


def test_nobody_is_told_of_a_search():
    listener = Notes()
    listener.case(Case(theorem="t", layout="l", era=None, params={}, values={}))
    solver = Solver("(declare-const p Bool)", Budget(told=listener), "program")
    assert solver.check("p") is True
    solver.extend("(declare-const p Bool)(assert (not p))")
    assert solver.check("p") is False
    assert [question.answer for _, question in listener.asked_in] == [True]
