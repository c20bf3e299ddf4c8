"""The command line: calls in, reports out, exit status."""

import argparse
import sys
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TextIO

from spteproof.arguments import parser
from spteproof.colour import paint_for
from spteproof.diagnostic_text import draw_all, printable
from spteproof.grammar.checked import Library
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.modules import Loaded, load, load_text
from spteproof.narrowing import Unknown, narrowed
from spteproof.running.pipeline import LIBRARY, BadInput, library_of
from spteproof.standard_streams import written
from spteproof.stopping import asked_within, number_of
from spteproof.whole_files import CannotWrite, check_not_read, check_output, write_whole

AS_EXPECTED, NOT_AS_EXPECTED, WRONG_INPUT, SOME_UNKNOWN, INTERNAL = 0, 1, 2, 3, 4


Reported = Callable[[argparse.Namespace, Library, Loaded, Callable[[str], bool]], tuple[str, int]]
"""From a call, the texts and the theorems that are wanted to the report's text and the exit status."""


class WrongCall(Exception):
    """The call cannot be carried out; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carries out one call and gives the exit status. Never raises, but for argparse's own SystemExit."""
    called = parser().parse_args(arguments)
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "prove": _prove,
        "table": _table,
        "find": _find,
        "mutate": _mutate,
        "check": _check,
        "show": _show,
        "fmt": _fmt,
        "explain": _explain,
        "lsp": _lsp,
        "verify": _verify,
        "watch": _watch,
        "init": _init,
        "completion": _completion,
    }
    try:
        return commands[called.command](called)
    except BadInput as bad:
        _complain(bad.diagnostics, called.color)
        return WRONG_INPUT
    except (WrongCall, Unknown, CannotWrite) as wrong:
        _tell(sys.stderr, f"spteproof: {printable(str(wrong))}\n")
        return WRONG_INPUT
    except BaseException as error:
        stop = asked_within(error)
        if stop is not None:
            _tell(sys.stderr, "spteproof: stopped\n")
            return 128 + number_of(stop)
        if not isinstance(error, Exception):
            raise
        return _internal(error)


def _tell(stream: TextIO | None, text: str) -> None:
    """Writes to standard output or error. Raises WrongCall where standard output cannot be written."""
    problem = written(stream, text)
    if problem is not None and stream is sys.stdout and stream is not sys.stderr:
        raise WrongCall(f"cannot write standard output: {problem}")


def _internal(error: Exception) -> int:
    """An internal error: one line for the person, the details in a file that a report can carry."""
    from spteproof.running.details import kept_details

    _tell(sys.stderr, f"spteproof: internal error: {type(error).__name__}; details are in {kept_details(error)}\n")
    return INTERNAL


def _complain(diagnostics: Sequence[Diagnostic], color: str) -> None:
    if diagnostics:
        _tell(sys.stderr, draw_all(diagnostics, color=paint_for(sys.stderr, color).on) + "\n")


def _load(paths: Sequence[str]) -> Loaded:
    """Reads what the user named; standard input for `-`; the library for nothing."""
    if "-" in paths:
        if len(paths) > 1:
            raise WrongCall("- (standard input) cannot be joined with other paths")
        return load_text(_standard_input(), name="<stdin>", library_root=LIBRARY)
    return load([Path(each) for each in paths] or [_short(LIBRARY)], library_root=LIBRARY)


def _standard_input() -> str:
    if sys.stdin is None:
        raise WrongCall("standard input is closed")
    try:
        return sys.stdin.buffer.read(1 << 21).decode("utf-8")
    except UnicodeDecodeError as error:
        raise WrongCall(f"standard input is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise WrongCall(f"standard input cannot be read: {error.strerror}") from None


def _short(path: Path) -> Path:
    """The path from here, where it lies below this folder."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _check(called: argparse.Namespace) -> int:
    loaded = _load(called.paths)
    _complain(loaded.diagnostics, called.color)
    if loaded.library is None:
        return WRONG_INPUT
    library = loaded.library
    asked = [name for name in library.theorems if name in library.asked]
    counts = f"{len(loaded.sources)} modules, {len(library.layouts)} layouts, {len(asked)} theorems"
    _tell(sys.stdout, f"{counts}: no errors\n")
    return AS_EXPECTED


def _fmt(called: argparse.Namespace) -> int:
    from spteproof.formatting import format_files, format_text

    if "-" in called.paths:
        if len(called.paths) > 1:
            raise WrongCall("- (standard input) cannot be joined with other paths")
        one, diagnostics = format_text(_standard_input(), "<stdin>")
        texts = [] if one is None else [one]
    else:
        texts, diagnostics = format_files(called.paths or ["."])
    _complain([each for each in diagnostics if each.severity == "error"], called.color)
    changed = [each for each in texts if each.differs]
    if called.diff:
        _tell(sys.stdout, "".join(each.diff() for each in changed))
    elif "-" in called.paths and not called.check:
        _tell(sys.stdout, "".join(each.text for each in texts))
    else:
        for each in changed:
            if not called.check and each.source.path is not None:
                write_whole(each.source.path, each.text)
            _tell(sys.stdout, f"{each.source.name}\n")
    if any(each.severity == "error" for each in diagnostics):
        return WRONG_INPUT
    return NOT_AS_EXPECTED if called.check and changed else AS_EXPECTED


def _explain(called: argparse.Namespace) -> int:
    from spteproof.explaining import NothingToExplain, explain, is_id

    try:
        asks_more = called.paths or called.layout or called.era or called.format == "json"
        if called.id is None or is_id(called.id) and not asks_more:
            _deliver(called.output, explain(called.id, paint_for(sys.stdout, called.color)) + "\n")
            return AS_EXPECTED
        from spteproof.reasons.command import explain_theorem

        stated = library_of(_texts(called))
        library = narrowed(stated, called.layout or [], called.era or [])
        text, status = explain_theorem(called, library, stated)
    except NothingToExplain as nothing:
        raise WrongCall(str(nothing)) from None
    _deliver(called.output, text)
    return status


def _lsp(called: argparse.Namespace) -> int:
    from spteproof.editing.command import ServerMissing, serve

    try:
        serve()
    except ServerMissing as missing:
        raise WrongCall(str(missing)) from None
    return AS_EXPECTED


def _watch(called: argparse.Namespace) -> int:
    from spteproof.watching.command import NothingToWatch, WatcherMissing, watch

    try:
        watch(called, lambda text: _tell(sys.stdout, text))
    except (WatcherMissing, NothingToWatch) as problem:
        raise WrongCall(str(problem)) from None
    return AS_EXPECTED


def _init(called: argparse.Namespace) -> int:
    from spteproof.starting.command import begin

    _tell(sys.stdout, begin(called.folder))
    return AS_EXPECTED


def _completion(called: argparse.Namespace) -> int:
    from spteproof.completing.command import CompletionMissing, completion

    try:
        _tell(sys.stdout, completion(called.shell))
    except CompletionMissing as missing:
        raise WrongCall(str(missing)) from None
    return AS_EXPECTED


def _show(called: argparse.Namespace) -> int:
    from spteproof.showing.command import NothingToShow, show

    values = [each for each in called.given if isinstance(each, int)]
    if len(values) > 1:
        raise WrongCall("one value is decoded at a time")
    paths = [*called.paths, *(each for each in called.given if isinstance(each, str))]
    library = library_of(_load(paths))
    value = next(iter(values), None)
    try:
        shown = [show(library, called.name, value, each, called.format) for each in called.layout or [None]]
        _tell(sys.stdout, "\n\n".join(shown) + "\n")
    except NothingToShow as nothing:
        raise WrongCall(str(nothing)) from None
    return AS_EXPECTED


def _prove(called: argparse.Namespace) -> int:
    from spteproof.running.command import prove_and_report

    return _report(called, prove_and_report)


def _table(called: argparse.Namespace) -> int:
    from spteproof.tables.command import prove_and_tabulate

    return _report(called, prove_and_tabulate)


def _report(called: argparse.Namespace, reported: Reported) -> int:
    """Proves what was asked for and writes the report."""
    loaded = _texts(called)
    library = narrowed(library_of(loaded), called.layout or [], called.era or [])
    wanted = called.theorem or ["*"]

    def is_wanted(name: str) -> bool:
        return any(fnmatchcase(name, glob) for glob in wanted)

    text, status = reported(called, library, loaded, is_wanted)
    _deliver(called.output, text)
    return status


def _deliver(output: Path | None, text: str) -> None:
    """A report to where it was asked for."""
    if output is None:
        _tell(sys.stdout, text)
    else:
        write_whole(output, text)


def _texts(called: argparse.Namespace) -> Loaded:
    """Reads what a report will be about, and warns of it; a report that cannot be written is refused first. Raises
    BadInput, WrongCall, CannotWrite."""
    check_output(called.output)
    loaded = _load(called.paths)
    check_not_read(called.output, [each.path for each in loaded.sources])
    library_of(loaded)
    _complain([each for each in loaded.diagnostics if each.severity != "error"], called.color)
    return loaded


def _verify(called: argparse.Namespace) -> int:
    from spteproof.certifying.command import verify

    text, status = verify(called, _load)
    _tell(sys.stdout, text)
    return status


def _mutate(called: argparse.Namespace) -> int:
    from spteproof.mutating.command import mutate_and_report

    if "-" in called.paths:
        raise WrongCall("mutants are made of files, not of standard input")
    text, status = mutate_and_report(called, _texts(called))
    _deliver(called.output, text)
    return status


def _find(called: argparse.Namespace) -> int:
    from spteproof.finding.command import find_and_report

    loaded = _texts(called)
    library = narrowed(library_of(loaded), called.layout or [], called.era or [])
    text, status = find_and_report(called, library)
    _deliver(called.output, text)
    return status
