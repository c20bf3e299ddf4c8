"""What went wrong inside the tool, kept in a file that a report can carry."""

import os
import tempfile
import traceback
from contextlib import suppress


def kept_details(error: BaseException) -> str:
    """The name of a new file that holds the error with its traceback; where none can be written, why not."""
    name = None
    try:
        descriptor, name = tempfile.mkstemp(prefix="spteproof-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as report:
            traceback.print_exception(error, file=report)
    except OSError as full:
        if name is not None:
            with suppress(OSError):
                os.unlink(name)
        return f"no file ({full.strerror})"
    return name
