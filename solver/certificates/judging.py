"""Whether a certificate shows what it claims of an obligation's text. Certificates trust this file.

That an obligation cannot hold is shown by a refutation of its clauses, which are made from the text again. That it can
is shown by values for its constants, with which the text is evaluated on plain integers.
"""

from collections.abc import Mapping

from spteproof.solver.bitwise import Bits, BitWords
from spteproof.solver.certificates.checking import check_refutation
from spteproof.solver.certificates.circuits import Circuit, Clauses, TooLarge
from spteproof.solver.certificates.reading import Script, Unreadable
from spteproof.solver.integers import Integers
from spteproof.solver.operations import ALL_ONES, WORD_BITS


class NotShown(ValueError):
    """The certificate does not show what it claims; the message says why."""


class Blasted:
    """An obligation's text as clauses. `inputs` are the literals of its constants' bits."""

    def __init__(self, text: str) -> None:
        """Raises Unreadable."""
        self.circuit = Circuit()
        self.inputs: dict[str, Bits] = {}
        self.script: Script[Bits, int] = Script(BitWords(self.circuit), self._declare)
        try:
            self.script.read(text)
        except TooLarge:
            raise Unreadable("its circuit is too large") from None
        self.clauses: Clauses = self.circuit.clauses(self.script.asserted)

    def _declare(self, name: str, is_word: bool) -> Bits | int:
        bits = tuple(self.circuit.variable() for _ in range(WORD_BITS if is_word else 1))
        self.inputs[name] = bits
        return bits if is_word else bits[0]


def check_unsatisfiable(text: str, dimacs: str, lemmas: str) -> None:
    """The obligation cannot hold: `dimacs` are its clauses, and `lemmas` refute them. Raises ValueError."""
    if Blasted(text).clauses.dimacs() != dimacs:
        raise NotShown("the clauses are not those of the obligation")
    check_refutation(dimacs, lemmas)


class _WithBits(Integers):
    def bit(self, word: int, number: int, /) -> bool:
        return bool(word >> number & 1)


def check_satisfiable(text: str, values: Mapping[str, int]) -> None:
    """The obligation holds with these values of its constants, which must be all of them. Raises ValueError."""
    used: set[str] = set()

    def declare(name: str, is_word: bool) -> int:
        used.add(name)
        value = values.get(name)
        if type(value) is not int or not 0 <= value <= (ALL_ONES if is_word else 1):
            raise NotShown(f"there is no value for {name}")
        return value if is_word else bool(value)

    script: Script[int, bool] = Script(_WithBits(), declare)
    script.read(text)
    if not all(script.asserted):
        raise NotShown("the obligation does not hold with the values given")
    if used != values.keys():
        raise NotShown("there are values for what the obligation does not speak of")
