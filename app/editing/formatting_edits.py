"""The house's style as one change of a text."""

from spteproof.editing.actions import Edit
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.formatter import ChangedText, formatted
from spteproof.grammar.source import Source


def formatting_edit(text: str, name: str) -> Edit | None:
    """The stretch that changes and what comes in its place; None where nothing does, or the text has syntax errors."""
    try:
        after = formatted(Source(name=name, text=text), Findings())
    except ChangedText:
        return None
    if after is None or after == text:
        return None
    start = next((at for at, (one, other) in enumerate(zip(text, after, strict=False)) if one != other), None)
    start = min(len(text), len(after)) if start is None else start
    tail = 0
    while tail < min(len(text), len(after)) - start and text[-1 - tail] == after[-1 - tail]:
        tail += 1
    return Edit(start=start, end=len(text) - tail, text=after[start : len(after) - tail])
