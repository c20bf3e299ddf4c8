"""`spteproof watch`: proves, waits for a file to be saved, proves again what it touches, and shows what changed."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path

from spteproof.colour import Paint, paint_for
from spteproof.diagnostic_text import draw_all
from spteproof.grammar.checked import Library
from spteproof.grammar.modules import Loaded, load
from spteproof.narrowing import Unknown, narrowed
from spteproof.running.keys import Keys
from spteproof.running.pipeline import LIBRARY, tasks
from spteproof.solver.results import Result, Skipped
from spteproof.watching.state import State
from spteproof.watching.telling import Telling

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
    watcher.rounds()
    try:
        for _ in _saved(watcher.roots):
            watcher.rounds()
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
        self.stamps: dict[Path, tuple[int, int] | None] = {}
        self.fresh = False
        self.lost: tuple[str, ...] = ()

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

    def rounds(self) -> None:
        """One round, and one more where a file was saved before it had come to its end."""
        while not self.round():
            stamps: object = None
            while stamps != (stamps := {each: _stamp(each) for each in self.stamps}):
                time.sleep(SETTLE_MILLISECONDS / 1000)

    def round(self) -> bool:
        """Reads everything, proves what is touched, and tells what changed. Says nothing where nothing did. False where
        a file was saved again before all was known: what was told stands, and the next round goes on from there."""
        started = time.monotonic()
        loaded = load([Path(each) for each in self.called.paths or ["."]], library_root=LIBRARY)
        self._remember(loaded)
        if loaded.library is None:
            wrong = [each for each in loaded.diagnostics if each.severity == "error"]
            self._complain(draw_all(wrong, color=self.paint.on))
            return True
        try:
            library = narrowed(loaded.library, self.called.layout or [], self.called.era or [])
        except Unknown as unknown:
            self._complain(str(unknown))
            return True
        wanted = self.called.theorem or ["*"]
        names = tasks(library, lambda name: any(fnmatchcase(name, glob) for glob in wanted))
        keys = Keys(loaded, library)
        texts = {name: keys.of(name) for name in names}
        touched = self.state.touched(texts, names)
        gone = [name for name in self.state.found if name not in set(names)]
        if not (touched or gone or self.complaint or self.first):
            return True
        self.fresh, self.complaint, self.lost = True, "", ()
        telling = Telling(self.state, loaded.library, self.paint, self.first)
        self._say(telling.gone(gone))
        if touched and not self._prove(loaded, library, touched, texts, telling):
            return False
        self._conclude(names, len(touched) - len(self.lost), started)
        return True

    def _remember(self, loaded: Loaded) -> None:
        own = LIBRARY.absolute()
        paths = [each.path.absolute() for each in loaded.sources if each.path is not None]
        self.read = tuple(each for each in paths if not each.is_relative_to(own))
        self.stamps = {each: _stamp(each) for each in paths}

    def _saved_again(self) -> bool:
        return any(_stamp(each) != stamp for each, stamp in self.stamps.items())

    def _complain(self, text: str) -> None:
        if text != self.complaint:
            self.fresh = True
            self._say([text, self.paint.yellow("not proved: the verdicts before stand") if not self.first else ""])
            self.complaint = text

    def _prove(
        self, loaded: Loaded, library: Library, touched: list[str], texts: Mapping[str, str], telling: Telling
    ) -> bool:
        """Tells what changed as it comes; whether it came to its end."""
        from spteproof.running.command import Early, prove_all

        left = set(touched)

        def hear(name: str, found: list[Result | Skipped], whole: bool) -> None:
            if whole:
                left.discard(name)
            self._say(telling.heard(name, texts[name], found, whole))

        call = argparse.Namespace(**{**vars(self.called), "theorem": None})
        early = Early(hear=hear, stop=self._saved_again)
        run = prove_all(call, library, loaded, set(touched).__contains__, early)
        self.lost = tuple(name for name in run.lost if name in left)
        return left <= set(run.lost)

    def _conclude(self, names: list[str], proved: int, started: float) -> None:
        if self.fresh and not self.first:
            self._say([self.paint.dim(f"no verdict changed ({proved} of {len(names)} proved again)")])
        if not names:
            self._say(["there is nothing to prove yet"])
        self._say([self.state.summary(names, self.lost, time.monotonic() - started, self.paint)])
        self.first = False

    def _say(self, lines: list[str]) -> None:
        """Nothing, for no lines; the first words of a round stand on a clear screen."""
        if lines:
            clear = self.called.clear == "always" or (self.called.clear == "auto" and sys.stdout.isatty())
            self.tell((CLEAR if clear and self.fresh else "") + "\n".join(lines) + "\n")
            self.fresh = False


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file is saved; None for one that is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
