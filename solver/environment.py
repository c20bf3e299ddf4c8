"""Agents to transitions: every atomic thing that another CPU may do to the entry and the ghosts.

Any number of instances of each agent run, and each may be anywhere in its program when the theorem begins. So
each event of an agent's program is a transition of its own: what the instance read before may be any value that
the layout's invariants allow, and the event itself acts on the entry as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.grammar.source import Place
from spteproof.solver.doubts import UNDEFINED, TooBig
from spteproof.solver.happenings import Event, Frame, State, fresh
from spteproof.solver.operations import fits_int
from spteproof.solver.setting import FAILED, Setting, Site
from spteproof.solver.terms import Term, Terms, variables
from spteproof.solver.translation import Translation

ENTRY = "entry"
SEEN = "earlier spte"
"""The input of a step with `saw`: no parameter can have this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Where `guard` holds, the default entry becomes `entry` and the ghosts and further entries become `ghosts`, all
    over the variables of `current` and `inputs`.

    `inputs` are chosen freely each time: step parameters, values seen or read earlier. `step` is the step at hand,
    or None
    for an event of a program, which stands at `site`; `earlier` are the inputs by the sites that found or chose them,
    `earlier_ghosts` those that a site found in a ghost.
    `arguments` are the agent's, over the theorem's parameters; `on` is the entry that its `spte` and `sptep` mean.
    """

    agent: c.Agent
    name: str
    place: Place
    guard: Term
    entry: Term
    ghosts: Mapping[str, Term]
    inputs: Mapping[str, Term]
    step: c.Step | None
    site: Site
    earlier: Mapping[Site, str]
    earlier_ghosts: Mapping[tuple[Site, str], str]
    arguments: tuple[Term, ...]
    on: str

    @property
    def who(self) -> str:
        return placed(self.agent.name, self.on)

    @property
    def after(self) -> State:
        return State(self.entry, self.ghosts)


def placed(name: str, entry: str) -> str:
    """The agent, or one of its steps, with the entry that it is put on."""
    return name if entry == c.DEFAULT_ENTRY else f"{name} on {entry}"


def current(terms: Terms, setting: Setting) -> State:
    """The state that transitions start from, as variables."""
    ghosts = {
        name: terms.variable(f"ghost {name}", is_word=sort is not c.Sort.BOOL) for name, sort in setting.ghosts.items()
    }
    return State(terms.word_variable(ENTRY), ghosts)


def valid(terms: Terms, setting: Setting, state: State) -> Term:
    """The layout's invariants of every entry. Raises TooBig as `invariants` does."""
    return terms.all_of(invariants(terms, setting, state.word(entry)) for entry in setting.entries)


def invariants(terms: Terms, setting: Setting, entry: Term) -> Term:
    """The layout's invariants of one value of the entry; worked out once for each value. Raises TooBig where one may be
    undefined. Asserts of predicates that it calls say nothing there: no program runs them."""
    if not setting.invariants:
        return terms.true
    key, source = ("invariants", setting.layout, entry.number), (setting.invariants, setting.values, setting.scope)
    known = terms.remembered.get(key)
    if known is None or not _same_source(known[1], source):
        known = terms.remembered[key] = (_invariants(terms, setting, entry), source)
    return known[0]


def _same_source(known: object, source: tuple[object, Mapping[str, int], object]) -> bool:
    """Whether invariants, the layout's values and the scope are the same; only the values are compared at length."""
    assert isinstance(known, tuple)
    return known[0] is source[0] and known[1] == source[1] and known[2] is source[2]


def _invariants(terms: Terms, setting: Setting, entry: Term) -> Term:
    translation = Translation(terms, setting, State(entry, {}))
    frame = Frame(terms.true)
    frame.variables["spte"] = entry
    result = terms.all_of([translation.value(each.condition, frame) for each in setting.invariants])
    undefined = [duty for duty in translation.duties if duty.kind == "defined"]
    if undefined:
        raise TooBig(f"an invariant of the layout may be undefined, at {undefined[0].place}", UNDEFINED)
    return result


def transitions(
    terms: Terms, setting: Setting, agent: c.Agent, arguments: Sequence[Term], on: str = c.DEFAULT_ENTRY
) -> tuple[list[Transition], list[Translation]]:
    """The transitions of one agent with its parameters bound, put on an entry, and the translations that hold its
    duties (asserts, definedness)."""
    if agent.program:
        found, translations = _of_program(terms, setting, agent, arguments, on)
    else:
        pairs = [_of_step(terms, setting, agent, step, arguments, on) for step in agent.steps]
        found, translations = [transition for transition, _ in pairs], [translation for _, translation in pairs]
    return [_with_open(terms, setting, each) for each in found] if setting.open else found, translations


def _with_open(terms: Terms, setting: Setting, transition: Transition) -> Transition:
    """The transition with the open names that it mentions among its inputs."""
    opened = {name: terms.truth_variable(name) for name in sorted(setting.open)}
    roots = [transition.guard, transition.entry, *transition.ghosts.values()]
    return replace(transition, inputs={**transition.inputs, **_used(opened, roots)})


def _bound(terms: Terms, parameters: Iterable[c.Parameter], arguments: Iterable[Term], on: str) -> Frame:
    frame = Frame(terms.true, on)
    frame.variables.update(zip([each.name for each in parameters], arguments, strict=True))
    return frame


def _of_step(
    terms: Terms, setting: Setting, agent: c.Agent, step: c.Step, arguments: Sequence[Term], on: str
) -> tuple[Transition, Translation]:
    state = current(terms, setting)
    translation = Translation(terms, setting, state, inside=True)
    frame = _bound(terms, agent.parameters, arguments, on)
    inputs: dict[str, Term] = {}
    guard = terms.true
    for parameter in step.parameters:
        name = f"{placed(f'{agent.name}.{step.name}', on)}.{parameter.name}"
        is_word = parameter.sort is not c.Sort.BOOL
        frame.variables[parameter.name] = inputs[parameter.name] = terms.variable(name, is_word)
        if parameter.sort is c.Sort.INT:
            guard = terms.both(guard, fits_int(terms, inputs[parameter.name]))
    if step.saw is not None:
        seen = inputs[SEEN] = terms.word_variable(f"{placed(f'{agent.name}.{step.name}', on)} seen")
        frame.variables["spte"] = seen
        guard = terms.all_of([guard, invariants(terms, setting, seen), translation.value(step.saw, frame)])
    frame.variables["spte"] = state.word(on)
    if step.when is not None:
        guard = terms.both(guard, translation.value(step.when, frame))
    frame.alive = guard
    translation.run(step.body, frame)
    after = translation.state.with_word(on, frame.read("spte"))
    transition = Transition(
        agent=agent,
        name=placed(f"{agent.name}.{step.name}", on),
        place=step.place,
        guard=guard,  # a step assumes nothing: the grammar lets it hold neither `assume` nor `any`
        entry=after.entry,
        ghosts=dict(after.ghosts),
        inputs=_used(inputs, [guard, *after.parts()]),
        step=step,
        site=(),
        earlier={},
        earlier_ghosts={},
        arguments=tuple(arguments),
        on=on,
    )
    return transition, translation


def _used(inputs: Mapping[str, Term], roots: Iterable[Term]) -> dict[str, Term]:
    occurring = variables(roots)
    return {name: term for name, term in inputs.items() if term in occurring}


def _of_program(
    terms: Terms, setting: Setting, agent: c.Agent, arguments: Sequence[Term], on: str
) -> tuple[list[Transition], list[Translation]]:
    found: dict[Site, State] = {}
    who = f"agent {placed(agent.name, on)}"  # apart from parameters and ghosts, whatever the agent is called

    def arrive(state: State, site: Site, guard: Term) -> State:
        found[site] = fresh(terms, state, f"{who} found{len(found)}")
        return found[site]

    translation = Translation(terms, setting, current(terms, setting), arrive, prefix=f"{who} ")
    translation.run(agent.program, _bound(terms, agent.parameters, arguments, on))
    result = [
        _of_event(terms, setting, agent, event, found, translation.inputs, arguments, on)
        for event in translation.events
        if event.after != event.before and not _may_fail(event)
    ]
    read = terms.all_of(valid(terms, setting, each) for each in found.values())
    translation.duties = [replace(duty, assumed=terms.both(duty.assumed, read)) for duty in translation.duties]
    return result, [translation]


def _may_fail(event: Event) -> bool:
    """Whether the event stands in the iteration of a retry that fails: the last one does the same where none failed."""
    return any(name == FAILED for name, _, _ in event.site)


def _of_event(
    terms: Terms,
    setting: Setting,
    agent: c.Agent,
    event: Event,
    found: Mapping[Site, State],
    chosen: Mapping[Site, Term],
    arguments: Sequence[Term],
    on: str,
) -> Transition:
    """One event of a program as a transition: what it finds is the current state, what was found before is an input."""
    state = current(terms, setting)
    replacements = dict(zip(event.before.parts(), state.parts(), strict=True))
    compared = _compared_input(event, found)
    if compared is not None:
        replacements[compared] = state.word(next(iter(event.touched)))
    names = list(event.after.ghosts)
    roots = [event.guard, event.assumed, event.after.entry, *[event.after.ghosts[name] for name in names]]
    guard, assumed, entry, *ghosts = terms.substitute(roots, replacements)
    inputs: dict[str, Term] = {}
    earlier: dict[Site, str] = {}
    earlier_ghosts: dict[tuple[Site, str], str] = {}
    occurring = variables([guard, assumed, entry, *ghosts])
    for number, (site, before) in enumerate(found.items()):
        if before.entry in occurring and site != event.site:
            inputs[f"found{number}"] = before.entry
            earlier[site] = f"found{number}"
            assumed = terms.both(assumed, invariants(terms, setting, before.entry))
        for name, ghost in before.ghosts.items():
            if ghost in occurring and site != event.site:
                inputs[f"found{number} {name}"] = ghost
                earlier_ghosts[site, name] = f"found{number} {name}"
                if name in setting.entries:
                    assumed = terms.both(assumed, invariants(terms, setting, ghost))
    if compared is not None:
        assumed = terms.both(assumed, _just_read(terms, setting, event, found, compared, occurring))
    for number, (site, term) in enumerate(chosen.items()):
        if term in occurring:
            inputs[f"any{number}"] = term
            earlier[site] = f"any{number}"
    return Transition(
        agent=agent,
        name=placed(f"{agent.name}.{event.operation}", on),
        place=event.place,
        guard=terms.both(guard, assumed),
        entry=entry,
        ghosts=dict(zip(names, ghosts, strict=True)),
        inputs=inputs,
        step=None,
        site=event.site,
        earlier=earlier,
        earlier_ghosts=earlier_ghosts,
        arguments=tuple(arguments),
        on=on,
    )


def _just_read(
    terms: Terms, setting: Setting, event: Event, found: Mapping[Site, State], compared: Term, occurring: set[Term]
) -> Term:
    """Where the value at hand, with which the exchange compares, breaks an invariant, the instance has read it since
    the theorem began: what it found later is the state at hand, too."""
    state, entry = current(terms, setting), next(iter(event.touched))
    finds = [each for site, each in found.items() if site != event.site]
    at = next(number for number, each in enumerate(finds) if each.word(entry) is compared)
    pairs = [pair for each in finds[at + 1 :] for pair in zip(each.parts(), state.parts(), strict=True)]
    same = terms.all_of(terms.same(*pair) for pair in pairs if pair[0] in occurring)
    return terms.either(invariants(terms, setting, state.word(entry)), same)


def _compared_input(event: Event, found: Mapping[Site, State]) -> Term | None:
    """The value that a compare-and-exchange compares with, where that is exactly what one earlier event found.

    The exchange changes the entry only where the two are equal, so the earlier value may be replaced by the
    current one.
    """
    if event.operation not in ("cmpxchg64", "try_cmpxchg64"):
        return None
    (entry,) = event.touched
    before, after = event.before.word(entry), event.after.word(entry)
    if after.operator != "ite" or after.children[0].operator != "=" or after.children[2] is not before:
        return None
    left, right = after.children[0].children
    other = right if left is before else left
    earlier = {state.word(entry) for state in found.values()}
    return other if other in earlier and other is not before else None
