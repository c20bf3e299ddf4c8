"""Random texts of many theorems, `SPTEPROOF_GENERATED_CASES` verdicts of them, decided by the tool and by visiting all
states, and every text that was ever decided differently.

`python -m tests.differential.hunt` does the same with any number of cases.
"""

import ast
import os
import re
from pathlib import Path

import pytest

from .generation.asking import Tool
from .generation.compare import Figures, visited
from .generation.generate import make_text
from .generation.machine import Machine
from .generation.text import spte_text
from .hunt import CORPUS, hunt

CASES = int(os.environ.get("SPTEPROOF_GENERATED_CASES", "8000"))
SEED = int(os.environ.get("SPTEPROOF_DIFFERENTIAL_SEED", "1"))
PROPERTIES = ("preserves", "changes only", "conserves", "resurrects", "refines", "ensures", "always", "that", "keeps invariants")  # fmt: skip
CONSTRUCTS = ("branch", "helper", "nested calls", "early return", "retry", "retry of an agent", "atomic", "threads", "saw",
              "agent as program", "several agents", "further entry", "bool ghost", "u64 ghost", "assumption", "invariant",
              "symbolic layout", "mask that is none", "choice of masks", "lemma")  # fmt: skip


@pytest.fixture(scope="module")
def figures() -> Figures:
    found = hunt(SEED, CASES, 2, None)
    print("\n".join(found.lines()))
    return found


def test_the_tool_agrees_with_visiting_all_states(figures: Figures) -> None:
    if figures.differences:
        shown = [f"--seed {SEED} --number {number}: {what}" for number, what in figures.differences[:10]]
        pytest.fail("\n".join(shown), pytrace=False)
    assert figures.cases >= CASES


@pytest.mark.parametrize("verdict, share", [("proved", 0.25), ("refuted", 0.3), ("vacuous", 0.02)])
def test_each_verdict_has_its_share(figures: Figures, verdict: str, share: float) -> None:
    assert figures.verdicts[verdict] >= share * figures.cases


@pytest.mark.parametrize("kind", PROPERTIES)
def test_each_property_is_proved_and_refuted(figures: Figures, kind: str) -> None:
    assert figures.kinds[f"{kind} proved"] and figures.kinds[f"{kind} refuted"]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_each_construct_is_used(figures: Figures, construct: str) -> None:
    assert figures.constructs[construct] >= 10


def test_hardly_anything_is_unknown(figures: Figures) -> None:
    assert figures.unknown.total() + figures.apart.total() <= 0.04 * figures.cases, figures.lines()


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.spte")), ids=lambda path: path.stem)
def test_what_was_once_wrong_is_right(path: Path) -> None:
    """The comments of a text say what visiting all states gave. The tool has no time to look for short counterexamples,
    and may say of a retry that it does not know."""
    expected = dict(line[3:].rsplit(": ", 1) for line in path.read_text().splitlines() if re.match(r"// \w+ in ", line))
    said = Tool(0.0)(path.read_text())
    assert not isinstance(said, str), said
    open_ones = [each for each in said if each.verdict == "unknown"]
    assert all("retry" in each.reason for each in open_ones) and 4 * len(open_ones) < len(said)
    found = {f"{each.theorem} in {each.layout}: {each.wanted}": each.verdict for each in said}
    assert {each: expected[each] for each in found if found[each] != "unknown"} == {
        each: verdict for each, verdict in found.items() if verdict != "unknown"
    }


def test_a_walk_that_forgets_the_agents_is_noticed() -> None:
    """The comparison has teeth: a machine without environment disagrees within a few texts."""

    class Alone(Machine):
        def _agent(self, name, on):
            return []

    for number in range(40):
        text = make_text(1, number)
        if any(theorem.against for theorem in text.theorems):
            right = {each.key(): each.verdict for each in visited(text)}
            wrong = {each.key(): each.verdict for each in visited(text, Alone)}
            if right != wrong:
                return
    pytest.fail("no text was decided differently")


def test_a_text_is_known_by_its_seed_and_number() -> None:
    assert spte_text(make_text(3, 5)) == spte_text(make_text(3, 5)) != spte_text(make_text(3, 6))


def test_nothing_here_is_shared_with_the_tool_but_the_one_question() -> None:
    for path in sorted((Path(__file__).parent / "generation").glob("*.py")):
        names = [
            node.module
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and not node.level
        ]
        uses = any((name or "").split(".")[0] == "spteproof" for name in names)
        assert uses <= (path.name in MAY_ASK), path


MAY_ASK = ("asking.py", "schedules.py", "shared_hunt.py")
