"""Theorems that refuted no change: whether they would refute what others refuted.

A theorem that nothing refutes although its own text and all that it uses were changed in every way may say less than
its author thinks.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spteproof.grammar import checked as c
from spteproof.grammar.origins import file_key
from spteproof.mutating.judging import Court, Judge
from spteproof.mutating.kept import Kept
from spteproof.mutating.outcomes import KILLED, Outcome, Subject
from spteproof.mutating.pool import worked

if TYPE_CHECKING:
    from spteproof.mutating.command import Trial

MOST_SHOWN = 40
"""So many changes that others refuted are shown to a theorem that refuted none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A theorem that refuted none of what it was shown, and changes that others refuted."""

    name: str
    subjects: Sequence[Subject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How many of them it was shown, whether it refuted the last one, and, where it refuted none, whether it is not as
    expected in the text as it is."""

    looked: int
    refuted: bool
    fails: bool = False


def counts(outcomes: Iterable[tuple[Subject, Outcome]]) -> dict[str, tuple[int, int]]:
    """For each theorem the mutants that it was shown, and those that it refuted."""
    found: dict[str, tuple[int, int]] = {}
    for _, outcome in outcomes:
        for name in outcome.looked:
            looked, killed = found.get(name, (0, 0))
            found[name] = (looked + 1, killed + (outcome.killer == name))
    return found


def stated_in(library: c.Library, paths: Iterable[Path], names: Iterable[str]) -> tuple[str, ...]:
    """Those of the theorems that stand in these files."""
    keys = {file_key(path) for path in paths}
    places = {name: library.theorems[name].place.source.path for name in names}
    return tuple(name for name, path in places.items() if path is not None and file_key(path) in keys)


def suspect(court: Court, trial: "Trial", own: Sequence[str], kept: Kept, jobs: int, until: float) -> None:
    """Shows those of the theorems in `own` that refuted nothing what others refuted, until each refutes something
    itself; what each says is kept for `prove`, and for later runs. Ends at `until` on the monotonic clock: then nothing
    is said of those that were not asked."""
    known = kept.counts([name for name in own if not trial.counts[name][1]])
    suspects = []
    for name in own:
        if known.get(name, (0, 0))[1]:
            trial.counts[name] = known[name]
        if not trial.counts[name][1]:
            suspects.append(Suspect(name=name, subjects=_refuted_by_others(court, trial, name)))
    asked = {name: trial.counts[name] for name in own if trial.counts[name][1]}
    for each, shown in worked(court, show, suspects, jobs) if time.monotonic() < until else ():
        if shown is not None:
            trial.counts[each.name] = asked[each.name] = (trial.counts[each.name][0] + shown.looked, int(shown.refuted))
            if not shown.refuted:
                (trial.failing if shown.fails else trial.suspicious).add(each.name)
        if time.monotonic() > until:
            break
    kept.keep_theorems(asked)


def show(judge: Judge, each: Suspect) -> Shown:
    """Shows the theorem one change after the other, until it refutes one."""
    for number, subject in enumerate(each.subjects, 1):
        if judge.judge(subject, each.name).fate == KILLED:
            return Shown(looked=number, refuted=True)
    return Shown(looked=len(each.subjects), refuted=False, fails=judge.fails(each.name))


def _refuted_by_others(court: Court, trial: "Trial", name: str) -> Sequence[Subject]:
    others = [each for each, outcome in trial.outcomes if outcome.fate == KILLED and name not in outcome.looked]
    return [each for each in others if court.reach.meets(each.mutant, name)][:MOST_SHOWN]
