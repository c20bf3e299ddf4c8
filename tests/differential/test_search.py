"""The judge in C is itself checked: on cases with known answers, and against Python that follows the definitions
word by word."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from .c_judge import Answer, Compiler
from .cases import make_case
from .histories import Histories, TooManyHistories
from .mutants import mutants
from .plan import has, lacks, union
from .spte_text import spte_text
from .tree import (
    Agent,
    Assign,
    Assume,
    Binary,
    Case,
    Declare,
    Expression,
    Helper,
    HelperCall,
    If,
    Layout,
    Name,
    Operation,
    Parameter,
    Perform,
    Property,
    Return,
    Statement,
    Step,
    Unary,
)

OLD, SPTE = Name("old"), Name("spte")
LAYOUT = Layout((("W", 1), ("A", 8), ("D", 9), ("P", 11), ("M", 58)), (), (), ())
WALK = Agent(
    "cpu_walk",
    (
        Step(
            "set_dirty",
            (),
            Binary("&&", has(SPTE, "P"), has(SPTE, "W")),
            None,
            (Assign(SPTE, "|=", union(["A", "D"])),),
        ),
    ),
    (),
)
FAULT = Agent("fault", (Step("make_writable", (), has(SPTE, "M"), None, (Assign(SPTE, "|=", Name("W")),)),), ())
KEEPS = Property("preserves", union(["W", "A", "D"]), Name("A"))
PRESENT = has(OLD, "P")


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    with Compiler() as found:
        yield found


def clearing(need: Expression, wanted: Property, assumed: Expression = PRESENT) -> Case:
    """The mail's helper, which clears A: a locked operation where `need` holds, otherwise a plain write."""
    locked = Return(Operation("atomic64_fetch_and", (Unary("~", Name("A")),)))
    plain = Perform(Operation("WRITE_ONCE", (Binary("&", OLD, Unary("~", Name("A"))),)))
    helper = Helper("clear_a", (Parameter("u64", "old"),), "u64", (If(need, (locked,)), plain, Return(OLD)))
    body: tuple[Statement, ...] = (
        Declare("u64", "old", Operation("READ_ONCE")),
        Assume(assumed),
        Declare("u64", "seen", HelperCall("clear_a", (OLD,), (False,))),
    )
    return Case("known", LAYOUT, (), None, (WALK, FAULT), (helper,), body, wanted)


def bits(*names: str) -> int:
    return sum(1 << position for name, position in LAYOUT.masks if name in names)


ALWAYS_PLAIN, VOLATILE, NO_WRITABLE = Binary("&&", has(OLD, "W"), lacks(OLD, "W")), has(OLD, "M", "W"), has(OLD, "W")
CONSERVES = Property("conserves", union(["W", "D"]), into="seen", into_sort="u64")
BLOCK = (Assign(Name("seen"), "=", Operation("*sptep")), Perform(Operation("*sptep &=", (Unary("~", Name("A")),))))
REFINES = Property("refines", into="seen", into_sort="u64", block=BLOCK)


@pytest.mark.parametrize(
    "case, verdict, steps, start, lost",
    [
        (clearing(VOLATILE, KEEPS), "proved", -1, 0, 0),
        (clearing(VOLATILE, REFINES), "proved", -1, 0, 0),
        (clearing(VOLATILE, CONSERVES), "proved", -1, 0, 0),
        (clearing(ALWAYS_PLAIN, KEEPS), "refuted", 1, bits("W", "P"), bits("W", "D")),
        (clearing(NO_WRITABLE, KEEPS), "refuted", 1, bits("P", "M"), bits("W", "D")),
        (clearing(NO_WRITABLE, replace(KEEPS, mask=Name("D"))), "refuted", 2, bits("P", "M"), bits("D")),
        (clearing(ALWAYS_PLAIN, CONSERVES), "refuted", 1, bits("W", "P"), bits("W", "D")),
        (clearing(ALWAYS_PLAIN, REFINES), "refuted", 1, bits("W", "P"), 0),
        (clearing(VOLATILE, Property("changes only", Name("D"))), "refuted", 0, bits("P", "A"), bits("A")),
        (clearing(VOLATILE, KEEPS, Binary("&&", has(OLD, "P"), lacks(OLD, "P"))), "vacuous", -1, 0, 0),
    ],
)
def test_known_answers(compiler: Compiler, case: Case, verdict: str, steps: int, start: int, lost: int) -> None:
    (answer,) = compiler.judge([case])
    assert (answer.verdict, answer.steps, answer.start, answer.bits) == (verdict, steps, start, lost)


def test_c_agrees_with_all_complete_histories(compiler: Compiler) -> None:
    cases = [case for case in (make_case(7, number) for number in range(600)) if len(case.layout.masks) <= 5]
    compared = 0
    for case, answer in zip(cases, compiler.judge(cases), strict=True):
        try:
            found = Histories(case, budget=1500).judge()
        except TooManyHistories:
            continue
        compared += 1
        assert found == (answer.verdict, answer.steps, answer.start, answer.bits), spte_text(case)
    assert compared >= 200


def test_bits_without_a_name_decide_nothing(compiler: Compiler) -> None:
    """The answers stay when the least of them is made one of the bits that matter."""
    cases = [make_case(8, number) for number in range(250)]
    cases += [mutant.case for case in cases[:50] for mutant in mutants(case)[::20]]
    answers = zip(cases, compiler.judge(cases), compiler.judge([with_spare_bit(case) for case in cases]), strict=True)
    different = [
        spte_text(case) for case, plain, spare in answers if _told(plain) != _told(spare) and spare.verdict != "big"
    ]
    assert not different, different[0]


def _told(answer: Answer) -> tuple[str, int, int, int]:
    return answer.verdict, answer.steps, answer.start, answer.bits


def with_spare_bit(case: Case) -> Case:
    taken = {position for _, position in case.layout.masks}
    spare = next(position for position in range(64) if position not in taken)
    return replace(case, layout=replace(case.layout, masks=(*case.layout.masks, ("SPARE", spare))))


def test_a_case_is_known_by_seed_and_number() -> None:
    assert make_case(3, 41) == make_case(3, 41) != make_case(3, 42)
