"""A closure's relation as text for the solver: a decision diagram over two states as a function of them.

Bits that must be the same before and after are compared as parts of a word where one comparison leads to the next: Z3
takes such a text apart sooner than one that tells each bit's two values apart.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.smtlib import Script, word_literal
from spteproof.solver.terms import Term

PRE, CURRENT = 0, 1
ENTRY_NAMES = {PRE: "p", CURRENT: "c"}

Column = tuple[str, int]
"""A bit of a state: ("entry", bit number), (name, bit number) of a further word, or (name, 0) of a truth value."""

Meaning = Mapping[int, tuple[int, Column] | tuple[Term, int]]
"""What a diagram's variables stand for: a column before (PRE) or after (CURRENT), or a bit of a term."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the function is given, twice but for what is only read: `entry` is the default entry's name, `words` are the
    words among the others."""

    entry: str
    changed: tuple[str, ...]
    read: tuple[str, ...]
    words: Collection[str]

    def declared(self) -> str:
        texts = [f"({name} {self._sort(self.entry)})" for name in ENTRY_NAMES.values()]
        texts += [f"({side}{at} {self._sort(each)})" for side in "pc" for at, each in enumerate(self.changed)]
        texts += [f"(g{at} {self._sort(each)})" for at, each in enumerate(self.read)]
        return " ".join(texts)

    def _sort(self, name: str) -> str:
        return "(_ BitVec 64)" if self.is_word(name) else "Bool"

    def is_word(self, name: str) -> bool:
        return name == self.entry or name in self.words

    def name(self, side: int, name: str) -> str:
        if name == self.entry:
            return ENTRY_NAMES[side]
        return f"g{self.read.index(name)}" if name in self.read else f"{ENTRY_NAMES[side]}{self.changed.index(name)}"


@dataclass(frozen=True, slots=True)
class _Same:
    """A diagram that is `then` where the bits `mask` of a word, or a truth value, are as they were, and `other` where
    they are not."""

    name: str
    mask: int
    then: int
    other: int

    def joined(self, following: "_Same | None") -> "_Same":
        """With the one that it leads to, if both are about one word."""
        if following is None or (self.name, self.other) != (following.name, following.other):
            return self
        return replace(self, mask=self.mask | following.mask, then=following.then)


@dataclass(frozen=True, slots=True)
class RelationText:
    """Writes diagrams over `meaning`."""

    script: Script
    diagrams: Diagrams
    meaning: Meaning
    parameters: Parameters

    def of(self, root: int) -> str:
        if root == TRUE:
            return "true"
        nodes = {at: self.diagrams.node(at) for at in self.diagrams.below([root])}
        same = self._same(nodes)
        parts: dict[int, tuple[str, int, int]] = {}
        waiting = [root]
        while waiting:
            at = waiting.pop()
            if at > TRUE and at not in parts:
                number, low, high = nodes[at]
                parts[at] = self._compared(same[at]) if at in same else (self._bit(number), low, high)
                waiting += parts[at][1:]
        tests: dict[str, str] = {}
        texts = [(at, _choice(_named(parts[at][0], tests), *parts[at][1:])) for at in sorted(parts)]
        opening = "".join(f"(let (({name} {test})) " for test, name in tests.items())
        opening += "".join(f"(let ((n{at} {text})) " for at, text in texts)
        return f"{opening}n{root}{')' * (len(tests) + len(texts))}"

    def _same(self, nodes: Mapping[int, tuple[int, int, int]]) -> Mapping[int, _Same]:
        """The diagrams, children before parents, that only ask whether bits are as they were."""
        found: dict[int, _Same] = {}
        for at, (number, low, high) in nodes.items():
            side, column = self.meaning[number]
            if side != PRE or low not in nodes or high not in nodes or not isinstance(column, tuple):
                continue
            (first, then, other), (second, other_too, then_too) = nodes[low], nodes[high]
            if first == second and self.meaning[first] == (CURRENT, column) and (then, other) == (then_too, other_too):
                found[at] = _Same(column[0], 1 << column[1], then, other).joined(found.get(then))
        return found

    def _compared(self, same: _Same) -> tuple[str, int, int]:
        """The test, and the diagrams where it does not hold and where it does."""
        before, now = self.parameters.name(PRE, same.name), self.parameters.name(CURRENT, same.name)
        if not self.parameters.is_word(same.name):
            test = f"(= {before} {now})"
        elif same.mask.bit_count() == 1:
            bit = same.mask.bit_length() - 1
            test = f"(= {_extracted(before, bit)} {_extracted(now, bit)})"
        else:
            test = f"(= {_masked(f'(bvxor {before} {now})', same.mask)} {word_literal(0)})"
        return test, same.other, same.then

    def _bit(self, number: int) -> str:
        whose, what = self.meaning[number]
        if isinstance(whose, Term):
            assert isinstance(what, int)
            return _extracted(self.script.name(whose), what) if whose.is_word else self.script.name(whose)
        assert isinstance(what, tuple)
        name = self.parameters.name(whose, what[0])
        return _extracted(name, what[1]) if self.parameters.is_word(what[0]) else name


def _named(test: str, tests: dict[str, str]) -> str:
    return tests.setdefault(test, f"b{len(tests)}") if test.startswith("(") else test


def _extracted(word: str, bit: int) -> str:
    return f"(= ((_ extract {bit} {bit}) {word}) #b1)"


def _masked(word: str, mask: int) -> str:
    return word if mask == (1 << WORD_BITS) - 1 else f"(bvand {word} {word_literal(mask)})"


def _choice(test: str, low: int, high: int) -> str:
    """A node of a diagram, in as few words as Z3 has to take apart again."""
    if TRUE in (low, high):
        holds, other = (test, low) if high == TRUE else (f"(not {test})", high)
        return holds if other == FALSE else f"(or {holds} n{other})"
    if FALSE in (low, high):
        return f"(and {test} n{high})" if low == FALSE else f"(and (not {test}) n{low})"
    return f"(ite {test} n{high} n{low})"


def kept(parameters: Parameters, masks: Mapping[str, int]) -> Sequence[str]:
    """That the bits of these words outside their masks stay."""
    return [
        f"(= {_masked(parameters.name(PRE, name), outside)} {_masked(parameters.name(CURRENT, name), outside)})"
        for name, mask in masks.items()
        for outside in [~mask & (1 << WORD_BITS) - 1]
    ]
