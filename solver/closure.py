"""The environment's closure: what any number of transitions makes of a state, as a least fixed point.

The states are the bits that some transition changes; what guards read besides is rigid. Layer k relates states
that at most k transitions connect; the last layer is the closure. The search works on decision diagrams; that the
closure is reflexive and closed under every transition is checked by the solver on the plain 64-bit terms, so
a mistake here cannot make a proof.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from spteproof.solver.blasting import Bits, Blaster, changed_bits, support_bits
from spteproof.solver.decision_diagrams import FALSE, TRUE, Diagrams, TooLarge
from spteproof.solver.environment import ENTRY, Transition
from spteproof.solver.happenings import State
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.setting import TooBig
from spteproof.solver.smtlib import Script, word_literal
from spteproof.solver.terms import Term, reachable

NODE_LIMIT = 400_000
LAYER_LIMIT = 2_000
_PRE, _CURRENT, _NEXT, _SLOTS = 0, 1, 2, 1024
_FIRST_INPUT, _FIRST_RIGID = 3, _SLOTS // 2

Column = tuple[str, int]
"""A changing bit: ("entry", bit number) or (ghost name, 0)."""


@dataclass(frozen=True, kw_only=True)
class Closure:
    """`mask` are the entry's bits that some transition changes, `ghosts` the ghosts that some transition changes,
    `read_ghosts` those that transitions only read; `whole` is the closure and `layers[k]` layer k, as diagrams over
    `meaning`. The layers are found when they are first asked for: raises TooBig then."""

    mask: int
    ghosts: tuple[str, ...]
    read_ghosts: tuple[str, ...]
    whole: int
    find_layers: Callable[[], tuple[int, ...]]
    diagrams: Diagrams
    meaning: Mapping[int, tuple[int, Column] | tuple[Term, int]]

    @cached_property
    def layers(self) -> tuple[int, ...]:
        return self.find_layers()

    def is_identity(self) -> bool:
        return not self.mask and not self.ghosts

    def define(self, script: Script, name: str, layer: int | None = None) -> None:
        """Defines the closure, or one layer's relation, as a function of two states."""
        parameters = ["(p (_ BitVec 64))", "(c (_ BitVec 64))"]
        parameters += [f"({side}{number} Bool)" for side in "pc" for number in range(len(self.ghosts))]
        parameters += [f"(g{number} Bool)" for number in range(len(self.read_ghosts))]
        kept = word_literal(~self.mask & (1 << WORD_BITS) - 1)
        body = self._body(script, self.whole if layer is None else self.layers[layer])
        script.line(
            f"(define-fun {name} ({' '.join(parameters)}) Bool (and (= (bvand p {kept}) (bvand c {kept})) {body}))"
        )

    def _body(self, script: Script, root: int) -> str:
        if root in (FALSE, TRUE):
            return "true" if root == TRUE else "false"
        lets = []
        for at in self.diagrams.below([root]):
            number, low, high = self.diagrams.node(at)
            lets.append((f"n{at}", f"(ite {self._bit(script, number)} {_node(high)} {_node(low)})"))
        opening = "".join(f"(let (({name} {value})) " for name, value in lets)
        return f"{opening}n{root}{')' * len(lets)}"

    def _bit(self, script: Script, number: int) -> str:
        meaning = self.meaning[number]
        if isinstance(meaning[0], Term):
            term, bit = meaning
            assert isinstance(bit, int)
            name = script.name(term)
            return f"(= ((_ extract {bit} {bit}) {name}) #b1)" if term.is_word else name
        side = "p" if meaning[0] == _PRE else "c"
        name, bit = meaning[1]
        if name == "entry":
            return f"(= ((_ extract {bit} {bit}) {side}) #b1)"
        if name in self.read_ghosts:
            return f"g{self.read_ghosts.index(name)}"
        return f"{side}{self.ghosts.index(name)}"

    def apply(self, script: Script, name: str, before: State, after: State) -> str:
        """The defined relation `name` between two states, as text."""
        words = [script.name(before.entry), script.name(after.entry)]
        ghosts = [script.name(state.ghosts[ghost]) for state in (before, after) for ghost in self.ghosts]
        ghosts += [script.name(before.ghosts[ghost]) for ghost in self.read_ghosts]
        return f"({name} {' '.join(words + ghosts)})"


def _node(at: int) -> str:
    return "true" if at == TRUE else "false" if at == FALSE else f"n{at}"


def closure(transitions: Sequence[Transition], state: State) -> Closure:
    """The least fixed point of the transitions over the variables of `state`. Raises TooBig."""
    try:
        return _Search(transitions, state).run()
    except TooLarge:
        raise TooBig("the environment's closure is too large") from None


def _order(transitions: Sequence[Transition], current: Term) -> dict[int, int]:
    """Where each bit stands in the diagrams' order: bits that one transition reads and changes stand together. An
    order far from this makes diagrams exponential."""
    order: dict[int, None] = {}
    for transition in transitions:
        bits = sorted({bit for name, bit in support_bits(transition.guard) if name == ENTRY})
        order.update(dict.fromkeys(bits))
        order.update(dict.fromkeys(changed_bits(transition.entry, current)))
    order.update(dict.fromkeys(range(WORD_BITS)))
    return {bit: rank for rank, bit in enumerate(order)}


@dataclass(frozen=True, slots=True)
class _Move:
    """A transition as a diagram over current and next columns; `changed` are the columns it may change."""

    relation: int
    changed: tuple[Column, ...]


class _Search:
    def __init__(self, transitions: Sequence[Transition], state: State) -> None:
        self._diagrams = Diagrams(NODE_LIMIT)
        self._state = state
        self._ghost_of = {term: name for name, term in state.ghosts.items()}
        self._positions: dict[object, int] = {name: index for index, name in enumerate(state.ghosts)}
        self._inputs: dict[Term, int] = {}
        self._rigid: dict[tuple[Term, int], int] = {}
        self._moving: set[int] = set()
        self._note_moving(transitions)
        self._rank = _order(transitions, state.entry)
        blaster = Blaster(self._diagrams, self._leaf)
        self._moves = [move for each in transitions if (move := self._move(each, blaster)).changed]

    # Variables: position * _SLOTS + slot; ghosts and rigid truths first, then bit by bit.

    def _number(self, column: Column, slot: int) -> int:
        if column[0] == "entry":
            position = len(self._positions) + self._rank[column[1]]
        else:
            position = self._positions[column[0]]
        return position * _SLOTS + slot

    def _note_moving(self, transitions: Sequence[Transition]) -> None:
        """Marks the terms that depend on the state or on an input; all others are rigid."""
        for transition in transitions:
            for term in transition.inputs.values():
                self._inputs.setdefault(term, _FIRST_INPUT + len(self._inputs))
        if len(self._inputs) > _FIRST_RIGID - _FIRST_INPUT:
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
        if term is self._state.entry:
            return tuple(d.variable(self._number(("entry", bit), _CURRENT)) for bit in range(WORD_BITS))
        if term in self._ghost_of:
            return (d.variable(self._number((self._ghost_of[term], 0), _CURRENT)),)
        slot = self._inputs[term]
        if term.is_word:
            return tuple(d.variable(self._number(("entry", bit), slot)) for bit in range(WORD_BITS))
        return (d.variable(slot),)

    def _rigid_bit(self, term: Term, bit: int) -> int:
        key = (term, bit)
        if key not in self._rigid:
            if term.is_word:
                slot = _FIRST_RIGID + len({each for each, at in self._rigid if at == bit and each.is_word})
                if slot >= _SLOTS:
                    raise TooBig("the environment depends on too many parameters")
                self._rigid[key] = self._number(("entry", bit), slot)
            else:
                self._rigid[key] = -1 - len(self._rigid)
        return self._diagrams.variable(self._rigid[key])

    # Moves

    def _move(self, transition: Transition, blaster: Blaster) -> _Move:
        d = self._diagrams
        guard = blaster.truth(transition.guard)
        columns: list[tuple[Column, int]] = [
            (("entry", bit), diagram) for bit, diagram in enumerate(blaster.bits(transition.entry))
        ]
        columns += [((name, 0), blaster.truth(term)) for name, term in transition.ghosts.items()]
        relation, changed = guard, []
        for column, diagram in reversed(columns):
            if d.both(guard, d.negation(d.same(diagram, d.variable(self._number(column, _CURRENT))))) != FALSE:
                changed.append(column)
                relation = d.both(d.same(d.variable(self._number(column, _NEXT)), diagram), relation)
        relation = d.exists(relation, self._input_numbers(transition))
        return _Move(relation, tuple(changed))

    def _input_numbers(self, transition: Transition) -> frozenset[int]:
        numbers: set[int] = set()
        for term in transition.inputs.values():
            slot = self._inputs[term]
            numbers |= {self._number(("entry", bit), slot) for bit in range(WORD_BITS)} if term.is_word else {slot}
        return frozenset(numbers)

    def run(self) -> Closure:
        d = self._diagrams
        columns = sorted(
            {column for move in self._moves for column in move.changed}, key=lambda each: self._number(each, 0)
        )
        reached = TRUE
        for column in reversed(columns):
            pair = d.same(d.variable(self._number(column, _PRE)), d.variable(self._number(column, _CURRENT)))
            reached = d.both(pair, reached)
        mask = sum(1 << bit for name, bit in columns if name == "entry")
        ghosts = tuple(name for name, _ in columns if name != "entry")
        return Closure(
            mask=mask,
            ghosts=ghosts,
            read_ghosts=tuple(name for name in self._state.ghosts if name not in ghosts and self._is_read(name)),
            whole=self._fixed_point(reached),
            find_layers=lambda: self._layers(reached),
            diagrams=d,
            meaning=self._meaning(columns),
        )

    def _is_read(self, ghost: str) -> bool:
        return self._number((ghost, 0), _CURRENT) in self._diagrams.support(move.relation for move in self._moves)

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
        return tuple(layers)

    def _image(self, frontier: int, move: _Move) -> int:
        d = self._diagrams
        numbers = {column: self._number(column, _CURRENT) for column in move.changed}
        product = d.exists(d.both(frontier, move.relation), frozenset(numbers.values()))
        return d.rename(product, {self._number(column, _NEXT): number for column, number in numbers.items()})

    def _meaning(self, columns: Sequence[Column]) -> Mapping[int, tuple[int, Column] | tuple[Term, int]]:
        """What each variable stands for. A column that nothing changes is the same before and after: its current
        value serves."""
        meaning: dict[int, tuple[int, Column] | tuple[Term, int]] = {}
        for column in [("entry", bit) for bit in range(WORD_BITS)] + [(name, 0) for name in self._state.ghosts]:
            meaning[self._number(column, _CURRENT)] = (_CURRENT, column)
            meaning[self._number(column, _PRE)] = (_PRE, column)
        for (term, bit), number in self._rigid.items():
            meaning[number] = (term, bit)
        return meaning
