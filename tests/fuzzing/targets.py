"""What must hold of any text at all. Each target raises Broken, or whatever the tool let out, where it does not."""

from collections.abc import Callable

from spteproof.grammar.diagnostic_ids import MEANINGS
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.formatter import formatted
from spteproof.grammar.modules import Loaded, load_text
from spteproof.grammar.source import Place, Source

from .seeds import LIBRARY


class Broken(Exception):
    """A promise of the tool that a text breaks."""


def loaded(text: str) -> Loaded:
    return load_text(text, name="text", library_root=LIBRARY)


def check(text: str) -> None:
    """Checked or refused with diagnostics that are known and stand in the text; the formatter changes blanks alone, once."""
    found = loaded(text)
    for each in found.diagnostics:
        if each.id not in MEANINGS:
            raise Broken(f"nobody knows the diagnostic {each.id}")
        for place in [each.place, *[other for other, _ in each.others]]:
            _stands(place)
    errors = any(each.severity == "error" for each in found.diagnostics)
    if errors == (found.library is not None):
        raise Broken("a library and errors, or neither")
    if any(each.id.startswith("file.encoding") for each in found.diagnostics):
        return  # no such text is ever formatted
    given = _formatted(text)
    if given is None:
        return
    if _formatted(given) != given:
        raise Broken("formatting twice is not formatting once")
    again = sorted(each.id for each in loaded(given).diagnostics)
    if again != sorted(each.id for each in found.diagnostics):
        raise Broken(f"formatted, it has other diagnostics: {again}")


def _stands(place: Place | None) -> None:
    if place is None:
        return
    whole = place.source.text
    if not 0 <= place.start <= place.end <= len(whole) + 1:
        raise Broken(f"a diagnostic at [{place.start}, {place.end}) of {len(whole)} characters")
    line = whole.count("\n", 0, min(place.start, len(whole))) + 1
    if place.line != line:
        raise Broken(f"a diagnostic at line {place.line} that stands at line {line}")


def _formatted(text: str) -> str | None:
    return formatted(Source(name="text", text=text), Findings())


def prove(text: str) -> None:
    """What is right is proved, refuted or not known for a reason that is no error of the tool."""
    from spteproof.running.pipeline import prove_loaded
    from spteproof.solver.results import Budget

    found = loaded(text)
    if found.library is None:
        return
    budget = Budget(timeout_seconds=2.0, effort=200_000, shortest_seconds=0.2)
    for each in prove_loaded(found, budget=budget).results:
        if each.verdict == "unknown" and not each.reason:
            raise Broken("unknown without a reason")
        if each.reason is not None and "internal error" in each.reason:
            raise Broken(each.reason)


TARGETS: dict[str, Callable[[str], None]] = {"check": check, "prove": prove}
