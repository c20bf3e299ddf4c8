"""Random texts that kill mutants: the first ones of those that `tests/differential` makes and decides in every run of the
tests. What is right is what visiting all states says, which is done once; no solver takes part in it.

What makes and visits them is imported where it is used: pytest knows each folder of tests as a package of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spteproof.grammar.checked import Library
from spteproof.grammar.modules import load_text

SEED = 1
"""The one of `tests/differential/test_generation.py`."""


@dataclass(frozen=True, slots=True)
class RandomText:
    """A text, as it was made and checked, and the verdicts of the walk through all its states."""

    number: int
    text: object
    library: Library
    visited: Sequence[object]


def random_texts(count: int, library_root: Path) -> list[RandomText]:
    """The first `count` texts, but those whose states are too many to visit."""
    if not count:
        return []
    from tests.differential.generation.compare import visited
    from tests.differential.generation.generate import make_text
    from tests.differential.generation.machine import TooMany
    from tests.differential.generation.text import spte_text

    found = []
    for number in range(count):
        text = make_text(SEED, number)
        loaded = load_text(spte_text(text), name=f"random {number}", library_root=library_root)
        assert loaded.library is not None, loaded.diagnostics
        try:
            found.append(RandomText(number, text, loaded.library, visited(text)))
        except TooMany:
            continue
    return found


def as_visited(each: RandomText) -> bool:
    """Whether the solver, as it is in this process, says of the text what the walk says."""
    from spteproof.solver.proof import Prover
    from spteproof.solver.results import Budget, Result
    from tests.differential.generation.asking import plainly
    from tests.differential.generation.compare import Figures, differing

    prover = Prover(each.library, Budget(shortest_seconds=0.2))
    found = [result for name in each.library.theorems for result in prover.prove(each.library.theorems[name])]
    said = [plainly(result) for result in found if isinstance(result, Result)]
    return not differing(each.text, each.number, list(each.visited), said, Figures())
