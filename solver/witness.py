"""Witnesses: one explicit execution, and the replay that decides whether it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.solver.doubts import Doubt
from spteproof.solver.exclusion import Line, overlap
from spteproof.solver.interpretation import Call, Happening, Interpreter, Stopped, Values
from spteproof.solver.judgement import Breach, Trace
from spteproof.solver.operations import WORD_BITS
from spteproof.solver.setting import Setting, Site
from spteproof.solver.stepping import Taken, after_transition, is_valid
from spteproof.solver.threads import in_turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One execution: the start, the parameters, what `any` yields at each site, the environment's steps before each
    event that happens (site) and after the last one (None), and whose turn it is at each event of the threads."""

    setting: Setting
    theorem: c.Theorem
    start: Values
    parameters: Mapping[str, int]
    inputs: Mapping[Site, int]
    steps: Mapping[Site | None, Sequence[Taken]]
    schedule: Sequence[str] = ()

    def environment_steps(self) -> int:
        """How many steps of the environment change something."""
        return sum(each.before != each.after for steps in self.steps.values() for each in steps)


class Refused(Exception):
    """The witness is no execution of the theorem; the message says where it goes wrong."""


class Excluded(Refused):
    """Agents run in it at one time whose locks exclude each other; `doubt` names them."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt)
        self.doubt = doubt


def replay(witness: Witness) -> Trace:
    """Runs the witness with the concrete interpreter, step by step. Raises Refused, and Excluded where nothing else is
    wrong with it."""
    trace, line = traced(witness)
    overlapping = overlap(line)
    if overlapping is not None:
        raise Excluded(overlapping)
    return trace


def traced(witness: Witness) -> tuple[Trace, Line]:
    """The same, whatever locks exclude."""
    setting = witness.setting
    if not is_valid(setting, witness.start):
        raise Refused("the start value breaks an invariant of the layout")
    _check_parameters(witness)
    allowed = _agents_at_hand(witness.theorem, setting, witness.parameters)
    instants = [witness.start]
    counts: list[int] = []
    line = Line(setting, instants, {})

    def arrive(state: Values, site: Site | None) -> Values:
        for taken in witness.steps.get(site, ()):
            if taken.before != state:
                raise Refused(f"{taken.transition.name} does not start where the last step ended")
            if (taken.transition.agent.name, taken.transition.on, taken.arguments) not in allowed:
                raise Refused(f"{taken.transition.who} is not in the theorem's environment with these arguments")
            after = after_transition(setting, taken.transition, taken.arguments, taken.inputs, state)
            if after is None or after != taken.after:
                raise Refused(f"{taken.transition.name} does not do what the witness says")
            state = after
            line.go(taken)
        return state

    def arrive_and_note(state: Values, site: Site) -> Values:
        _note(instants, counts, interpreter.happened)
        return arrive(state, site)

    call = Call(dict(witness.parameters))
    turns = list(witness.schedule)

    def turn(standing: Mapping[str, Site]) -> str:
        if not turns or turns[0] not in standing:
            raise Refused("the schedule names no thread that can go on" if turns else "the schedule ends too early")
        return turns.pop(0)

    interpreter = Interpreter(setting, witness.start, arrive_and_note, witness.inputs, threads=in_turns(turn))
    stopped = False
    try:
        interpreter.complete(witness.theorem.body, call)
    except Stopped:
        stopped = True
    if turns:
        raise Refused("the schedule goes on when all threads have ended")
    _note(instants, counts, interpreter.happened)
    end = interpreter.state if stopped else arrive(interpreter.state, None)
    trace = Trace(
        setting=setting,
        start=witness.start,
        happened=interpreter.happened,
        end=end,
        instants=instants,
        instants_of=counts,
        call=call,
        failures=interpreter.failures,
        stopped=stopped,
    )
    return trace, line


def replays(witness: Witness) -> bool:
    """Whether it is an execution of the theorem."""
    try:
        replay(witness)
    except Refused:
        return False
    return True


def _agents_at_hand(
    theorem: c.Theorem, setting: Setting, parameters: Mapping[str, int]
) -> set[tuple[str, str, tuple[int, ...]]]:
    """The agents of the theorem's environment with their entries and arguments, for concrete parameters."""

    def stay(state: Values, site: Site) -> Values:
        return state

    interpreter = Interpreter(setting, Values(0, {}), stay)
    call = Call(dict(parameters))
    return {
        (use.agent, use.entry, tuple(interpreter.value(argument, call) for argument in use.arguments))
        for use in theorem.agents
    }


def _note(instants: list[Values], counts: list[int], happened: Sequence[Happening]) -> None:
    """Adds the instant just after the last event, where it happened since; `counts` is where in `instants` each event's
    stands."""
    if len(happened) > len(counts):
        counts.append(len(instants))
        instants.append(happened[-1].after)


def _check_parameters(witness: Witness) -> None:
    for parameter in witness.theorem.parameters:
        value = witness.parameters[parameter.name]
        if parameter.choices is not None and value != witness.setting.choices[parameter.name]:
            raise Refused(f"parameter {parameter.name} is not the instance's")
        number = value - (1 << WORD_BITS) if value >> WORD_BITS - 1 else value
        if parameter.bounds is not None and not parameter.bounds[0] <= number <= parameter.bounds[1]:
            raise Refused(f"parameter {parameter.name} is out of its range")


def has_breach(found: Sequence[Breach], bits: int) -> bool:
    """Some moment is to blame for all these bits (0: any moment)."""
    return any(breach.bits & bits == bits for breach in found)
