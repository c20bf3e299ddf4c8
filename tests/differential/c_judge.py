"""Compiles and runs batches of cases with gcc."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .c_text import batch_text
from .tree import Case

_HERE = Path(__file__).parent
_SOURCES = ("search.c", "property.c")
_QUICK = ["-std=gnu11", "-O0", "-fno-pie", "-no-pie", "-fno-asynchronous-unwind-tables"]
"""For the cases: gcc's own time is ten times that of the search, so it optimises only what is compiled once."""

_ERRORS = [f"-Werror={what}" for what in ("uninitialized", "implicit-function-declaration", "int-conversion")]


@dataclass(frozen=True, slots=True)
class Answer:
    """What C found. `steps` and `start` (of the shortest violation, -1 and 0 without one), `bits` that can be lost
    or changed, `kept`: whether all steps and events keep the invariants, `lively`: whether the property ever had
    something to fail on. Verdict "big" means that the search gave up."""

    verdict: str
    steps: int
    start: int
    bits: int
    kept: bool
    lively: bool


class Compiler:
    """gcc with the search compiled once, in a folder that is gone afterwards; `batch` cases make one program."""

    def __init__(self, jobs: int = 2, batch: int = 100) -> None:
        self.jobs = jobs
        self.batch = batch
        self.folder = Path(tempfile.mkdtemp(prefix="differential"))
        self.compiled = [str((self.folder / source).with_suffix(".o")) for source in _SOURCES]

    def __enter__(self) -> "Compiler":
        flags = ["-std=gnu11", "-O2", "-fno-pie", "-Wall", "-Wextra", "-Werror", "-c"]
        for source, compiled in zip(_SOURCES, self.compiled, strict=True):
            _run("gcc", *flags, str(_HERE / source), "-o", compiled)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder)

    def judge(self, cases: Sequence[Case]) -> list[Answer]:
        """The answers to the cases, in their order."""
        numbered = list(enumerate(cases))
        parts = [numbered[i : i + self.batch] for i in range(0, len(numbered), self.batch)]
        with ThreadPoolExecutor(self.jobs) as pool:
            return [answer for answers in pool.map(self._judge_batch, parts) for answer in answers]

    def _judge_batch(self, cases: list[tuple[int, Case]]) -> list[Answer]:
        name = self.folder / f"batch_{cases[0][0]}"
        source, program = name.with_suffix(".c"), name.with_suffix(".run")
        source.write_text(batch_text(cases))
        _run("gcc", *_QUICK, *_ERRORS, f"-I{_HERE}", str(source), *self.compiled, "-o", str(program))
        lines = _run(str(program)).splitlines()
        assert len(lines) == len(cases), "an answer is missing"
        return [_answer(line, number) for line, (number, _) in zip(lines, cases, strict=True)]


def _answer(line: str, number: int) -> Answer:
    case, verdict, steps, start, bits, kept, lively = line.split()
    assert int(case) == number
    return Answer(verdict, int(steps), int(start), int(bits), kept == "1", lively == "1")


def _run(*command: str) -> str:
    """The command's output; what it complained of stands in the error, if it failed."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} gave {done.returncode}\n{done.stderr[:4000]}")
    return done.stdout
