"""What was not needed is taken out of the texts, and what was proved is proved again by the ordinary way."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from spteproof.grammar import checked as c
from spteproof.solver.doubts import TooBig
from spteproof.solver.explaining.items import Item
from spteproof.solver.explaining.texts import Texts
from spteproof.solver.explaining.trials import Trial
from spteproof.solver.instances import Instance, instances
from spteproof.solver.proof import Prover
from spteproof.solver.results import PROVED, VACUOUS, Budget, Result
from spteproof.solver.workbench import Benches


def unconfirmed(
    texts: Texts, proved: Sequence[Result], left_out: Sequence[Item], budget: Budget
) -> Iterator[tuple[Result, Result | None]]:
    """What of `proved` is not proved any more where some items are taken out of the texts, with what is found then
    (None: no verdict). Taken out from under a `!`, they may leave an assumption that nothing satisfies: such a proof is
    tried with other values in their place."""
    numbers = sorted(each.number for each in left_out)
    verdicts = _verdicts(*texts.without(numbers), budget) if proved else {}
    for result in proved:
        found = verdicts.get(_key(result))
        if found is not None and found.verdict == VACUOUS and not result.implicit:
            found = _with_other_values(texts, result, numbers, budget) or found
        if found is None and not result.implicit:
            yield result, None
        elif found is not None and found.verdict != PROVED and not (result.implicit and found.verdict == VACUOUS):
            yield result, found


def _verdicts(library: c.Library, theorem: c.Theorem, budget: Budget) -> dict[tuple[object, ...], Result]:
    found = Prover(library, budget).prove(theorem)
    return {_key(each): each for each in found if isinstance(each, Result)}


def _with_other_values(texts: Texts, result: Result, numbers: Sequence[int], budget: Budget) -> Result | None:
    """The verdict with values in the items' place with which what is claimed can happen; None where none are found."""
    (instance,) = [each for each in instances(texts.library, texts.theorem) if is_of(result, each)]
    try:
        values = _values(texts, instance, result.property, numbers, budget)
    except TooBig:
        return None
    if values is None:
        return None
    library, theorem = texts.settled(values)
    theorem = replace(theorem, layouts=(instance.layout,), eras=(instance.era,) if instance.era is not None else ())
    return _verdicts(library, theorem, budget).get(_key(result))


def _values(
    texts: Texts, instance: Instance, text: str, numbers: Sequence[int], budget: Budget
) -> dict[int, bool] | None:
    loose = [number for number in numbers if number in texts.of_agents]
    program = [number for number in numbers if number not in texts.of_agents]
    kept = [each.number for each in texts.items if each.number not in texts.of_agents and each.number not in program]
    trial = Trial(Benches(), instance, texts, loose, budget, trusting=True)
    return trial.possible(text, kept, program, loose)


def is_of(result: Result, instance: Instance) -> bool:
    """Whether the result is one of the instance's."""
    return (result.layout, result.era, result.params) == (instance.layout, instance.era, instance.parameters)


def _key(result: Result) -> tuple[object, ...]:
    return (result.property, result.layout, result.era, tuple(result.params.items()))
