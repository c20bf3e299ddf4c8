"""Random texts, each of whose theorems is explained: what was not needed can be taken out, what is needed alone cannot.

python -m tests.solver.random_explained --cases 100 --seed 7        texts; every fault is printed
python -m tests.solver.random_explained --seed 7 --number 41        one text again

Both are asked of the ordinary proof, which knows nothing of loosened texts.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator

from spteproof.grammar.modules import load_text
from spteproof.reasons.explained import explained, not_confirmed
from spteproof.running.pipeline import LIBRARY, library_of
from spteproof.solver.explaining.confirming import unconfirmed
from spteproof.solver.explaining.items import ASSUMPTION, GUARD, INVARIANT
from spteproof.solver.results import Budget

from ..differential.generation.generate import make_text
from ..differential.generation.text import spte_text

BUDGET = Budget(shortest_seconds=0.2)
DIRECT = (ASSUMPTION, GUARD, INVARIANT)
"""To loosen one of these is to take it out."""


def faults(seed: int, number: int, figures: Counter[str]) -> Iterator[str]:
    """What is wrong in the explanations of a text's theorems; counts what was looked at."""
    library = library_of(load_text(spte_text(make_text(seed, number)), name="random", library_root=LIBRARY))
    for theorem in library.theorems.values():
        found = explained(library, theorem, BUDGET, lambda text: None)
        figures["theorems"] += 1
        for failure in found.failures:
            figures["counterexamples"] += 1
            if failure.steps is None or [step.row for step in failure.steps] != list(failure.example.rows):
                yield f"{theorem.name}: a counterexample without its reasons"
            else:
                figures["steps with reasons"] += sum(bool(step.facts) for step in failure.steps)
        for nothing in found.vacuous:
            named = nothing.contradiction
            if named is not None:
                figures["contradictions"] += 1
                if isinstance(named, str) or not named.confirmed:
                    figures["contradictions not named"] += 1
        if found.grounds is None:
            continue
        grounds = found.grounds
        figures["proofs"] += len(grounds.proved)
        figures["proofs of which nothing is said"] += len(grounds.unnamed)
        figures["conditions"] += len(grounds.texts.items)
        figures["not needed"] += len(grounds.unneeded)
        yield from (f"{theorem.name}: not confirmed: {each}" for each in not_confirmed(grounds))
        for need in (*grounds.needed, *grounds.needed_unasked):
            if need.alone and need.item.kind in DIRECT:
                figures["needed alone"] += 1
                if not list(unconfirmed(grounds.texts, grounds.proved, [need.item], BUDGET)):
                    yield f"{theorem.name}: holds without {need.item.text}, at {need.item.place}"


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.solver.random_explained")
    arguments.add_argument("--cases", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--number", type=int)
    called = arguments.parse_args()
    numbers = range(called.cases) if called.number is None else [called.number]
    figures: Counter[str] = Counter()
    started, wrong = time.process_time(), 0
    for number in numbers:
        for fault in faults(called.seed, number, figures):
            wrong += 1
            print(f"--seed {called.seed} --number {number}: {fault}", flush=True)
    print(", ".join(f"{count} {what}" for what, count in figures.items()))
    print(f"{wrong} faults in {len(numbers)} texts, {time.process_time() - started:.0f} s of processor time")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
