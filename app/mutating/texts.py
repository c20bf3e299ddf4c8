"""The texts in which a change of one of them is judged, checked again: all at once where many are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from spteproof.grammar import checked as c
from spteproof.grammar.known import Known
from spteproof.grammar.modules import Loaded, load
from spteproof.grammar.origins import file_key
from spteproof.running.pipeline import LIBRARY

FEW = 4
"""So many texts are checked one by one."""


class Texts:
    """The texts as they are, of which all that a change cannot reach is checked once. `paths` are right together."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(dict.fromkeys(paths))
        self._known: dict[tuple[Path, ...], Known] = {}

    def check(self) -> None:
        """Checks them all as they are, for what comes later."""
        self._known_of(self.paths)

    def _known_of(self, paths: tuple[Path, ...]) -> Known:
        if paths not in self._known:
            self._known[paths] = Known()
            load(paths, library_root=LIBRARY, known=self._known[paths])
        return self._known[paths]

    def loaded(self, paths: tuple[Path, ...], changed: Path, text: str) -> Loaded:
        """Some of them, with the changed one."""
        open_texts = {file_key(changed): text}
        return load(paths, library_root=LIBRARY, open_texts=open_texts, known=self._known_of(paths))


@dataclass(kw_only=True)
class Changed:
    """The texts where the one at `path` is `text`. `many`: more than a few of them will be asked for."""

    texts: Texts
    path: Path
    text: str
    many: bool
    _libraries: dict[Path, c.Library | None] = field(default_factory=dict)

    def library_of(self, path: Path) -> c.Library | None:
        """What the text at `path` says with all that it uses; None where that is not right."""
        if path not in self._libraries:
            self._libraries[path] = self._library_of(path)
        return self._libraries[path]

    def _library_of(self, path: Path) -> c.Library | None:
        if self.many and path in self.texts.paths:
            together = self._together
            if together.library is not None or self._sees_what_is_wrong(together, path):
                return together.library
        return self.texts.loaded((path,), self.path, self.text).library

    @cached_property
    def _together(self) -> Loaded:
        return self.texts.loaded(self.texts.paths, self.path, self.text)

    def _sees_what_is_wrong(self, together: Loaded, path: Path) -> bool:
        """Whether an error stands in the text at `path`, or in one that it uses."""
        wrong = {each.place.source.name for each in together.diagnostics if each.severity == "error" and each.place}
        names = [each.name for each in together.sources if each.path == path]
        return any(seen.name in wrong for name in names for seen in together.seen[name])
