"""Verdicts of earlier runs, kept in one SQLite file.

A key is a digest of everything that can change a verdict: the theorem's text, all else in its file that it can speak
of, the texts that this uses, the budget, the layouts and eras asked for, the tool's own source, the versions of Python,
lark and Z3. Where a theorem stands in its file changes places only; they are put right. An entry carries a digest of
itself: a damaged one is not believed. An unknown is never kept. Whatever goes wrong with the file, the run goes on
without it.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from spteproof.grammar.checked import Library
from spteproof.grammar.kept import cache_folder, is_own
from spteproof.grammar.modules import Loaded
from spteproof.grammar.source import Source
from spteproof.running.keys import Keys, digest
from spteproof.running.moving import moved
from spteproof.running.stored import from_stored, to_stored
from spteproof.solver.results import Budget, Result, Skipped

ENTRY_LIMIT = 20_000
BUSY_SECONDS = 2.0
"""So long a run waits for another that writes."""

FLUSH_SECONDS = 0.5
"""What was found longer ago is in the file, whatever becomes of the run."""


@dataclass(slots=True)
class Cache:
    """The kept verdicts for one run's texts; all methods do nothing where there is no file."""

    key: str
    sources: dict[str, Source]
    keys: Keys | None
    connection: sqlite3.Connection | None
    _waiting: list[tuple[str, str, str]] = field(default_factory=list)
    _flushed: float = field(default_factory=time.monotonic)

    @classmethod
    def open(
        cls, loaded: Loaded, budget: Budget, *, enabled: bool, library: Library | None, opinions: Sequence[str] = ()
    ) -> "Cache":
        """`library` is that of the texts, narrowed to what is asked for; `opinions` are who else was asked."""
        sources = {each.name: each for each in loaded.sources}
        if not enabled or library is None:
            return cls("", sources, None, None)
        key = digest(json.dumps([repr(budget), list(opinions), tool_parts()]))
        return cls(key, sources, Keys(loaded, library), database("verdicts.sqlite", "verdicts"))

    def get(self, task: str) -> list[Result | Skipped] | None:
        """What the task gave when everything was as it is now; None where that is not known."""
        if self.connection is None or self.keys is None:
            return None
        name = self._name(self.keys, task)
        try:
            row = self.connection.execute("SELECT value, digest FROM verdicts WHERE name = ?", (name,)).fetchone()
            if row is None or digest(name + row[0]) != row[1]:
                return None
            value, text = json.loads(row[0]), self.keys.stated_in(task)
            stored = moved(value["found"], text, value["marks"], self.keys.state(task))
            return from_stored(stored, self.sources)
        except (sqlite3.Error, ValueError, KeyError, IndexError, TypeError):
            return None

    def _name(self, keys: Keys, task: str) -> str:
        return digest(f"{self.key} {keys.of(task)} {task}")

    def put(self, task: str, found: list[Result | Skipped]) -> None:
        """Keeps what the task gave, unless some verdict is unknown."""
        if self.connection is None or self.keys is None:
            return
        if any(isinstance(each, Result) and each.verdict == "unknown" for each in found):
            return
        value = json.dumps({"found": to_stored(found), "marks": self.keys.state(task).marks})
        name = self._name(self.keys, task)
        self._waiting.append((name, value, digest(name + value)))
        if len(self._waiting) >= 16 or time.monotonic() - self._flushed > FLUSH_SECONDS:
            self._flush()

    def _flush(self) -> None:
        if self.connection is not None and self._waiting:
            try:
                with self.connection:
                    self.connection.executemany("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)", self._waiting)
                    self.connection.execute(
                        "DELETE FROM verdicts WHERE rowid <= (SELECT max(rowid) FROM verdicts) - ?", (ENTRY_LIMIT,)
                    )
            except sqlite3.Error:
                self.connection = None
        self._waiting.clear()
        self._flushed = time.monotonic()

    def close(self) -> None:
        self._flush()
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def database(name: str, *tables: str, create: bool = True) -> sqlite3.Connection | None:
    """A database in the cache's folder, with these tables, where nobody else may write it; what others put there would
    be believed. Not to `create` one, None where there is none."""
    try:
        place = cache_folder()
        if place is None or not create and not (place / name).exists():
            return None
        path = place / name
        with suppress(FileExistsError):  # never opened where it is there: to close it again would end SQLite's locks
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if not is_own(os.stat(path)):
            return None
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        for each in tables:
            connection.execute(f"CREATE TABLE IF NOT EXISTS {each} (name TEXT PRIMARY KEY, value TEXT, digest TEXT)")
        return connection
    except (sqlite3.Error, OSError):
        return None


def tool_parts() -> list[str]:
    """The tool's own source and the versions that can change a verdict."""
    parts = source_digests("spteproof", "spteproof.grammar", "spteproof.solver")
    return [*parts, sys.version, *(_version(name) for name in ("lark", "z3-solver"))]


def source_digests(*packages: str) -> list[str]:
    """A digest of each source of these packages."""
    found = [each for package in packages for each in sorted(Path(str(files(package))).rglob("*"))]
    return [digest(each.read_text(encoding="utf-8")) for each in found if each.suffix in (".py", ".lark")]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
