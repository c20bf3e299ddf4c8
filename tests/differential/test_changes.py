"""Random texts, changed in ways that must not change their verdicts; run by the interpreter; asked of a second solver.

`SPTEPROOF_CHANGED_TEXTS` says how many texts; each is changed in two ways.
"""

import importlib.util
import os
from dataclasses import replace

import pytest

from .generation.asking import Tool, changed, scheduled
from .generation.generate import make_text
from .generation.metamorphic import CHANGES, Change
from .generation.text import spte_text

TEXTS = int(os.environ.get("SPTEPROOF_CHANGED_TEXTS", "8"))
SEED = int(os.environ.get("SPTEPROOF_DIFFERENTIAL_SEED", "1"))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_verdicts_stay(change) -> None:
    judged = 0
    for number in range(max(1, TEXTS // 4)):
        found, count = changed(make_text(SEED, 5000 + 10 * CHANGES.index(change) + number), change, number)
        judged += count
        assert not found, "\n".join(found)
    assert judged >= 20


def test_a_change_that_matters_is_noticed() -> None:
    def without_agents(text, random):
        theorems = tuple(replace(each, against=()) for each in text.theorems)
        return Change("agents gone", spte_text(replace(text, theorems=theorems)))

    assert any(changed(make_text(SEED, 5000 + number), without_agents, 0)[0] for number in range(8))


def test_no_random_schedule_breaks_what_is_proved() -> None:
    runs = 0
    for number in range(TEXTS):
        judged, broken = scheduled(make_text(SEED, 6000 + number), number, 25)
        runs += judged
        assert not broken, f"text {6000 + number}: {broken[0]}"
    assert runs >= 15 * TEXTS


def test_a_random_schedule_breaks_some_of_what_is_refuted() -> None:
    assert any(scheduled(make_text(SEED, 6000 + number), number, 40, "refuted")[1] for number in range(4))


@pytest.mark.skipif(importlib.util.find_spec("bitwuzla") is None, reason="bitwuzla is not installed")
def test_a_second_solver_confirms_every_answer() -> None:
    tool = Tool(0.0, second=("bitwuzla",))
    for number in range(max(1, TEXTS // 2)):
        said = tool(spte_text(make_text(SEED, 7000 + number)))
        assert not isinstance(said, str), said
        assert not [each for each in said if each.reason.startswith("internal error")]
    assert tool.confirmed >= 100 and tool.undecided <= tool.confirmed / 50
