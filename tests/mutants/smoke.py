"""A few mutants that are known, against a few texts: shows that the machinery works. Prints the fate of each as JSON."""

import json
import sys

from .changes import mutants
from .checks import SOLVER, SPEC, Check, outcome, texts
from .hunting import hunt
from .processes import in_forks, warm_up

THEOREMS = ("clear_one_bit_keeps_what_others_set", "age_uses_what_the_exchange_returned", "the_mark_is_kept")
KILLED = (
    "terms: Terms.choose_truth: other of a pair: then => other in if then is self.true: ...",
    "closure: _Search.run: ",
    "smtlib: Script._define: negated condition: '(_ BitVec 64)' if term.is_word else 'Bool'",
    "environment: _of_step: dropped statement: if step.when is not None: ... => nothing",
    "environment: _of_step: other of a pair: terms.both => terms.either in guard = terms.both(guard, translation.value(",
    "execution: draft: other of a pair: terms.both => terms.either in return Draft(",
    "operations: _combined: dropped call: domain.bit_not(operand) => operand",
    "properties: _preserves",
)
"""The beginnings of their keys."""
LOOPING = "terms: reachable: dropped statement: seen[term.number] = term => nothing"
UNSEEN = "schedules: _merges: dropped statement: continue => nothing"


def main() -> int:
    warm_up()
    known = texts([SPEC / "mail"])
    by_name = {name: (library, theorem) for name, library, theorem in known.named() if theorem in THEOREMS}
    checks = []
    for name, found in in_forks(lambda name: outcome(*by_name[name]), list(by_name), 2):
        ok, counts = found  # type: ignore[misc]
        assert ok, name
        checks.append(Check(name, 1.0, frozenset(), tuple(map(tuple, counts))))
    wanted = [*KILLED, LOOPING, UNSEEN]
    made = [each for path in sorted(SOLVER.glob("*.py")) for each in mutants(path)]
    picked = [next((each for each in made if each.key.startswith(key)), None) for key in wanted]
    for key, each in zip(wanted, picked, strict=True):
        assert each is not None, f"there is no mutant {key}"
    for found in hunt(known, [each for each in picked if each is not None], checks, 2, None):
        print(json.dumps([found.mutant.key, found.outcome, found.by.strip().splitlines()[-1:]]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
