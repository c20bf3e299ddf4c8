"""Files and folders that a person names, read with care: whatever is wrong with them is a diagnostic."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.source import Place

SIZE_LIMIT = 1 << 20
"""The bytes that a module may have."""


def files_named(paths: Iterable[Path], findings: Findings) -> Iterator[Path]:
    """Each path that is a file, and every `*.spte` below each that is a folder, sorted."""
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        unreadable: list[OSError] = []
        found = sorted(
            Path(folder, file)
            for folder, _, files in os.walk(path, onerror=unreadable.append)
            for file in files
            if file.endswith(".spte")
        )
        for error in unreadable:
            _report_unreadable(error.filename or str(path), None, error, findings)
        if not found and not unreadable:
            findings.error("file.folder:empty", None, f"the folder `{path}` holds no `.spte` file")
        yield from found


def file_text(path: Path, shown: str, used_at: Place | None, findings: Findings) -> str | None:
    """The text of a file, or None and a diagnostic; `used_at` is the `use` that asked for it."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            findings.error("file.unreadable:kind", used_at, f"`{shown}` is not a file")
            return None
        with open(path, "rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        _report_unreadable(shown, used_at, error, findings)
        return None
    return decoded(data, shown, used_at, findings)


def decoded(data: bytes, shown: str, used_at: Place | None, findings: Findings) -> str | None:
    """The text that bytes stand for, or None and a diagnostic."""
    if len(data) > SIZE_LIMIT:
        findings.error("file.size:limit", used_at, f"`{shown}` is larger than 1 MiB")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.error("file.encoding:utf8", used_at, f"`{shown}` is not UTF-8 text (line {line})")
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        findings.error("file.encoding:nul", used_at, f"`{shown}` holds a NUL byte (line {line}): it is not a text")
        return None
    return text.removeprefix("\ufeff")


def _report_unreadable(shown: str, used_at: Place | None, error: OSError | ValueError, findings: Findings) -> None:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        findings.error("file.unreadable:missing", used_at, f"there is no file `{shown}`")
    elif isinstance(error, PermissionError):
        findings.error("file.unreadable:permission", used_at, f"`{shown}` may not be read: permission denied")
    else:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        findings.error("file.unreadable:system", used_at, f"`{shown}` cannot be read: {why.lower()}")
