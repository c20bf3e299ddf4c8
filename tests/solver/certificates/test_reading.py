"""The reader understands what the tool writes, and refuses everything else."""

import pytest

from spteproof.solver.certificates.judging import Blasted, NotShown, check_satisfiable
from spteproof.solver.certificates.reading import Unreadable, trees

WORDS = "(declare-const |a b| (_ BitVec 64))(declare-const y (_ BitVec 64))(declare-const p Bool)\n"
ONE = "#x0000000000000001"


def holds(body, before="", **values):
    check_satisfiable(f"{WORDS}{before}(assert {body})", {"a b": 6, "y": 3, "p": 1, **values})


@pytest.mark.parametrize(
    "body",
    [
        "true",
        "p",
        "|p|",
        "(not (= |a b| y))",
        f"(= (bvand |a b| y) (bvshl {ONE} {ONE}))",
        "(= (bvor |a b| y) #x0000000000000007)",
        "(= (bvxor |a b| y) #x0000000000000005)",
        "(= (bvadd |a b| y) #x0000000000000009)",
        "(= (bvsub |a b| y) y)",
        "(= (bvmul y y) #x0000000000000009)",
        "(= (bvnot (bvnot y)) y)",
        f"(= (bvlshr |a b| {ONE}) y)",
        f"(= (bvashr |a b| {ONE}) y)",
        "(bvult y |a b|)",
        "(bvslt (bvnot y) |a b|)",
        "(= ((_ extract 2 2) |a b|) #b1)",
        "(not (= ((_ extract 63 63) |a b|) #b1))",
        "(ite p (= y y) false)",
        "(= (ite p |a b| y) |a b|)",
        "(=> (not p) false)",
        "(= p true)",
        "(and)",
        "(and p p p)",
        "(or false p)",
        "(let ((n1 (bvadd y y))) (let ((n2 (= n1 |a b|))) n2))",
        "(let ((y |a b|)) (= y |a b|))",
        "(twice |a b| y)",
        "(= t1 |a b|)",
    ],
)
def test_what_the_tool_writes_is_read(body):
    functions = "(define-fun twice ((p (_ BitVec 64)) (c (_ BitVec 64))) Bool (= p (bvadd c c)))\n"
    holds(body, before=f"{functions}(define-fun t1 () (_ BitVec 64) (bvadd y y))\n")


@pytest.mark.parametrize("body", ["false", "(= |a b| y)", "(bvult |a b| y)", "(=> p false)", "(or)", "(not p)"])
def test_what_does_not_hold_does_not(body):
    with pytest.raises(NotShown):
        holds(body)


@pytest.mark.parametrize(
    "text",
    [
        "(assert p)",
        "(assert (= |a b| p))",
        "(assert |a b|)",
        "(assert (bvand y y))",
        "(assert (and y))",
        "(assert (not))",
        "(assert (not p p))",
        "(assert (=> p p p))",
        "(assert (ite p y p))",
        "(assert (ite y p p))",
        "(assert (bvult y))",
        "(assert (= (bvadd y y y) y))",
        "(assert (bvult p y))",
        "(assert (bvuge y y))",
        "(assert (= ((_ extract 3 2) y) #b1))",
        "(assert (= ((_ extract 64 64) y) #b1))",
        "(assert (= ((_ extract 2 2) y) #b0))",
        "(assert (= ((_ extract 2 2) p) #b1))",
        "(assert (= y #x01))",
        "(assert (= y #x000000000000000G))",
        "(assert (let ((n p) (m p)) n))",
        "(assert (let ((n p)) m))",
        "(assert ())",
        "(assert (() p))",
        "(assert p",
        "(assert p))",
        "(assert p p)",
        "(assert (! p :named a))",
        "(assert (forall ((x Bool)) x))",
        "(push 1)",
        "(check-sat-assuming (p))",
        "(set-logic ALL)",
        "p",
        "; p",
        '(assert "p")',
        "(declare-const p Bool)",
        "(declare-const |p| Bool)",
        "(declare-const true Bool)",
        "(declare-const z Int)",
        "(declare-const z (_ BitVec 32))",
        "(declare-fun z () Bool)",
        "(define-fun p () Bool true)",
        "(define-fun z () Bool y)",
        "(define-fun z () Bool z)",
        "(define-fun z ((u Bool)) Bool u)(define-fun z ((u Bool)) Bool u)",
        "(define-fun z ((u Bool)) Bool u)(assert (z y))",
        "(define-fun z ((u Bool)) Bool u)(assert (z p p))",
        "(define-fun z ((u Bool)) Bool y)(assert (z p))",
        "(define-fun z ((u Bool)) Bool u)(assert z)",
    ],
)
def test_what_the_tool_does_not_write_is_refused(text):
    declared = "" if text == "(assert p)" else WORDS
    with pytest.raises(ValueError) as refused:
        check_satisfiable(declared + text, {"a b": 6, "y": 3, "p": 1})
    assert isinstance(refused.value, Unreadable) or "no value for" in str(refused.value)


def test_values_are_needed_for_all_that_is_declared_and_for_nothing_else():
    for values in ({}, {"y": -1}, {"y": 1 << 64}, {"y": True}, {"y": 1.0}, {"y": 1, "z": 1}):
        with pytest.raises(NotShown):
            check_satisfiable("(declare-const y (_ BitVec 64))(assert true)", values)
    with pytest.raises(NotShown):
        check_satisfiable("(declare-const y Bool)(assert y)", {"y": 2})


def test_a_long_chain_of_lets_needs_no_recursion():
    lets = "".join(f"(let ((n{at + 1} (not n{at}))) " for at in range(20_000))
    check_satisfiable(f"(assert (let ((n0 true)) {lets}n20000{')' * 20_001})", {})


def test_expressions_are_nested_lists():
    assert trees("(a (b |c d|) ())\n x") == [["a", ["b", "|c d|"], []], "x"]


def test_what_a_short_text_would_take_for_ever_is_refused(monkeypatch):
    monkeypatch.setattr("spteproof.solver.certificates.reading.MOST_APPLIED", 1000)
    doubling = "".join(f"(define-fun f{at + 1} ((x Bool)) Bool (and (f{at} x) (f{at} x)))\n" for at in range(60))
    with pytest.raises(Unreadable):
        holds("(f60 p)", f"(define-fun f0 ((x Bool)) Bool x)\n{doubling}")


def test_what_nests_too_deeply_is_refused(monkeypatch):
    monkeypatch.setattr("spteproof.solver.certificates.reading.MOST_NESTED", 10)
    assert trees("(" * 10 + ")" * 10)
    with pytest.raises(Unreadable):
        trees("(" * 11 + ")" * 11)


def test_a_circuit_that_is_too_large_is_refused(monkeypatch):
    text = f"{WORDS}(assert (= (bvmul |a b| y) y))"
    assert Blasted(text).clauses
    monkeypatch.setattr("spteproof.solver.certificates.circuits.MOST_GATES", 1000)
    with pytest.raises(Unreadable):
        Blasted(text)
