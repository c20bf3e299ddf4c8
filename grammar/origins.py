"""Where a loader's texts come from: the file system, or a set of texts in memory and nothing else."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.files import decoded, file_text, stays_inside
from spteproof.grammar.source import Place


class Origin(Protocol):
    """What a loader asks. Nothing raises: what is wrong is a finding."""

    def key(self, path: Path) -> str:
        """What tells texts apart, however their paths are written."""

    def where(self, path: Path) -> Path:
        """Where a text that is found at a path lies: what it uses is looked for beside that."""

    def is_kept(self, path: Path) -> bool:
        """Whether the text will be read as it is again and again, so that what is known of it is worth keeping."""

    def text(self, path: Path, shown: str, used_at: Place | None, findings: Findings) -> str | None:
        """The text; None where it cannot be had."""

    def holds(self, path: Path) -> bool:
        """Whether there is something of this name."""

    def stays_inside(self, path: Path, folder: Path, shown: str, used_at: Place, findings: Findings) -> bool:
        """Whether what lies there belongs to the folder."""


class Disk:
    """The file system. `open_texts` are texts, by `file_key`, that stand for what is saved."""

    def __init__(self, open_texts: Mapping[str, str] | None = None) -> None:
        self._open_texts = open_texts or {}
        self._keys: dict[str, str] = {}

    def key(self, path: Path) -> str:
        """The file's key, found once: to follow its links takes longer than all else that is done with a file that was
        read before."""
        text = str(path)
        if text not in self._keys:
            self._keys[text] = file_key(path)
        return self._keys[text]

    def where(self, path: Path) -> Path:
        return path

    def is_kept(self, path: Path) -> bool:
        return self.key(path) not in self._open_texts

    def text(self, path: Path, shown: str, used_at: Place | None, findings: Findings) -> str | None:
        key = self.key(path)
        return self._open_texts[key] if key in self._open_texts else file_text(path, shown, used_at, findings)

    def holds(self, path: Path) -> bool:
        return os.path.lexists(path) or bool(self._open_texts) and self.key(path) in self._open_texts

    def stays_inside(self, path: Path, folder: Path, shown: str, used_at: Place, findings: Findings) -> bool:
        return stays_inside(path, folder, shown, used_at, findings)


@dataclass(frozen=True, slots=True)
class Memory:
    """`texts` by their paths, which need not be those of files; `links` are other paths of some of them."""

    texts: Mapping[Path, bytes] = field(repr=False)
    links: Mapping[Path, Path]

    def key(self, path: Path) -> str:
        return str(self.where(path))

    def where(self, path: Path) -> Path:
        return self.links.get(path, path)

    def is_kept(self, path: Path) -> bool:
        return True

    def text(self, path: Path, shown: str, used_at: Place | None, findings: Findings) -> str | None:
        data = self.texts.get(self.where(path))
        if data is None:
            findings.error("file.unreadable:missing", used_at, f"there is no text `{shown}`")
            return None
        return decoded(data, shown, used_at, findings)

    def holds(self, path: Path) -> bool:
        return self.where(path) in self.texts

    def stays_inside(self, path: Path, folder: Path, shown: str, used_at: Place, findings: Findings) -> bool:
        return True


def file_key(path: Path) -> str:
    """What tells files apart, however they are named."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)
