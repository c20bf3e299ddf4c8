"""What an agent's transition does to an entry in one layout: which bits it sets and clears, and when.

A transition's guard and update are taken as decision diagrams, what the agent chooses or read earlier is quantified
away, and what remains is told apart by the bits that change. Only for reading: no verdict rests on it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from spteproof.entries import Names
from spteproof.showing.covers import Cube, Literal, cover, factored
from spteproof.showing.term_text import term_text
from spteproof.solver.bitwise import Bits
from spteproof.solver.blasting import Blaster, changed_bits, support_bits
from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams, TooLarge
from spteproof.solver.environment import ENTRY, Transition, current, valid
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.products import TooManyProducts
from spteproof.solver.setting import Setting
from spteproof.solver.terms import Term, Terms, reachable

NODE_LIMIT = 200_000
CASE_LIMIT = 64
EFFECT_LIMIT = 12
SHOWN_CUBES = 24
_SLOTS = 1024

Column = tuple[Term, int]
"""A bit: of the entry, of a parameter, or of a truth value (bit 0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """`sets` and `clears` are what the transition makes of a value in which some of it is not yet so. `cases` is the
    condition, a sum of cubes over `meaning`; None where it is too long to say. `partly` is true where each time any
    part of it may happen, and the condition is for some part."""

    sets: tuple[Column, ...]
    clears: tuple[Column, ...]
    cases: tuple[Cube, ...] | None
    meaning: dict[int, Column]
    partly: bool = False


def effects(terms: Terms, setting: Setting, transition: Transition) -> list[Effect] | None:
    """The effects on values that the layout's invariants allow, the smallest first; none where nothing changes; None
    where it is too large to say."""
    try:
        return _Derivation(terms, setting, transition).effects()
    except TooLarge:
        return None


_Case = tuple[int, frozenset[Column], frozenset[Column]]
"""A condition, and what is set and cleared under it."""


class _Derivation:
    def __init__(self, terms: Terms, setting: Setting, transition: Transition) -> None:
        self._d = Diagrams(NODE_LIMIT)
        state = current(terms, setting)
        self._entry = state.entry
        self._inputs = set(transition.inputs.values())
        allowed = valid(terms, setting, state)
        told = (allowed, transition.guard, transition.entry, *transition.ghosts.values())
        self._moving = _moving({state.entry, *state.ghosts.values(), *self._inputs}, told)
        self._rank = _ranks(transition, state.entry)
        self._slots: dict[Term, int] = {state.entry: 0}
        self._numbers: dict[Column, int] = {}
        blaster = Blaster(self._d, self._leaf)
        self._guard = blaster.truth(transition.guard)
        self._valid = blaster.truth(allowed)
        after = blaster.bits(transition.entry)
        self._columns: list[tuple[Column, int]] = [((state.entry, bit), after[bit]) for bit in range(WORD_BITS)]
        for name, term in transition.ghosts.items():
            self._columns += [((state.ghosts[name], bit), after) for bit, after in enumerate(blaster.bits(term))]

    def _leaf(self, term: Term) -> Bits | None:
        if term.operator in ("word", "truth", "not", "and"):
            return None
        if term.operator != "variable" and term.number in self._moving:
            return None
        return tuple(self._variable((term, bit)) for bit in range(WORD_BITS if term.is_word else 1))

    def _variable(self, column: Column) -> int:
        """Truth values stand first in the diagrams' order, then the bits, those of one place together."""
        if column not in self._numbers:
            term, bit = column
            if term.is_word:
                slot = self._slots.setdefault(term, len(self._slots))
                if slot >= _SLOTS:
                    raise TooLarge
                self._numbers[column] = self._rank[bit] * _SLOTS + slot
            else:
                self._numbers[column] = -1 - len(self._numbers)
        return self._d.variable(self._numbers[column])

    def effects(self) -> list[Effect]:
        guard = self._d.both(self._guard, self._valid)
        cases = self._cases(guard)
        merged = None if cases is None else self._merged(cases)
        if merged is None or len(merged) > EFFECT_LIMIT:
            return self._whole(guard)
        return [self._effect(case) for case in merged]

    def _cases(self, guard: int) -> list[_Case] | None:
        """The ways to change something, each with its own set of bits; None where there are too many."""
        d = self._d
        cases: list[_Case] = [(guard, frozenset(), frozenset())]
        for column, after in self._columns:
            now = self._variable(column)
            ways = ((d.same(after, now), 0), (d.both(after, d.negation(now)), 1), (d.both(now, d.negation(after)), 2))
            parts = [(d.both(condition, way), kind, up, down) for condition, up, down in cases for way, kind in ways]
            cases = [
                (part, up | {column} if kind == 1 else up, down | {column} if kind == 2 else down)
                for part, kind, up, down in parts
                if part != FALSE
            ]
            if len(cases) > CASE_LIMIT:
                return None
        return [(self._chosen(part), up, down) for part, up, down in cases if up or down]

    def _chosen(self, condition: int) -> int:
        """The condition for some choice of the inputs."""
        numbers = frozenset(number for (term, _), number in self._numbers.items() if term in self._inputs)
        return self._d.exists(condition, numbers)

    def _merged(self, cases: list[_Case]) -> list[_Case]:
        """A case joins a larger one where the rest of that one is so already."""
        result: list[_Case] = []
        for condition, up, down in sorted(cases, key=lambda case: -len(case[1] | case[2])):
            for index, (other, ups, downs) in enumerate(result):
                done = self._done(ups - up, downs - down)
                if up <= ups and down <= downs and self._d.both(condition, self._d.negation(done)) == FALSE:
                    result[index] = (self._d.either(other, condition), ups, downs)
                    break
            else:
                result.append((condition, up, down))
        return sorted(result, key=lambda case: (len(case[1] | case[2]), self._places(case[1] | case[2])))

    def _done(self, ups: Iterable[Column], downs: Iterable[Column]) -> int:
        result = TRUE
        for column in ups:
            result = self._d.both(result, self._variable(column))
        for column in downs:
            result = self._d.both(result, self._d.negation(self._variable(column)))
        return result

    def _places(self, columns: Iterable[Column]) -> list[tuple[bool, int, int]]:
        return sorted((term is not self._entry, bit, term.number) for term, bit in columns)

    def _effect(self, case: _Case) -> Effect:
        condition, up, down = case
        return self._described(condition, up, down, self._done(up, down), partly=False)

    def _described(
        self, condition: int, up: Iterable[Column], down: Iterable[Column], free: int, *, partly: bool
    ) -> Effect:
        """`free` is where the condition may say anything, as what the invariants forbid is."""
        d = self._d
        allowed = d.either(condition, d.either(free, d.negation(self._valid)))
        try:
            cases = tuple(cover(d, condition, allowed))
        except TooManyProducts:
            cases = None
        return Effect(
            sets=self._sorted(up),
            clears=self._sorted(down),
            cases=cases if cases is not None and len(cases) <= SHOWN_CUBES else None,
            meaning={number: column for column, number in self._numbers.items()},
            partly=partly,
        )

    def _sorted(self, columns: Iterable[Column]) -> tuple[Column, ...]:
        return tuple(sorted(columns, key=lambda column: self._places([column])))

    def _whole(self, guard: int) -> list[Effect]:
        """All in one: each bit that may be set or cleared, and when any of them is."""
        d = self._d
        up, down, any_change = [], [], FALSE
        for column, after in self._columns:
            now = self._variable(column)
            rises = d.both(guard, d.both(after, d.negation(now)))
            falls = d.both(guard, d.both(now, d.negation(after)))
            up += [column] * (rises != FALSE)
            down += [column] * (falls != FALSE)
            any_change = d.either(any_change, self._chosen(d.either(rises, falls)))
        return [self._described(any_change, up, down, FALSE, partly=True)]


def _moving(roots: set[Term], told: Iterable[Term]) -> set[int]:
    """The numbers of the terms, of those told and below, that depend on the state or on an input."""
    moving: set[int] = set()
    for term in reachable(told):
        if term in roots or any(child.number in moving for child in term.children):
            moving.add(term.number)
    return moving


def _ranks(transition: Transition, entry: Term) -> list[int]:
    """Where each bit stands in the diagrams' order: what the guard reads, then what changes, then the rest."""
    read = sorted({bit for name, bit in support_bits(transition.guard) if name == ENTRY})
    order = list(dict.fromkeys([*read, *changed_bits(transition.entry, entry), *range(WORD_BITS)]))
    return [order.index(bit) for bit in range(WORD_BITS)]


def effect_text(effect: Effect, names: Names) -> tuple[str, str]:
    """What happens, `+W -A`, and when; the second is empty where it may happen at any time."""
    changes = []
    for word in dict.fromkeys(term for term, _ in (*effect.sets, *effect.clears) if term.is_word):
        sets, clears = (sum(1 << bit for term, bit in each if term is word) for each in (effect.sets, effect.clears))
        changes += [f"{_plain(word)}:"] if word.value != ENTRY else []
        changes += [f"+{name}" for name in _bit_names(sets & ~clears, names)]
        changes += [f"-{name}" for name in _bit_names(clears & ~sets, names)]
        changes += [f"+-{name}" for name in _bit_names(sets & clears, names)]
    for columns, truth in ((effect.sets, "true"), (effect.clears, "false")):
        changes += [f"{_plain(term)} = {truth}" for term, _ in columns if not term.is_word]
    what = f"{'any of ' if effect.partly else ''}{' '.join(changes)}"
    if effect.cases is None:
        return what, "the condition is too long to show"

    def words(literals: Iterable[Literal]) -> list[str]:
        return _words([(effect.meaning[number], holds) for number, holds in literals], names)

    return what, factored(effect.cases, words)


def _bit_names(bits: int, names: Names) -> list[str]:
    """The bits by name; a field of which all bits are there once, bits without a name as ranges."""
    found: list[str] = []
    bit = 0
    while bit < WORD_BITS:
        field, last = names.field(bit), bit
        mask = names.values[field] if field else 0
        if field and bits & mask == mask and mask.bit_count() > 2:
            found.append(names.display(field))
            bits &= ~mask
        elif bits >> bit & 1:
            while names.bit(last) == f"b{last}" and bits >> last + 1 & 1 and names.bit(last + 1) == f"b{last + 1}":
                last += 1
            found.append(f"b{last}:{bit}" if last > bit else names.bit(bit))
        bit = last + 1
    return found


def _plain(term: Term) -> str:
    return str(term.value).removeprefix("ghost ")


def _words(literals: list[tuple[Column, bool]], names: Names) -> list[str]:
    """Literals that hold together: the entry's bits first, in their order, then ghosts and parameters."""
    bits = {bit: holds for (term, bit), holds in literals if str(term.value) == ENTRY}
    words = []
    for bit, holds in sorted(bits.items()):
        field = names.field(bit)
        inside = [at for at in range(WORD_BITS) if field and names.values[field] >> at & 1]
        if field is None or not set(inside) <= bits.keys():
            words.append(f"{'' if holds else '!'}{names.bit(bit)}")
        elif bit == inside[0]:
            value = sum(bits[at] << at for at in inside) >> bit
            words.append(f"{names.display(field)}={value:#x}")
    return words + sorted(
        _other(term, bit, holds, names) for (term, bit), holds in literals if str(term.value) != ENTRY
    )


def _other(term: Term, bit: int, holds: bool, names: Names) -> str:
    if term.is_word and term.operator == "variable":
        return f"{'' if holds else '!'}{_plain(term)}[{names.bit(bit)}]"
    if term.is_word:
        return f"{'' if holds else '!'}({term_text(term)})[{names.bit(bit)}]"
    if term.operator == "variable":
        return f"{'' if holds else '!'}{_plain(term)}"
    return term_text(term, holds=holds)
