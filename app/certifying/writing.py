"""Writes a proof run's certificates as a bundle (docs/certificates.md): a folder that is whole or not there."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from spteproof import __version__
from spteproof.certifying.store import CannotRead, Spoilt, Store
from spteproof.certifying.texts import Held, file_of
from spteproof.grammar.checked import Library
from spteproof.running.cache import source_digests
from spteproof.running.pipeline import pieces
from spteproof.solver.certificates.collecting import Collector, Witnessing
from spteproof.solver.certificates.parts import JSON, Certifier, canonical, digest, disagreements, files_of
from spteproof.solver.certificates.solving import SOLVER
from spteproof.solver.doubts import INTERNAL
from spteproof.solver.proof import Prover
from spteproof.solver.results import UNKNOWN, Budget, Result, Skipped
from spteproof.solver.z3_solver import version as z3_version
from spteproof.whole_files import CannotWrite

SCHEMA = "spteproof.certificates/2"
MANIFEST, DIGEST, MADE = "MANIFEST.json", "DIGEST", "made"


def check_target(target: Path) -> None:
    """Refuses, before the work, a place where no bundle can be written, and one that holds something else. Raises
    CannotWrite."""
    if find_spec("pysat") is None:
        raise CannotWrite("certificates need python-sat: pip install 'spteproof[certify]'")
    folder = target.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise CannotWrite(f"cannot write {target}: {folder} is no folder that can be written")
    if target.is_symlink() or target.exists() and not target.is_dir():
        raise CannotWrite(f"cannot write {target}: it is no folder")
    if target.exists() and any(target.iterdir()) and not _is_bundle(target):
        raise CannotWrite(f"cannot write {target}: the folder is not empty, and no bundle of certificates")


def _is_bundle(target: Path) -> bool:
    try:
        value = json.loads(Store(target).read(MANIFEST))
    except (CannotRead, Spoilt, ValueError):
        return False
    return isinstance(value, dict) and str(value.get("schema", "")).startswith(SCHEMA.rpartition("/")[0])


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A worker could not write; `reason` is for a person."""

    reason: str


@dataclass(slots=True)
class Bundle:
    """A bundle that is being written, in a folder beside its place; `texts` are the digests of all texts by name,
    `held` those that it will hold. As a context, what is not finished goes. Its call is how one task is done
    (runs.Pieces): proved, and certified."""

    target: Path
    texts: Mapping[str, str]
    held: Sequence[Held]
    store: Store = field(init=False)
    certifier: Certifier = field(init=False)

    def __enter__(self) -> "Bundle":
        try:
            name = tempfile.mkdtemp(prefix=f".{self.target.name[:100]}-", dir=self.target.absolute().parent)
        except OSError as error:
            raise CannotWrite(f"cannot write {self.target}: {error.strerror}") from None
        self.store = Store(Path(name))
        self.certifier = Certifier(self.store.put)
        try:
            for each in self.held:
                self.store.put_plain(file_of(each.entry()), each.text)
        except CannotWrite:
            self.__exit__()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        shutil.rmtree(self.store.root, ignore_errors=True)

    def __call__(self, library: Library, name: str, prover: Prover, start: int) -> Iterator[list[Any]]:
        collector = Collector(also=prover.budget.told, texts=self.texts)
        alone = Prover(library, replace(prover.budget, told=collector), keep=prover.keep, kind=Witnessing)
        for number, piece in enumerate(pieces(library, name, alone)):
            heard = collector.taken()
            if number >= start:  # those before it are proved again: equal terms must have equal texts
                yield self._certified(name, number, piece, heard)

    def _certified(self, name: str, number: int, piece: list[Result | Skipped], heard: Collector) -> list[Any]:
        results = [each for each in piece if isinstance(each, Result)]
        try:
            part = self.certifier.part(name, number, results, heard)
            wrong = disagreements(part)
            if wrong:
                piece = [_unsettled(each, wrong[0]) if isinstance(each, Result) else each for each in piece]
                results = [each for each in piece if isinstance(each, Result)]
                part = self.certifier.part(name, number, results, heard)
            self._note(name, number, self.store.put(JSON, canonical(part)), len(piece))
        except CannotWrite as full:
            return [*piece, NotWritten(str(full))]
        return piece

    def _note(self, name: str, number: int, part: str, count: int) -> None:
        """Leaves word for the process that finishes the bundle; `count` is how many verdicts the part is about."""
        try:
            made = self.store.root / MADE
            made.mkdir(exist_ok=True)
            (made / digest(f"{number} {name}")).write_text(canonical([name, number, part, count]), encoding="utf-8")
        except OSError as error:
            raise CannotWrite(f"cannot write certificates: {error.strerror}") from None

    def hear(self, gave: Sequence[Any]) -> None:
        """Raises CannotWrite where a worker could not write."""
        for each in gave:
            if isinstance(each, NotWritten):
                raise CannotWrite(each.reason)

    def finish(self, asked: Mapping[str, Any], found: Mapping[str, Sequence[Any]]) -> None:
        """Writes the manifest and puts the bundle in its place; `found` is all that each task gave. Raises
        CannotWrite."""
        root = self.store.root
        try:
            parts, counts = self._noted()
            lost = [name for name, gave in found.items() if len(gave) != counts[name]]
            self._sweep(parts)
            manifest = {
                "schema": SCHEMA,
                "made_by": _versions(),
                "asked": dict(asked),
                "texts": [each.entry() for each in self.held],
                "parts": parts,
                "lost": sorted(lost),
            }
            data = (json.dumps(manifest, indent=1) + "\n").encode()
            (root / DIGEST).write_text(hashlib.sha256(data).hexdigest() + "\n")
            (root / MANIFEST).write_bytes(data)
            os.chmod(root, 0o755)
            _put_in_place(root, self.target.absolute())
        except (OSError, Spoilt) as error:
            raise CannotWrite(f"cannot write {self.target}: {getattr(error, 'strerror', error)}") from None

    def _sweep(self, parts: Mapping[str, Sequence[str | None]]) -> None:
        """Removes what belongs to no part: a worker that died may have left it."""
        named = {name for made in parts.values() for name in made if name is not None}
        used = {file for name in named for file in files_of(json.loads(self.store.get(name)))}
        for stray in self.store.files() - named - used - {file_of(each.entry()) for each in self.held}:
            (self.store.root / stray).unlink()

    def _noted(self) -> tuple[dict[str, list[str | None]], Counter[str]]:
        """The parts of each task in order (None for an instance that was given up), and how many verdicts they are
        about. Raises OSError."""
        made = self.store.root / MADE
        made.mkdir(exist_ok=True)
        parts: dict[str, list[str | None]] = {}
        counts: Counter[str] = Counter()
        for name, number, part, count in sorted(json.loads(each.read_text("utf-8")) for each in made.iterdir()):
            of_task = parts.setdefault(name, [])
            of_task += [None] * (number - len(of_task)) + [part]
            counts[name] += count
        shutil.rmtree(made)
        return parts, counts


def _unsettled(result: Result, reason: str) -> Result:
    reason = f"internal error: the solvers are in {reason}"
    return replace(result, verdict=UNKNOWN, ok=False, reason=reason, reason_id=INTERNAL)


def _put_in_place(made: Path, target: Path) -> None:
    """Puts the folder in its place; an older bundle there goes only when the new one is at hand."""
    if target.exists() and any(target.iterdir()):
        with tempfile.TemporaryDirectory(prefix=f".{target.name[:100]}-", dir=target.parent) as old:
            os.rename(target, Path(old) / "old")
            try:
                os.rename(made, target)
            except OSError:
                os.rename(Path(old) / "old", target)
                raise
    else:
        os.rename(made, target)


def _versions() -> dict[str, str]:
    return {
        "spteproof": __version__,
        "source": source_digest(),
        "z3": z3_version(),
        "python-sat": version("python-sat"),
        "solver of the refutations": SOLVER,
        "python": sys.version.split()[0],
    }


def source_digest() -> str:
    """A digest of what turns texts into questions, which one version may have in several states."""
    return digest(" ".join(source_digests("spteproof.grammar", "spteproof.solver")))


def asked_of(
    library: Library, names: Sequence[str], budget: Budget, *, by_layout: bool, by_era: bool
) -> dict[str, Any]:
    """What the run was asked for, so that it can be done again: `library` is narrowed, `by_layout` and `by_era` to some
    layouts and eras. They are named one by one, as the texts that the bundle holds need not know their families."""
    theorems = [library.theorems[name] for name in names if name in library.theorems]
    layouts = {layout for each in theorems for layout in each.layouts} | (set(names) & library.layouts.keys())
    return {
        "layouts": sorted(layouts) if by_layout else [],
        "eras": sorted({era for each in theorems for era in each.eras}) if by_era else [],
        "timeout_seconds": budget.timeout_seconds,
        "effort": budget.effort,
    }
