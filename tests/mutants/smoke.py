"""A few mutants that are known, against a few texts: shows that the machinery works. Prints the fate of each as JSON."""

import json
import sys
from pathlib import Path

from .altered import path_of
from .changes import mutants
from .checks import Check, outcome, texts
from .hunting import hunt
from .processes import MEMORY, allow, in_forks, warm_up

TEXT = Path(__file__).with_suffix(".spte")
KILLED = (
    "terms: Terms.choose: other of a pair: then => other in return then if condition is self.true else other",
    "environment: _of_step: dropped statement: if step.when is not None: ... => nothing",
    "closure: _Search._fixed_point: dropped statement: while before != reached: ... => nothing",
    "operations: _combined: dropped call: domain.bit_not(operand) => operand",
    "properties: _cleared: dropped call: terms.bit_not(event.after.word(entry)) => event.after.word(entry)",
    "smtlib: Script._define: negated condition: 'true' if term.value else 'false' => 'true' if not term.value",
)
"""The beginnings of their keys."""
UNSEEN = "schedules: _merges: dropped statement: continue => nothing"


def main() -> int:
    warm_up()
    known = texts({"theorem": [TEXT]}, random=0)
    by_name = {name: (library, theorem) for name, library, theorem in known.named()}
    checks = []
    for name, found in in_forks(lambda name: outcome(*by_name[name]), list(by_name), 2):
        ok, counts = found  # type: ignore[misc]
        assert ok, name
        checks.append(Check(name, 1.0, frozenset(), tuple(map(tuple, counts))))
    wanted = [*KILLED, UNSEEN]
    made = [each for name in sorted({key.split(":")[0] for key in wanted}) for each in mutants(path_of(name))]
    picked = [next((each for each in made if each.key.startswith(key)), None) for key in wanted]
    for key, each in zip(wanted, picked, strict=True):
        assert each is not None, f"there is no mutant {key}"
    for found in hunt(known, [each for each in picked if each is not None], checks, 2, None):
        print(json.dumps([found.mutant.key, found.outcome, found.by.strip().splitlines()[-1:]]))
    for kind, ended in in_forks(lambda kind: _misbehave(kind), ["loop", "memory", "error"], 2):
        print(json.dumps([kind, "ended", ended["ended"].strip().splitlines()[-1:]]))  # type: ignore[index]
    return 0


def _misbehave(kind: str) -> object:
    allow(0.5)
    if kind == "error":
        raise KeyError(kind)
    found = bytearray(MEMORY) if kind == "memory" else bytearray()
    while True:
        found[:] = b""


if __name__ == "__main__":
    sys.exit(main())
