"""Why a theorem fails: the counterexample again, with a reason for each step."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from spteproof.solver import judgement
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.decision import Decision
from spteproof.solver.environment import SEEN
from spteproof.solver.explaining.because import Fact, Noting, facts, noted
from spteproof.solver.interpretation import Call, Values
from spteproof.solver.judgement import Trace
from spteproof.solver.results import Counterexample, Row
from spteproof.solver.rows import rows
from spteproof.solver.setting import Site
from spteproof.solver.stepping import Taken, chosen, finds
from spteproof.solver.threads import in_turns
from spteproof.solver.witness import Witness, replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A step of a counterexample: `row` is how it is drawn. `facts` are the conditions because of which it happens;
    those about an earlier value of the entry, where there is one, are about `seen`. `lost` are the bits that the
    property blames on it, and `breaks` is whether the property is broken by it."""

    row: Row
    facts: tuple[Fact, ...]
    seen: int | None = None
    lost: int = 0
    breaks: bool = False


class Remembering:
    """Which executions refuted which claims: its `kind` decides as ever and tells it."""

    def __init__(self) -> None:
        self._hunts: list[tuple[str, Hunt]] = []
        hunts = self._hunts

        class Told(Decision):
            def _hunt(self, number: int) -> Hunt:
                hunt = super()._hunt(number)
                hunts.append((self.claims[number].text, hunt))
                return hunt

        self.kind: type[Decision] = Told

    def reasons(self, property: str, example: Counterexample) -> list[Reason] | None:
        """The steps of a counterexample to a property, each with its reason; None where it is of no run of the
        theorem's program (two calls that differ)."""
        for hunt in [hunt for text, hunt in self._hunts if text == property]:
            for _, witness in hunt.replayed:
                trace = replay(witness)
                if _is_of(example, witness, trace):
                    return _reasons(witness, trace, hunt, example)
        return None


def _further(witness: Witness) -> Sequence[str]:
    return witness.setting.entries[1:]


def _is_of(example: Counterexample, witness: Witness, trace: Trace) -> bool:
    same = (example.start, example.values) == (witness.start.entry, witness.setting.values)
    return same and list(example.rows) == list(rows(witness, trace, _further(witness)))


def _reasons(witness: Witness, trace: Trace, hunt: Hunt, example: Counterexample) -> list[Reason]:
    shown = iter(example.rows)
    found: list[Reason] = []
    own = _own_facts(witness)
    blamed = _blamed(trace, hunt, example.lost)
    for number, happening in enumerate(trace.happened):
        found += _of_steps(witness, witness.steps.get(happening.site, ()), shown)
        reasons = tuple(fact for fact in own if fact.number == number)
        lost = blamed.get(number, 0)
        found.append(Reason(row=next(shown), facts=reasons, lost=lost, breaks=number in blamed))
    return found + _of_steps(witness, witness.steps.get(None, ()), shown)


def _of_steps(witness: Witness, steps: Sequence[Taken], shown: Iterator[Row]) -> list[Reason]:
    return [_of_step(witness, each, next(shown)) for each in steps if each.before != each.after]


def _blamed(trace: Trace, hunt: Hunt, lost: int) -> Mapping[int, int]:
    """The bits that the property blames on each event of the program, of those that the counterexample is about."""
    if isinstance(hunt.property, str):
        return {}
    found = judgement.breaches(trace, hunt.property)
    return {each.event: each.bits & lost for each in found if each.event is not None and (each.bits & lost or not lost)}


def _own_facts(witness: Witness) -> list[Fact]:
    """What decided in the theorem's program, by the events that came before: the run once more, step by step."""

    def arrive(state: Values, site: Site) -> Values:
        steps = witness.steps.get(site, ())
        return steps[-1].after if steps else state

    turns = list(witness.schedule)
    interpreter = Noting(
        witness.setting,
        witness.start,
        arrive,
        witness.inputs,
        threads=in_turns(lambda standing: turns.pop(0)),
    )
    return noted(interpreter, witness.theorem.body, Call(dict(witness.parameters)))


def _of_step(witness: Witness, taken: Taken, row: Row) -> Reason:
    transition = taken.transition
    names = [parameter.name for parameter in transition.agent.parameters]
    variables = dict(zip(names, taken.arguments, strict=True))
    if transition.step is None:
        return Reason(row=row, facts=tuple(_of_program(witness, taken, variables)))
    call = Call(variables, entry=transition.on)
    for parameter in transition.step.parameters:
        call.variables[parameter.name] = taken.inputs.get(parameter.name, 0)
    found: list[Fact] = []
    seen = None
    if transition.step.saw is not None:
        seen = taken.inputs.get(SEEN, taken.before.word(transition.on))
        call.variables["spte"] = seen
        found += facts(witness.setting, transition.step.saw, call, taken.before)
    call.variables["spte"] = taken.before.word(transition.on)
    if transition.step.when is not None:
        found += facts(witness.setting, transition.step.when, call, taken.before)
    return Reason(row=row, facts=tuple(found), seen=seen)


def _of_program(witness: Witness, taken: Taken, variables: dict[str, int]) -> list[Fact]:
    """The conditions on an agent's way to its event: run as the replay runs it."""
    transition = taken.transition
    arrive = finds(transition, taken.inputs, taken.before)
    interpreter = Noting(witness.setting, taken.before, arrive, chosen(transition, taken.inputs))
    found = noted(interpreter, transition.agent.program, Call(variables, entry=transition.on))
    sites = [happening.site for happening in interpreter.happened]
    last = sites.index(transition.site) if transition.site in sites else len(sites)
    return [fact for fact in found if fact.number <= last]
