"""Why nothing can happen: assumptions that contradict one another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.solver.doubts import TooBig
from spteproof.solver.explaining.confirming import is_of
from spteproof.solver.explaining.items import Item
from spteproof.solver.explaining.texts import Texts
from spteproof.solver.explaining.trials import Trial
from spteproof.solver.instances import Instance
from spteproof.solver.proof import Prover
from spteproof.solver.results import VACUOUS, Budget, Result
from spteproof.solver.workbench import Benches


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Items none of which can be left out for the hypotheses to contradict one another while nobody else runs.
    `confirmed` is whether the property is vacuous by the ordinary way, and in the theorem's environment, with all
    others taken out of the texts."""

    items: tuple[Item, ...]
    confirmed: bool


def contradiction(
    library: c.Library, theorem: c.Theorem, instance: Instance, text: str, budget: Budget
) -> Contradiction | str:
    """What makes an instance's hypotheses contradict one another, so that the property of this `text` is vacuous; a
    string says why it cannot be named."""
    alone = replace(theorem, agents=())
    texts = Texts(library, alone)
    candidates = [each.number for each in texts.items]
    try:
        trial = Trial(Benches(), replace(instance, theorem=alone), texts, (), budget, trusting=True)
        found = trial.contradicting(candidates)
    except TooBig as big:
        return str(big)
    if found is None:
        return "they contradict one another only in the theorem's environment"
    items = tuple(texts.items[number] for number in found)
    confirmed = _is_confirmed(Texts(library, theorem), items, instance, text, budget)
    return Contradiction(items=items, confirmed=confirmed)


def _is_confirmed(texts: Texts, found: Sequence[Item], instance: Instance, text: str, budget: Budget) -> bool:
    """Other properties may be refuted: `always` looks at the start, before any assumption."""
    places = [each.place for each in found]
    library, theorem = texts.without([each.number for each in texts.items if each.place not in places])
    theorem = replace(theorem, layouts=(instance.layout,), eras=(instance.era,) if instance.era is not None else ())
    again = [each for each in Prover(library, budget).prove(theorem) if isinstance(each, Result)]
    return any(is_of(each, instance) and (each.property, each.verdict) == (text, VACUOUS) for each in again)
