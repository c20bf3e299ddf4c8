"""The `table` command: proves as `prove` does and shows the verdicts as tables."""

import argparse
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase

from spteproof.colour import Paint, paint_for
from spteproof.grammar.checked import Library
from spteproof.grammar.modules import Loaded
from spteproof.reports.human import summary_line
from spteproof.running.command import prove_all, status
from spteproof.tables.json import table_json
from spteproof.tables.markdown import table_markdown
from spteproof.tables.tables import failing_asserts, tables
from spteproof.tables.text import table_text


def prove_and_tabulate(
    called: argparse.Namespace, library: Library, loaded: Loaded, wanted: Callable[[str], bool]
) -> tuple[str, int]:
    """The tables' text and the exit status. `library` is what is left of `loaded` in the layouts and eras that were
    asked for. Raises BadInput, WrongCall."""
    _refuse_none(called, library, wanted)
    run = prove_all(called, library, loaded, wanted)
    assert loaded.library is not None
    globs = called.property or ["*"]
    shown = tables(
        run.report,
        loaded.library,
        split=called.split,
        wanted=lambda text: any(fnmatchcase(text, glob) for glob in globs),
    )
    failing, lost = failing_asserts(run.report, loaded.library), len(run.lost)
    if called.format == "json":
        return table_json(shown, failing, run.report, seconds=run.seconds, lost=lost), status(run)
    paint = paint_for(sys.stdout, "never" if called.output and called.color == "auto" else called.color)
    if called.format == "markdown":
        return table_markdown(shown, failing, summary_line(run.report, run.seconds, Paint(), lost)), status(run)
    return table_text(shown, failing, summary_line(run.report, run.seconds, paint, lost), paint), status(run)


def _refuse_none(called: argparse.Namespace, library: Library, wanted: Callable[[str], bool]) -> None:
    """Raises WrongCall where some pattern matches no property of the theorems that are wanted."""
    from spteproof.cli import WrongCall

    theorems = [each for name, each in library.theorems.items() if name in library.asked and wanted(name)]
    texts = [prove.text for each in theorems for prove in each.proves]
    for glob in called.property or ():
        if theorems and not any(fnmatchcase(text, glob) for text in texts):
            raise WrongCall(f"no property matches `{glob}`")
