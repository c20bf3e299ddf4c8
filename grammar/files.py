"""Files and folders that a person names, read with care: whatever is wrong with them is a diagnostic."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.source import Place

SIZE_LIMIT = 1 << 20
"""The bytes that a module may have."""

ENTRY_LIMIT = 100_000
"""The files and folders below a folder that is named."""

_NO_PROJECTS = (("pyvenv.cfg",), ("MANIFEST.json", "DIGEST", "texts"))
"""What a folder holds that is no part of a project."""

_DRAWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)")
"""What a terminal or an editor does not show but obeys: control characters, and those that turn the direction."""


def is_drawn(text: str) -> bool:
    """Whether a terminal would show the text as it is."""
    return _DRAWN.search(text) is None


def files_named(paths: Iterable[Path], findings: Findings) -> Iterator[Path]:
    """Each path that is a file, and every `*.spte` below each that is a folder, sorted."""
    for path in paths:
        if os.path.isdir(path):
            yield from _files_below(path, findings)
        else:
            yield path


def _files_below(path: Path, findings: Findings) -> Iterator[Path]:
    """The texts below a folder, what is no project of texts left out; none where it holds more than a person means who
    names it."""
    unreadable: list[OSError] = []
    found: list[Path] = []
    entries = 0
    for folder, folders, files in os.walk(path, onerror=unreadable.append):
        folders[:] = [each for each in folders if not _is_no_project(os.path.join(folder, each))]
        entries += len(folders) + len(files)
        if entries > ENTRY_LIMIT:
            findings.error(
                "limit.folder:entries",
                None,
                f"the folder `{path}` holds more than {ENTRY_LIMIT:,} files and folders",
                help="name the files, or the folders that hold them",
            )
            return
        found += [Path(folder, file) for file in files if file.endswith(".spte")]
    for error in unreadable:
        _report_unreadable(error.filename or str(path), None, error, findings)
    if not found and not unreadable:
        findings.error("file.folder:empty", None, f"the folder `{path}` holds no `.spte` file")
    yield from (each for each in sorted(found) if stays_inside(each, path, str(each), None, findings))


def _is_no_project(folder: str) -> bool:
    """Whether it is hidden, a virtual environment of Python, which may hold this tool and its library, or a bundle of
    certificates, which holds the texts that it was made from."""
    return os.path.basename(folder).startswith(".") or any(
        all(os.path.exists(os.path.join(folder, each)) for each in names) for names in _NO_PROJECTS
    )


def stays_inside(path: Path, folder: Path, shown: str, used_at: Place | None, findings: Findings) -> bool:
    """Whether a file that nobody named lies in the folder where it was found; reported if a link leads out of it. A
    diagnostic shows lines of a text: whoever writes a folder's files shall not choose which of yours it shows."""
    try:
        outer = os.path.realpath(folder)
        inside = os.path.commonpath([outer, os.path.realpath(path)]) == outer
    except (OSError, ValueError):
        inside = False
    if not inside:
        findings.error(
            "file.outside:link",
            used_at,
            f"`{shown}` is a link that leads out of the folder `{folder}`",
            label="used here",
        )
    return inside


def file_text(path: Path, shown: str, used_at: Place | None, findings: Findings) -> str | None:
    """The text of a file, or None and a diagnostic; `used_at` is the `use` that asked for it."""
    if not is_drawn(shown):
        findings.error("file.unreadable:name", used_at, f"the name `{shown}` holds a control character")
        return None
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
    drawn = _DRAWN.search(text)
    if drawn:
        line, code = text.count("\n", 0, drawn.start()) + 1, f"U+{ord(drawn.group()[0]):04X}"
        findings.error("file.encoding:control", used_at, f"`{shown}` holds the control character {code} (line {line})")
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
