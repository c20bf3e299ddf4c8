"""The orders in which the events of a theorem's threads may come.

A schedule is a merge of the threads' events: each thread's own stand in the order of its text. An event that does not
happen in some execution stands in the schedule all the same, and changes nothing there.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import factorial, prod

from spteproof.solver.doubts import ORDERS, TooBig
from spteproof.solver.happenings import Event
from spteproof.solver.setting import Site

SCHEDULE_LIMIT = 400

Block = tuple[Event, ...]
"""Events of one thread between which no other thread's event needs to come (`blocks.py`)."""

Schedule = tuple[Site, ...]
"""The sites of all events of all threads, in one order; empty without threads."""


def schedules(strands: Sequence[Sequence[Block]], alone: bool) -> list[Schedule]:
    """Every order of the strands' blocks that must be decided, those with the fewest switches between threads first.

    Where the threads are `alone`, nobody else runs between two neighbouring events: if neither can change anything,
    both find the same state in either order, and one order is enough. With an environment the first may find what was
    there before its step and the second what was there after it, and the orders differ. Raises TooBig.
    """
    if not alone:
        count = factorial(sum(map(len, strands))) // prod(factorial(len(each)) for each in strands)
        if count > SCHEDULE_LIMIT:
            raise TooBig(f"the threads' events come in {count} orders, which is more than {SCHEDULE_LIMIT}", ORDERS)
    found: list[tuple[tuple[int, int], ...]] = []
    for order in _merges(strands, alone):
        if len(found) == SCHEDULE_LIMIT:
            raise TooBig(f"the threads' events come in more than {SCHEDULE_LIMIT} orders", ORDERS)
        found.append(order)
    found.sort(key=_switches)
    return [tuple(event.site for strand, number in order for event in strands[strand][number]) for order in found]


def _merges(strands: Sequence[Sequence[Block]], alone: bool) -> Iterator[tuple[tuple[int, int], ...]]:
    """All merges as (strand, number) pairs. Of neighbours that commute, only the order of the strands is kept: the
    first of all equivalent merges, in the order of the alphabet, has no such neighbours the other way round."""
    waiting: list[tuple[tuple[int, int], ...]] = [()]
    while waiting:
        order = waiting.pop()
        done = [sum(1 for strand, _ in order if strand == index) for index in range(len(strands))]
        if all(count == len(strand) for count, strand in zip(done, strands, strict=True)):
            yield order
            continue
        for index in reversed(range(len(strands))):
            if done[index] == len(strands[index]):
                continue
            if alone and order and order[-1][0] > index:
                last = strands[order[-1][0]][order[-1][1]]
                if _only_reads(last) and _only_reads(strands[index][done[index]]):
                    continue
            waiting.append((*order, (index, done[index])))


def _only_reads(block: Block) -> bool:
    return all(event.after == event.before for event in block)


def _switches(order: Sequence[tuple[int, int]]) -> int:
    """How often one thread runs just after another."""
    return sum(first[0] != second[0] for first, second in pairwise(order))
