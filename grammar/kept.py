"""What was worked out before, kept between runs in the user's cache folder. Missing or damaged, it is worked out
again."""

import hashlib
import io
import os
import pickle
import stat
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from spteproof.grammar.uninterrupted import uninterrupted

KEPT_LIMIT = 500
"""So many texts are kept; past that the oldest go."""

SIZE_LIMIT = 4 << 20
"""What has more bytes is not kept."""

_DIGEST_LENGTH = 32
_WRITING = "writing-"


LEFT_SECONDS = 3600
"""A file that a killed process left half written goes after this time."""


def cache_folder() -> Path | None:
    """SPTEPROOF_CACHE_DIR, else `spteproof` in the user's cache folder (XDG base directories), made if need be; None
    where there is none, and where others than this user may write into it: what they put there is not to be trusted.
    """
    try:
        named = os.environ.get("SPTEPROOF_CACHE_DIR")
        folder = Path(named or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spteproof")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if is_own(os.stat(folder)) else None
    except (OSError, RuntimeError, ValueError):
        return None


def is_own(found: os.stat_result) -> bool:
    """Whether a file or folder belongs to this user, and nobody else may write it."""
    return not hasattr(os, "geteuid") or found.st_uid == os.geteuid() and not found.st_mode & 0o022


def kept(name: str) -> bytes | None:
    """What was kept under a name, if it is still as it was written."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        with open(folder / name, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or not is_own(found):
                return None
            stored = file.read(SIZE_LIMIT + _DIGEST_LENGTH + 1)
    except OSError:
        return None
    digest, data = stored[:_DIGEST_LENGTH], stored[_DIGEST_LENGTH:]
    return data if _digest(name, data) == digest else None


def keep(name: str, data: bytes) -> None:
    """Keeps data under a name, whole or not at all; where that is impossible nothing happens."""
    folder = cache_folder()
    if folder is None or len(data) > SIZE_LIMIT:
        return
    with suppress(OSError), uninterrupted():
        descriptor, temporary = tempfile.mkstemp(prefix=_WRITING, dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_digest(name, data) + data)
            os.replace(temporary, folder / name)
        except BaseException:
            os.unlink(temporary)
            raise
        _drop_oldest(list(folder.glob(f"{name.split('-')[0]}-*")))
        _drop_left(folder)


def _digest(name: str, data: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\0" + data).digest()


def _drop_oldest(found: Sequence[Path]) -> None:
    if len(found) > KEPT_LIMIT:
        for path in sorted(found, key=lambda path: path.stat().st_mtime)[: len(found) - KEPT_LIMIT]:
            path.unlink(missing_ok=True)


def _drop_left(folder: Path) -> None:
    """Only a clock that people see tells how old a file is; where it has jumped, the file stays or goes early."""
    for path in folder.glob(f"{_WRITING}*"):
        if time.time() - path.stat().st_mtime > LEFT_SECONDS:
            path.unlink(missing_ok=True)


class NotPlain(ValueError):
    """What was kept holds something else than was asked for."""


class _PlainReader(pickle.Unpickler):
    """Makes nothing but plain values and instances of the classes that it is given: no code is called."""

    classes: Mapping[str, type]

    def find_class(self, module: str, name: str) -> Any:
        found = self.classes.get(name)
        if found is None or found.__module__ != module:
            raise NotPlain(f"{module}.{name} is not kept here")
        return found


def unpacked(data: bytes, classes: Mapping[str, type]) -> Any:
    """What was pickled, where it is made of plain values and of these classes only. Raises NotPlain."""
    reader = _PlainReader(io.BytesIO(data))
    reader.classes = classes
    try:
        return reader.load()
    except NotPlain:
        raise
    except Exception as error:  # noqa: BLE001  # the reader promises nothing about what it raises on damaged data
        raise NotPlain(f"{type(error).__name__}: {error}") from None
