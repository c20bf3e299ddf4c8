"""A theorem of one shape over four bits, decided by trying everything: no code is shared with the tool.

    old = READ_ONCE(*sptep);  if (P(old)) and-not of the mask;  else a plain store of old & ~mask;

beside agents that set and clear bits. What may hold is `preserves KEEP except mask` and `changes only mask`.
"""

import random
from dataclasses import dataclass
from itertools import product

BITS = 4
VALUES = range(1 << BITS)


@dataclass(frozen=True)
class Case:
    """`steps` are (bits that must be set, bits that must be clear, bits set, bits cleared); `atomic` are the values for which
    P holds; `valid` are the values that the invariant allows; `start` those that the program assumes."""

    steps: tuple[tuple[int, int, int, int], ...]
    atomic: frozenset[int]
    valid: frozenset[int]
    keep: int

    def text(self, masks: str = "") -> str:
        steps = [
            f"step s{number}: when (spte & {need}) == {need} && !(spte & {lack}) {{ spte |= {sets}; spte &= ~{clears}ULL; }}"
            for number, (need, lack, sets, clears) in enumerate(self.steps)
        ]
        return (
            "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3;\n"
            f"  invariant small: {_one_of('spte', self.valid)}; }}\n"
            f"agent others lockless {{ {' '.join(steps)} }}\n"
            f"predicate needs(u64 old) = {_one_of('old', self.atomic)};\n"
            f"theorem t(u64 mask{masks}) for layout in l against any number of others {{\n"
            "  u64 old = READ_ONCE(*sptep);\n"
            "  if (needs(old)) atomic64_and(~mask, sptep); else WRITE_ONCE(*sptep, old & ~mask);\n"
            f"  prove preserves {self.keep} except mask; prove changes only mask;\n"
            "}\n"
        )

    def reached(self, value: int) -> set[int]:
        """All values that any number of steps makes of one."""
        found, waiting = {value}, [value]
        while waiting:
            at = waiting.pop()
            for need, lack, sets, clears in self.steps:
                after = (at | sets) & ~clears
                if at & need == need and not at & lack and after not in found:
                    found.add(after)
                    waiting.append(after)
        return found

    def breaks(self, mask: int, old: int, atomic: bool) -> set[str]:
        """The properties that some execution violates in which the program reads `old`."""
        broken = set()
        if any(old in self.reached(start) for start in self.valid):
            for before in self.reached(old):
                after = before & ~mask if atomic else old & ~mask
                if before & ~after & self.keep & ~mask:
                    broken.add("preserves")
                if (before ^ after) & ~mask:
                    broken.add("changes")
        return broken

    def keeps_invariant(self, mask: int) -> bool:
        for start, old in product(self.valid, VALUES):
            if old in self.reached(start):
                for before in self.reached(old):
                    after = before & ~mask if old in self.atomic else old & ~mask
                    if not {old, before, after, *self.reached(after)} <= self.valid:
                        return False
        return True

    def broken_by(self, mask: int) -> set[str]:
        return set().union(*[self.breaks(mask, old, old in self.atomic) for old in VALUES])


def _one_of(name: str, values: frozenset[int]) -> str:
    return " || ".join(f"{name} == {value}" for value in sorted(values)) or "false"


def cases(count: int, *, every_value: bool) -> list[Case]:
    """The same cases on each run."""
    choose = random.Random(20230130)
    found = []
    while len(found) < count:
        steps = tuple(tuple(choose.choice((0, 0, 1, 2, 4, 8)) for _ in range(4)) for _ in range(choose.randint(1, 3)))
        atomic = frozenset(value for value in VALUES if choose.random() < choose.choice((0.2, 0.7)))
        valid = frozenset(value for value in VALUES if every_value or choose.random() < 0.7)
        if valid:
            found.append(Case(steps=steps, atomic=atomic, valid=valid, keep=choose.randint(1, 15)))
    return found
