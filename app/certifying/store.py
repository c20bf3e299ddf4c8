"""The files of a bundle. Each text lies packed in a file that is named by the digest of its bytes, so that equal texts
lie there once, and a file that was changed does not fit its name; but for those that a person is to read."""

import gzip
import hashlib
import os
import stat
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from spteproof.whole_files import CannotWrite

OBJECTS = "objects"
MOST_BYTES = 1 << 28
"""No text is larger; what unpacks to more is refused."""

MOST_BYTES_OF_TREES = 1 << 24
"""The same for texts that are taken to pieces, which then need many times their size: all but clauses and lemmas."""


class Spoilt(Exception):
    """A file of the bundle is not what it was; the message says which and why."""


class CannotRead(Exception):
    """A file or folder of the bundle may not be read, so that nothing can be said of it; the message says which."""


@dataclass(frozen=True, slots=True)
class Store:
    """The texts in one folder."""

    root: Path

    def put(self, kind: str, text: str) -> str:
        """Stores a text; the name is its file's, below the folder. Raises CannotWrite."""
        data = gzip.compress(text.encode(), compresslevel=6, mtime=0)
        digest = hashlib.sha256(data).hexdigest()
        name = f"{OBJECTS}/{digest[:2]}/{digest}.{kind}.gz"
        self._write(name, data)
        return name

    def put_plain(self, name: str, text: str) -> None:
        """Stores a text unpacked, under a name of its own. Raises CannotWrite."""
        self._write(name, text.encode())

    def _write(self, name: str, data: bytes) -> None:
        path = self.root / name
        if path.exists():
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except OSError as error:
            raise CannotWrite(f"cannot write certificates: {error.strerror}") from None

    def get(self, name: str, kind: str | None = None) -> str:
        """The text of a name, which must be of that kind. Raises Spoilt."""
        digest, _, ending = name.rpartition("/")[2].partition(".")
        if name != f"{OBJECTS}/{digest[:2]}/{digest}.{ending}" or kind is not None and ending != f"{kind}.gz":
            raise Spoilt(f"{name} is no name of a text")  # nor is any file out of the folder looked at
        data = self.read(name)
        if hashlib.sha256(data).hexdigest() != digest:
            raise Spoilt(f"{name} is not what it was")
        try:
            unpacking = zlib.decompressobj(wbits=31)
            text = unpacking.decompress(data, most_bytes(name))
            if not unpacking.eof or unpacking.unused_data:
                raise Spoilt(f"{name} is too large, or not one packed text")
            return text.decode()
        except (zlib.error, UnicodeDecodeError):
            raise Spoilt(f"{name} cannot be unpacked") from None

    def read(self, name: str) -> bytes:
        """A file's bytes. Raises Spoilt, CannotRead."""
        path = f"{self.root}/{name}"
        folders = [path[:at] for at in range(len(path) - len(name), len(path)) if path[at] == "/"]
        try:
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode) or any(stat.S_ISLNK(os.lstat(each).st_mode) for each in folders):
                raise Spoilt(f"{name} is no plain file of the bundle")
            if status.st_size > most_bytes(name):
                raise Spoilt(f"{name} is too large")
            return Path(path).read_bytes()
        except PermissionError as error:
            raise CannotRead(f"{path}: {error.strerror}") from None
        except OSError as error:
            raise Spoilt(f"{name}: {error.strerror}") from None
        except ValueError:  # a name that no file can have
            raise Spoilt(f"{name} is no name of a text") from None

    def files(self) -> set[str]:
        """The names of all files that are there, and of links to folders. Raises CannotRead."""
        found: set[str] = set()
        for folder, folders, names in os.walk(self.root, onerror=_refuse):
            links = [each for each in folders if os.path.islink(os.path.join(folder, each))]
            below = os.path.relpath(folder, self.root)
            found |= {each if below == "." else f"{below}/{each}" for each in (*names, *links)}
        return found


def _refuse(error: OSError) -> None:
    raise CannotRead(f"{error.filename}: {error.strerror}") from None


def most_bytes(name: str) -> int:
    """The bytes that a text may have, packed or not."""
    flat = name.endswith((".cnf.gz", ".lrat.gz"))
    return MOST_BYTES if flat else min(MOST_BYTES, MOST_BYTES_OF_TREES)
