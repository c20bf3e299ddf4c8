"""Second opinions: the enumeration agrees with Z3 on random questions, and a wrong answer of anybody is noticed."""

import random

import pytest
import z3

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.opinions.cross_check import NAMES, CrossCheck, Disagreement, NotInstalled, installed, opener
from spteproof.solver.opinions.enumeration import Enumeration, holds_with
from spteproof.solver.proof import Prover
from spteproof.solver.questions import Question
from spteproof.solver.results import Budget

DECLARED = "(declare-const a (_ BitVec 64))(declare-const b (_ BitVec 64))(declare-const p Bool)(declare-const q Bool)"
NARROW = "(assert (= (bvand a #xfffffffffffff0f0) (bvand b #xfffffffffffff0f0)))"


def word(rng, depth):
    if depth == 0:
        return rng.choice(["a", "b", f"#x{rng.choice([0, 1, 2, 8, 256, 512, 2048, 0x303]):016x}"])
    left, right = word(rng, depth - 1), word(rng, depth - 1)
    operator = rng.choice(["bvand", "bvor", "bvxor", "bvnot", "bvshl", "ite"])
    if operator == "bvnot":
        return f"(bvnot {left})"
    if operator == "bvshl":
        return f"(bvshl {left} #x{rng.choice([1, 3, 54, 64]):016x})"
    return f"(ite {truth(rng, 1)} {left} {right})" if operator == "ite" else f"({operator} {left} {right})"


def truth(rng, depth):
    if depth == 0:
        return rng.choice(["p", "q"])
    kind = rng.choice(["=", "and", "or", "not", "=>", "bit", "alternatives"])
    if kind == "=":
        mask = f"#x{rng.choice([1, 3, 0xF0F, 0xC00]):016x}"
        return f"(= (bvand {mask} {word(rng, depth - 1)}) (bvand {mask} {word(rng, depth - 1)}))"
    if kind == "bit":
        return f"(= ((_ extract 3 3) {word(rng, depth - 1)}) #b1)"
    if kind == "alternatives":
        name = rng.choice("ab")
        return f"(or {' '.join(f'(= {name} #x{value:016x})' for value in rng.sample(range(16), 3))})"
    if kind == "not":
        return f"(not {truth(rng, depth - 1)})"
    return f"({kind} {truth(rng, depth - 1)} {truth(rng, depth - 1)})"


def z3_holds(script, assumed):
    solver = z3.Solver(ctx=z3.Context())
    solver.from_string(script + "".join(f"(assert {each})" for each in assumed))
    return solver.check() == z3.sat


def test_the_enumeration_agrees_with_z3():
    rng = random.Random(20)
    answers = []
    for _ in range(250):
        script = DECLARED + rng.choice(["", NARROW]) + f"(assert {truth(rng, 3)})"
        assumed = tuple(truth(rng, 2) for _ in range(rng.randrange(3)))
        found = Enumeration(script, 1.0).holds(assumed)
        answers.append(found)
        if found is not None:
            assert found is z3_holds(script, assumed), (script, assumed)
    assert answers.count(True) >= 50 and answers.count(False) >= 25 and answers.count(None) <= 50


@pytest.mark.parametrize(
    "script, holds",
    [
        ("(assert (= a b))(assert (not (= a b)))", False),
        ("(assert (= a (bvnot b)))(assert (= a b))", False),
        ("(assert (= a (bvnot b)))", True),
        ("(assert (= p q))(assert (not p))(assert q)", False),
        ("(assert (or p q))(assert (or (not p) q))(assert (not q))", False),
        ("(assert (or p q))(assert (or (not p) (not q)))(assert (or p (not q)))(assert (or (not p) q))", False),
        ("(assert (or (= a #x0000000000000001) (= a #x0000000000000002)))(assert (bvult a b))", True),
        (
            "(assert (or (= a #x0000000000000001) (= a #x0000000000000002)))(assert (not (= a (bvand a #x0000000000000003))))",
            False,
        ),
        ("(assert (bvult a b))(assert (bvult b a))", False),
        ("(assert (= (bvadd a b) (bvor a b)))(assert (not (= (bvand a b) #x0000000000000000)))", False),
        ("(assert (= (bvand a b) #x0000000000000000))(assert (not (= (bvadd a b) (bvor a b))))", False),
        ("(assert (= a #x0000000000000001))(assert (= a b))(assert (not (= b #x0000000000000001)))", False),
        ("(assert (=> p (= a b)))(assert (=> q (= (bvshl a b) b)))", True),
        ("(assert (= (bvshl a b) (bvlshr b a)))(assert p)", None),
        ("(assert (=> p (= (bvshl a b) b)))(assert (not p))(assert p)", False),
        ("(assert (bvult a b))(assert (bvult b a))(assert p)(assert (not p))", False),
    ],
)
def test_small_questions(script, holds):
    assert Enumeration(DECLARED + script, 1.0).holds(()) is holds


@pytest.mark.parametrize(
    "values, holds",
    [
        ({"a": 2, "b": 3, "p": 1}, True),
        ({"a": 2, "b": 2, "p": 1}, False),
        ({"a": 2, "b": 3, "p": 0}, False),
        ({"b": 1, "p": 1}, True),
        ({"a": 1, "p": 1}, False),
        ({}, False),
    ],
)
def test_a_yes_is_tried_with_its_values(values, holds):
    assert holds_with(DECLARED + "(assert (bvult a b))", ("(not q)", "p"), values) is holds


@pytest.mark.parametrize(
    "assumed, answer, model, said",
    [
        ("p", True, {"p": 1}, None),
        ("p", True, {}, "Z3 says sat, evaluation with the values that it gives says unsat"),
        ("(not p)", True, {"p": 1}, "Z3 says sat, evaluation with the values that it gives says unsat"),
        ("(and p (not p))", True, {"p": 1}, "Z3 says sat, evaluation with the values that it gives says unsat"),
        ("(and p (not p))", False, {}, None),
        ("p", False, {}, "Z3 says unsat, enumeration says sat"),
        ("p", None, {}, None),
    ],
)
def test_wrong_answers_of_either_kind_are_noticed(assumed, answer, model, said):
    asked = Question(about="program", script=DECLARED, assumed=(assumed,), answer=answer, model=lambda: model)
    listener = CrossCheck(["enumeration"], 1.0)
    if said is None:
        listener.asked(asked)
        assert sum(each.confirmed for each in listener.opinions()) == (answer is not None)
    else:
        with pytest.raises(Disagreement, match=said):
            listener.asked(asked)


SMALL = """
layout mine { PRESENT = bit 0; W = bit 1; A = bit 5; D = bit 6; }
agent cpu lockless { step write: when spte & W { spte |= A | D; } }
theorem t for layout in mine against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~A);
    prove preserves W;
    prove preserves D expect refuted;
}
"""


class Contrary:
    """Says the opposite of what is right, from the question on whose number is `left[0]`."""

    def __init__(self, right, left):
        self.right, self.left = right, left

    def holds(self, assumed):
        answer = self.right.holds(assumed)
        self.left[0] -= answer is not None
        return answer if self.left[0] >= 0 or answer is None else not answer


def verdicts(listener):
    library = library_of(load_text(SMALL, name="text", library_root=LIBRARY))
    prover = Prover(library, Budget(told=listener), keep=lambda error: f"<<{error}>>")
    return [each for theorem in library.theorems.values() for each in prover.prove(theorem)]


@pytest.mark.parametrize("name", installed())
def test_everybody_here_confirms_and_is_counted(name):
    found = verdicts(CrossCheck([name], 10.0))
    assert [each.verdict for each in found] == ["proved", "refuted"]
    [opinion] = found[0].scope.opinions
    assert opinion.name == name and opinion.confirmed > 0
    assert (opinion.undecided == 0) or name == "enumeration"
    assert found[0].scope.opinions == found[1].scope.opinions


@pytest.mark.parametrize("first", [0, 1, 3, 5])
def test_a_contradiction_is_never_a_verdict(first):
    real, version = opener("enumeration" if len(installed()) == 1 else installed()[0])

    left = [first]

    def contrary(name):
        return (lambda script, seconds: Contrary(real(script, seconds), left)), version

    found = verdicts(CrossCheck(["other"], 10.0, contrary))
    assert {each.verdict for each in found} == {"unknown"}
    for each in found:
        assert "internal error: Disagreement" in each.reason
        assert "(check-sat)" in each.reason and "Z3 says" in each.reason and "other" in each.reason


def test_what_nobody_can_decide_is_counted_and_confirms_nothing():
    class Silent:
        def holds(self, assumed):
            return None

    found = verdicts(CrossCheck(["other"], 10.0, lambda name: ((lambda script, seconds: Silent()), "1")))
    [opinion] = found[0].scope.opinions
    assert opinion.confirmed == 0 and opinion.undecided > 0
    assert [each.verdict for each in found] == ["proved", "refuted"]


def test_one_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr("spteproof.solver.opinions.cross_check.find_spec", lambda name: None)
    assert installed() == ("enumeration",)
    with pytest.raises(NotInstalled, match="cvc5"):
        opener("cvc5")


def test_the_names_are_those_of_the_options():
    assert set(installed()) <= set(NAMES)
