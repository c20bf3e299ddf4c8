"""What can be done about a diagnostic: the changes that its hint means, each tried before it is offered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from spteproof.editing.analysis import check
from spteproof.editing.documents import Document, Documents
from spteproof.grammar import surface as s
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.names import Module

TRIED_LIMIT = 4

_MEANT = re.compile(r"did you mean `([^`]+)`\?")
_USE = re.compile(r"add `use ([\w.]+);`")
_WRITE = re.compile(r"`([^`]+)`")
_ASSIGN = re.compile(r"write `(\*?\w+) = \.\.\.;`")
_OVERLAPS = re.compile(r"say `overlaps (\w+)`")
_PARAMETER = re.compile(r"add the parameter `([^`]+)`")
_IMPLEMENTS = re.compile(r"say `implements (\w+)`")
_WHOLE = frozenset(
    ["sort.literal:range", "sort.int_shift:range", "sort.int_shift:variable", "sort.reference:value"]
    + ["entry.misplaced:pointer", "call.reference:local", "parameter.bounds:missing", "instant.unnamed:ensures"]
)
"""Diagnostics whose `write ...` stands for all of their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One change that takes the diagnostic away. `sure` says that it is the only one meant, and that no error comes in
    its place."""

    title: str
    diagnostic: Diagnostic
    edits: tuple[Edit, ...]
    sure: bool


def actions(documents: Documents, document: Document, start: int, end: int) -> list[Action]:
    """What can be done about the diagnostics that touch [start, end)."""
    found: list[Action] = []
    for diagnostic in documents.check(document).own:
        place = diagnostic.place
        if place is not None and place.start <= end and start <= place.end:
            for each in list(proposed(documents, document, diagnostic))[:TRIED_LIMIT]:
                one = tried(documents, document, each)
                found += [one] if one is not None else []
    return found


def proposed(documents: Documents, document: Document, diagnostic: Diagnostic) -> Iterator[Action]:
    """The changes that the hint of a diagnostic speaks of, not tried yet."""
    place, help = diagnostic.place, diagnostic.help or ""
    if place is None:
        return
    module = documents.read(document).module
    if meant := _MEANT.search(help):
        word = re.match(r"[A-Za-z_][\w.]*", place.text())
        end = place.start + len(word[0]) if word else place.end
        yield _replace(diagnostic, place.start, end, meant[1])
    if use := _USE.search(help):
        at, text = _new_use(module, use[1])
        yield _action(diagnostic, f"Add `use {use[1]};`", Edit(start=at, end=at, text=text))
    if diagnostic.id in _WHOLE and help.startswith(("write", "use")):
        first = _WRITE.findall(help)[: 3 if diagnostic.id == "instant.unnamed:ensures" else 1]
        for each in first:
            yield _replace(diagnostic, place.start, place.end, _for_it(each, place.text()))
    if assign := _ASSIGN.search(help):
        target = re.match(r"\*?\w+", place.text())
        yield _replace(diagnostic, place.start, place.start + len(target[0] if target else ""), assign[1])
    if diagnostic.id == "lock.mode:unknown":
        yield from (_replace(diagnostic, place.start, place.end, mode) for mode in ("read", "write"))
    if diagnostic.id == "syntax.missing:semicolon":
        yield _action(diagnostic, "Add `;`", Edit(start=place.start, end=place.start, text=";"))
    if diagnostic.id == "syntax.missing:bracket" and diagnostic.message == "expected `)`":
        yield _action(diagnostic, "Add `)`", Edit(start=place.start, end=place.start, text=")"))
    yield from _in_item(diagnostic, help, module)


def _in_item(diagnostic: Diagnostic, help: str, module: Module) -> Iterator[Action]:
    """Changes elsewhere in the item than at the diagnostic's own place."""
    place = diagnostic.place
    item = next((each for each in module.items if place and each.start <= place.start < each.end), None)
    if item is None or place is None:
        return
    if "make it a `theorem`" in help and isinstance(item, s.TheoremItem):
        word = Edit(start=item.start, end=item.start + len("lemma"), text="theorem")
        yield _action(diagnostic, "Make it a `theorem`", word)
    if (overlaps := _OVERLAPS.search(help)) and isinstance(item, s.LayoutItem):
        entry = next((each for each in item.entries if each.start <= place.start < each.end), None)
        if isinstance(entry, s.MaskEntry):
            at = entry.overlaps[-1].end if entry.overlaps else entry.value.end
            text = f", {overlaps[1]}" if entry.overlaps else f" overlaps {overlaps[1]}"
            title = f"Say `overlaps {overlaps[1]}`"
            yield _action(diagnostic, title, Edit(start=at, end=at, text=text), sure=False)
    if (parameter := _PARAMETER.search(help)) and isinstance(item, s.TheoremItem):
        at, text = _new_parameter(item, parameter[1], module.source.text)
        title = f"Add the parameter `{parameter[1]}`"
        yield _action(diagnostic, title, Edit(start=at, end=at, text=text))
    if diagnostic.id == "theorem.against:missing" and isinstance(item, s.TheoremItem):
        at = item.start + len(module.source.text[item.start : item.body.start].rstrip())
        for who in ("all", "nobody"):
            said = Edit(start=at, end=at, text=f" against {who}")
            yield _action(diagnostic, f"Say `against {who}`", said, sure=False)
    if (implements := _IMPLEMENTS.search(help)) and isinstance(item, s.EraItem):
        at = item.implements[-1].end if item.implements else item.name.end
        text = f", {implements[1]}" if item.implements else f" implements {implements[1]}"
        yield _action(diagnostic, f"Say `implements {implements[1]}`", Edit(start=at, end=at, text=text))


def _action(diagnostic: Diagnostic, title: str, edit: Edit, *, sure: bool = True) -> Action:
    return Action(title=title, diagnostic=diagnostic, edits=(edit,), sure=sure)


def _replace(diagnostic: Diagnostic, start: int, end: int, text: str) -> Action:
    return _action(diagnostic, f"Replace by `{text}`", Edit(start=start, end=end, text=text))


def _for_it(pattern: str, text: str) -> str:
    """`1ULL << n` says how: the author's own count stands for n."""
    shift = re.fullmatch(r"\(*(.+?)\s*<<\s*(.+?)\)*", text, re.DOTALL)
    if pattern == "1ULL << n" and shift:
        return f"BIT_ULL({shift[2]})" if shift[1].strip() == "1" else text
    return pattern


def _new_use(module: Module, dotted: str) -> tuple[int, str]:
    """Behind the last `use`, else before the first item."""
    uses = [each for each in module.items if isinstance(each, s.Use)]
    if uses:
        return uses[-1].end, f"\nuse {dotted};"
    return (module.items[0].start if module.items else 0), f"use {dotted};\n\n"


def _new_parameter(item: s.TheoremItem, parameter: str, text: str) -> tuple[int, str]:
    if item.parameters:
        return item.parameters[-1].end, f", {parameter}"
    bracket = re.compile(r"\s*\(").match(text, item.name.end)
    return (bracket.end(), parameter) if bracket else (item.name.end, f"({parameter})")


def applied(text: str, edits: tuple[Edit, ...]) -> str:
    for each in sorted(edits, key=lambda each: -each.start):
        text = text[: each.start] + each.text + text[each.end :]
    return text


def tried(documents: Documents, document: Document, action: Action) -> Action | None:
    """The action, if the change takes the diagnostic away; sure only where no error comes in its place."""
    text = applied(document.text, action.edits)
    after = check(text, document.name, document.path, documents.library, documents.texts())
    before = documents.check(document)
    same = (action.diagnostic.id, action.diagnostic.message)
    count = [sum((each.id, each.message) == same for each in found.own) for found in (before, after)]
    if count[1] >= count[0]:
        return None
    return replace(action, sure=action.sure and _errors(after.own) < max(1, _errors(before.own)))


def _errors(found: tuple[Diagnostic, ...]) -> int:
    return sum(each.severity == "error" for each in found)
