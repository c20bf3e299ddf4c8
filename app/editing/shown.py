"""Verdicts as an editor shows them: beside theorems and properties, and as diagnostics."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spteproof.editing.desk import Desk
from spteproof.editing.documents import Document
from spteproof.editing.verdicts import Problem, by_claim, claim_summary, problems, results_of, summary
from spteproof.reports.result_words import instance, judged, scope_lines
from spteproof.solver.results import Result


@dataclass(frozen=True, slots=True)
class Lens:
    """What can be done about a theorem: its name is [start, end)."""

    theorem: str
    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hint:
    """A few words behind an offset."""

    offset: int
    text: str
    tooltip: str = ""


def lenses(desk: Desk, document: Document) -> list[Lens]:
    """One for each theorem of the text, known or not."""
    state = desk.keyed(document)
    running = desk.proofs.busy(document.uri)
    found = []
    for name, part in state.theorems.items():
        known = desk.verdicts.known(state.key(name), state)
        title = "prove again" if known else "proving" if running else "prove"
        start = document.text.index(name, part.start + len("lemma"))
        found.append(Lens(name, title, start, start + len(name)))
    return found


def verdict_hints(desk: Desk, document: Document) -> list[Hint]:
    """The verdict of each theorem behind its first line, and of each property behind its own end."""
    state = desk.keyed(document)
    found: list[Hint] = []
    for name, given in desk.found(document).items():
        part = state.theorems.get(name)
        if part is not None:
            found.append(Hint(_line_end(document.text, part.start), summary(given), _tooltip(desk, document, name)))
        for place, results in by_claim(given).items():
            tooltip = short(desk, document, "\n".join(_lines(results)))
            found.append(Hint(place.end, claim_summary(results), tooltip))
    return sorted(found, key=lambda each: each.offset)


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return end - text[:end].endswith("\r")


def _lines(results: Sequence[Result]) -> list[str]:
    return [f"{instance(each)}: {judged(each)}" for each in results[:40]]


def _tooltip(desk: Desk, document: Document, name: str) -> str:
    results = results_of(desk.found(document).get(name, ()))
    return short(desk, document, "\n".join(scope_lines(results))) if results else ""


def theorem_notes(desk: Desk, document: Document) -> Mapping[str, str]:
    """For hovers: what is known of each theorem."""
    notes = {}
    for name, given in desk.found(document).items():
        results = results_of(given)
        lines = [f"- {instance(each)}: `{each.property}` {judged(each)}" for each in results[:40]]
        scope = [f"- {line}" for line in scope_lines(results)] if results else []
        note = "\n".join([summary(given), "", *lines, *(["", "Scope:", *scope] if scope else [])])
        notes[name] = short(desk, document, note)
    return notes


def problems_of(desk: Desk, document: Document) -> list[Problem]:
    """What is not as expected, at places of the text as it is now."""
    return [
        replace(
            each,
            message=short(desk, document, each.message),
            steps=tuple((place, short(desk, document, step)) for place, step in each.steps),
        )
        for given in desk.found(document).values()
        for each in problems(given)
        if each.place.source.name == document.name
    ]


def short(desk: Desk, document: Document, text: str) -> str:
    """What is said of a text, with paths from the workspace's folder, or from the text's own where none is open."""
    folders = desk.folders or ([] if document.path is None else [document.path.parent])
    for folder in sorted(map(str, folders), key=len, reverse=True):
        text = text.replace(os.path.join(folder, ""), "")
    return text
