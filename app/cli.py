"""The command line: calls in, reports out, exit status."""

import argparse
import contextlib
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from spteproof.arguments import parser
from spteproof.colour import paint_for
from spteproof.diagnostic_text import draw
from spteproof.grammar.checked import Library
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.modules import Loaded, load, load_text
from spteproof.pipeline import LIBRARY, BadInput, library_of

AS_EXPECTED, NOT_AS_EXPECTED, WRONG_INPUT, SOME_UNKNOWN, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 130


class WrongCall(Exception):
    """The call cannot be carried out; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carries out one call and gives the exit status. Never raises, but for argparse's own SystemExit."""
    called = parser().parse_args(arguments)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {"prove": _prove, "check": _check, "show": _show}
    try:
        return commands[called.command](called)
    except BadInput as bad:
        _complain(bad.diagnostics, called.color)
        return WRONG_INPUT
    except WrongCall as wrong:
        print(f"spteproof: {wrong}", file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("spteproof: stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERNAL
    except Exception as error:  # noqa: BLE001
        return _internal(error)


def _internal(error: Exception) -> int:
    """An internal error: one line for the person, the details in a file that a report can carry."""
    with tempfile.NamedTemporaryFile("w", prefix="spteproof-", suffix=".txt", delete=False) as report:
        traceback.print_exception(error, file=report)
    print(f"spteproof: internal error: {type(error).__name__}; details are in {report.name}", file=sys.stderr)
    return INTERNAL


def _complain(diagnostics: Sequence[Diagnostic], color: str) -> None:
    paint = paint_for(sys.stderr, color)
    for each in diagnostics:
        print(draw(each, color=paint.on), file=sys.stderr)
        print(file=sys.stderr)
    errors = sum(each.severity == "error" for each in diagnostics)
    if errors:
        print(f"{errors} error{'s' if errors > 1 else ''}", file=sys.stderr)


def _load(paths: Sequence[str]) -> Loaded:
    """Reads what the user named; standard input for `-`; the library for nothing."""
    if "-" in paths:
        if len(paths) > 1:
            raise WrongCall("- (standard input) cannot be joined with other paths")
        raw = sys.stdin.buffer.read(1 << 21)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise WrongCall(f"standard input is not UTF-8 (byte {error.start})") from None
        return load_text(text, name="<stdin>", library_root=LIBRARY)
    return load([Path(each) for each in paths] or [LIBRARY], library_root=LIBRARY)


def _check(called: argparse.Namespace) -> int:
    loaded = _load(called.paths)
    _complain(loaded.diagnostics, called.color)
    if loaded.library is None:
        return WRONG_INPUT
    library = loaded.library
    asked = [name for name in library.theorems if name in library.asked]
    print(f"{len(loaded.sources)} modules, {len(library.layouts)} layouts, {len(asked)} theorems: no errors")
    return AS_EXPECTED


def _show(called: argparse.Namespace) -> int:
    from spteproof.show import NothingToShow, show

    library = library_of(_load(called.paths))
    try:
        print(show(library, called.name, called.value, called.layout))
    except NothingToShow as nothing:
        raise WrongCall(str(nothing)) from None
    return AS_EXPECTED


def _prove(called: argparse.Namespace) -> int:
    from spteproof.proving import prove_and_report

    _check_output(called.output)
    loaded = _load(called.paths)
    library = _narrowed(library_of(loaded), called.layout or [])
    _complain([each for each in loaded.diagnostics if each.severity != "error"], called.color)
    wanted = called.theorem or ["*"]

    def is_wanted(name: str) -> bool:
        return any(fnmatchcase(name, glob) for glob in wanted)

    text, status = prove_and_report(called, library, loaded, is_wanted)
    if called.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        _write_whole(called.output, text)
    return status


def _narrowed(library: Library, layouts: Sequence[str]) -> Library:
    """The library with each theorem only in the layouts (or families) asked for."""
    if not layouts:
        return library
    chosen: set[str] = set()
    for name in layouts:
        known = [*library.layouts, *library.families]
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise WrongCall(f"there is no layout `{name}`" + (f": did you mean `{near[0]}`?" if near else ""))
        chosen |= {name, *library.families.get(name, ())}
    theorems = {
        name: replace(each, layouts=tuple(layout for layout in each.layouts if layout in chosen))
        for name, each in library.theorems.items()
    }
    kept = {name: each for name, each in theorems.items() if each.layouts}
    layouts_kept = frozenset(name for name in library.asked if name not in library.layouts or name in chosen)
    return replace(library, theorems=kept, asked=layouts_kept)


def _check_output(output: Path | None) -> None:
    """A report that cannot be written is refused before the work, not after it."""
    if output is None:
        return
    if output.is_dir():
        raise WrongCall(f"cannot write {output}: it is a folder")
    folder = output.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise WrongCall(f"cannot write {output}: {folder} is no folder that can be written")


def _write_whole(output: Path, text: str) -> None:
    """Writes the file whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{output.name}-", dir=output.absolute().parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, output)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise WrongCall(f"cannot write {output}: {error.strerror}") from None
