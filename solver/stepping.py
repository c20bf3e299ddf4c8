"""One transition of the environment, run on integers by the interpreter: may it happen, and what does it leave?"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.solver.environment import SEEN, Transition
from spteproof.solver.integers import Integers
from spteproof.solver.interpretation import Call, Interpreter, Stopped, Values
from spteproof.solver.operations import fits_int
from spteproof.solver.setting import Setting, Site


class Chosen(dict[Site, int]):
    """What `any` yields; 0 where it does not matter."""

    def __missing__(self, site: Site) -> int:
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One step of the environment: which transition, with which inputs, from where to where."""

    transition: Transition
    arguments: tuple[int, ...]
    inputs: Mapping[str, int]
    before: Values
    after: Values


def hold_invariants(setting: Setting, entry: int) -> bool:
    """The layout's invariants of one value of the entry."""
    return not _broken(setting, entry)


def is_valid(setting: Setting, state: Values) -> bool:
    """The layout's invariants of every entry."""
    return not broken_invariants(setting, state)


def broken_invariants(setting: Setting, state: Values) -> tuple[str, ...]:
    """The names of the layout's invariants that some entry breaks."""
    found = [name for entry in setting.entries for name in _broken(setting, state.word(entry))]
    return tuple(dict.fromkeys(found))


def _broken(setting: Setting, entry: int) -> list[str]:
    interpreter = Interpreter(setting, Values(entry, {}), _stay)
    call = Call({"spte": entry})
    return [each.name for each in setting.invariants if not interpreter.value(each.condition, call)]


def _stay(state: Values, site: Site) -> Values:
    return state


def after_transition(
    setting: Setting, transition: Transition, arguments: Sequence[int], inputs: Mapping[str, int], state: Values
) -> Values | None:
    """The state that the transition leaves, or None where it cannot happen with these inputs."""
    parameters = [parameter.name for parameter in transition.agent.parameters]
    variables = dict(zip(parameters, arguments, strict=True))
    if transition.step is not None:
        return _after_step(setting, transition.step, Call(variables, entry=transition.on), inputs, state)
    return _after_event(setting, transition, variables, inputs, state)


def _after_step(setting: Setting, step: c.Step, call: Call, inputs: Mapping[str, int], state: Values) -> Values | None:
    interpreter = Interpreter(setting, state, _stay, inside=True)
    for parameter in step.parameters:
        value = call.variables[parameter.name] = inputs.get(parameter.name, 0)
        if parameter.sort is c.Sort.INT and not fits_int(Integers(), value):
            return None
    if step.saw is not None:
        seen = inputs.get(SEEN, state.word(call.entry))
        call.variables["spte"] = seen
        if not hold_invariants(setting, seen) or not interpreter.value(step.saw, call):
            return None
    call.variables["spte"] = state.word(call.entry)
    if step.when is not None and not interpreter.value(step.when, call):
        return None
    try:
        interpreter.run(step.body, call)
    except Stopped:
        return None
    return interpreter.state.with_word(call.entry, call.read("spte"))


def _after_event(
    setting: Setting, transition: Transition, variables: dict[str, int], inputs: Mapping[str, int], state: Values
) -> Values | None:
    """Runs the agent's program up to the transition's event. What was found earlier must be valid, unless it is the
    state at hand, which the instance has just read, as all that it found from there on. Where the inputs say nothing
    of what was found it does not matter, so that something valid may have been found."""
    valid = next((word for word in inputs.values() if hold_invariants(setting, word)), state.entry)
    anything = Values(valid, {name: valid if name in setting.entries else each for name, each in state.ghosts.items()})
    given = {*transition.earlier, *(site for site, _ in transition.earlier_ghosts)}
    arrive, free = finds(transition, inputs, state), set[Site]()

    def arrive_or_any(at: Values, site: Site) -> Values:
        return anything if site in free else arrive(at, site)

    for _ in range(2):
        interpreter = Interpreter(setting, state, arrive_or_any, chosen(transition, inputs))
        with suppress(Stopped):
            interpreter.complete(transition.agent.program, Call(dict(variables), entry=transition.on))
        happened = [each for each in interpreter.happened if each.site == transition.site]
        earlier = interpreter.happened[: interpreter.happened.index(happened[0])] if happened else []
        while earlier and earlier[-1].before == state:
            earlier.pop()
        if all(hold_invariants(setting, each.before.word(entry)) for each in earlier for entry in each.entries):
            return happened[0].after if happened else None
        free = {each.site for each in earlier} - given
    return None


def finds(transition: Transition, inputs: Mapping[str, int], state: Values) -> Callable[[Values, Site], Values]:
    """What the events of an agent's program find: earlier ones than the transition's what `inputs` say; that one, and
    others where it does not matter, `state`."""

    def arrive(_: Values, site: Site) -> Values:
        entry = inputs.get(transition.earlier.get(site, ""), state.entry)
        ghosts = {
            name: _like(value, inputs.get(transition.earlier_ghosts.get((site, name), ""), value))
            for name, value in state.ghosts.items()
        }
        return Values(entry, ghosts)

    return arrive


def chosen(transition: Transition, inputs: Mapping[str, int]) -> Chosen:
    """What each `any` of the program gives."""
    return Chosen({site: inputs[name] for site, name in transition.earlier.items() if name in inputs})


def _like(value: int, found: int) -> int:
    """What was found, as a bool where the ghost is one."""
    return bool(found) if isinstance(value, bool) else found
