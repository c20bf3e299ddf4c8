"""What became of mutants in earlier runs, in a file beside that of the verdicts.

An outcome is found by the tool, the budget and the changed item. It holds while what it rests on is as it was: that a
theorem refutes the change rests on this theorem and all that it uses, that none does on all judges, that the change has
no meaning, or that an assert of a layout fails, on the whole texts. Undecided outcomes are not kept. Whatever goes
wrong with the file, a run goes on without it.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spteproof.grammar.modules import Loaded
from spteproof.grammar.splitting import Stretch, stretches
from spteproof.mutating.outcomes import KILLED, MEANINGLESS, UNDECIDED, Outcome, Subject
from spteproof.running.cache import database, tool_parts
from spteproof.running.keys import Keys, digest

if TYPE_CHECKING:
    from spteproof.mutating.judging import Court

FILE = "mutants.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A mutant as it is kept: `judges` are the theorems, and by their asserts the layouts, that could tell it, each
    with a digest of what its verdicts rest on, and `whole` is a digest of all that the theorems could read."""

    name: str
    judges: Mapping[str, str]
    whole: str


class Kept:
    """All methods do nothing where there is no file."""

    def __init__(self, loaded: Loaded, *, enabled: bool, create: bool = True) -> None:
        library = loaded.library if enabled else None
        self._connection = database(FILE, "outcomes", "theorems", create=create) if library is not None else None
        known = library is not None and self._connection is not None
        self._tool = " ".join(tool_parts()) if known else ""
        self._keys = Keys(loaded, library) if known and library is not None else None
        self._parts: dict[Path, tuple[Stretch, ...]] = {}

    def case(self, court: "Court", subject: Subject, text: str) -> Case:
        """`text` is that of the mutant's file as it is."""
        keys = self._keys
        if keys is None:
            return Case(name="", judges={}, whole="")
        mutant, judges = subject.mutant, court.judges_of(subject)
        part = self._part(subject, text)
        changed = [self._tool, repr(court.budget), str(subject.path), mutant.item, str(mutant.era), part]
        return Case(
            name=digest(json.dumps(changed)),
            judges={each: keys.of(each) for each in (*judges, *court.reach.layouts_with(mutant))},
            whole=digest(json.dumps([mutant.of(text), *judges, *[keys.whole(each) for each in judges]])),
        )

    def _part(self, subject: Subject, text: str) -> str:
        """The item that holds the change, changed."""
        mutant = subject.mutant
        if subject.path not in self._parts:
            self._parts[subject.path] = tuple(stretches(text))
        for each in self._parts[subject.path]:
            if each.start <= mutant.start and mutant.end <= each.end:
                return text[each.start : mutant.start] + mutant.new + text[mutant.end : each.end]
        return mutant.of(text)

    def outcome(self, case: Case) -> Outcome | None:
        """What became of it when all that this rests on was as it is now."""
        value = self._get("outcomes", case.name)
        try:
            outcome = Outcome(**{**value["outcome"], "looked": tuple(value["outcome"]["looked"])})
            judges = value["judges"]
            same = [name for name in judges if case.judges.get(name) == judges[name]]
            if outcome.fate == MEANINGLESS or (outcome.fate == KILLED and outcome.killer not in judges):
                return outcome if value["whole"] == case.whole else None
            if outcome.fate == KILLED:
                looked = tuple(name for name in outcome.looked if name in same)
                return replace(outcome, looked=looked) if outcome.killer in same else None
            return outcome if judges == case.judges else None
        except (KeyError, TypeError, AttributeError):
            return None

    def keep(self, found: Iterable[tuple[Case, Outcome]]) -> None:
        rows = [
            (case.name, {"outcome": asdict(each), "judges": case.judges, "whole": case.whole})
            for case, each in found
            if each.fate != UNDECIDED
        ]
        self._put("outcomes", rows)

    def keep_theorems(self, counts: Mapping[str, tuple[int, int]]) -> None:
        """For each theorem how many mutants it was shown, and how many of them it refuted."""
        self._put("theorems", [(self._theorem(name), list(each)) for name, each in counts.items()])

    def counts(self, names: Sequence[str]) -> dict[str, tuple[int, int]]:
        """What was kept of these theorems when they and all that they use were as they are."""
        found: dict[str, tuple[int, int]] = {}
        for name in names if self._connection is not None else ():
            match self._get("theorems", self._theorem(name)):
                case [int(looked), int(killed)]:
                    found[name] = looked, killed
        return found

    def suspicious(self, names: Sequence[str]) -> dict[str, int]:
        """Those of the theorems that were shown mutants and refuted none, with how many."""
        return {name: looked for name, (looked, killed) in self.counts(names).items() if looked and not killed}

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _theorem(self, name: str) -> str:
        return digest(json.dumps([self._tool, "" if self._keys is None else self._keys.whole(name), name]))

    def _get(self, table: str, key: str) -> Any:
        if self._connection is None:
            return None
        try:
            row = self._connection.execute(f"SELECT value, digest FROM {table} WHERE name = ?", (key,)).fetchone()
            return json.loads(row[0]) if row is not None and digest(key + row[0]) == row[1] else None
        except (sqlite3.Error, ValueError, TypeError):
            return None

    def _put(self, table: str, rows: Sequence[tuple[str, object]]) -> None:
        if self._connection is None or not rows:
            return
        values = [(key, text := json.dumps(value), digest(key + text)) for key, value in rows]
        try:
            with self._connection:
                self._connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", values)
        except sqlite3.Error:
            self._connection = None
