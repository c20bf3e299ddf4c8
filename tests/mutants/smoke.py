"""A few mutants that are known, against a few texts: shows that the machinery works. Prints the fate of each as JSON."""

import json
import sys

from .changes import mutants
from .checks import SOLVER, SPEC, Check, outcome, texts
from .hunting import hunt
from .processes import in_forks, warm_up

THEOREMS = ("clear_one_bit_keeps_what_others_set", "age_uses_what_the_exchange_returned", "the_mark_is_kept")
KILLED = (
    "terms: Terms.both: other of a pair: self.false => self.true in return self.false",
    "execution: draft: other of a pair: setting, start => start, setting in hypotheses",
    "closure: closure: first turn only",
    "smtlib: Script.literal: dropped statement",
    "properties: violation: early return of None",
    "environment: _of_step: comparison: step.when is not None => step.when is None in if step.when is not None: ...",
    "translation: Translation._unary: comparison: node.operator == '!' => node.operator != '!' in if node.operator == '!': ...",
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
