"""What second opinions said in a whole run."""

from collections.abc import Sequence
from dataclasses import replace

from spteproof.solver.questions import Opinion
from spteproof.solver.results import Result


def opinions_of(results: Sequence[Result]) -> list[Opinion]:
    """What others said of all the questions asked, each instance's counted once."""
    instances = {
        (each.theorem, each.layout, each.era, tuple(each.params.items())): each.scope.opinions for each in results
    }
    found: dict[str, Opinion] = {}
    for each in (opinion for opinions in instances.values() for opinion in opinions):
        before = found.get(each.name, replace(each, confirmed=0, undecided=0))
        found[each.name] = replace(
            before, confirmed=before.confirmed + each.confirmed, undecided=before.undecided + each.undecided
        )
    return list(found.values())
