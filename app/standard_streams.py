"""Standard output and error, whatever has become of them."""

import contextlib
import os
import sys
from typing import TextIO


def hold_standard_files() -> None:
    """Where standard input, output or error is closed, its number is taken: the next file that is opened would get it,
    and what is meant for a person would be written into a database."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def written(stream: TextIO | None, text: str) -> str | None:
    """Writes to standard output or error; what its encoding lacks is escaped. A reader who left is no error, and what
    is said on standard error may be lost. Why it could not be written, else None."""
    if stream is None:
        return "it is closed"
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            return error.strerror or str(error)
    return None
