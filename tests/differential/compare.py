"""Compares the tool with compiled C on random cases, and counts.

python -m tests.differential.compare --cases 2000 --seed 1        all figures, and every disagreement with its text
python -m tests.differential.compare --seed 1 --number 300017     one case again, with both answers
"""

import argparse
import os
import sys
from collections import Counter
from dataclasses import dataclass, field

from .c_judge import Answer, Compiler
from .cases import make_case
from .selection import Judged, acts_on_stale_values, batches, kind_of, with_killers
from .spte_text import spte_text
from .tool import Question, ToolAnswer, ask
from .tree import Case

LISTS_BITS = ("preserves", "changes only", "conserves", "resurrects")
"""The properties whose lost bits are compared by name."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`number` is that of the case, also where a mutant of it is meant; `what` says what differs, a line each."""

    number: int
    case: Case
    what: tuple[str, ...]
    c: Answer
    tool: ToolAnswer

    def text(self, seed: int) -> str:
        again = f"python -m tests.differential.compare --seed {seed} --number {self.number}"
        lines = [*self.what, f"C:    {self.c}", f"tool: {self.tool}", f"again: {again}", "", spte_text(self.case)]
        return "\n".join(lines)


@dataclass(slots=True)
class Figures:
    """What a run counted. `steps` are those of refuted cases; of `sampled` proved cases `killed` have a refuted
    mutant."""

    seed: int
    cases: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    steps: Counter[int] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    sampled: int = 0
    killed: int = 0
    mutants_compared: int = 0
    not_shown_shortest: int = 0
    resting_on_invariants: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)

    def share(self, verdict: str) -> float:
        return self.verdicts[verdict] / max(1, self.cases)

    def late_share(self) -> float:
        """Of the refuted cases, those that need three environment steps or more."""
        return sum(count for steps, count in self.steps.items() if steps >= 3) / max(1, self.verdicts["refuted"])

    def killed_share(self) -> float:
        return self.killed / max(1, self.sampled)

    def text(self) -> str:
        shares = ", ".join(
            f"{count} {verdict} ({self.share(verdict):.0%})" for verdict, count in sorted(self.verdicts.items())
        )
        steps = ", ".join(f"{steps}: {count}" for steps, count in sorted(self.steps.items()))
        return "\n".join(
            [
                f"seed {self.seed}: {self.cases} cases, {shares}",
                f"properties: {', '.join(f'{count} {kind}' for kind, count in self.properties.most_common())}",
                f"environment steps of the refuted: {steps}; three or more: {self.late_share():.0%}",
                f"proved cases sampled: {self.sampled}; refuted under a one-token mutant: {self.killed_share():.0%}",
                f"mutants compared: {self.mutants_compared}; not shown to be shortest: {self.not_shown_shortest}",
                f"declined, as stale values rest on invariants that are not kept: {self.resting_on_invariants}",
                f"disagreements: {len(self.disagreements)}",
            ]
        )


def run(seed: int, cases: int, sample: int, jobs: int = 2, *, with_tool: bool = True) -> Figures:
    """Draws and judges the cases, looks for mutants of `sample` proved ones, and compares the tool on all of them."""
    figures = Figures(seed)
    with Compiler(jobs) as compiler:
        for batch in batches(compiler, seed, cases):
            _count(figures, batch)
            some = [j for j in batch if j.answer.verdict == "proved"][: max(0, sample - figures.sampled)]
            killed = _sampled(figures, compiler, some)
            if with_tool:
                _compare(figures, batch, jobs)
                figures.mutants_compared += len(killed)
                _compare(figures, killed, jobs)
    return figures


def _count(figures: Figures, batch: list[Judged]) -> None:
    figures.cases += len(batch)
    for judged in batch:
        figures.verdicts[judged.answer.verdict] += 1
        figures.properties[judged.case.property.kind] += 1
        if judged.answer.verdict == "refuted":
            figures.steps[judged.answer.steps] += 1


def _sampled(figures: Figures, compiler: Compiler, some: list[Judged]) -> list[Judged]:
    """Counts the sampled cases that a mutant breaks, and gives these mutants, judged."""
    found = [j if j.killer is not None else with_killers(compiler, [j], None)[0] for j in some]
    killers = [(j.number, j.killer.case) for j in found if j.killer is not None]
    figures.sampled += len(some)
    figures.killed += len(killers)
    answers = compiler.judge([case for _, case in killers])
    return [Judged(number, case, answer) for (number, case), answer in zip(killers, answers, strict=True)]


def _compare(figures: Figures, judged: list[Judged], jobs: int) -> None:
    answers = ask([Question(f"case_{j.number}", spte_text(j.case)) for j in judged], jobs)
    for each, tool in zip(judged, answers, strict=True):
        if tool.verdict == "refuted" and not tool.shortest:
            figures.not_shown_shortest += 1
        if rests_on_invariants(each, tool):
            figures.resting_on_invariants += 1
            continue
        what = differences(each.case, each.answer, tool)
        if what:
            figures.disagreements.append(Disagreement(each.number, each.case, tuple(what), each.answer, tool))


def rests_on_invariants(judged: Judged, tool: ToolAnswer) -> bool:
    """The tool may decline where agents act on stale values and the invariants, which say what these may be, are
    not kept. Only mutants are such cases."""
    declined = judged.answer.verdict == "proved" and tool.verdict == "unknown"
    return declined and not judged.answer.kept and acts_on_stale_values(judged.case)


def differences(case: Case, c: Answer, tool: ToolAnswer) -> list[str]:
    """In words. A counterexample that is not shown to be the shortest may be longer than C's."""
    if c.verdict != tool.verdict:
        return [f"verdict: C says {c.verdict}, the tool {tool.verdict}"]
    if c.verdict != "refuted":
        return []
    found: list[str] = []
    if tool.steps != c.steps and (tool.shortest or tool.steps < c.steps):
        found.append(f"environment steps: C needs {c.steps}, the tool {tool.steps}")
    if tool.steps == c.steps and tool.start != c.start and tool.shortest:
        found.append(f"start: C says {c.start:#x}, the tool {tool.start:#x}")
    lost = {name for name, position in case.layout.masks if c.bits >> position & 1}
    if case.property.kind in LISTS_BITS and lost != set(tool.losing):
        found.append(f"bits lost: C says {sorted(lost)}, the tool {sorted(tool.losing)}")
    return found


def _again(seed: int, number: int) -> None:
    case = make_case(seed, number)
    with Compiler() as compiler:
        (answer,) = compiler.judge([case])
    (tool,) = ask([Question(case.name, spte_text(case))])
    print(spte_text(case))
    print(f"C:    {kind_of(answer)} {answer}\ntool: {tool}\n" + "\n".join(differences(case, answer, tool)))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.differential.compare", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--cases", type=int, default=int(os.environ.get("SPTEPROOF_DIFFERENTIAL_CASES", "2000")))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=150, help="proved cases whose mutants are looked at")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--number", type=int, help="look at this case alone")
    parser.add_argument("--c-only", action="store_true", help="do not ask the tool")
    options = parser.parse_args()
    if options.number is not None:
        _again(options.seed, options.number)
        return 0
    figures = run(options.seed, options.cases, options.sample, options.jobs, with_tool=not options.c_only)
    for disagreement in figures.disagreements:
        print(disagreement.text(figures.seed), end="\n\n")
    print(figures.text())
    return 1 if figures.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
