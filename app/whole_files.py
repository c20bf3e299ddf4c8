"""Reports in files: written whole or not at all."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from spteproof.grammar.uninterrupted import uninterrupted


class CannotWrite(Exception):
    """A file cannot be written; the message says why."""


def check_output(output: Path | None) -> None:
    """A report that cannot be written is refused before the work, not after it."""
    if output is None:
        return
    if output.is_dir():
        raise CannotWrite(f"cannot write {output}: it is a folder")
    folder = output.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise CannotWrite(f"cannot write {output}: {folder} is no folder that can be written")
    if output.is_file() or not output.exists():
        _try_folder(output)


def _try_folder(output: Path) -> None:
    """Raises CannotWrite where no new file can be made beside the output, as in /proc."""
    folder = output.resolve().parent
    try:
        with uninterrupted():
            handle, name = tempfile.mkstemp(prefix=".spteproof-", dir=folder)
            os.close(handle)
            os.unlink(name)
    except OSError as error:
        raise CannotWrite(
            f"cannot write {output}: no file can be made in {folder} ({error.strerror}); a report is written beside "
            "its place first"
        ) from None


def check_not_read(output: Path | None, read: Iterable[Path | None]) -> None:
    """A report never takes the place of a text that was read. Raises CannotWrite."""
    if output is None or not output.exists():
        return
    for each in read:
        if each is not None and each.exists() and output.samefile(each):
            raise CannotWrite(f"cannot write {output}: it is one of the texts that were read ({each})")


def write_whole(output: Path, text: str) -> None:
    """Writes the file whole or not at all; what is no file (a terminal, a pipe) is written to as it is."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        if output.exists() and not output.is_file():
            output.write_bytes(data)
        else:
            _replace(output.resolve(), data)
    except OSError as error:
        raise CannotWrite(f"cannot write {output}: {error.strerror}") from None


def _replace(output: Path, data: bytes) -> None:
    """Beside its place first, and there at one stroke."""
    with uninterrupted():
        handle, name = tempfile.mkstemp(prefix=f".{output.name[:100]}-", dir=output.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, _permissions(output))
            os.replace(name, output)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


def _permissions(output: Path) -> int:
    """Those of the file that is replaced, else those of any new file."""
    with contextlib.suppress(OSError):
        return stat.S_IMODE(output.stat().st_mode)
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
