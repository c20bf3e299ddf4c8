"""For each theorem of the library one change that it refutes: `python -m tests.spec.twins` finds them, and writes `twins.json`.

A theorem's own text is changed first, then what it uses. What is written holds until the texts change; the tests show some of
the changes to the theorems again, and demand that each theorem has one.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.modules import file_key, load
from spteproof.grammar.mutation.mutants import Mutant, mutants
from spteproof.grammar.reading import read_module
from spteproof.mutating.judging import Court, Judge
from spteproof.mutating.outcomes import KILLED, Subject
from spteproof.running.pipeline import LIBRARY, library_of

KEPT = Path(__file__).with_name("twins.json")
MOST_TRIED = 60


def court() -> Court:
    """All theorems of the library as judges."""
    loaded = load([LIBRARY], library_root=LIBRARY)
    modules = [read_module(each, Findings()) for each in loaded.sources]
    library = library_of(loaded)
    return Court(library=library, modules=modules, judges=tuple(library.theorems), seconds=60.0)


def candidates(where: Court, theorem: str) -> list[Subject]:
    """The changes that a theorem can notice: of its own text first, of what states it next, then of what it uses."""
    own = where.library.theorems[theorem].place.source.path
    assert own is not None
    found = [
        Subject(path=module.source.path, mutant=mutant)
        for module in where.modules
        if module.source.path is not None
        for mutant in mutants(module)
        if mutant.item in where.uses[theorem]
    ]

    def order(each: Subject) -> tuple[bool, bool]:
        return (each.mutant.item != theorem, file_key(each.path) != file_key(own))

    return sorted(found, key=order)


def spread(subjects: list[Subject]) -> list[Subject]:
    """Some of them, from all over."""
    step = max(1, len(subjects) // MOST_TRIED)
    return [*subjects[: MOST_TRIED // 2], *subjects[MOST_TRIED // 2 :: step]]


def described(subject: Subject, text: str) -> dict[str, str]:
    mutant = subject.mutant
    path = subject.path.resolve().relative_to(LIBRARY.resolve()).as_posix()
    return {"file": path, "item": mutant.item, "old": text[mutant.start : mutant.end], "new": mutant.new}


def find(where: Court, entry: dict[str, str]) -> Subject | None:
    """The mutant that an entry describes, if the texts still have it."""
    path = LIBRARY / entry["file"]
    for module in where.modules:
        if module.source.path is not None and file_key(module.source.path) == file_key(path):
            for each in mutants(module):
                if _same(each, module.source.text, entry):
                    return Subject(path=module.source.path, mutant=each)
    return None


def _same(mutant: Mutant, text: str, entry: dict[str, str]) -> bool:
    said = (mutant.item, text[mutant.start : mutant.end], mutant.new)
    return said == (entry["item"], entry["old"], entry["new"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long, with what was found")
    called = parser.parse_args()
    started = time.monotonic()
    where = court()
    judge = Judge(where)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for number, theorem in enumerate(where.library.theorems):
        known = find(where, kept[theorem]) if theorem in kept else None
        if known is not None:
            continue
        kept.pop(theorem, None)
        if time.monotonic() - started > called.seconds:
            break
        tried = 0
        for subject in spread(candidates(where, theorem)):
            tried += 1
            if judge.judge(subject, theorem).fate == KILLED:
                text = next(each.source.text for each in where.modules if each.source.path == subject.path)
                kept[theorem] = described(subject, text)
                break
        print(f"{number + 1}/{len(where.library.theorems)} {theorem}: {tried} tried", file=sys.stderr, flush=True)
        KEPT.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n")
    missing = [name for name in where.library.theorems if name not in kept]
    print(f"{len(kept)} theorems with a twin, {len(missing)} without: {', '.join(missing)}")


if __name__ == "__main__":
    main()
