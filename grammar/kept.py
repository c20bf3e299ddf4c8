"""What was worked out before, kept between runs in the user's cache folder. Missing or damaged, it is worked out
again."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

KEPT_LIMIT = 500
"""So many texts are kept; past that the oldest go."""

SIZE_LIMIT = 4 << 20
"""What has more bytes is not kept."""

_DIGEST_LENGTH = 32


def cache_folder() -> Path | None:
    """SPTEPROOF_CACHE_DIR, else `spteproof` in the user's cache folder (XDG base directories), made if need be; None
    where nothing can be written."""
    try:
        named = os.environ.get("SPTEPROOF_CACHE_DIR")
        folder = Path(named or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spteproof")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError, ValueError):
        return None
    return folder if os.access(folder, os.W_OK) else None


def kept(name: str) -> bytes | None:
    """What was kept under a name, if it is still as it was written."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        stored = (folder / name).read_bytes()
    except OSError:
        return None
    digest, data = stored[:_DIGEST_LENGTH], stored[_DIGEST_LENGTH:]
    return data if hashlib.sha256(data).digest() == digest else None


def keep(name: str, data: bytes) -> None:
    """Keeps data under a name, whole or not at all; where that is impossible nothing happens."""
    folder = cache_folder()
    if folder is None or len(data) > SIZE_LIMIT:
        return
    with suppress(OSError):
        descriptor, temporary = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            os.replace(temporary, folder / name)
        except OSError:
            os.unlink(temporary)
        _drop_oldest(list(folder.glob(f"{name.split('-')[0]}-*")))


def _drop_oldest(found: Sequence[Path]) -> None:
    if len(found) > KEPT_LIMIT:
        for path in sorted(found, key=lambda path: path.stat().st_mtime)[: len(found) - KEPT_LIMIT]:
            path.unlink(missing_ok=True)
