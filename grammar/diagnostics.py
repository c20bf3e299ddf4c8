"""What there is to say about a text: a diagnostic is a value, drawn in one place (`spteproof.diagnostic_text`)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from spteproof.grammar.diagnostic_ids import MEANINGS
from spteproof.grammar.source import Place

HINT_LIMIT = 25


Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """`id` is "what failed:why" and stable. The message holds the author's names in backquotes; `label` stands under
    the place; `others` are the other ends of a conflict, each with its label. `place` is None where no text is at
    fault."""

    id: str
    severity: Severity
    message: str
    place: Place | None
    label: str = ""
    others: tuple[tuple[Place, str], ...] = ()
    help: str | None = None


class Findings:
    """Collects the diagnostics of one phase; one that is found twice is kept once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, Place | None], Diagnostic] = {}

    def error(
        self,
        id: str,
        place: Place | None,
        message: str,
        *,
        label: str = "",
        others: Iterable[tuple[Place, str]] = (),
        help: str | None = None,
    ) -> None:
        self._add("error", id, place, message, label, tuple(others), help)

    def warning(
        self,
        id: str,
        place: Place | None,
        message: str,
        *,
        label: str = "",
        others: Iterable[tuple[Place, str]] = (),
        help: str | None = None,
    ) -> None:
        self._add("warning", id, place, message, label, tuple(others), help)

    def _add(
        self,
        severity: Severity,
        id: str,
        place: Place | None,
        message: str,
        label: str,
        others: tuple[tuple[Place, str], ...],
        help: str | None,
    ) -> None:
        assert id in MEANINGS, id
        diagnostic = Diagnostic(
            id=id, severity=severity, message=message, place=place, label=label, others=others, help=help
        )
        self._found.setdefault((id, message, place), diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for each in diagnostics:
            self._found.setdefault((each.id, each.message, each.place), each)

    def nearest(self, word: str, candidates: Callable[[], Iterable[str]]) -> str | None:
        """A help line with the candidate nearest to a word, if one is near and few things were found so far: it takes
        time."""
        if len(self._found) >= HINT_LIMIT:
            return None
        nearest = get_close_matches(
            word[:80], sorted(set(candidates()) - {word})[:5000], n=1, cutoff=0.7 if len(word) > 3 else 0.6
        )
        return f"did you mean `{nearest[0]}`?" if nearest else None

    def all(self) -> tuple[Diagnostic, ...]:
        return tuple(self._found.values())

    def has_errors(self) -> bool:
        return any(each.severity == "error" for each in self._found.values())


def listed(words: Iterable[str], last: str = "or") -> str:
    """`a`, `b` or `c`, from words that are already quoted where they should be."""
    said = list(words)
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} {last} {said[-1]}" if said else ""
