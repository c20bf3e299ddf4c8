"""What counts as a disagreement."""

from dataclasses import replace

import pytest

from .c_judge import Answer
from .cases import make_case
from .compare import differences
from .mutants import mutants
from .plan import union
from .tool import Question, ToolAnswer, ask
from .tree import Case, Property

REFUTED = Answer("refuted", 2, 8, 0, True, True)
FOUND = ToolAnswer("refuted", 2, 8, True)


def case_about(wanted: Property) -> Case:
    return replace(make_case(1, 1), property=wanted)


ALWAYS = case_about(Property("always"))


def test_equal_answers_do_not_differ() -> None:
    assert differences(ALWAYS, REFUTED, FOUND) == []


@pytest.mark.parametrize("verdict", ["proved", "vacuous", "unknown", "rejected", "crashed"])
def test_another_verdict_differs(verdict: str) -> None:
    assert differences(ALWAYS, REFUTED, ToolAnswer(verdict)) == [f"verdict: C says refuted, the tool {verdict}"]


@pytest.mark.parametrize("steps, shortest", [(1, True), (3, True), (1, False)])
def test_another_number_of_steps_differs(steps: int, shortest: bool) -> None:
    assert "environment steps" in differences(ALWAYS, REFUTED, ToolAnswer("refuted", steps, 8, shortest))[0]


def test_more_steps_do_not_differ_where_none_claims_to_be_shortest() -> None:
    assert differences(ALWAYS, REFUTED, ToolAnswer("refuted", 3, 8)) == []


def test_another_start_differs() -> None:
    assert "start" in differences(ALWAYS, REFUTED, ToolAnswer("refuted", 2, 16, True))[0]


def test_other_lost_bits_differ() -> None:
    case = case_about(Property("preserves", union(["P"])))
    (name, position), (other, _) = case.layout.masks[:2]
    lost = Answer("refuted", 2, 8, 1 << position, True, True)
    assert differences(case, lost, ToolAnswer("refuted", 2, 8, True, (name,))) == []
    assert "bits lost" in differences(case, lost, ToolAnswer("refuted", 2, 8, True, (name, other)))[0]


def test_a_text_that_the_tool_refuses_is_no_verdict() -> None:
    assert ask([Question("bad", "layout one {")])[0].verdict == "rejected"


def test_mutants_differ_from_the_case_and_from_each_other() -> None:
    for number in range(20):
        case = make_case(2, number)
        found = [mutant.case for mutant in mutants(case)]
        assert len({case, *found}) == len(found) + 1
        assert all(mutant.property == case.property for mutant in found)
