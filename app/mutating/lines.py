"""Counts for each line of the texts at which something was changed."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from spteproof.mutating.command import Trial
from spteproof.mutating.outcomes import KILLED, MEANINGLESS, SURVIVED, UNDECIDED

PROVED = "equivalent"
FATES = (KILLED, SURVIVED, UNDECIDED, PROVED)


class Line(NamedTuple):
    """A line, from 1, with how many changes of it came to each of FATES. Those that are PROVED are declared equivalent;
    what is declared without proof, or wrongly, has the fate that it has without."""

    path: Path
    number: int
    counts: tuple[int, ...]


def by_line(trial: Trial) -> list[Line]:
    """In the order of the texts. A change without meaning is no change."""
    proved = {id(each.subject) for each in trial.declarations if each.problem is None}
    found: dict[tuple[Path, int], Counter[str]] = {}
    for subject, outcome in trial.outcomes:
        if outcome.fate != MEANINGLESS:
            number = 1 + trial.texts[subject.path].count("\n", 0, subject.mutant.start)
            fate = PROVED if id(subject) in proved else outcome.fate
            found.setdefault((subject.path, number), Counter())[fate] += 1
    order = {path: place for place, path in enumerate(trial.texts)}
    return [
        Line(path, number, tuple(fates[each] for each in FATES))
        for (path, number), fates in sorted(found.items(), key=lambda pair: (order[pair[0][0]], pair[0][1]))
    ]
