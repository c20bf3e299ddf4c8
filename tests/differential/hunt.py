"""Many random texts, each decided by the tool and by visiting all states. Can be stopped and goes on where it was.

python -m tests.differential.hunt --cases 100000 --seed 7 --jobs 2       figures at the end, every difference kept
python -m tests.differential.hunt --seed 7 --number 41                   one text again, with both answers

A difference is made small and kept in tests/differential/corpus/, which the tests run from then on. A text that the
tool refuses is a fault of the generator: it is reported and not kept.
"""

import argparse
import functools
import itertools
import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

from .generation.asking import Tool
from .generation.compare import Figures, compared, visited
from .generation.generate import make_text
from .generation.machine import TooMany
from .generation.minimise import minimised
from .generation.text import spte_text
from .generation.tree import Text

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = Path(__file__).parent / "corpus"
CHUNK = 5
"""Texts that a process takes at once. Chunk c are the numbers from c * CHUNK on."""

_TOOLS: dict[tuple[float, bool], Tool] = {}


def judged(seed: int, chunk: int, shortest_seconds: float = 0.2, first: bool = False) -> Figures:
    """The figures of one chunk. Differences are made small and kept. `first`: of the verdicts that come before their
    counterexamples."""
    tool = _TOOLS.setdefault((shortest_seconds, first), Tool(shortest_seconds, first=first))
    figures = Figures()
    for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        text = make_text(seed, number)
        differ = compared(text, number, tool, figures)
        if differ and not differ[0].startswith("rejected"):
            keep(minimised(text, functools.partial(_is_wrong, tool=tool, kinds=_kinds(differ))), seed, number)
    return figures


def _is_wrong(text: Text, tool: Tool, kinds: set[str]) -> bool:
    """Whether the two still say different things in one of these ways, of a text that both take."""
    try:
        return bool(_kinds(compared(text, 0, tool, Figures())) & kinds)
    except Exception:
        return False


def _kinds(differ: list[str]) -> set[str]:
    """In which ways the two differ: the kind of property, and what is said of it. Another way may be a fault of a text
    that the generator would not make, such as a bit without a name."""
    found = [re.search(r": ([a-z]+) ?.*: (verdict: visited \w+, tool \w+|\w+)", each) for each in differ]
    return {f"{each[1]} {each[2]}" if each else "no verdict" for each in found}


def keep(text: Text, seed: int, number: int) -> None:
    """Writes the text to the corpus, with what visiting all states says of it."""
    CORPUS.mkdir(exist_ok=True)
    try:
        said = [f"// {each.theorem} in {each.layout}: {each.wanted}: {each.verdict}" for each in visited(text)]
    except TooMany:
        said = []
    lines = [
        f"// Found by the hunt with seed {seed}, number {number}. All states were visited:",
        *said,
        spte_text(text),
    ]
    (CORPUS / f"found_{seed}_{number}.spte").write_text("\n".join(lines))


def hunt(
    seed: int, cases: int, jobs: int, state: Path | None, seconds: float = float("inf"), first: bool = False
) -> Figures:
    """Judges chunks until there are as many cases. `state` is a file that says how far an earlier run came."""
    figures, done = _read(state, seed)
    started = said = time.monotonic()
    following = itertools.count()
    lock = threading.Lock()

    def work() -> None:
        nonlocal said
        with _Worker(seed, first) as worker:
            while True:
                with lock:
                    if figures.cases >= cases or time.monotonic() - started > seconds:
                        return
                    chunk = next(each for each in following if each not in done)
                found = worker.judged(chunk)
                with lock:
                    figures.add(found)
                    done.add(chunk)
                    if time.monotonic() - said > 30:
                        said = time.monotonic()
                        print(figures.lines()[0], flush=True)
                        _write(state, seed, figures, done)

    with ThreadPoolExecutor(jobs) as pool:
        for each in [pool.submit(work) for _ in range(jobs)]:
            each.result()
    _write(state, seed, figures, done)
    return figures


class _Worker:
    """A process that judges the chunks whose numbers it is sent."""

    def __init__(self, seed: int, first: bool) -> None:
        command = [sys.executable, "-m", "tests.differential.hunt", "--worker", "--seed", str(seed)]
        command += ["--first"] if first else []
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> "_Worker":
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def judged(self, chunk: int) -> Figures:
        assert self.process.stdin is not None and self.process.stdout is not None
        print(chunk, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process that judged chunk {chunk} ended")
        return _figures(json.loads(line))


def _work(seed: int, first: bool) -> int:
    for line in sys.stdin:
        print(json.dumps(_plain(judged(seed, int(line), first=first))), flush=True)
    return 0


def _plain(figures: Figures) -> dict:
    return {each.name: getattr(figures, each.name) for each in fields(Figures)}


def _figures(plain: dict) -> Figures:
    values = {name: Counter(value) if isinstance(value, dict) else value for name, value in plain.items()}
    values["differences"] = [(number, what) for number, what in values["differences"]]
    return Figures(**values)


def _read(state: Path | None, seed: int) -> tuple[Figures, set[int]]:
    if state is None or not state.exists():
        return Figures(), set()
    kept = json.loads(state.read_text())
    if kept["seed"] != seed:
        raise SystemExit(f"{state} belongs to seed {kept['seed']}")
    return _figures(kept["figures"]), set(kept["done"])


def _write(state: Path | None, seed: int, figures: Figures, done: set[int]) -> None:
    if state is not None:
        part = state.with_suffix(".part")
        part.write_text(json.dumps({"seed": seed, "done": sorted(done), "figures": _plain(figures)}))
        part.replace(state)


def _again(seed: int, number: int) -> int:
    text = make_text(seed, number)
    print(spte_text(text))
    figures = Figures()
    for line in compared(text, number, Tool(), figures):
        print(line)
    print("\n".join(figures.lines()))
    return 1 if figures.differences else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.differential.hunt", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--cases", type=int, default=10_000, help="verdicts to compare, at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin nothing new after this time")
    parser.add_argument("--state", type=Path, help="a file to go on from, and to write to")
    parser.add_argument("--worker", action="store_true", help="judge the chunks whose numbers come in")
    parser.add_argument("--number", type=int, help="one text alone")
    parser.add_argument("--first", action="store_true", help="compare the verdicts that come before counterexamples")
    options = parser.parse_args()
    if options.worker:
        return _work(options.seed, options.first)
    if options.number is not None:
        return _again(options.seed, options.number)
    figures = hunt(options.seed, options.cases, options.jobs, options.state, options.seconds, options.first)
    for number, what in figures.differences:
        print(f"--seed {options.seed} --number {number}:\n{what}\n")
    print("\n".join(figures.lines()))
    return 1 if figures.differences else 0


if __name__ == "__main__":
    sys.exit(main())
