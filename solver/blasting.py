"""Terms to decision diagrams, bit by bit. Used to find a closure; what is found is checked by the solver afterwards."""

from collections.abc import Callable

from spteproof.solver.bitwise import Bits, BitWords
from spteproof.solver.decision_diagrams import Diagrams
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.terms import Term, reachable


class Blaster:
    """Blasts terms over variables whose diagrams `leaf` supplies: 64 for a word, one for a truth value. `leaf` is asked
    first for every term and answers None for those that are to be taken apart."""

    def __init__(self, diagrams: Diagrams, leaf: Callable[[Term], Bits | None]) -> None:
        self._words = words = BitWords(diagrams)
        self._operators: dict[str, Callable[[Bits, Bits], Bits]] = {
            "bvand": words.bit_and,
            "bvor": words.bit_or,
            "bvxor": words.bit_xor,
            "bvadd": words.add,
            "bvsub": words.subtract,
            "bvmul": words.multiply,
            "bvshl": words.shift_left,
            "bvlshr": words.shift_right,
            "bvashr": words.shift_right_signed,
        }
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
        words = self._words
        if term.operator == "word":
            return words.word(term.constant())
        if term.operator == "truth":
            return (words.truth(bool(term.value)),)
        parts = [self._done[child.number] for child in term.children]
        match term.operator:
            case "and":
                return (words.both(parts[0][0], parts[1][0]),)
            case "not":
                return (words.negation(parts[0][0]),)
            case "ite":
                return words.choose(parts[0][0], parts[1], parts[2])
            case "=":
                return (words.equal(*parts),)
            case "bvult":
                return (words.less(*parts),)
            case "bvslt":
                return (words.less_signed(*parts),)
            case "bvnot":
                return words.bit_not(parts[0])
        return self._operators[term.operator](*parts)


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
