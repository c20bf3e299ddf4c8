"""The search for the shortest counterexample: fewest environment steps that change something, then fewest bits set
at the start,
then the least start value. Each stage starts from a model and asks for a better one until there is none."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spteproof.solver.closure import Closure
from spteproof.solver.execution import Execution
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.smtlib import Script
from spteproof.solver.z3_solver import Literal, Solver, bit_is, word_at_most

COST_LIMIT = 400


def count_bits(script: Script, word: str) -> None:
    """Defines `start_bits`, the number of bits set in a word, as a 64-bit word."""
    parts = [f"(concat #b000000 ((_ extract {bit} {bit}) {word}))" for bit in range(WORD_BITS)]
    script.line(f"(define-fun start_bits7 () (_ BitVec 7) {_sum(parts)})")
    script.line("(declare-const start_bits (_ BitVec 64))")
    script.line("(assert (= start_bits ((_ zero_extend 57) start_bits7)))")


def _sum(parts: Sequence[str]) -> str:
    parts = list(parts)
    while len(parts) > 1:
        pairs = [f"(bvadd {parts[i]} {parts[i + 1]})" for i in range(0, len(parts) - 1, 2)]
        parts = pairs + ([parts[-1]] if len(parts) % 2 else [])
    return parts[0]


def count_steps(script: Script, run: Execution, closed: Closure) -> bool:
    """Defines `cost`, the number of environment steps that change something, from the closure's layers. False (and
    no `cost`) where that would be too large."""
    depth = len(closed.layers) - 1
    if depth * len(run.gaps) > COST_LIMIT:
        return False
    for layer in range(depth):
        closed.define(script, f"within{layer}", layer)
    parts = []
    for gap in run.gaps:
        for layer in range(depth):
            far = closed.apply(script, f"within{layer}", gap.before, gap.after)
            parts.append(f"(ite {far} #x0000 #x0001)")
    script.line("(declare-const cost (_ BitVec 64))")
    script.line(f"(assert (= cost ((_ zero_extend 48) {_sum(parts or ['#x0000'])})))")
    return True


@dataclass(slots=True, kw_only=True)
class Search:
    """Minimises within one solver under fixed assumptions; gives up at `deadline` (monotonic seconds)."""

    solver: Solver
    fixed: list[Literal]
    deadline: float
    read: Callable[[], Mapping[str, int]]
    model: Mapping[str, int]
    complete: bool = True

    def _better(self, *literals: Literal) -> bool:
        """Whether a model with these as well exists; it is kept if so. Out of time counts as no, and is noted."""
        if time.monotonic() > self.deadline:
            self.complete = False
            return False
        answer = self.solver.check(*self.fixed, *literals)
        if answer is True:
            self.model = self.read()
        elif answer is not False:
            self.complete = False
        return answer is True

    def least_number(self, name: str) -> None:
        """Makes the word `name`, a small number, as small as it can be, and fixes it."""
        while self.model[name] > 0 and self._better(word_at_most(name, self.model[name] - 1)):
            pass
        self.fixed.append(word_at_most(name, self.model[name]))

    def least_word(self, name: str) -> None:
        """Makes the word `name` as small as it can be, bit by bit from the top, and fixes it."""
        for bit in reversed(range(WORD_BITS)):
            if self.model[name] >> bit & 1 and not self._better(bit_is(name, bit, False)):
                self.fixed.append(bit_is(name, bit, True))
            else:
                self.fixed.append(bit_is(name, bit, False))
