"""What became of mutants in earlier runs, in a file beside that of the verdicts.

A key is a digest of all that can change an outcome: the tool, the mutated text, the texts of its judges with all that
they use, and the judges' names. Undecided outcomes are not kept. Whatever goes wrong with the file, a run goes on
without it.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from spteproof.grammar.modules import Loaded
from spteproof.mutating.outcomes import UNDECIDED, Outcome, Subject
from spteproof.running.cache import database, digest, texts_of, tool_parts

if TYPE_CHECKING:
    from spteproof.mutating.judging import Court

FILE = "mutants.sqlite"


class Kept:
    """All methods do nothing where there is no file."""

    def __init__(self, loaded: Loaded, *, enabled: bool, create: bool = True) -> None:
        library = loaded.library if enabled else None
        self._connection = database(FILE, "outcomes", "theorems", create=create) if library is not None else None
        known = library is not None and self._connection is not None
        self._texts = texts_of(loaded, library) if known and library is not None else {}
        self._tool = " ".join(tool_parts()) if known else ""

    def key(self, court: "Court", subject: Subject, text: str) -> str:
        judges = court.judges_of(subject)
        texts = [self._texts[each] for each in judges] if self._texts else []
        return digest(
            json.dumps([self._tool, repr(court.budget), str(subject.path), subject.mutant.of(text), *judges, *texts])
        )

    def outcome(self, key: str) -> Outcome | None:
        value = self._get("outcomes", key)
        try:
            return Outcome(**{**value, "looked": tuple(value["looked"])}) if isinstance(value, dict) else None
        except (KeyError, TypeError):
            return None

    def keep(self, found: Iterable[tuple[str, Outcome]]) -> None:
        self._put("outcomes", [(key, asdict(each)) for key, each in found if each.fate != UNDECIDED])

    def keep_theorems(self, counts: Mapping[str, tuple[int, int]]) -> None:
        """For each theorem how many mutants it was shown, and how many of them it refuted."""
        self._put("theorems", [(self._theorem(name), list(each)) for name, each in counts.items()])

    def suspicious(self, names: Sequence[str]) -> dict[str, int]:
        """Those of the theorems that were shown mutants and refuted none, with how many."""
        found: dict[str, int] = {}
        for name in names if self._connection is not None else ():
            match self._get("theorems", self._theorem(name)):
                case [int(looked), 0] if looked:
                    found[name] = looked
        return found

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _theorem(self, name: str) -> str:
        return digest(json.dumps([self._tool, self._texts.get(name, ""), name]))

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
