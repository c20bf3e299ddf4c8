"""Terms to decision diagrams, bit by bit. Used to find a closure; what is found is checked by the solver afterwards."""

from collections.abc import Callable

from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.terms import Term, reachable

Bits = tuple[int, ...]
"""64 diagrams, bit 0 first."""


class Blaster:
    """Blasts terms over variables whose diagrams `leaf` supplies: 64 for a word, one for a truth value. `leaf` is asked
    first for every term and answers None for those that are to be taken apart."""

    def __init__(self, diagrams: Diagrams, leaf: Callable[[Term], Bits | None]) -> None:
        self._diagrams = diagrams
        self._leaf = leaf
        self._done: dict[int, Bits] = {}

    def bits(self, term: Term) -> Bits:
        """A word's 64 diagrams; a truth value's single one."""
        leaves: dict[int, Bits] = {}
        waiting, order = [term], []
        seen: set[int] = set()
        while waiting:
            at = waiting.pop()
            if at.number in seen or at.number in self._done:
                continue
            seen.add(at.number)
            leaf = self._leaf(at)
            if leaf is not None:
                leaves[at.number] = leaf
            else:
                waiting.extend(at.children)
            order.append(at)
        for at in sorted(order, key=lambda each: each.number):
            self._done[at.number] = leaves[at.number] if at.number in leaves else self._combine(at)
        return self._done[term.number]

    def truth(self, term: Term) -> int:
        return self.bits(term)[0]

    def _combine(self, term: Term) -> Bits:
        d = self._diagrams
        if term.operator == "word":
            value = term.constant()
            return tuple(TRUE if value >> bit & 1 else FALSE for bit in range(WORD_BITS))
        if term.operator == "truth":
            return (TRUE if term.value else FALSE,)
        parts = [self._done[child.number] for child in term.children]
        match term.operator:
            case "bvand" | "and":
                return tuple(d.both(x, y) for x, y in zip(*parts, strict=True))
            case "bvor":
                return tuple(d.either(x, y) for x, y in zip(*parts, strict=True))
            case "bvxor":
                return tuple(d.negation(d.same(x, y)) for x, y in zip(*parts, strict=True))
            case "bvnot" | "not":
                return tuple(d.negation(x) for x in parts[0])
            case "ite":
                return tuple(d.choose(parts[0][0], x, y) for x, y in zip(parts[1], parts[2], strict=True))
            case "=":
                return (self._equal(parts[0], parts[1]),)
        return self._arithmetic(term, parts)

    def _equal(self, left: Bits, right: Bits) -> int:
        result = TRUE
        for x, y in zip(reversed(left), reversed(right), strict=True):
            if x != y:
                result = self._diagrams.both(self._diagrams.same(x, y), result)
        return result

    def _arithmetic(self, term: Term, parts: list[Bits]) -> Bits:
        left, right = parts
        d = self._diagrams
        match term.operator:
            case "bvadd":
                return self._sum(left, right, FALSE)
            case "bvsub":
                return self._sum(left, tuple(d.negation(bit) for bit in right), TRUE)
            case "bvmul":
                total: Bits = (FALSE,) * WORD_BITS
                for bit in range(WORD_BITS):
                    part = (FALSE,) * bit + tuple(d.both(right[bit], x) for x in left[: WORD_BITS - bit])
                    total = self._sum(total, part, FALSE)
                return total
            case "bvult":
                return (self._less(left, right),)
            case "bvslt":
                return (self._less((*left[:-1], right[-1]), (*right[:-1], left[-1])),)
        return self._shift(term.operator, left, right)

    def _sum(self, left: Bits, right: Bits, carry: int) -> Bits:
        d = self._diagrams
        result = []
        for x, y in zip(left, right, strict=True):
            differ = d.negation(d.same(x, y))
            result.append(d.negation(d.same(differ, carry)))
            carry = d.either(d.both(x, y), d.both(differ, carry))
        return tuple(result)

    def _less(self, left: Bits, right: Bits) -> int:
        d = self._diagrams
        result = FALSE
        for x, y in zip(left, right, strict=True):
            result = d.choose(d.same(x, y), result, y)
        return result

    def _shift(self, operator: str, left: Bits, amount: Bits) -> Bits:
        """A barrel shifter; an amount of 64 or more gives the filling."""
        d = self._diagrams
        fill = left[-1] if operator == "bvashr" else FALSE
        result = left
        for stage in range(6):
            distance = 1 << stage
            if operator == "bvshl":
                moved = (FALSE,) * distance + result[: WORD_BITS - distance]
            else:
                moved = result[distance:] + (fill,) * distance
            result = tuple(d.choose(amount[stage], x, y) for x, y in zip(moved, result, strict=True))
        large = FALSE
        for bit in amount[6:]:
            large = d.either(large, bit)
        return tuple(d.choose(large, fill, bit) for bit in result)


def support_bits(term: Term) -> set[tuple[str, int]]:
    """(variable name, bit) pairs that a term's value may depend on, read off its structure; exact enough to choose
    an order."""
    masks: dict[int, int] = {}
    everything = (1 << WORD_BITS) - 1
    found: set[tuple[str, int]] = set()
    masks[term.number] = everything
    for at in reversed(reachable([term])):
        mask = masks.get(at.number, 0)
        if at.operator == "variable":
            bits = range(WORD_BITS) if at.is_word else range(1)
            found.update((str(at.value), bit) for bit in bits if mask >> bit & 1)
        for child, below in zip(at.children, _below(at, mask), strict=True):
            masks[child.number] = masks.get(child.number, 0) | below
    return found


def changed_bits(entry: Term, current: Term) -> list[int]:
    """The bits in which an update of the entry may differ from `current`, as far as its structure tells; empty
    where it tells nothing."""
    everything = (1 << WORD_BITS) - 1
    differ: dict[int, int] = {}
    for term in reachable([entry]):
        parts = [differ[child.number] for child in term.children]
        constant = term.children[0].constant() if term.children and term.children[0].operator == "word" else None
        if term is current:
            differ[term.number] = 0
        elif term.operator == "bvand" and constant is not None:
            differ[term.number] = parts[1] | ~constant & everything
        elif term.operator == "bvor" and constant is not None:
            differ[term.number] = parts[1] | constant
        elif term.operator == "ite":
            differ[term.number] = parts[1] | parts[2]
        else:
            differ[term.number] = everything
    found = differ[entry.number]
    return [] if found == everything else [bit for bit in range(WORD_BITS) if found >> bit & 1]


def _below(term: Term, mask: int) -> list[int]:
    """Which bits of each child matter where the bits in `mask` of the term matter."""
    everything = (1 << WORD_BITS) - 1
    children = term.children
    match term.operator:
        case "bvand" if children[0].operator == "word":
            return [0, mask & children[0].constant()]
        case "bvand" | "bvor" | "bvxor" | "bvnot":
            return [mask] * len(children)
        case "ite":
            return [1, mask, mask]
        case "bvshl" if children[1].operator == "word":
            return [mask >> children[1].constant() if children[1].constant() < WORD_BITS else 0, 0]
        case "bvlshr" if children[1].operator == "word":
            return [mask << min(children[1].constant(), WORD_BITS) & everything, 0]
    return [everything] * len(children)
