"""Certificates of random scripts agree with other solvers and checkers; spoilt ones are refused."""

import importlib.util
import subprocess
import sys

import pytest

from spteproof.solver.certificates.judging import NotShown, check_satisfiable, check_unsatisfiable
from spteproof.solver.certificates.making import Disagreement, NotCertified, refuted, satisfied
from spteproof.solver.certificates.obligations import all_of, none_of
from spteproof.solver.results import Budget
from spteproof.solver.z3_solver import Solver

pytest.importorskip("pysat", reason="python-sat is not installed")

SEEDS = range(60)


@pytest.fixture
def answers(random_script):
    """From a seed: a script, and what Z3 says of each question."""

    def call(seed):
        script, asked = random_script(seed)
        found = {}
        for each in asked:
            solver = Solver(f"{script}\n(assert {each})", Budget(), None)
            found[(each,)] = solver.check()
        return script, found

    return call


@pytest.mark.parametrize("seed", SEEDS)
def test_each_answer_gets_a_certificate(seed, answers):
    script, found = answers(seed)
    no = [each for each, answer in found.items() if answer is False]
    yes = [each for each, answer in found.items() if answer is True]
    if no:
        made = refuted(script, no)
        check_unsatisfiable(made.text, made.dimacs, made.lemmas)
        assert made.asked == tuple(no)
    for each in satisfied(script, yes):
        check_satisfiable(each.text, each.values)


def test_the_sample_has_answers_of_both_kinds(answers):
    given = [answer for seed in SEEDS for answer in answers(seed)[1].values()]
    assert given.count(True) > 60 and given.count(False) > 40


def test_a_wrong_answer_is_a_disagreement(answers):
    for seed in range(10):
        script, found = answers(seed)
        for each, answer in found.items():
            with pytest.raises(Disagreement):
                refuted(script, [each]) if answer else satisfied(script, [each])


BITWUZLA = """import sys, bitwuzla
parser = bitwuzla.Parser(bitwuzla.TermManager(), bitwuzla.Options())
parser.parse(sys.stdin.read(), parse_only=False, parse_file=False)
"""


def test_another_solver_gives_the_same_answers_on_the_obligations(answers):
    if importlib.util.find_spec("bitwuzla") is None:
        pytest.skip("bitwuzla is not installed")
    texts, wanted = [], []
    for seed in range(40):
        script, found = answers(seed)
        for asked, answer in found.items():
            texts.append(none_of(script, [asked]))
            wanted.append("sat" if answer else "unsat")
    texts = [text.removeprefix("(set-logic QF_BV)\n") for text in texts]
    joined = "(set-logic QF_BV)\n" + "".join(f"(push 1)\n{text}(pop 1)\n" for text in texts)
    run = subprocess.run([sys.executable, "-c", BITWUZLA], input=joined, capture_output=True, text=True, check=True)
    assert run.stdout.split() == wanted


def test_a_second_checker_accepts_the_refutations_and_refuses_spoilt_ones(answers):
    dratify = pytest.importorskip("dratify", reason="dratify is not installed")
    refused = 0
    for seed in range(20):
        script, found = answers(seed)
        no = [each for each, answer in found.items() if answer is False]
        if no:
            made = refuted(script, no)
            lines = [line.split()[1:] for line in made.lemmas.splitlines()]
            drat = "".join(f"{' '.join(words[: words.index('0')])} 0\n" for words in lines)
            assert dratify.check_proof(dratify.parse_dimacs(made.dimacs), drat, engine="python").ok
            without = made.dimacs.replace("\n", "\n", 1)
            first, *rest = without.splitlines()
            spoilt = "\n".join([first, *rest[: len(rest) // 2]]) + "\n"
            refused += not dratify.check_proof(dratify.parse_dimacs(spoilt), drat, engine="python").ok
    assert refused >= 5


def hard():
    """Two factors of a prime: too much for a small budget."""
    declared = "".join(f"(declare-const {name} (_ BitVec 64))\n" for name in "xy")
    small = "".join(f"(assert (bvult {name} #x0000000200000000))\n" for name in "xy")
    large = "".join(f"(assert (bvult #x0000000000000001 {name}))\n" for name in "xy")
    return f"{declared}{small}{large}(assert (= (bvmul x y) #x{(1 << 61) - 1:016x}))\n"


def test_what_is_too_hard_gets_no_certificate(monkeypatch):
    monkeypatch.setattr("spteproof.solver.certificates.making.CONFLICTS", 20)
    with pytest.raises(NotCertified, match="too hard"):
        refuted(hard(), [("true",)])


SMALL = """(declare-const x (_ BitVec 64))
(declare-const violated Bool)
(declare-const other Bool)
(define-fun t7 () (_ BitVec 64) (bvand x #x0000000000000003))
(define-fun t9 () Bool (= t7 #x0000000000000004))
(assert (=> violated t9))
(define-fun t12 () Bool (= x x))
(assert (=> other t12))"""


def test_an_obligation_holds_what_it_needs_and_no_more():
    assert none_of(SMALL, [("violated",)]) == (
        "(set-logic QF_BV)\n(declare-const x (_ BitVec 64))\n(declare-const violated Bool)\n"
        "(define-fun t0 () (_ BitVec 64) (bvand x #x0000000000000003))\n"
        "(define-fun t1 () Bool (= t0 #x0000000000000004))\n(assert (=> violated t1))\n"
        "(assert violated)\n(check-sat)\n"
    )


def test_equal_obligations_are_equal_texts_whatever_terms_were_made_before():
    assert none_of(SMALL.replace("t9", "t90"), [("violated",)]) == none_of(SMALL, [("violated",)])
    assert none_of(SMALL, [("violated",)]) != none_of(SMALL, [("other",)])
    assert none_of(SMALL, [("p",), ("q",)]) != all_of(SMALL, [("p",), ("q",)])


def test_an_assertion_about_a_constant_that_others_mention_is_kept():
    text = none_of(SMALL + "\n(assert (not other))", [("violated",)])
    assert "(=> other t" in text and "(not other)" in text


def test_a_certificate_of_another_obligation_is_refused():
    made = refuted(SMALL, [("violated",)])
    with pytest.raises(NotShown):
        check_unsatisfiable(made.text.replace("#x0000000000000004", "#x0000000000000002"), made.dimacs, made.lemmas)
    with pytest.raises(ValueError):
        check_unsatisfiable(made.text, made.dimacs, "")


def test_values_that_do_not_satisfy_are_refused():
    (made,) = satisfied(SMALL + "\n(assert (= t7 #x0000000000000001))", [("other",)])
    assert made.values["x"] & 3 == 1
    with pytest.raises(NotShown):
        check_satisfiable(made.text, {**made.values, "x": 2})


def test_questions_that_exclude_each_other_get_values_of_their_own():
    script = SMALL + "\n(declare-const p Bool)"
    made = satisfied(script, [("p",), ("(not p)",), ("other",)])
    assert [each.asked for each in made] == [(("p",), ("other",)), (("(not p)",),)]
