"""The report as one HTML page: no network, no script that is needed to read it, everything from the texts escaped."""

import base64
import hashlib
import unicodedata
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from spteproof import __version__
from spteproof.colour import Paint
from spteproof.grammar.checked import Library
from spteproof.html import registers
from spteproof.html.examples import Gallery
from spteproof.html.views import quiet_layouts, sections
from spteproof.reports.human import summary_line
from spteproof.reports.json import solver_version, summary
from spteproof.reports.result_words import Lost
from spteproof.running.pipeline import Report

FEW = 3
"""Up to so many theorems are shown unfolded."""

LEGEND = "W bit W is kept, -W it can be lost or changed, ? not known, . not asked, or no such bit, ! not as expected"
JOINED = "all choices of {} together in a cell: lost is what any of them loses"


def html_report(report: Report, library: Library, *, seconds: float, lost: Sequence[Lost] = ()) -> str:
    """The whole page. `library` is what the texts say, in all layouts and eras."""
    gallery = Gallery()
    shown = list(sections(report, library, gallery))
    style, script = _text("report.css"), _text("report.js")
    joined = {name for each in report.results for name in each.params}
    page = _environment().get_template("report.html.jinja")
    return page.render(
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; "
        "form-action 'none'",
        style=Markup(style),
        script=Markup(script),
        version=__version__,
        z3=solver_version(report),
        counts=summary(report, seconds=seconds, lost=len(lost)),
        summary=summary_line(report, seconds, Paint(), len(lost)),
        legend=[LEGEND, *([JOINED.format(", ".join(sorted(joined)))] if joined else [])],
        lost=lost,
        layouts=quiet_layouts(report, library),
        sections=shown,
        unfolded=len(shown) <= FEW,
        frames=list(gallery.frames.found.values()),
        r=registers,
    )


def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _visible(value: object) -> object:
    """What steers the text around it (controls, changes of direction) is shown by its number and does nothing."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else f"\\u{ord(letter):04x}"
        for letter in value
        if unicodedata.category(letter) != "Cs"
    )


def _text(name: str) -> str:
    return files("spteproof.html").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """How a content security policy names an inline text."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
