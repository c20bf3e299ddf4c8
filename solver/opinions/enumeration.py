"""An opinion without any solver: a yes is tried with the values that were found, a no with all values.

For a yes, the script is evaluated on plain integers. For a no, the question becomes a circuit, which is a conjunction.
Bits that are fixed or equal to others are replaced, what some bit of its own can always make true is left out, and the
rest falls into parts that share no bit; it holds where each part does. A part with few bits is tried for all values of
them at once: a truth table is one integer. One with more bits becomes a decision diagram, in two orders at most.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from spteproof.solver.bitwise import FALSE, TRUE, Bits, BitWords
from spteproof.solver.certificates.circuits import Circuit
from spteproof.solver.certificates.obligations import none_of
from spteproof.solver.certificates.reading import Script, Unreadable
from spteproof.solver.decision_diagrams import Diagrams, TooLarge
from spteproof.solver.integers import Integers
from spteproof.solver.operations import WORD_BITS

TABLE_BITS = 12
"""So many bits are tried at once in a table; more go to a diagram."""

MOST_NODES = 20_000
"""The largest diagrams that are begun: some tenths of a second."""

_COLUMNS = [sum(1 << row for row in range(1 << TABLE_BITS) if row >> column & 1) for column in range(TABLE_BITS)]
_ALL = (1 << (1 << TABLE_BITS)) - 1


class _WithBits(Integers):
    def bit(self, word: int, number: int, /) -> bool:
        return bool(word >> number & 1)


def holds_with(text: str, assumed: Sequence[str], values: Mapping[str, int]) -> bool | None:
    """Whether a script holds together with the formulas `assumed` where its constants have these values, 0 where there
    is none. None where the text cannot be read here."""
    try:
        return _evaluated(none_of(text, [assumed]), values)
    except Unreadable:
        return None


def _evaluated(text: str, values: Mapping[str, int]) -> bool:
    """Whether all that a text asserts is true of these values. Raises Unreadable."""

    def declare(name: str, is_word: bool) -> int:
        value = values.get(name, 0)
        return value if is_word else bool(value)

    script: Script[int, bool] = Script(_WithBits(), declare)
    script.read(text)
    return all(script.asserted)


class Enumeration:
    """Answers about one script. `seconds` limit nothing: what is too much is given up by its size. A script that says
    what cannot be read here, in names for a search, is read for each question anew, as far as the question needs it."""

    def __init__(self, script: str, seconds: float) -> None:
        self._text = script
        try:
            self._begin(script)
            self._is_whole = True
        except Unreadable:
            self._is_whole = False

    def _begin(self, script: str) -> None:
        self._circuit = Circuit()
        self._places: dict[int, int] = {}
        self._script: Script[Bits, int] = Script(BitWords(self._circuit), self._declare)
        self._script.read(script)

    def _declare(self, name: str, is_word: bool) -> Bits | int:
        bits = tuple(self._circuit.variable() for _ in range(WORD_BITS if is_word else 1))
        self._places.update(zip(bits, range(WORD_BITS), strict=False))
        return bits if is_word else bits[0]

    def holds(self, assumed: tuple[str, ...]) -> bool | None:
        """Whether the script holds together with these formulas; None where too many bits matter."""
        if not self._is_whole:
            try:
                self._begin(none_of(self._text, [assumed]))
            except Unreadable:
                return None
            assumed = ()
        required = [*self._script.asserted, *(self._script.truth(each) for each in assumed)]
        return _Conjunction(self._circuit, required, self._places).holds()


class _Conjunction:
    """Whether some values of a circuit's inputs make all the literals `required` true. `places` gives each input's
    number in its word."""

    def __init__(self, circuit: Circuit, required: Iterable[int], places: Mapping[int, int]) -> None:
        self._circuit = circuit
        self._places = places
        self._required = list(required)

    def holds(self) -> bool | None:
        self._leave_out()
        while replaced := self._replacements():
            self._rebuild(replaced)
        if replaced is None:
            return False
        self._leave_out()
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
        equal = _equal(pairs)
        if equal is None:
            return None
        return {at: fixed.get(one & ~1, one & ~1) ^ (one & 1) for at, one in equal.items()} | fixed

    def _rebuild(self, replaced: dict[int, int]) -> None:
        """The same conjunction over a circuit in which inputs are replaced."""
        circuit, order = Circuit(), self._circuit.below(self._required)
        new: dict[int, int] = {0: FALSE}
        places: dict[int, int] = {}

        def literal(old: int) -> int:
            return new[old & ~1] ^ (old & 1)

        def keep(old: int) -> None:
            new[old] = circuit.variable()
            places[new[old]] = self._places[old]

        inputs = [at for at in order if self._circuit.gate(at) is None]
        for at in inputs:
            if at not in replaced:
                keep(at)
        for at in inputs:
            if at in replaced:
                root = replaced[at] & ~1
                if root not in new:
                    keep(root)
                new[at] = literal(replaced[at])
        for at in order:
            gate = self._circuit.gate(at)
            if gate is not None:
                new[at] = circuit.both(literal(gate[0]), literal(gate[1]))
        self._required = [literal(each) for each in self._required]
        self._circuit, self._places = circuit, places

    def _leave_out(self) -> None:
        """Leaves out what an input can make true which nothing else mentions."""
        tops = self._tops()
        while True:
            uses = Counter(each & ~1 for top in tops for each in self._alternatives(top))
            inner = self._circuit.below(each for top in tops for each in self._alternatives(top))
            uses.update(each & ~1 for at in inner for each in self._circuit.gate(at) or ())
            needed = {top for top in tops if not any(self._is_free(each, uses) for each in self._alternatives(top))}
            if len(needed) == len(tops):
                break
            tops = needed
        self._required = sorted(tops)

    def _alternatives(self, top: int) -> tuple[int, ...]:
        """The literals, one or two, not all of whose gates or inputs may have the value that breaks the top."""
        return self._circuit.gate(top) or (top,)

    def _is_free(self, literal: int, uses: Counter[int]) -> bool:
        return literal > TRUE and self._circuit.gate(literal) is None and uses[literal & ~1] == 1

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
        if len(inputs) <= TABLE_BITS:
            return self._table(order, inputs, tops)
        uses = Counter(each & ~1 for at in order for each in self._circuit.gate(at) or ())
        for rank in (lambda at: (-uses[at], self._places[at], at), lambda at: (-self._places[at], at)):
            with suppress(TooLarge):
                return self._diagram(sorted(inputs, key=rank), tops)
        return None

    def _table(self, order: Sequence[int], inputs: Sequence[int], tops: Sequence[int]) -> bool:
        """Whether the tops hold together for some values of the inputs, at most TABLE_BITS of them."""
        tables = dict(zip(inputs, _COLUMNS, strict=False))

        def table(literal: int) -> int:
            return tables[literal & ~1] ^ (_ALL if literal & 1 else 0)

        for at in order:
            gate = self._circuit.gate(at)
            if gate is not None:
                tables[at] = table(gate[0]) & table(gate[1])
        result = _ALL
        for top in tops:
            result &= table(top)
        return result != 0

    def _diagram(self, inputs: Sequence[int], tops: Sequence[int]) -> bool:
        """Whether the tops hold together for some values of the inputs, which come in this order. Raises TooLarge."""
        circuit, diagrams = self._circuit, Diagrams(MOST_NODES)
        known = {at: diagrams.variable(place) for place, at in enumerate(inputs)}

        def diagram(literal: int) -> int:
            found = known[literal & ~1]
            return diagrams.negation(found) if literal & 1 else found

        result = TRUE
        for top in sorted(tops, key=lambda each: (len(circuit.below([each])), each)):
            for at in circuit.below([top]):
                gate = circuit.gate(at)
                if gate is not None and at not in known:
                    known[at] = diagrams.both(diagram(gate[0]), diagram(gate[1]))
            result = diagrams.both(result, diagram(top))
        return result != FALSE


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
