"""The texts that are open in the editor, unsaved changes included."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spteproof.editing.analysis import Analysis, Checked, Read, check, read
from spteproof.editing.positions import Encoding, Lines, Position, Span
from spteproof.grammar.origins import file_key
from spteproof.running.pipeline import LIBRARY

_DRIVE = re.compile(r"/[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Change:
    """What was typed: `text` stands for what was in `span` (None: for everything)."""

    span: Span | None
    text: str


@dataclass(eq=False)
class Document:
    """One open text. `stamp` differs for any two states of it and of what is open beside it."""

    uri: str
    text: str
    version: int
    encoding: Encoding
    path: Path | None
    stamp: int = 0
    lines: Lines = field(init=False)
    analysis: Analysis = field(default_factory=Analysis)

    def __post_init__(self) -> None:
        self.lines = Lines(self.text, self.encoding)

    @property
    def name(self) -> str:
        """What tells the text from all others, and a person is shown."""
        return self.uri if self.path is None else str(self.path)

    def apply(self, changes: Iterable[Change], version: int) -> None:
        for each in changes:
            if each.span is None:
                text = each.text
            else:
                start, end = self.lines.offset(each.span.start), self.lines.offset(each.span.end)
                text = self.text[:start] + each.text + self.text[max(start, end) :]
            self.text, self.lines = text, Lines(text, self.encoding)
        self.version = version


class Documents:
    """All open texts. What one of them means may rest on another."""

    def __init__(self, encoding: Encoding = "utf-16", library: Path = LIBRARY) -> None:
        self.encoding: Encoding = encoding
        self.library = library
        self.open: dict[str, Document] = {}
        self._stamp = 0

    def put(self, uri: str, text: str, version: int) -> Document:
        document = Document(uri=uri, text=text, version=version, encoding=self.encoding, path=path_of(uri))
        self.open[uri] = document
        self._touch(self.open.values())
        return document

    def change(self, uri: str, changes: Iterable[Change], version: int) -> Document:
        document = self.open[uri]
        document.apply(changes, version)
        self._touch([document, *self.resting_on(document)])
        return document

    def resting_on(self, document: Document) -> list[Document]:
        """The other open texts that use this one, or may."""
        key = None if document.path is None else file_key(document.path)
        others = [each for each in self.open.values() if each is not document]
        return [each for each in others if key is not None and _may_use(each, key)]

    def close(self, uri: str) -> None:
        self.open.pop(uri, None)
        self._touch(self.open.values())

    def saved(self) -> None:
        """Files changed on the disk: what rests on them is to be read again."""
        self._touch(self.open.values())

    def _touch(self, documents: Iterable[Document]) -> None:
        self._stamp += 1
        for each in documents:
            each.stamp = self._stamp

    def texts(self) -> Mapping[str, str]:
        """The open texts by the files that they would be saved in."""
        return {file_key(each.path): each.text for each in self.open.values() if each.path is not None}

    def read(self, document: Document) -> Read:
        """What the names of a text mean, as it is now."""
        known = document.analysis.read
        if known is None or document.analysis.read_stamp != document.stamp:
            known = read(document.text, document.name, document.path, self.library, self.texts())
            document.analysis.read, document.analysis.read_stamp = known, document.stamp
        return known

    def check(self, document: Document) -> Checked:
        """Everything that there is to say of a text, as it is now."""
        known = document.analysis.checked
        if known is None or document.analysis.checked_stamp != document.stamp:
            known = check(document.text, document.name, document.path, self.library, self.texts())
            document.analysis.checked, document.analysis.checked_stamp = known, document.stamp
            if document.analysis.read is None or document.analysis.read_stamp != document.stamp:
                document.analysis.read = Read(known.loaded.names, known.loaded.modules[0])
                document.analysis.read_stamp = document.stamp
            if known.loaded.library is not None:
                document.analysis.good = known.loaded.library
        return known

    def position(self, document: Document, offset: int) -> Position:
        return document.lines.position(offset)


def _may_use(document: Document, key: str) -> bool:
    """Whether the text uses the file, as far as is known."""
    checked = document.analysis.checked
    if checked is None or document.analysis.checked_stamp != document.stamp:
        return True
    return any(each.path is not None and file_key(each.path) == key for each in checked.loaded.sources)


def path_of(uri: str) -> Path | None:
    """The file of a `file:` address; None for what is not saved anywhere."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    path = unquote(parts.path, errors="surrogateescape")
    return Path(path[1:] if _DRIVE.match(path) else path)


def uri_of(path: Path) -> str:
    return Path(os.path.abspath(path)).as_uri()
