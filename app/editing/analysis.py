"""What is known of one text: what its names mean, what is wrong with it, and its checked library, if it has one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from spteproof.editing.meanings import Occurrence
from spteproof.editing.occurrences import occurrences
from spteproof.grammar.checked import Library
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.modules import Loaded, load_open, read_open
from spteproof.grammar.names import Module, Names


@dataclass(frozen=True)
class Read:
    """`names` are all that are declared in what the text uses; `module` is the text's own. A broken item of it is left
    out, the others are there."""

    names: Names
    module: Module

    @cached_property
    def occurrences(self) -> list[Occurrence]:
        """Each name of the text with what it stands for, in the order of the text."""
        return occurrences(self.names, self.module)

    def at(self, offset: int) -> Occurrence | None:
        """The name at an offset, or that ends there."""
        found = None
        for each in self.occurrences:
            if each.start <= offset < each.end:
                return each
            if each.end == offset:
                found = each
        return found


@dataclass(frozen=True, slots=True)
class Checked:
    """`own` are the diagnostics at the text itself, and those without a place; `loaded` is the whole."""

    loaded: Loaded
    own: tuple[Diagnostic, ...]


@dataclass(slots=True)
class Analysis:
    """What is known of a document's latest states; `good` is the library of the last one without errors."""

    read: Read | None = None
    read_stamp: int = -1
    checked: Checked | None = None
    checked_stamp: int = -1
    good: Library | None = None
    notes: dict[object, object] = field(default_factory=dict)


def read(text: str, name: str, path: Path | None, library: Path, texts: Mapping[str, str]) -> Read:
    names, module = read_open(text, name=name, path=path, library_root=library, open_texts=texts)
    return Read(names, module)


def check(text: str, name: str, path: Path | None, library: Path, texts: Mapping[str, str]) -> Checked:
    loaded = load_open(text, name=name, path=path, library_root=library, open_texts=texts)
    first = loaded.sources[0]
    own = [each for each in loaded.diagnostics if each.place is None or each.place.source == first]
    return Checked(loaded, tuple(own))
