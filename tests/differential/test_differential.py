"""The tool against compiled C on random cases, `SPTEPROOF_DIFFERENTIAL_CASES` of them.

`python -m tests.differential.compare` prints the same figures, and every disagreement.
"""

import ast
import os
from pathlib import Path

import pytest

from .compare import Figures, run

CASES = int(os.environ.get("SPTEPROOF_DIFFERENTIAL_CASES", "2000"))
SEED = int(os.environ.get("SPTEPROOF_DIFFERENTIAL_SEED", "1"))
SAMPLE = int(os.environ.get("SPTEPROOF_DIFFERENTIAL_SAMPLE", "150"))


@pytest.fixture(scope="module")
def figures() -> Figures:
    found = run(SEED, CASES, SAMPLE)
    print(found.text())
    return found


def test_the_tool_agrees_with_c_on_every_case_and_mutant(figures: Figures) -> None:
    shown = [disagreement.text(SEED) for disagreement in figures.disagreements[:5]]
    if shown:
        pytest.fail("\n\n".join([figures.text(), *shown]), pytrace=False)


@pytest.mark.parametrize("verdict", ["proved", "refuted", "vacuous"])
def test_each_verdict_is_a_good_part_of_the_cases(figures: Figures, verdict: str) -> None:
    assert figures.share(verdict) >= 0.15


def test_many_refuted_cases_need_three_environment_steps_or_more(figures: Figures) -> None:
    assert figures.late_share() >= 0.2


def test_proved_cases_are_refuted_under_some_one_token_mutant(figures: Figures) -> None:
    if CASES < 300:
        pytest.skip("too few cases for a share")
    assert figures.sampled >= 100
    assert figures.killed_share() >= 0.9


def test_nearly_every_counterexample_is_shown_to_be_shortest(figures: Figures) -> None:
    assert figures.not_shown_shortest <= figures.verdicts["refuted"] / 100


def test_nothing_here_is_shared_with_parser_translator_or_solver() -> None:
    for path in sorted(Path(__file__).parent.glob("*.py")):
        assert _imported_from_the_tool(path) <= (
            {"spteproof.running.pipeline"}
            if path.name in ("tool.py", "test_expressions.py", "test_threads.py")
            else set()
        ), path


def _imported_from_the_tool(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name for name in found if name.split(".")[0] in ("spteproof", "grammar", "solver", "app", "spec")}
