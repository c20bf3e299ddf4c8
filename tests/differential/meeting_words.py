"""The expressions of the random texts of `meeting_grow.py`."""

import random
from collections.abc import Sequence

from .meeting_cases import KINDS, Helper, Tree


class Words:
    """`kinds` are what a text may hold, three at random where none are named."""

    def __init__(self, seed: str, kinds: Sequence[str] = ()) -> None:
        self.seed, self.r = seed, random.Random(seed)
        self.words, self.truths = ["a"], ["p"]
        self.helpers: dict[str, Helper] = {}
        self.inside = self.looping = self.threaded = self.wrote = False
        self.simple = True
        self.kinds = set(kinds or self.r.sample(KINDS, 3))
        self.further, self.record = "entries" in self.kinds, "record" in self.kinds

    def chance(self, share: float) -> bool:
        return self.r.random() < share

    # Expressions

    def mask(self) -> Tree:
        return ("word", self.r.choice(["W", "D", "W", "D", "m", "ALL"]))

    def word(self, deep: int = 1) -> Tree:
        if not deep or self.chance(0.5):
            return ("var", self.r.choice(self.words)) if self.words and self.chance(0.7) else self.mask()
        return self.r.choice(["&", "|", "^", "&~"]), self.word(0), self.mask() if self.chance(0.6) else self.word(0)

    def truth(self, deep: int = 1) -> Tree:
        kind = self.r.random()
        if self.truths and kind < 0.2:
            return "var", self.r.choice(self.truths)
        if deep and kind < 0.35:
            return self.r.choice(["&&", "||", "->"]), self.truth(0), self.truth(0)
        if kind < 0.42 and not self.simple:
            return "odd", self.word(0)
        if kind < 0.5:
            return "==", self.word(0), self.word(0)
        some = "some", self.word(0), self.mask()
        return some if kind < 0.75 else ("!", some)
