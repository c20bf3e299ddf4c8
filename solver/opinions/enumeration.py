"""An opinion without any solver: the question as a circuit, and all values of the bits that matter tried.

A question is a conjunction. Bits that are fixed or equal to others are replaced; what is left falls into parts that
share no bit, and it holds where each part does. A part with few bits is tried for all values of them, many at once: a
truth table is one integer. A part with many bits that offers alternatives (a level is one of five) is split into these.
"""

from collections.abc import Iterable, Sequence

from spteproof.solver.bitwise import FALSE, TRUE, Bits, BitWords
from spteproof.solver.certificates.circuits import Circuit
from spteproof.solver.certificates.reading import Script
from spteproof.solver.operations import WORD_BITS

TABLE_BITS = 12
"""So many bits are tried at once; the others one value after the other."""

MOST_WORK = 150_000
"""Gates times values of the bits that are not tried at once: about a second."""

MOST_BITS = 22
MOST_SPLITS, MOST_ALTERNATIVES, LEAST_FIXED = 64, 8, 8
"""A part is split into at most so many alternatives, at most so many of one top, each of which fixes at least so many
bits."""

_COLUMNS = [sum(1 << row for row in range(1 << TABLE_BITS) if row >> column & 1) for column in range(TABLE_BITS)]
_ALL = (1 << (1 << TABLE_BITS)) - 1


class Enumeration:
    """Answers about one script. `seconds` limit nothing: what is too much is not begun."""

    def __init__(self, script: str, seconds: float) -> None:
        self._circuit = Circuit()
        self._script: Script[Bits, int] = Script(BitWords(self._circuit), self._declare)
        self._script.read(script)

    def _declare(self, name: str, is_word: bool) -> Bits | int:
        bits = tuple(self._circuit.variable() for _ in range(WORD_BITS if is_word else 1))
        return bits if is_word else bits[0]

    def holds(self, assumed: tuple[str, ...]) -> bool | None:
        """Whether the script holds together with these formulas; None where too many bits matter."""
        required = [*self._script.asserted, *(self._script.truth(each) for each in assumed)]
        return _Conjunction(self._circuit, required).holds()


class _Conjunction:
    """Whether some values of a circuit's inputs make all the literals `required` true. `splits` is into how many
    alternatives it may still be split."""

    def __init__(self, circuit: Circuit, required: Iterable[int], splits: int = MOST_SPLITS) -> None:
        self._circuit = circuit
        self._required = list(required)
        self._splits = splits

    def holds(self) -> bool | None:
        while replaced := self._replacements():
            self._rebuild(replaced)
        if replaced is None:
            return False
        answers = [self._part(part) for part in self._parts()]
        if False in answers:
            return False
        return None if None in answers else True

    def _tops(self) -> set[int]:
        """The conjunction taken apart: literals that are inputs or say that an and-gate is false, and FALSE."""
        found: set[int] = set()
        waiting, seen = list(self._required), {TRUE}
        while waiting:
            literal = waiting.pop()
            if literal in seen:
                continue
            seen.add(literal)
            gate = self._circuit.gate(literal)
            if gate is None or literal & 1:
                found.add(literal)
            else:
                waiting.extend(gate)
        return found

    def _replacements(self) -> dict[int, int] | None:
        """What inputs (as positive literals) are the same as: constants, or other inputs; none for a contradiction."""
        tops = self._tops()
        if FALSE in tops:
            return None
        fixed: dict[int, int] = {}
        pairs: set[tuple[int, int]] = set()
        for literal in tops:
            gate = self._circuit.gate(literal)
            if gate is None:
                if literal ^ 1 in tops:
                    return None
                fixed[literal & ~1] = FALSE if literal & 1 else TRUE
            elif all(self._circuit.gate(each) is None for each in gate):
                pairs.add(gate)
        return fixed or _equal(pairs)

    def _rebuild(self, replaced: dict[int, int]) -> None:
        """The same conjunction over a circuit in which inputs are replaced."""
        circuit, order = Circuit(), self._circuit.below(self._required)
        new: dict[int, int] = {0: FALSE}

        def literal(old: int) -> int:
            return new[old & ~1] ^ (old & 1)

        inputs = [at for at in order if self._circuit.gate(at) is None]
        for at in inputs:
            if at not in replaced:
                new[at] = circuit.variable()
        for at in inputs:
            if at in replaced:
                root = replaced[at] & ~1
                if root not in new:
                    new[root] = circuit.variable()
                new[at] = literal(replaced[at])
        for at in order:
            gate = self._circuit.gate(at)
            if gate is not None:
                new[at] = circuit.both(literal(gate[0]), literal(gate[1]))
        self._required = [literal(each) for each in self._required]
        self._circuit = circuit

    def _parts(self) -> list[list[int]]:
        """The tops, in groups that share no input."""
        groups: list[tuple[set[int], list[int]]] = []
        for top in self._tops():
            inputs = {each for each in self._circuit.below([top]) if self._circuit.gate(each) is None}
            sharing = [group for group in groups if group[0] & inputs]
            rest = [group for group in groups if not group[0] & inputs]
            merged = (
                inputs.union(*[group[0] for group in sharing]),
                [top, *[t for group in sharing for t in group[1]]],
            )
            groups = [*rest, merged]
        return [tops for _, tops in groups]

    def _part(self, tops: Sequence[int]) -> bool | None:
        order = self._circuit.below(tops)
        inputs = [at for at in order if self._circuit.gate(at) is None]
        rounds = 1 << max(0, len(inputs) - TABLE_BITS)
        if len(inputs) <= MOST_BITS and rounds * len(order) <= MOST_WORK:
            return any(self._tables(order, inputs, tops, number) for number in range(rounds))
        return self._split(tops)

    def _tables(self, order: Sequence[int], inputs: Sequence[int], tops: Sequence[int], number: int) -> bool:
        """Whether the tops hold together for some values: of the first inputs any, of the others the number's bits."""
        tables: dict[int, int] = {}
        for place, at in enumerate(inputs):
            if place < TABLE_BITS:
                tables[at] = _COLUMNS[place]
            else:
                tables[at] = _ALL if number >> (place - TABLE_BITS) & 1 else 0
        for at in order:
            gate = self._circuit.gate(at)
            if gate is not None:
                left, right = (tables[each & ~1] ^ (_ALL if each & 1 else 0) for each in gate)
                tables[at] = left & right
        result = _ALL
        for top in tops:
            result &= tables[top & ~1] ^ (_ALL if top & 1 else 0)
        return result != 0

    def _split(self, tops: Sequence[int]) -> bool | None:
        """By the alternatives of one of the tops: it holds where it does with one of them."""
        offered = [
            each for each in map(self._alternatives, tops) if 1 < len(each) <= min(self._splits, MOST_ALTERNATIVES)
        ]
        if not offered:
            return None
        chosen = max(offered, key=lambda each: min(map(self._fixes, each)) / len(each))
        if min(map(self._fixes, chosen)) < LEAST_FIXED:
            return None
        left = self._splits // len(chosen)
        for each in chosen:
            answer = _Conjunction(self._circuit, [*tops, each], left).holds()
            if answer is not False:
                return answer
        return False

    def _fixes(self, literal: int) -> int:
        """How many inputs have one value only where the literal is true."""
        return sum(self._circuit.gate(each) is None for each in _Conjunction(self._circuit, [literal])._tops())

    def _alternatives(self, top: int) -> list[int]:
        """The literals of which a top says that one holds."""
        found: list[int] = []
        waiting = [top]
        while waiting:
            literal = waiting.pop()
            gate = self._circuit.gate(literal)
            if literal & 1 and gate is not None:
                waiting.extend(each ^ 1 for each in gate)
            else:
                found.append(literal)
        return sorted(set(found))


def _equal(pairs: set[tuple[int, int]]) -> dict[int, int] | None:
    """Of pairs of input literals that are never both true: where the opposite pair is among them too, the one is the
    other's negation. Each input that is so tied to another, with what it is; None where that contradicts itself."""
    tied: dict[int, int] = {}

    def root(literal: int) -> int:
        while literal & ~1 in tied:
            literal = tied[literal & ~1] ^ (literal & 1)
        return literal

    for left, right in pairs:
        if (left ^ 1, right ^ 1) in pairs:
            one, other = root(left), root(right ^ 1)
            if one == other ^ 1:
                return None
            if one != other:
                high, low = max(one, other), min(one, other)
                tied[high & ~1] = low ^ (high & 1)
    return {each: root(each) for each in tied}
