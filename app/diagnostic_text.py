"""Draws diagnostics for a person: the one place that does."""

from collections.abc import Callable, Sequence
from unicodedata import combining, east_asian_width

from spteproof.colour import Paint
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.source import Place

SHOWN_LIMIT = 20
WIDTH_LIMIT = 160
"""Of a longer source line, a stretch around the place is shown."""


def draw_all(diagnostics: Sequence[Diagnostic], *, color: bool = False) -> str:
    """Every diagnostic, the first 20 errors in full, and a last line that counts; empty for none."""
    errors = [each for each in diagnostics if each.severity == "error"]
    hidden = set(map(id, errors[SHOWN_LIMIT:]))
    parts = [draw(each, color=color) for each in diagnostics if id(each) not in hidden]
    if errors:
        more = f", {len(hidden)} of them not shown" if hidden else ""
        parts.append(f"{len(errors)} error{'s' if len(errors) > 1 else ''}{more}")
    return "\n\n".join(parts)


def draw(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """One diagnostic: its message, the line at fault with a caret, the other ends of a conflict, and one help line."""
    paint = Paint(color)
    loud = paint.red if diagnostic.severity == "error" else paint.yellow
    lines = [f"{loud(f'{diagnostic.severity}[{diagnostic.id}]')}: {paint.bold(printable(diagnostic.message))}"]
    places = [place for place in (diagnostic.place, *[place for place, _ in diagnostic.others]) if place is not None]
    width = max((len(str(place.line)) for place in places), default=1)
    bar = f"{' ' * width} {paint.dim('|')}"
    if diagnostic.place is not None:
        lines += [f"{' ' * width}{paint.dim('-->')} {_where(diagnostic.place)}:{diagnostic.place.column}", bar]
        lines += _excerpt(diagnostic.place, "^", diagnostic.label, width, loud, paint)
    for place, label in diagnostic.others:
        lines += [bar, f"{' ' * width}{paint.dim(':::')} {_where(place)}"]
        lines += _excerpt(place, "-", label, width, paint.bold, paint)
    if diagnostic.help:
        lines.append(f"{' ' * width} {paint.dim('=')} help: {printable(diagnostic.help)}")
    return "\n".join(lines)


def _where(place: Place) -> str:
    return f"{printable(place.source.name)}:{place.line}"


def _excerpt(place: Place, mark: str, label: str, width: int, loud: Callable[[str], str], paint: Paint) -> list[str]:
    """The source line of a place with marks under it; of a place of several lines, the first."""
    text = place.source.text
    begin = place.start - (place.column - 1)
    end = text.find("\n", place.start)
    line = text[begin : end if end >= 0 else len(text)].removesuffix("\r")
    first, last = place.column - 1, min(place.column - 1 + place.end - place.start, len(line))
    cut = max(0, min(first - WIDTH_LIMIT // 4, len(line) - WIDTH_LIMIT)) if len(line) > WIDTH_LIMIT else 0
    shown, before = line[cut : cut + WIDTH_LIMIT], line[cut:first]
    head = "..." if cut else ""
    indent = len(head) + _cells(before)
    marks = mark * max(1, _cells(line[first : min(last, cut + WIDTH_LIMIT)]))
    tail = "..." if cut + WIDTH_LIMIT < len(line) else ""
    return [
        f"{place.line:>{width}} {paint.dim('|')} {head}{_flat(shown)}{tail}".rstrip(),
        f"{' ' * width} {paint.dim('|')} {' ' * indent}{loud(f'{marks} {printable(label)}'.rstrip())}",
    ]


def _flat(text: str) -> str:
    """One line as it is shown: tabs are four spaces, and what cannot be printed is a replacement character."""
    return "".join("    " if each == "\t" else each if each.isprintable() else "\ufffd" for each in text)


def printable(text: str) -> str:
    """The text without what would move a terminal's cursor or change its colours; line ends stay."""
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text)


def _cells(text: str) -> int:
    """The columns that a text takes on a terminal."""
    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in _flat(text))
