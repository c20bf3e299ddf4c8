"""The search for a broken twin of one theorem."""

import random
import re
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TypeGuard

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.mutation.mutants import Mutant
from spteproof.grammar.origins import file_key
from spteproof.grammar.reading import read_module
from spteproof.mutating.judging import Court
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.instances import instances
from spteproof.solver.noticing import Noticing
from spteproof.solver.proof import Prover
from spteproof.solver.results import PROVED, REFUTED, Result

from .listing import (
    BUDGET,
    Twin,
    expects_a_proof,
    file_of,
    in_twin,
    library,
    mutants_of,
    of_instance,
    text_of,
)

AT_FIRST = 4
"""So many instances are shown all changes before the others are."""

WORD = re.compile(r"\w+")


@cache
def court() -> Court:
    """Which theorem uses what."""
    whole = library().library
    assert whole is not None
    modules = [read_module(each, Findings()) for each in library().sources]
    return Court(library=whole, modules=modules, judges=tuple(whole.theorems), seconds=60.0)


@cache
def chain(layout: str) -> frozenset[str]:
    """The layout and those that it extends."""
    extends = {each.name.text: each.extends for module in court().modules for each in module.items if _is_layout(each)}
    found = {layout}
    while (above := extends.get(layout)) is not None:
        layout = above.text
        found.add(layout)
    return frozenset(found)


def _is_layout(item: s.Item) -> TypeGuard[s.LayoutItem]:
    return isinstance(item, s.LayoutItem)


def candidates(theorem: str) -> Iterator[tuple[str, Mutant]]:
    """Changes of what the theorem uses: of its own text first, then of its file, then of the modules that it uses."""
    own = file_of(court().library.theorems[theorem])
    files = [Path(file_key(each.path)).relative_to(file_key(LIBRARY)).as_posix() for each in library().sources]
    found = [
        (file, each)
        for file in [own, *(each for each in files if each != own)]
        for each in mutants_of(file)
        if court().reach.meets(each, theorem)
    ]
    needed = {word for words in court().library.theorems[theorem].needs.values() for word in words}

    def order(pair: tuple[str, Mutant]) -> tuple[bool, bool, bool]:
        file, mutant = pair
        begin = text_of(file).rfind("\n", 0, mutant.start) + 1
        line = text_of(file)[begin : mutant.end]
        return mutant.item != theorem, file != own, not needed & set(WORD.findall(line))

    yield from sorted(found, key=order)


def found_for(theorem: str, seconds: float) -> Twin | str | None:
    """A twin, or why there is none; None where the theorem expects nothing to be proved. All changes are first shown to
    a few instances, then to the others."""
    whole, started = library().library, time.process_time()
    stated = whole.theorems[theorem]
    proving = [at for at, each in enumerate(instances(whole, stated)) if expects_a_proof(stated, each)]
    if not proving:
        return None
    changes = list(candidates(theorem))
    mixed = random.Random(theorem).sample(proving, len(proving))
    tried: set[int] = set()
    for some in (mixed[:AT_FIRST], mixed[AT_FIRST:]):
        for number, (file, mutant) in enumerate(changes if some else ()):
            if time.process_time() - started > seconds:
                return f"none of the {len(tried)} changes, of {len(changes)}, that were tried in {seconds:.0f} seconds"
            tried.add(number)
            changed = in_twin(theorem, file, mutant.of(text_of(file)))
            found = None if changed is None else _refuted_in(theorem, changed, mutant, some)
            if found is not None:
                return _twin(file, mutant, found)
    return f"none of all {len(changes)} changes"


def _refuted_in(theorem: str, changed: c.Library, mutant: Mutant, numbers: Sequence[int]) -> Result | None:
    """A property that is refuted with the change and proved without it, in one of these instances."""
    whole = library().library
    prover = Prover(changed, BUDGET, kind=Noticing)
    for number in numbers:
        [instance] = instances(changed, changed.theorems[theorem], number, number + 1)
        if mutant.item in whole.layouts and mutant.item not in chain(instance.layout):
            continue
        wrong = [each for each in of_instance(prover, instance) if (each.verdict, each.expected) == (REFUTED, PROVED)]
        if wrong:
            [before] = instances(whole, whole.theorems[theorem], number, number + 1)
            proved = {each.property for each in of_instance(Prover(whole, BUDGET), before) if each.verdict == PROVED}
            wrong = [each for each in wrong if each.property in proved]
        if wrong:
            return wrong[0]
    return None


def _twin(file: str, mutant: Mutant, result: Result) -> Twin:
    text = text_of(file)
    like = [
        each
        for each in mutants_of(file)
        if (each.item, text[each.start : each.end], each.new)
        == (mutant.item, text[mutant.start : mutant.end], mutant.new)
    ]
    return Twin(
        file=file,
        item=mutant.item,
        kind=mutant.kind,
        old=text[mutant.start : mutant.end],
        new=mutant.new,
        number=like.index(mutant),
        layout=result.layout,
        era=result.era,
        params=dict(result.params),
        property=result.property,
    )
