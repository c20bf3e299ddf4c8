"""What the server knows: open texts, their diagnostics, and the verdicts that come in the background.

A verdict is shown only where all that it rests on is as it was when it was proved.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spteproof.editing.analysis import Checked, check
from spteproof.editing.blanking import without
from spteproof.editing.documents import Document, Documents
from spteproof.editing.proofs import Proofs, Request
from spteproof.editing.settings import Settings
from spteproof.editing.verdicts import Verdicts
from spteproof.grammar.modules import Loaded
from spteproof.grammar.source import Source
from spteproof.running.keys import Keyed, keyed, texts_digest
from spteproof.solver.results import Result, Skipped


@dataclass(frozen=True)
class Provable:
    """The state of a text that can be proved: theorems with errors are left out (`text` has blanks for them)."""

    keyed: Keyed
    text: str
    loaded: Loaded


class Desk:
    """`changed` is called when there is something new to show of a text: its diagnostics or its verdicts."""

    def __init__(self, documents: Documents, proofs: Proofs, changed: Callable[[str], None]) -> None:
        self.documents = documents
        self.proofs = proofs
        self.verdicts = Verdicts()
        self.settings = Settings()
        self.folders: list[Path] = []
        self.problems: dict[str, str] = {}
        self._changed = changed

    # What is known ---------------------------------------------------------------------------------------

    def keyed(self, document: Document) -> Keyed:
        """The keys of a text as it is now."""
        checked = self.documents.check(document)
        note: Any = document.analysis.notes.get("keyed")
        if note is None or note[0] is not checked or note[1] != self.settings.timeout:
            others = checked.loaded.sources[1:]
            fresh = keyed(document.name, document.text, others, f"{self.settings.timeout}")
            note = document.analysis.notes["keyed"] = (checked, self.settings.timeout, fresh)
        found: Keyed = note[2]
        return found

    def found(self, document: Document) -> Mapping[str, list[Result | Skipped]]:
        """The verdicts that hold of a text as it is now, by theorem or layout."""
        state = self.keyed(document)
        note: Any = document.analysis.notes.get("found")
        if note is None or note[0] is not state or note[1] != self.verdicts.count:
            sources = self._sources(document)
            given = {name: self.verdicts.get(name, document.name, state, sources) for name in state.tasks()}
            fresh = {name: each for name, each in given.items() if each is not None}
            note = document.analysis.notes["found"] = (state, self.verdicts.count, fresh)
        found: dict[str, list[Result | Skipped]] = note[2]
        return found

    def _sources(self, document: Document) -> Mapping[str, Source]:
        return {each.name: each for each in self.documents.check(document).loaded.sources}

    # Proofs ----------------------------------------------------------------------------------------------

    def typed(self, document: Document) -> None:
        """The text changed: what is being proved of it is no longer wanted."""
        self.proofs.cancel(document.uri)
        self.problems.pop(document.uri, None)

    def prove(self, document: Document, only: str | None = None) -> None:
        """Proves what is not known yet; `only` one theorem, if that is said, and that in any case."""
        state = self._provable(document)
        if state is None:
            return
        tasks = [each for each in state.keyed.tasks() if each in self._asked(state.loaded)]
        wanted = [
            each
            for each in tasks
            if each == only or (only is None and not self.verdicts.known(state.keyed.key(each), state.keyed))
        ]
        if not wanted:
            return
        self.problems.pop(document.uri, None)
        self.proofs.prove(self._request(document, state, wanted))

    @staticmethod
    def _asked(loaded: Loaded) -> Iterable[str]:
        library = loaded.library
        if library is None:
            return ()
        stated = {name for name in library.theorems if name in library.asked}
        return stated | {name for name in library.layouts if name in library.asked and library.layouts[name].asserts}

    def _provable(self, document: Document) -> Provable | None:
        checked = self.documents.check(document)
        state = self.keyed(document)
        if checked.loaded.library is not None:
            return Provable(state, document.text, checked.loaded)
        broken = self._broken(checked, state)
        if broken is None:
            return None
        text = without(document.text, [state.theorems[name] for name in broken])
        documents = self.documents
        rest = check(text, document.name, document.path, documents.library, documents.texts()).loaded
        left = keyed(document.name, text, rest.sources[1:], f"{self.settings.timeout}")
        same = left.foundation == state.foundation
        return Provable(left, text, rest) if rest.library is not None and same else None

    def _broken(self, checked: Checked, state: Keyed) -> list[str] | None:
        """The theorems that have errors; None where anything else has some."""
        broken: set[str] = set()
        for each in checked.loaded.diagnostics:
            if each.severity != "error":
                continue
            name = None
            if each.place is not None and each.place.source == checked.loaded.sources[0]:
                at = each.place.start
                name = next((name for name, part in state.theorems.items() if part.start <= at <= part.end), None)
            if name is None:
                return None
            broken.add(name)
        return sorted(broken)

    def _request(self, document: Document, state: Provable, wanted: list[str]) -> Request:
        uri, name = document.uri, document.name

        def found(task: str, stored: Any, whole: bool) -> None:
            key = state.keyed.key(task)
            if key is not None:
                self.verdicts.put(key, name, state.keyed, stored, whole)
                self._changed(uri)

        def ended(problem: str | None) -> None:
            if problem is not None:
                self.problems[uri] = problem
            self._changed(uri)

        message = {
            "text": state.text,
            "name": name,
            "path": None if document.path is None else str(document.path),
            "library": str(self.documents.library),
            "open": dict(self.documents.texts()),
            "tasks": wanted,
            "timeout": self.settings.timeout,
        }
        return Request(uri=uri, message=message, read=texts_digest(state.loaded.sources), found=found, ended=ended)
