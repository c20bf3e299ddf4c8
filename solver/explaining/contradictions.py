"""Why nothing can happen: assumptions that contradict one another."""

from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.solver.explaining.items import Item
from spteproof.solver.explaining.texts import Texts
from spteproof.solver.explaining.trials import Trial
from spteproof.solver.instances import Instance
from spteproof.solver.proof import Prover
from spteproof.solver.results import VACUOUS, Budget, Result
from spteproof.solver.setting import TooBig


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Items none of which can be left out for the hypotheses to contradict one another while nobody else runs.
    `confirmed` is whether they do so by the ordinary way, and in the theorem's environment, with all others taken out
    of the texts."""

    items: tuple[Item, ...]
    confirmed: bool


def contradiction(library: c.Library, theorem: c.Theorem, instance: Instance, budget: Budget) -> Contradiction | str:
    """What makes an instance's hypotheses contradict one another; a string says why it cannot be named."""
    alone = replace(theorem, agents=())
    texts = Texts(library, alone)
    candidates = [each.number for each in texts.items]
    try:
        trial = Trial({}, replace(instance, theorem=alone), texts, (), budget, trusting=True)
        found = trial.contradicting(candidates)
    except TooBig as big:
        return str(big)
    if found is None:
        return "they contradict one another only in the theorem's environment"
    return Contradiction(
        items=tuple(texts.items[number] for number in found),
        confirmed=_is_confirmed(Texts(library, theorem), [texts.items[number] for number in found], instance, budget),
    )


def _is_confirmed(texts: Texts, found: list[Item], instance: Instance, budget: Budget) -> bool:
    places = [each.place for each in found]
    library, theorem = texts.without([each.number for each in texts.items if each.place not in places])
    theorem = replace(theorem, layouts=(instance.layout,), eras=(instance.era,) if instance.era is not None else ())
    again = [each for each in Prover(library, budget).prove(theorem) if isinstance(each, Result)]
    fitting = [each for each in again if each.params == instance.parameters and not each.implicit]
    return bool(fitting) and all(each.verdict == VACUOUS for each in fitting)
