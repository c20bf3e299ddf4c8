"""`spteproof watch`: proves, waits for a file to be saved, proves again what it touches, and shows what changed."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path

from spteproof.colour import Paint, paint_for
from spteproof.diagnostic_text import draw_all
from spteproof.grammar.checked import Library
from spteproof.grammar.modules import Loaded, load
from spteproof.narrowing import Unknown, narrowed
from spteproof.running.cache import texts_of
from spteproof.running.pipeline import LIBRARY, tasks
from spteproof.watching.state import State, changes, standing, unexpected

MISSING = """\
`watch` needs `watchfiles`, which is not installed. Install it beside spteproof:
  pip install 'spteproof[watch]'        or, in a checkout: pip install -e '.[watch]'"""
CLEAR = "\x1b[2J\x1b[H"
SETTLE_MILLISECONDS = 60
"""A file is read when nothing was written for so long: an editor saves in several steps."""
QUIET_MILLISECONDS = 400


class WatcherMissing(Exception):
    """The library that watches files is not installed; the message says what to do."""


class NothingToWatch(Exception):
    """The call names nothing that can be watched; the message says so."""


def watch(called: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """Goes on until it is interrupted. Raises WatcherMissing, NothingToWatch, KeyboardInterrupt."""
    if find_spec("watchfiles") is None:
        raise WatcherMissing(MISSING)
    missing = [each for each in called.paths if not Path(each).exists()]
    if missing or "-" in called.paths:
        raise NothingToWatch(f"cannot watch {', '.join(missing or ['-'])}: there is no such file or folder")
    watcher = Watcher(called, tell)
    watcher.round()
    try:
        for _ in _saved(watcher.roots):
            watcher.round()
    except FileNotFoundError as error:
        raise NothingToWatch(f"cannot watch any longer: {error}") from None


def _saved(roots: Callable[[], tuple[frozenset[Path], bool]]) -> Iterator[None]:
    """Something was saved, or may have been: before a watch has begun nobody tells, so that its first quiet moment
    counts as well. The watch begins anew when the texts use files from elsewhere."""
    from watchfiles import watch as events

    while True:
        paths, recursive = watched = roots()
        sure = False
        for changed in events(
            *paths,
            watch_filter=lambda change, path: path.endswith(".spte"),
            step=SETTLE_MILLISECONDS,
            recursive=recursive,
            rust_timeout=QUIET_MILLISECONDS,
            yield_on_timeout=True,
        ):
            if changed or not sure:
                sure = sure or not changed
                yield
            if roots() != watched:
                break


class Watcher:
    """One watch: the call, the state, and whether the texts were wrong when they were read last."""

    def __init__(self, called: argparse.Namespace, tell: Callable[[str], None]) -> None:
        self.called, self.tell = called, tell
        self.paint: Paint = paint_for(sys.stdout, called.color)
        self.state = State()
        self.complaint = ""
        self.first = True
        self.read: tuple[Path, ...] = ()

    def roots(self) -> tuple[frozenset[Path], bool]:
        """Folders to watch, and whether with what lies below: an editor may put a new file in a saved one's place, so
        that the folder is watched, not the file. The library's own texts are watched where they are named."""
        named = [Path(each).absolute() for each in self.called.paths or ["."]]
        below = {each for each in named if each.is_dir()}
        files = {each for each in (*named, *self.read) if not each.is_dir()}
        outside = {each for each in files if not any(each.is_relative_to(folder) for folder in below)}
        if below:
            return frozenset({*below, *(each for each in outside if each.exists())}), True
        return frozenset(each.parent for each in outside if each.parent.is_dir()), False

    def round(self) -> None:
        """Reads everything, proves what is touched, and tells what changed. Says nothing where nothing did."""
        started = time.monotonic()
        loaded = load([Path(each) for each in self.called.paths or ["."]], library_root=LIBRARY)
        self._remember(loaded)
        if loaded.library is None:
            wrong = [each for each in loaded.diagnostics if each.severity == "error"]
            self._complain(draw_all(wrong, color=self.paint.on))
            return
        try:
            library = narrowed(loaded.library, self.called.layout or [], self.called.era or [])
        except Unknown as unknown:
            self._complain(str(unknown))
            return
        wanted = self.called.theorem or ["*"]
        names = tasks(library, lambda name: any(fnmatchcase(name, glob) for glob in wanted))
        texts = texts_of(loaded, library)
        touched = self.state.touched(texts, names)
        gone = self.state.found.keys() - set(names)
        if touched or gone or self.complaint or self.first:
            self._prove(loaded, library, names, touched, started)

    def _remember(self, loaded: Loaded) -> None:
        own = LIBRARY.absolute()
        paths = [each.path.absolute() for each in loaded.sources if each.path is not None]
        self.read = tuple(each for each in paths if not each.is_relative_to(own))

    def _complain(self, text: str) -> None:
        if text != self.complaint:
            self._show([text, self.paint.yellow("not proved: the verdicts before stand") if not self.first else ""])
            self.complaint = text

    def _prove(self, loaded: Loaded, library: Library, names: list[str], touched: list[str], started: float) -> None:
        from spteproof.running.command import prove_all

        texts = texts_of(loaded, library)
        after = State()
        if touched:
            call = argparse.Namespace(**{**vars(self.called), "theorem": None})
            run = prove_all(call, library, loaded, set(touched).__contains__)
            after = self.state.after(texts, names, run.report)
        else:
            after = self.state.after(texts, names, self.state.whole())
        assert loaded.library is not None
        lines = list(
            unexpected(after, loaded.library, self.paint)
            if self.first
            else changes(self.state, after, loaded.library, self.paint)
        )
        if not self.first and not lines:
            lines = [self.paint.dim(f"no verdict changed ({len(touched)} of {len(names)} proved again)")]
        if not names:
            lines.append("there is nothing to prove yet")
        self._show([*lines, standing(after, time.monotonic() - started, self.paint)])
        self.state, self.complaint, self.first = after, "", False

    def _show(self, lines: list[str]) -> None:
        clear = self.called.clear == "always" or (self.called.clear == "auto" and sys.stdout.isatty())
        self.tell((CLEAR if clear else "") + "\n".join(line for line in lines if line is not None) + "\n")
