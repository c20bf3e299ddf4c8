"""The search for the shortest counterexample: fewest environment steps that change something, then fewest bits set
at the start,
then the least start value. Each stage starts from a model and asks for a better one until there is none."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spteproof.solver.closure import Closure
from spteproof.solver.doubts import TooBig
from spteproof.solver.execution import Execution
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.smtlib import Script
from spteproof.solver.z3_solver import (
    Literal,
    Solver,
    high_bits_are,
    lacks_some,
    none_is_set,
    truth_is,
    word_at_most,
    word_is,
)

COST_LIMIT = 400
AT_ONCE = 16
"""So many bits of a word are tried at once, and must divide 64."""
FEW = 12
"""Of so many bits each may be needed; of more, half are tried at once."""


def _count_bits(word: str) -> str:
    """A script that defines `bits_WORD`, the number of bits set in the word, as a 64-bit word."""
    parts = [f"(concat #b000000 ((_ extract {bit} {bit}) |{word}|))" for bit in range(WORD_BITS)]
    return "\n".join(
        [
            f"(declare-const |{word}| (_ BitVec 64))",
            f"(declare-const |bits_{word}| (_ BitVec 64))",
            f"(assert (= |bits_{word}| ((_ zero_extend 57) {_sum(parts)})))",
        ]
    )


def _halves(bits: int) -> tuple[int, int]:
    """The upper and the lower half of the bits."""
    low = bits
    while low.bit_count() > bits.bit_count() // 2:
        low &= ~(1 << low.bit_length() - 1)
    return bits ^ low, low


def _sum(parts: Sequence[str]) -> str:
    parts = list(parts)
    while len(parts) > 1:
        pairs = [f"(bvadd {parts[i]} {parts[i + 1]})" for i in range(0, len(parts) - 1, 2)]
        parts = pairs + ([parts[-1]] if len(parts) % 2 else [])
    return parts[0]


def count_steps(script: Script, run: Execution, closed: Closure) -> bool:
    """Defines `cost`, the number of environment steps that change something, from the closure's layers. False (and
    no `cost`) where that would be too large."""
    try:
        depth = len(closed.layers) - 1
    except TooBig:
        return False
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
        """Makes the word `name`, a small number that is often 0 or 1, as small as it can be, and fixes it."""
        if self.model[name] > 2:
            self._better(word_at_most(name, 1))
        while self.model[name] > 0 and self._better(word_at_most(name, self.model[name] - 1)):
            pass
        self.fixed.append(word_at_most(name, self.model[name]))

    def sparsest(self, name: str) -> None:
        """Makes the word `name` the least of those with the fewest bits set, and fixes it.

        The bits that are set in all models are needed. Where they are enough, the word is known; otherwise there is a
        choice between others, and bits are counted.
        """
        needed = self._set_in_all(name)
        if not self.complete:
            return
        if self.model[name] == needed or self._better(word_is(name, needed)):
            self.fixed.append(word_is(name, needed))
            return
        self._count(name)
        self.least_word(name)

    def _set_in_all(self, name: str) -> int:
        """The bits of the word `name` that every model sets; more of them where time runs out."""
        needed = self.model[name]
        while needed.bit_count() > FEW and any(self._better(none_is_set(name, half)) for half in _halves(needed)):
            needed &= self.model[name]
        while needed and self._better(lacks_some(name, needed)):
            needed &= self.model[name]
        return needed

    def prefer_false(self, name: str) -> None:
        """Makes the truth value `name` false where it can be, and fixes it."""
        if self.model[name]:
            self._better(truth_is(name, False))
        self.fixed.append(truth_is(name, bool(self.model[name])))

    def first_of(self, names: Sequence[str]) -> None:
        """Makes the first of these truth values true that can be, and fixes it; one of them is in the model."""
        for name in names:
            if self.model[name] or self._better(name):
                self.fixed.append(name)
                return

    def _count(self, name: str) -> None:
        """Makes the number of bits set as small as it can be, by counting them."""
        self.solver.extend(_count_bits(name))
        while self.model[name] and self._better(word_at_most(f"bits_{name}", self.model[name].bit_count() - 1)):
            pass
        self.fixed.append(word_at_most(f"bits_{name}", self.model[name].bit_count()))

    def least_word(self, name: str) -> None:
        """Makes the word `name` as small as it can be, and fixes it: the bits that are set in all models, if that is
        possible; otherwise some bits at a time from the top, or one by one."""
        needed = self._set_in_all(name)
        if self.model[name] != needed and not self._better(word_is(name, needed)):
            for low in reversed(range(0, WORD_BITS, AT_ONCE)):
                if not self._cleared(name, low, AT_ONCE, needed):
                    for bit in reversed(range(low, low + AT_ONCE)):
                        self._cleared(name, bit, 1, needed)
        self.fixed.append(word_is(name, self.model[name]))

    def _cleared(self, name: str, low: int, count: int, needed: int) -> bool:
        """Whether so many bits from number `low` up can be zero, but for those that are needed, with the bits above as
        they are."""
        bits = ((1 << count) - 1 << low) & ~needed
        above = low + count
        return not self.model[name] & bits or self._better(
            high_bits_are(name, above, self.model[name]), none_is_set(name, bits)
        )
