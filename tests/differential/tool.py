"""Asks the tool through `spteproof.running.pipeline` alone: in this process, or in processes of its own.

Run as a module, it reads one JSON object {"name", "text"} a line and answers each with one of an Answer's fields.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """`verdict` is "rejected" where the text was refused and "crashed" where an exception came out; `detail` has
    its message. `steps` and `start` are the counterexample's (-1 and 0 without one); `losing` the names of the
    bits."""

    verdict: str
    steps: int = -1
    start: int = 0
    shortest: bool = False
    losing: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    text: str


def results_of(text: str, quickly: bool = False) -> Sequence[Any] | None:
    """The tool's results on a text; None where it refuses the text. `quickly`, nothing that is refuted has a
    counterexample, and so it may not be."""
    from spteproof.running.pipeline import BadInput, prove_text

    from .generation.asking import quick

    try:
        with quick() if quickly else nullcontext():
            return prove_text(text).results
    except BadInput:
        return None


def errors_of(text: str) -> set[str]:
    """What makes the tool refuse a text, before anything is proved."""
    from spteproof.running.pipeline import LIBRARY, load_text

    loaded = load_text(text, name="<text>", library_root=LIBRARY)
    return {each.id for each in loaded.diagnostics if each.severity == "error"}


def ask(questions: Sequence[Question], jobs: int = 2) -> list[ToolAnswer]:
    """The answers in the order of the questions, each about the one property of its text."""
    parts = [questions[number::jobs] for number in range(jobs)]
    answers: list[ToolAnswer] = [ToolAnswer("crashed")] * len(questions)
    with ThreadPoolExecutor(jobs) as pool:
        for number, part in enumerate(pool.map(_ask_part, parts)):
            answers[number::jobs] = part
    return answers


def _ask_part(questions: Sequence[Question]) -> list[ToolAnswer]:
    if not questions:
        return []
    command = [sys.executable, "-m", "tests.differential.tool"]
    lines = "".join(json.dumps(asdict(question)) + "\n" for question in questions)
    done = subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, text=True, env=os.environ)
    found = [_from_json(json.loads(line)) for line in done.stdout.splitlines()]
    missing = len(questions) - len(found)
    return [*found, *[ToolAnswer("crashed", detail=f"the process ended: {done.stderr[-2000:]}")] * missing]


def _from_json(fields: dict[str, Any]) -> ToolAnswer:
    return ToolAnswer(**{**fields, "losing": tuple(fields["losing"])})


def _answer(name: str, text: str) -> ToolAnswer:
    from spteproof.running.pipeline import prove_text

    try:
        report = prove_text(text, name)
    except ValueError as error:
        kind = "rejected" if type(error).__name__ == "BadInput" else "crashed"
        return ToolAnswer(kind, detail=f"{type(error).__name__}: {error}")
    except Exception as error:
        return ToolAnswer("crashed", detail=f"{type(error).__name__}: {error}")
    results = [result for result in report.results if not result.implicit]
    if len(results) != 1:
        return ToolAnswer("crashed", detail=f"{len(results)} results")
    (result,) = results
    found = result.counterexample
    if found is None:
        return ToolAnswer(result.verdict, losing=tuple(result.losing), detail=result.reason or "")
    return ToolAnswer(result.verdict, found.environment_steps, found.start, found.shortest, tuple(result.losing))


def main() -> None:
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(asdict(_answer(question["name"], question["text"]))), flush=True)


if __name__ == "__main__":
    main()
