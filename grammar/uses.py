"""What a definition rests on: the layout names and the definitions that its text speaks of."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from spteproof.grammar.source import Place


@dataclass(slots=True)
class Uses:
    """Names with the place where each is used first."""

    words: dict[str, Place] = field(default_factory=dict)
    callees: dict[str, Place] = field(default_factory=dict)

    def word(self, name: str, place: Place) -> None:
        self.words.setdefault(name, place)

    def callee(self, name: str, place: Place) -> None:
        self.callees.setdefault(name, place)


def joined(uses: Iterable[Uses]) -> Uses:
    together = Uses()
    for each in uses:
        for name, place in each.words.items():
            together.word(name, place)
        for name, place in each.callees.items():
            together.callee(name, place)
    return together
