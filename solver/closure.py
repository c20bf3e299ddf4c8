"""The environment's closure: what any number of transitions makes of a state, as a least fixed point.

The states are the bits that some transition changes; what guards read besides is rigid. Layer k relates states
that at most k transitions connect; the last layer is the closure. The search works on decision diagrams; that the
closure is reflexive and closed under every transition is checked by the solver on the plain 64-bit terms, so
a mistake here cannot make a proof.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from spteproof.solver.bitwise import Bits
from spteproof.solver.blasting import Blaster, changed_bits, support_bits
from spteproof.solver.closure_text import CURRENT, PRE, Column, Meaning, Parameters, RelationText, kept
from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams, TooLarge
from spteproof.solver.doubts import TooBig
from spteproof.solver.environment import ENTRY, Transition
from spteproof.solver.happenings import State
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.smtlib import Script
from spteproof.solver.terms import Term, reachable

NODE_LIMIT = 400_000
LAYER_LIMIT = 2_000
_NEXT, _SLOTS = 2, 1024
_KINDS = 3
_FIRST_RIGID = _SLOTS // 2
TOGETHER = 16
"""Two words of which one transition reads or changes more bits than this stand bit beside bit in the diagrams' order:
one may be copied into the other."""


@dataclass(frozen=True, kw_only=True)
class Closure:
    """`mask` are the default entry's bits that some transition changes, `ghosts` the ghosts and further entries that
    some transition changes, `read_ghosts` those that transitions only read; `words` are the words among both, with the
    bits that some transition changes. `whole` is the closure and `layers[k]` layer k, as diagrams over
    `meaning`. The layers are found when they are first asked for: raises TooBig then."""

    mask: int
    ghosts: tuple[str, ...]
    read_ghosts: tuple[str, ...]
    words: Mapping[str, int]
    whole: int
    find_layers: Callable[[], tuple[int, ...]]
    diagrams: Diagrams
    meaning: Meaning

    @cached_property
    def layers(self) -> tuple[int, ...]:
        return self.find_layers()

    def is_identity(self) -> bool:
        return not self.mask and not self.ghosts

    def define(self, script: Script, name: str, layer: int | None = None) -> None:
        """Defines the closure, or one layer's relation, as a function of two states."""
        parameters = Parameters(entry=ENTRY, changed=self.ghosts, read=self.read_ghosts, words=self.words)
        changed = {each: self.words[each] for each in self.ghosts if each in self.words}
        text = RelationText(script, self.diagrams, self.meaning, parameters)
        body = text.of(self.whole if layer is None else self.layers[layer])
        stays = " ".join(kept(parameters, {ENTRY: self.mask, **changed}))
        script.line(f"(define-fun {name} ({parameters.declared()}) Bool (and {stays} {body}))")

    def apply(self, script: Script, name: str, before: State, after: State) -> str:
        """The defined relation `name` between two states, as text."""
        words = [script.name(before.entry), script.name(after.entry)]
        ghosts = [script.name(state.ghosts[ghost]) for state in (before, after) for ghost in self.ghosts]
        ghosts += [script.name(before.ghosts[ghost]) for ghost in self.read_ghosts]
        return f"({name} {' '.join(words + ghosts)})"


def closure(transitions: Sequence[Transition], state: State) -> Closure:
    """The least fixed point of the transitions over the variables of `state`. Raises TooBig."""
    try:
        return _Search(transitions, state).run()
    except TooLarge:
        raise TooBig("the environment's closure is too large") from None


Words = Mapping[str, Term]
"""The words of a state by name, ENTRY for the default entry."""


def _words(state: State) -> dict[str, Term]:
    return {ENTRY: state.entry, **{name: term for name, term in state.ghosts.items() if term.is_word}}


def _order(transitions: Sequence[Transition], words: Words) -> dict[int, int]:
    """Where each bit of some words stands in the diagrams' order, bits of one number beside each other: bits that one
    transition reads and changes stand together. An order far from this makes diagrams exponential."""
    order: dict[int, None] = {}
    variables = {str(term.value) for term in words.values()}
    for transition in transitions:
        bits = sorted({bit for name, bit in support_bits(transition.guard) if name in variables})
        order.update(dict.fromkeys(bits))
        after = _words(transition.after)
        for name, current in words.items():
            order.update(dict.fromkeys(changed_bits(after[name], current)))
    order.update(dict.fromkeys(range(WORD_BITS)))
    return {bit: rank for rank, bit in enumerate(order)}


def _groups(transitions: Sequence[Transition], words: Words) -> list[list[str]]:
    """The words that stand bit beside bit, all others one after the other: words that know nothing of each other
    multiply where they are mixed, and one that is copied into another does where they are not."""
    groups = [[name] for name in words]
    if len(groups) == 1:
        return groups
    for transition in transitions:
        wide = _wide(transition, words)
        joined = [group for group in groups if wide & set(group)]
        groups = [group for group in groups if group not in joined]
        groups += [sum(joined, [])] if joined else []
    return groups


def _wide(transition: Transition, words: Words) -> set[str]:
    """The words of which a transition reads many bits, and those that it makes of many bits of others."""
    name_of = {str(term.value): name for name, term in words.items()}
    after = {name: term for name, term in _words(transition.after).items() if term is not words[name]}
    read = {name: _bits_read(term, name_of) for name, term in after.items()}
    everything = [_bits_read(transition.guard, name_of), *read.values()]
    wide = {name for name in words if len(set().union(*(bits.get(name, set()) for bits in everything))) > TOGETHER}
    made = {name for name, bits in read.items() for other in bits if other != name and len(bits[other]) > TOGETHER}
    return wide | made


def _bits_read(term: Term, name_of: Mapping[str, str]) -> dict[str, set[int]]:
    """The bits of each word on which a term's value may depend."""
    found: dict[str, set[int]] = {}
    for variable, bit in support_bits(term):
        if variable in name_of:
            found.setdefault(name_of[variable], set()).add(bit)
    return found


def _after(transition: Transition) -> dict[str, Term]:
    """What the words and ghosts become where the guard holds, by name: a choice that it decides is made."""
    holding, waiting = set[Term](), [transition.guard]
    while waiting:
        term = waiting.pop()
        holding.add(term)
        waiting += term.children if term.operator == "and" else ()
    found = {ENTRY: transition.entry, **transition.ghosts}
    for name, term in found.items():
        while term.operator == "ite" and term.children[0] in holding:
            term = term.children[1]
        found[name] = term
    return found


def _becoming(transitions: Sequence[Transition]) -> dict[Term, str]:
    """The inputs that a word becomes in each transition that has them, with the word's name."""
    found: dict[Term, str] = {}
    for transition in transitions:
        for term in transition.inputs.values():
            found.setdefault(term, next((name for name, word in _after(transition).items() if word is term), ""))
    return {
        term: name
        for term, name in found.items()
        if name and all(_after(each)[name] is term for each in transitions if term in each.inputs.values())
    }


@dataclass(frozen=True, slots=True)
class _Move:
    """A transition as a diagram over current and next columns; `changed` are the columns it may change."""

    relation: int
    changed: tuple[Column, ...]


class _Search:
    def __init__(self, transitions: Sequence[Transition], state: State) -> None:
        self._diagrams = Diagrams(NODE_LIMIT)
        self._state = state
        self._words = _words(state)
        self._name_of = {term: name for name, term in (*self._words.items(), *state.ghosts.items())}
        self._positions = {name: at for at, name in enumerate(each for each in state.ghosts if each not in self._words)}
        self._group_of: dict[str, int] = {}
        self._ranks: list[dict[int, int]] = []
        self._place_words(transitions)
        self._first_input = _KINDS * len(self._words)
        self._inputs: dict[Term, int] = {}
        self._input_group: dict[Term, int] = {}
        self._rigid: dict[tuple[Term, int], int] = {}
        self._moving: set[int] = set()
        self._becomes = _becoming(transitions)
        self._note_moving(transitions)
        blaster = Blaster(self._diagrams, self._leaf)
        self._moves = [move for each in transitions if (move := self._move(each, blaster)).changed]

    # Variables: position * _SLOTS + slot; ghosts and rigid truths first, then bit by bit, one group after the other.

    def _place_words(self, transitions: Sequence[Transition]) -> None:
        """Finds where each word's bits stand, and in which slots."""
        self._slot_of: dict[str, int] = {}
        for number, group in enumerate(_groups(transitions, self._words)):
            first = len(self._positions) + number * WORD_BITS
            ranks = _order(transitions, {name: self._words[name] for name in group})
            self._ranks.append({bit: first + rank for bit, rank in ranks.items()})
            for at, name in enumerate(group):
                self._group_of[name], self._slot_of[name] = number, _KINDS * at

    def _number(self, column: Column, kind: int) -> int:
        name, bit = column
        if name in self._words:
            return self._ranks[self._group_of[name]][bit] * _SLOTS + self._slot_of[name] + kind
        return self._positions[name] * _SLOTS + kind

    def _beside(self, group: int, bit: int, slot: int) -> int:
        """The number of an input's or a parameter's bit, beside the same bit of a group's words."""
        return self._ranks[group][bit] * _SLOTS + slot

    def _note_moving(self, transitions: Sequence[Transition]) -> None:
        """Marks the terms that depend on the state or on an input; all others are rigid."""
        for transition in transitions:
            after = _words(transition.after)
            changed = [name for name, term in self._words.items() if after[name] is not term]
            for term in transition.inputs.values():
                self._inputs.setdefault(term, self._first_input + len(self._inputs))
                self._input_group.setdefault(term, self._group_of[changed[0] if changed else ENTRY])
        if len(self._inputs) > _FIRST_RIGID - self._first_input:
            raise TooBig("the environment has too many inputs")
        moving = {self._state.entry, *self._state.ghosts.values(), *self._inputs}
        roots = [root for each in transitions for root in (each.guard, each.entry, *each.ghosts.values())]
        for term in reachable(roots):
            if term in moving or any(child.number in self._moving for child in term.children):
                self._moving.add(term.number)

    def _leaf(self, term: Term) -> Bits | None:
        d = self._diagrams
        if term.operator in ("word", "truth"):
            return None
        if term.number not in self._moving:
            return tuple(self._rigid_bit(term, bit) for bit in range(WORD_BITS if term.is_word else 1))
        if term.operator != "variable":
            return None
        if term in self._name_of:
            return tuple(d.variable(self._number(column, CURRENT)) for column in self._columns(self._name_of[term]))
        return tuple(d.variable(number) for number in self._numbers_of_input(term))

    def _columns(self, name: str) -> list[Column]:
        return [(name, bit) for bit in range(WORD_BITS if name in self._words else 1)]

    def _numbers_of_input(self, term: Term) -> list[int]:
        """An input that a word becomes is that word's next value."""
        if term in self._becomes:
            return [self._number(column, _NEXT) for column in self._columns(self._becomes[term])]
        slot = self._inputs[term]
        if not term.is_word:
            return [slot]
        return [self._beside(self._input_group[term], bit, slot) for bit in range(WORD_BITS)]

    def _rigid_bit(self, term: Term, bit: int) -> int:
        key = (term, bit)
        if key not in self._rigid:
            if term.is_word:
                slot = _FIRST_RIGID + len({each for each, at in self._rigid if at == bit and each.is_word})
                if slot >= _SLOTS:
                    raise TooBig("the environment depends on too many parameters")
                self._rigid[key] = self._beside(self._group_of[ENTRY], bit, slot)
            else:
                self._rigid[key] = -1 - len(self._rigid)
        return self._diagrams.variable(self._rigid[key])

    # Moves

    def _move(self, transition: Transition, blaster: Blaster) -> _Move:
        d = self._diagrams
        guard = blaster.truth(transition.guard)
        columns: list[tuple[Column, int]] = []
        for name, term in _after(transition).items():
            columns += zip(self._columns(name), blaster.bits(term), strict=True)
        relation, changed = guard, []
        for column, diagram in reversed(columns):
            current = d.variable(self._number(column, CURRENT))
            if diagram != current and d.both(guard, d.negation(d.same(diagram, current))) != FALSE:
                changed.append(column)
                relation = d.both(d.same(d.variable(self._number(column, _NEXT)), diagram), relation)
        relation = d.exists(relation, self._input_numbers(transition, changed))
        return _Move(relation, tuple(changed))

    def _input_numbers(self, transition: Transition, changed: Sequence[Column]) -> frozenset[int]:
        found = {number for term in transition.inputs.values() for number in self._numbers_of_input(term)}
        return frozenset(found - {self._number(column, _NEXT) for column in changed})

    def run(self) -> Closure:
        d = self._diagrams
        columns = sorted(
            {column for move in self._moves for column in move.changed}, key=lambda each: self._number(each, 0)
        )
        reached = TRUE
        for column in reversed(columns):
            pair = d.same(d.variable(self._number(column, PRE)), d.variable(self._number(column, CURRENT)))
            reached = d.both(pair, reached)
        whole, reached = self._only(self._fixed_point(reached), reached)
        masks = dict.fromkeys(self._words, 0)
        for name, bit in columns:
            if name in masks:
                masks[name] |= 1 << bit
        ghosts = tuple(dict.fromkeys(name for name, _ in columns if name != ENTRY))
        read = tuple(name for name in self._state.ghosts if name not in ghosts and self._is_read(name))
        return Closure(
            mask=masks[ENTRY],
            ghosts=ghosts,
            read_ghosts=read,
            words={name: mask for name, mask in masks.items() if name in (*ghosts, *read)},
            whole=whole,
            find_layers=lambda: self._layers(reached),
            diagrams=d,
            meaning=self._meaning(columns),
        )

    def _only(self, *relations: int) -> list[int]:
        """These relations, when all diagrams but them and the moves are forgotten."""
        kept = self._diagrams.keep([*relations, *(move.relation for move in self._moves)])
        moves = zip(self._moves, kept[len(relations) :], strict=True)
        self._moves = [replace(move, relation=relation) for move, relation in moves]
        return kept[: len(relations)]

    def _is_read(self, ghost: str) -> bool:
        numbers = {self._number(column, CURRENT) for column in self._columns(ghost)}
        return bool(numbers & self._diagrams.support(move.relation for move in self._moves))

    def _fixed_point(self, reached: int) -> int:
        """Applies one transition after the other, each until it adds nothing, until none does."""
        before = FALSE
        while before != reached:
            before = reached
            for move in self._moves:
                last = FALSE
                while last != reached:
                    last = reached
                    reached = self._diagrams.either(reached, self._image(reached, move))
        return reached

    def _layers(self, reached: int) -> tuple[int, ...]:
        """Breadth first: layer k from layer k - 1."""
        d = self._diagrams
        layers, frontier = [reached], reached
        try:
            while frontier != FALSE:
                found = FALSE
                for move in self._moves:
                    found = d.either(found, self._image(frontier, move))
                frontier = d.both(found, d.negation(reached))
                if frontier != FALSE:
                    reached = d.either(reached, frontier)
                    layers.append(reached)
                if len(layers) > LAYER_LIMIT:
                    raise TooBig(f"the environment needs more than {LAYER_LIMIT} steps to close")
        except TooLarge:
            raise TooBig("the layers of the environment's closure are too large") from None
        d.forget()
        return tuple(layers)

    def _image(self, frontier: int, move: _Move) -> int:
        d = self._diagrams
        numbers = {column: self._number(column, CURRENT) for column in move.changed}
        product = d.exists(d.both(frontier, move.relation), frozenset(numbers.values()))
        return d.rename(product, {self._number(column, _NEXT): number for column, number in numbers.items()})

    def _meaning(self, columns: Sequence[Column]) -> Meaning:
        """What each variable stands for. A column that nothing changes is the same before and after: its current
        value serves."""
        meaning: dict[int, tuple[int, Column] | tuple[Term, int]] = {}
        for column in [column for name in (ENTRY, *self._state.ghosts) for column in self._columns(name)]:
            meaning[self._number(column, CURRENT)] = (CURRENT, column)
            meaning[self._number(column, PRE)] = (PRE, column)
        for (term, bit), number in self._rigid.items():
            meaning[number] = (term, bit)
        return meaning
