"""`spteproof explain THEOREM`: which theorem is meant, and what is said of it."""

import argparse
import sys
import time
from difflib import get_close_matches

from spteproof.colour import paint_for
from spteproof.explaining import NothingToExplain, known_ids
from spteproof.grammar.checked import Library, Theorem
from spteproof.reasons.explained import Explained, explained
from spteproof.reasons.human import human
from spteproof.reasons.json import explained_json
from spteproof.running.progress import Progress
from spteproof.solver.doubts import TIME, Doubt
from spteproof.solver.instances import instances
from spteproof.solver.results import Budget
from spteproof.solver.z3_solver import version

AS_EXPECTED, NOT_AS_EXPECTED, SOME_UNKNOWN = 0, 1, 3
MOST_SHOWN = 8


def explain_theorem(called: argparse.Namespace, library: Library, stated: Library) -> tuple[str, int]:
    """The text and the exit status; `library` is what is `stated` in the layouts and eras asked for. Raises
    NothingToExplain where no theorem there has this name."""
    theorem = _theorem(library, called.id, stated)
    count = sum(1 for _ in instances(library, theorem, given_up=Doubt(TIME, "counting")))
    started = time.monotonic()
    progress = Progress(sys.stderr, 2 * count, 0)
    try:
        found = explained(library, theorem, Budget(timeout_seconds=called.timeout), progress.step)
    finally:
        progress.clear()
    if called.format == "json":
        text = explained_json(found, version(), time.monotonic() - started)
    else:
        paint = paint_for(sys.stdout, "never" if called.output and called.color == "auto" else called.color)
        text = human(found, library, paint)
    return text, _status(found)


def _status(found: Explained) -> int:
    """As for `prove`."""
    if any(not each.ok and each.verdict != "unknown" for each in found.results):
        return NOT_AS_EXPECTED
    return SOME_UNKNOWN if found.unknown or not found.results else AS_EXPECTED


def _theorem(library: Library, name: str, stated: Library) -> Theorem:
    if name in library.theorems:
        return library.theorems[name]
    if name in stated.theorems:
        layouts = stated.theorems[name].layouts
        places = f"{', '.join(layouts[:MOST_SHOWN])}{', ...' if len(layouts) > MOST_SHOWN else ''}"
        raise NothingToExplain(f"`{name}` is in {places}: not in the layouts and eras asked for")
    if name in library.layouts:
        raise NothingToExplain(
            f"`{name}` is a layout: its asserts are evaluated, not proved from anything; `spteproof show {name}`"
        )
    for scope in library.scopes.values():
        kinds = {"an agent": scope.agents, "a helper": scope.helpers, "a predicate or function": scope.pures}
        for kind, named in kinds.items():
            if name in named:
                raise NothingToExplain(f"`{name}` is {kind}; `spteproof show {name}` shows it")
    if name in known_ids():
        raise NothingToExplain(
            f"`{name}` is no theorem but an id: `spteproof explain {name}`, without PATH, --layout, --era and --format"
        )
    known = list(library.theorems)
    alike = [each for each in known if each.startswith(name)]
    if alike:
        more = f" and {len(alike) - MOST_SHOWN} more" if len(alike) > MOST_SHOWN else ""
        names = ", ".join(f"`{each}`" for each in alike[:MOST_SHOWN])
        raise NothingToExplain(f"no theorem is called `{name}`; so begin {names}{more}")
    near = [*get_close_matches(name, known_ids(), 1), *get_close_matches(name, known, 3)]
    hint = (
        f": did you mean {' or '.join(f'`{each}`' for each in near)}?"
        if near
        else "; `spteproof explain` lists them all, `spteproof show` the theorems"
    )
    raise NothingToExplain(f"no diagnostic, no verdict and no theorem is called `{name}`{hint}")
