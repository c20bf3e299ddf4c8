"""What agents may do next where those that exclude others by their locks go through their programs one after the other.

On integers, and not all that they may do: `any`, steps' parameters and what was found before the theorem began are
taken from one execution, which the locks need not allow.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import NamedTuple

from spteproof.grammar import checked as c
from spteproof.grammar.environments import conflict
from spteproof.solver.environment import SEEN, Transition
from spteproof.solver.exclusion import Line
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.setting import Site
from spteproof.solver.stepping import Chosen, Taken, after_transition, chosen, finds, is_valid

MOST_BEGUN, MOST_INPUTS, MOST_AT_ONCE = 64, 16, 2
"""What is tried of an agent: where its instances may stand when the theorem begins, what its inputs are, how many of
those that do not exclude each other are under way."""

AtHand = Sequence[tuple[Transition, tuple[int, ...]]]
"""Transitions with the arguments of their agents."""
Inputs = Mapping[str, int]


class _Instance(NamedTuple):
    """One that holds its lock: of which agent, which `any` it goes by, what its events have found, and where it stands,
    which is the same for all that go on alike."""

    agent: int
    inputs: int
    found: tuple[int, ...]
    place: object


class Others(NamedTuple):
    """The state, by its number, who holds locks in it, and which agents have held any since the start."""

    state: int
    holding: tuple[_Instance, ...]
    held: frozenset[int]


_Next = tuple[Others, Taken | None]
"""What comes next, and the step where it changes something."""


class _Stand(NamedTuple):
    """Where an instance has come to: the event that it has to come (None: it has ended), what its last one left, the
    sites of all before, and what tells it from others."""

    site: Site | None
    left: int
    sites: tuple[Site, ...]
    place: object


class _Stands(Exception):
    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site


@dataclass(slots=True)
class _Agent:
    """An agent of the environment with its arguments: its transitions, with inputs for those that are steps, and what
    each `any` of its program may give. `against` are the numbers of those that its locks exclude."""

    agent: c.Agent
    on: str
    arguments: tuple[int, ...]
    transitions: list[Transition] = field(default_factory=list)
    inputs: list[Chosen] = field(default_factory=list)
    against: frozenset[int] = frozenset()
    begun: list[_Instance] = field(default_factory=list)


@dataclass(slots=True)
class Sections:
    """The agents at hand; `line` says what they may go by. States are known by their numbers."""

    line: Line
    at_hand: AtHand
    states: list[Values] = field(default_factory=list)
    _agents: list[_Agent] = field(default_factory=list)
    _numbers: dict[object, int] = field(default_factory=dict)
    _stood: dict[tuple[int, int, tuple[int, ...]], _Stand | None] = field(default_factory=dict)
    _left: dict[tuple[int, int, bool], list[tuple[int, Taken]]] = field(default_factory=dict)
    _moves: dict[tuple[_Instance, int], tuple[int, list[_Instance], Taken | None] | None] = field(default_factory=dict)
    _first: dict[object, _Instance] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._group()

    def first(self) -> Others:
        """When the theorem begins, before any that is under way has done anything."""
        return Others(self.number(self.line.instants[0]), (), frozenset())

    def number(self, state: Values) -> int:
        key = state.entry, tuple(sorted(state.ghosts.items()))
        if key not in self._numbers:
            self._numbers[key] = len(self.states)
            self.states.append(state)
        return self._numbers[key]

    def onward(self, here: Others) -> Iterator[_Next]:
        """What some agent does next."""
        for each in here.holding:
            rest = list(here.holding)
            rest.remove(each)
            yield from self._moved(here, rest, each)
        for number, one in enumerate(self._agents):
            if any(each.agent in one.against for each in here.holding):
                continue
            if not one.against or not one.agent.program:
                held = here.held | {number} if one.against else here.held
                late = bool(here.held & one.against)
                for left, taken in self._left_by(number, here.state, late):
                    yield here._replace(state=left, held=held), taken
            elif len(here.holding) < MOST_AT_ONCE:
                for inputs in range(len(one.inputs)):
                    yield from self._moved(here, here.holding, _Instance(number, inputs, (), None))
                for each in one.begun if not here.held & one.against else ():
                    yield from (
                        (there, taken) for there, taken in self._moved(here, here.holding, each) if taken is not None
                    )

    def _moved(self, here: Others, rest: Sequence[_Instance], instance: _Instance) -> Iterator[_Next]:
        """The instance's next event."""
        key = instance, here.state
        if key not in self._moves:
            self._moves[key] = self._move(*key)
        made = self._moves[key]
        if made is not None:
            left, going, taken = made
            holding = tuple(sorted([*rest, *going], key=lambda each: each[:3]))
            yield here._replace(state=left, holding=holding, held=here.held | {instance.agent}), taken

    def _move(self, instance: _Instance, state: int) -> tuple[int, list[_Instance], Taken | None] | None:
        """What the instance's next event leaves of a state, the instance if it has not ended, and the step."""
        number, inputs, found, _ = instance
        before, after = (self._stand(number, inputs, each) for each in (found, (*found, state)))
        if before is None or before.site is None or after is None:
            return None
        taken = None
        if after.left != state:
            taken = self._taken(instance, before, state, after.left)
            if taken is None:
                return None
        if after.site is None:
            return after.left, [], taken
        made = _Instance(number, inputs, (*found, state), after.place)
        return after.left, [self._first.setdefault((number, inputs, after.place), made)], taken

    def _taken(self, instance: _Instance, stand: _Stand, state: int, left: int) -> Taken | None:
        """The instance's event as a step."""
        one = self._agents[instance.agent]
        transition = next((each for each in one.transitions if each.site == stand.site), None)
        if transition is None:
            return None
        found = dict(zip(stand.sites, map(self.states.__getitem__, instance.found), strict=True))
        inputs: dict[str, int] = {
            name: one.inputs[instance.inputs][site] if _is_any(name) else found[site].entry
            for site, name in transition.earlier.items()
            if _is_any(name) or site in found
        }
        for (site, ghost), name in transition.earlier_ghosts.items():
            if site in found:
                inputs[name] = found[site].ghosts[ghost]
        taken = self._step(transition, one.arguments, inputs, state)
        return taken if taken is not None and self.number(taken.after) == left else None

    def _left_by(self, number: int, state: int, late: bool) -> list[tuple[int, Taken]]:
        """What the transitions of an agent make of a state, each by itself; `late`, of what they have seen just now."""
        if (number, state, late) not in self._left:
            one, made = self._agents[number], dict[int, Taken]()
            for transition in one.transitions:
                for inputs in self._inputs(transition, late):
                    taken = self._step(transition, one.arguments, inputs, state)
                    if taken is not None and self.number(taken.after) != state:
                        made.setdefault(self.number(taken.after), taken)
            self._left[number, state, late] = list(made.items())
        return self._left[number, state, late]

    def _inputs(self, transition: Transition, late: bool) -> Iterator[Inputs]:
        """Those of the line; for what they leave out the state at hand is found, and 0 or false given, or true."""
        line = [each.inputs for each in self._of_line([transition])]
        given = {
            name: [None, *([] if term.is_word else [1]), *dict.fromkeys(each[name] for each in line if name in each)]
            for name, term in transition.inputs.items()
            if not (late and name == SEEN)
        }
        for values in islice(product(*given.values()), MOST_INPUTS):
            yield {name: value for name, value in zip(given, values, strict=True) if value is not None}

    def _step(self, transition: Transition, arguments: tuple[int, ...], inputs: Inputs, state: int) -> Taken | None:
        before = self.states[state]
        after = after_transition(self.line.setting, transition, arguments, inputs, before)
        if after is None:
            return None
        return Taken(transition=transition, arguments=arguments, inputs=inputs, before=before, after=after)

    # The agents

    def _group(self) -> None:
        """The agents with what they may go by."""
        agents: dict[object, _Agent] = {}
        for transition, arguments in self.at_hand:
            key = transition.who, arguments
            made = agents.setdefault(key, _Agent(transition.agent, transition.on, arguments))
            made.transitions.append(transition)
        self._agents = list(agents.values())
        for one in self._agents:
            one.against = frozenset(
                number for number, other in enumerate(self._agents) if conflict(one.agent.locks, other.agent.locks)
            )
            one.inputs = list(self._chosen(one))
        found = [*self.line.instants, *self._found_earlier()]
        earlier = sorted({self.number(each) for each in found if is_valid(self.line.setting, each)})
        for number, one in enumerate(self._agents):
            if one.against and one.agent.program:
                one.begun = self._begun(number, earlier)

    def _of_line(self, transitions: Sequence[Transition]) -> Iterator[Taken]:
        return (each for each in self.line.steps.values() if any(each.transition is one for one in transitions))

    def _found_earlier(self) -> Iterator[Values]:
        """What the steps of the line go by."""
        for each in self.line.steps.values():
            transition = each.transition
            for site in (*transition.earlier, *(site for site, _ in transition.earlier_ghosts)):
                yield finds(transition, each.inputs, each.before)(each.before, site)

    def _chosen(self, one: _Agent) -> Iterator[Chosen]:
        """What each `any` gives: what it gives in the line, or a truth value."""
        names = {site: name for each in one.transitions for site, name in each.earlier.items() if _is_any(name)}
        given: dict[Site, list[int]] = {site: [0, 1] for site in names}
        for taken in self._of_line(one.transitions):
            for site, value in chosen(taken.transition, taken.inputs).items():
                if site in given and value not in given[site]:
                    given[site].append(value)
        for values in islice(product(*given.values()), MOST_INPUTS):
            yield Chosen(zip(given, values, strict=True))

    def _begun(self, number: int, earlier: Sequence[int]) -> list[_Instance]:
        """Where its instances may stand when the theorem begins, whatever valid states they have found."""
        begun: list[_Instance] = []
        for inputs in range(len(self._agents[number].inputs)):
            waiting, seen = deque[tuple[int, ...]]([()]), set[object]()
            while waiting and len(begun) < MOST_BEGUN:
                found = waiting.popleft()
                stand = self._stand(number, inputs, found)
                if stand is None or stand.site is None or stand.place in seen:
                    continue
                seen.add(stand.place)
                if found:
                    begun.append(_Instance(number, inputs, found, stand.place))
                waiting += [(*found, each) for each in earlier]
        return begun

    def _stand(self, number: int, inputs: int, found: tuple[int, ...]) -> _Stand | None:
        """Where an instance stands that has found this; None where it cannot have."""
        key = number, inputs, found
        if key not in self._stood:
            self._stood[key] = self._run(self._agents[number], inputs, found)
        return self._stood[key]

    def _run(self, one: _Agent, inputs: int, found: tuple[int, ...]) -> _Stand | None:
        waiting, sites = iter(found), list[Site]()

        def arrive(state: Values, site: Site) -> Values:
            for each in waiting:
                sites.append(site)
                return self.states[each]
            raise _Stands(site)

        names = [each.name for each in one.agent.parameters]
        call = Call(dict(zip(names, one.arguments, strict=True)), entry=one.on)
        interpreter = Interpreter(self.line.setting, self.line.instants[0], arrive, one.inputs[inputs])
        site = None
        try:
            interpreter.complete(one.agent.program, call)
        except _Stands as stands:
            site = stands.site
        except Stopped:
            return None
        place = site, tuple(call.variables.items()) if site is not None and len(site) == 1 else found
        return _Stand(site, self.number(interpreter.state), tuple(sites), place)


def _is_any(name: str) -> bool:
    return name.startswith("any")
