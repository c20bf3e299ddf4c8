"""Draws cases until each kind of answer has its share, and looks for mutants that break what was proved.

Random cases are proved too often for dull reasons and seldom fail late, so they are drawn, judged in C, and kept only
while their kind has room. Of the proved ones every twelfth is kept as it comes, the others only if one of five
mutants is refuted. A case is known by its seed and number, whatever else was drawn.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from .c_judge import Answer, Compiler
from .cases import make_case
from .mutants import Mutant, mutants
from .tree import Case

SHARES = {"proved": 0.38, "vacuous": 0.18, "refuted early": 0.33, "refuted late": 0.11}
BATCH = 200
STRIDE = 100_000
"""Batch b draws the numbers from b * STRIDE on."""

_FIRST = (
    "made plain in helpers",
    "made plain in body",
    "made plain in agents",
    "guard negated in helpers",
    "assumption dropped in body",
    "statement dropped in body",
    "read again in helpers",
    "operation swapped in helpers",
)
_THEN = (
    "mask swapped in helpers",
    "branch removed in helpers",
    "or becomes xor in agents",
    "mask swapped in body",
    "guard of a step in agents",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """`killer` is a mutant of a proved case that was found refuted, if one was looked for and found."""

    number: int
    case: Case
    answer: Answer
    killer: Mutant | None = None


def kind_of(answer: Answer) -> str:
    """Late is three environment steps or more."""
    if answer.verdict == "refuted":
        return "refuted late" if answer.steps >= 3 else "refuted early"
    return answer.verdict


def batches(compiler: Compiler, seed: int, count: int) -> Iterator[list[Judged]]:
    """Batches of judged cases, `count` in all, each with the shares above."""
    for batch in range((count + BATCH - 1) // BATCH):
        size = min(BATCH, count - batch * BATCH)
        yield _drawn(compiler, seed, batch, size)


def _drawn(compiler: Compiler, seed: int, batch: int, size: int) -> list[Judged]:
    room = Counter({kind: round(share * size) for kind, share in SHARES.items()})
    room["refuted early"] += size - room.total()
    kept: list[Judged] = []
    numbers = iter(range(batch * STRIDE, (batch + 1) * STRIDE))
    while room.total() > 0:
        drawn = [next(numbers) for _ in range(max(20, room.total()))]
        for judged in _welcome(compiler, seed, drawn, room):
            kind = kind_of(judged.answer)
            if room[kind] > 0:
                room[kind] -= 1
                kept.append(judged)
    return kept


def _welcome(compiler: Compiler, seed: int, numbers: Sequence[int], room: Counter[str]) -> list[Judged]:
    """Those of the numbers that are of a kind with room. Where the invariants are not kept, stale values need not
    satisfy them: such a case goes if its agents act on any, and every second of the others."""
    cases = [make_case(seed, number) for number in numbers]
    judged = [Judged(n, c, a) for n, c, a in zip(numbers, cases, compiler.judge(cases), strict=True)]
    judged = [j for j in judged if room[kind_of(j.answer)] > 0]
    judged = [j for j in judged if j.answer.kept or j.number % 2 and not acts_on_stale_values(j.case)]
    doubtful = [j for j in judged if j.answer.verdict == "proved" and j.number % 12]
    lively = [j for j in doubtful if j.answer.lively]
    killed = {j.number: j for j in with_killers(compiler, lively, 5) if j.killer is not None}
    dull = {j.number for j in doubtful} - set(killed)
    return [killed.get(j.number, j) for j in judged if j.number not in dull]


def acts_on_stale_values(case: Case) -> bool:
    return any(agent.program or any(step.saw is not None for step in agent.steps) for agent in case.agents)


def with_killers(compiler: Compiler, proved: Sequence[Judged], most: int | None) -> list[Judged]:
    """The proved cases with a refuted mutant each, where there is one among the `most` likeliest (None: among all)."""
    tried = [(j, mutant) for j in proved for mutant in likely_killers(j, most)]
    answers = compiler.judge([mutant.case for _, mutant in tried])
    killers: dict[int, Mutant] = {}
    for (judged, mutant), answer in zip(tried, answers, strict=True):
        if answer.verdict == "refuted":
            killers.setdefault(judged.number, mutant)
    return [Judged(j.number, j.case, j.answer, killers.get(j.number)) for j in proved]


def likely_killers(judged: Judged, most: int | None) -> list[Mutant]:
    """In random order, but what breaks proofs most often comes first."""
    found = mutants(judged.case)
    Random(judged.number).shuffle(found)
    if most is None:
        return found
    return sorted(found, key=lambda mutant: (mutant.kind not in _FIRST, mutant.kind not in _THEN))[:most]
