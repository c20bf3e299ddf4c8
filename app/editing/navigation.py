"""Where a name is declared and used, and what it takes to call it something else."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from spteproof.editing.analysis import Read, check, read
from spteproof.editing.documents import Document, Documents
from spteproof.editing.meanings import (
    GLOBAL,
    INVARIANT,
    LOCAL,
    LOCK,
    MASK,
    MODULE,
    STEP,
    THREAD,
    Occurrence,
    Symbol,
    home,
)
from spteproof.editing.occurrences import occurrences
from spteproof.grammar.bodies import ENTRY_WORDS, RESERVED
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.files import files_named
from spteproof.grammar.names import Module
from spteproof.grammar.origins import file_key
from spteproof.grammar.source import Place, Source

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RENAMED = (GLOBAL, MASK, LOCAL, STEP, THREAD)
_INSIDE = (LOCAL, STEP, THREAD)


class CannotRename(Exception):
    """The name may not be changed, or not to this one; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """One stretch of a text."""

    source: Source
    start: int
    end: int
    declares: bool = False


def definition(found: Read, offset: int) -> list[Place]:
    """All places where the name at the offset is declared."""
    at = found.at(offset)
    if at is None:
        return []
    if at.symbol.kind == INVARIANT:
        return [
            each.symbol.places[0]
            for module in found.module.seen
            for each in occurrences(found.names, module)
            if each.declares and each.symbol.same(at.symbol)
        ]
    return list(at.symbol.places)


def references(documents: Documents, document: Document, offset: int, folders: Iterable[Path]) -> list[Found]:
    """Everywhere in what the text uses, and in the files below the folders, where the name at the offset is meant."""
    own = documents.read(document)
    at = own.at(offset)
    if at is None:
        return []
    if at.symbol.kind in _INSIDE:
        return list(_in_module(own.occurrences, own.module, at.symbol))
    found: dict[tuple[str, int, int], Found] = {}
    for module in own.names.modules:
        if at.symbol.name in module.source.text:
            _add(found, _in_module(occurrences(own.names, module), module, at.symbol))
    for read_one in others(
        documents, document, at.symbol.name, folders, {home(each.source) for each in own.names.modules}
    ):
        _add(found, _in_module(read_one.occurrences, read_one.module, at.symbol))
    return list(found.values())


def _in_module(known: Iterable[Occurrence], module: Module, symbol: Symbol) -> Iterator[Found]:
    for each in known:
        if each.symbol.same(symbol):
            yield Found(module.source, each.start, each.end, each.declares)


def _add(found: dict[tuple[str, int, int], Found], more: Iterable[Found]) -> None:
    for each in more:
        found.setdefault((home(each.source), each.start, each.end), each)


def others(
    documents: Documents, document: Document, word: str, folders: Iterable[Path], known: set[str]
) -> Iterator[Read]:
    """The texts below the folders that hold the word and are not known yet, each with what it uses."""
    texts = documents.texts()
    for path in workspace_files(folders):
        key = file_key(path)
        if key in known or (document.path is not None and key == file_key(document.path)):
            continue
        text = texts.get(key) or saved_text(path)
        if text is not None and re.search(rf"\b{re.escape(word)}\b", text):
            yield read(text, str(path), path, documents.library, texts)


def workspace_files(folders: Iterable[Path]) -> list[Path]:
    """All texts below the folders, as for every command that is given folders."""
    found: dict[str, Path] = {}
    for path in files_named([folder for folder in folders if folder.is_dir()], Findings()):
        found.setdefault(file_key(path), path)
    return list(found.values())


def saved_text(path: Path) -> str | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _text_of(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1024)
def _text_of(path: Path, changed: int, size: int) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


# Rename --------------------------------------------------------------------------------------------------


def renamable(documents: Documents, document: Document, offset: int, folders: Iterable[Path]) -> Occurrence:
    """The name at the offset, if it may be changed. Raises CannotRename."""
    at = documents.read(document).at(offset)
    if at is None:
        raise CannotRename("there is no name here")
    if at.symbol.kind in (INVARIANT, LOCK, MODULE) or at.symbol.kind not in _RENAMED:
        what = {INVARIANT: "an invariant", LOCK: "a lock", MODULE: "a module"}.get(at.symbol.kind)
        raise CannotRename(
            f"`{at.symbol.name}` is {what}: it is known by its name alone"
            if what
            else f"`{at.symbol.name}` is a word of the language, or is declared nowhere"
        )
    for place in at.symbol.places:
        if _is_foreign(place, documents.library, folders):
            raise CannotRename(f"`{at.symbol.name}` is declared in the library ({place})")
    return at


def _is_foreign(place: Place, library: Path, folders: Iterable[Path]) -> bool:
    """Whether a declaration is in the tool's library, and the library is not what is being edited."""
    path = place.source.path
    if path is None:
        return False
    real = Path(file_key(path))
    if not real.is_relative_to(library.resolve()):
        return False
    return not any(library.resolve().is_relative_to(Path(file_key(each))) for each in folders)


def renamed(documents: Documents, document: Document, offset: int, new: str, folders: Iterable[Path]) -> list[Found]:
    """What is to be replaced by the new name. Raises CannotRename where the texts would not mean the same then."""
    folders = list(folders)
    at = renamable(documents, document, offset, folders)
    if not NAME.fullmatch(new):
        raise CannotRename(f"`{new}` is not a name")
    if new in RESERVED:
        raise CannotRename(f"`{new}` is a word of the language")
    if new == at.symbol.name:
        return []
    found = references(documents, document, offset, folders)
    _refuse_clash(documents, document, at, new, folders)
    _refuse_worse(documents, found, new)
    return found


def _refuse_clash(documents: Documents, document: Document, at: Occurrence, new: str, folders: list[Path]) -> None:
    """Raises CannotRename where something that is called so already can be seen."""
    own = documents.read(document)
    if new in ENTRY_WORDS or new in own.names.globals or new in own.names.words(own.module):
        raise CannotRename(f"`{new}` has a meaning already")
    if at.symbol.kind in _INSIDE:
        item = next((each for each in own.module.items if each.start <= at.start < each.end), None)
        inside = [each for each in own.occurrences if item is not None and item.start <= each.start < item.end]
        if any(each.symbol.name == new for each in inside):
            raise CannotRename(f"`{new}` has a meaning here already")
        return
    known = {home(each.source) for each in own.names.modules}
    for other in others(documents, document, new, folders, known):
        if any(home(each.source) in at.symbol.homes for each in other.module.seen) and any(
            each.symbol.name == new for each in other.occurrences
        ):
            raise CannotRename(f"`{new}` has a meaning already in `{other.module.source.name}`")


def _refuse_worse(documents: Documents, found: Iterable[Found], new: str) -> None:
    """Raises CannotRename where a text would have errors that it has not now."""
    by_text: dict[str, list[Found]] = {}
    for each in found:
        by_text.setdefault(home(each.source), []).append(each)
    before, after = dict(documents.texts()), dict(documents.texts())
    changed = [(group[0].source, replaced(group[0].source.text, group, new)) for group in by_text.values()]
    for source, text in changed:
        if source.path is not None:
            before[file_key(source.path)] = source.text
            after[file_key(source.path)] = text
    for source, text in changed:
        _refuse_errors(documents, source, (source.text, before), (text, after))


def _refuse_errors(
    documents: Documents, source: Source, old: tuple[str, Mapping[str, str]], new: tuple[str, Mapping[str, str]]
) -> None:
    counts = [
        sum(
            each.severity == "error"
            for each in check(text, source.name, source.path, documents.library, texts).loaded.diagnostics
        )
        for text, texts in (old, new)
    ]
    if counts[1] > counts[0]:
        raise CannotRename(f"`{source.name}` would have errors then")


def replaced(text: str, found: Iterable[Found], new: str) -> str:
    """The text with the new name in all these places."""
    for each in sorted(found, key=lambda each: -each.start):
        text = text[: each.start] + new + text[each.end :]
    return text
