"""What could be written at a place: words of the language that the parser would take there, and names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spteproof.editing.contexts import Call, Context, context_at
from spteproof.editing.documents import Document, Documents
from spteproof.editing.hover import mask_text
from spteproof.editing.meanings import MASK, Symbol
from spteproof.editing.words import (
    BUILT_INS,
    KEYWORDS,
    builtin_text,
    operation_events,
    operation_parameters,
    operation_text,
)
from spteproof.grammar import surface as s
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.names import Entity, Kind, View

_DECLARED = re.compile(r"\b(u64|int|bool)\s+(\*?)([A-Za-z_]\w*)(?=((?:[^;(){}]|\([^()]*\))*))")
_MORE = re.compile(r",\s*([A-Za-z_]\w*)\s*(?==[^=]|,|\Z)")
_SNIPPETS = {
    "theorem": "theorem ${1:name}\n    for layout in ${2:kvm}\n    against any number of ${3:cpu_walk}\n{\n    $0\n}",
    "helper": "helper ${1:name}(${2:u64 old}) {\n    $0\n}",
    "retry": "retry {\n    $1\n} until ($0);",
}
_KINDS: dict[str, tuple[Kind, ...]] = {
    "agents": (Kind.AGENT,),
    "layouts": (Kind.LAYOUT, Kind.FAMILY),
    "eras": (Kind.ERA, Kind.FAMILY),
    "extended": (Kind.LAYOUT, Kind.ERA),
    "interfaces": (Kind.INTERFACE,),
    "entries": (Kind.ENTRY,),
    "members": (Kind.LAYOUT, Kind.ERA, Kind.FAMILY),
    "places": (Kind.LAYOUT, Kind.ERA, Kind.FAMILY),
    "into": (Kind.GHOST,),
    "any": (Kind.PREDICATE, Kind.FUNCTION, Kind.HELPER, Kind.GHOST, Kind.ENTRY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing that could be written over [start, the place). `kind` is "keyword", "operation", "local", "module",
    "mask", "lock", "instant" or a declaration's Kind; `snippet` has places to fill in."""

    label: str
    kind: str | Kind
    start: int
    detail: str = ""
    documentation: str = ""
    snippet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A call that is being written. `parameters` are stretches of `label`; `active` is the one at hand."""

    label: str
    parameters: tuple[tuple[int, int], ...]
    active: int
    documentation: str


def completions(documents: Documents, document: Document, offset: int) -> list[Offer]:
    """All that could be written at the offset."""
    context = context_at(document.text, offset)
    if context is None:
        return []
    return list(_offers(documents, document, context, offset))


def _offers(documents: Documents, document: Document, context: Context, offset: int) -> Iterator[Offer]:
    start = context.start
    for word in context.keywords:
        yield Offer(
            label=word,
            kind="keyword",
            start=start,
            documentation=KEYWORDS.get(word, ""),
            snippet=_SNIPPETS.get(word) if context.in_item is None or word == "retry" else None,
        )
    if context.names == "modules":
        for dotted, path in modules(documents, document):
            yield Offer(label=dotted, kind="module", start=start, detail=str(path))
    elif context.names is not None:
        yield from _names(documents, document, context, offset)


def _names(documents: Documents, document: Document, context: Context, offset: int) -> Iterator[Offer]:
    found = documents.read(document)
    view = View(found.names, found.module)
    start, names = context.start, context.names or "any"
    for entity in view.of_kind(*_KINDS.get(names, ())):
        yield _of_entity(entity, start)
    if names in ("any", "masks"):
        yield from _masks(documents, document, start)
    if names == "locks":
        for lock in sorted({"mmu_lock", "slots_lock", *_locks(view)}):
            yield Offer(label=lock, kind="lock", start=start)
    if names in ("any", "into") and context.in_item is not None:
        for name, sort in sorted(locals_before(document.text, context.in_item, start).items()):
            yield Offer(label=name, kind="local", start=start, detail=sort)
    if names == "any":
        yield Offer(label="sptep", kind="instant", start=start, detail="the entry")
        for name in SIGNATURES:
            if not name.startswith("plain_"):
                yield Offer(
                    label=name,
                    kind="operation",
                    start=start,
                    detail=operation_text(name),
                    documentation=operation_events(name),
                    snippet=_call_snippet(name, operation_parameters(name)),
                )
        for name, (parameters, _, meaning) in BUILT_INS.items():
            yield Offer(
                label=name,
                kind="operation",
                start=start,
                detail=builtin_text(name),
                documentation=meaning,
                snippet=_call_snippet(name, parameters),
            )


def _call_snippet(name: str, parameters: tuple[str, ...]) -> str:
    inside = ", ".join(
        each if each in ("sptep", "*sptep") else f"${{{number}:{each}}}" for number, each in enumerate(parameters, 1)
    )
    return f"{name}({inside})$0"


def _of_entity(entity: Entity, start: int) -> Offer:
    return Offer(label=entity.name, kind=entity.kind, start=start, detail=entity_label(entity)[0])


def _masks(documents: Documents, document: Document, start: int) -> Iterator[Offer]:
    found = documents.read(document)
    for name, word in sorted(found.names.words(found.module).items()):
        symbol = Symbol(kind=MASK, name=name, sort=word.sort.value)
        yield Offer(label=name, kind="mask", start=start, documentation=mask_text(symbol, document.analysis.good))


def _locks(view: View) -> Iterator[str]:
    for agent in view.of_kind(Kind.AGENT):
        yield from (lock.name for lock in agent.locks or ())


def locals_before(text: str, begin: int, end: int) -> dict[str, str]:
    """The names that are declared in [begin, end) by a sort before them, by the text alone: it may be half-written."""

    found: dict[str, str] = {}
    for match in _DECLARED.finditer(text, begin, end):
        found[match[3]] = f"{match[1]} {match[2]}".strip()
        for more in _MORE.finditer(match[4]):
            found[more[1]] = match[1]
    return found


def modules(documents: Documents, document: Document) -> list[tuple[str, Path]]:
    """The modules that `use` can name: those beside the text first, then the library's."""
    found: dict[str, Path] = {}
    for root in (document.path.parent if document.path is not None else None, documents.library):
        if root is None:
            continue
        paths = root.rglob("*.spte") if root == documents.library else [*root.glob("*.spte"), *root.glob("*/*.spte")]
        for path in sorted(paths):
            if document.path is None or path != document.path:
                found.setdefault(".".join(path.relative_to(root).with_suffix("").parts), path)
    return sorted(found.items())


# Signatures ----------------------------------------------------------------------------------------------


def signature(documents: Documents, document: Document, offset: int) -> Signature | None:
    """The call around the offset, if it is one of something known."""
    context = context_at(document.text, offset)
    call = context.call if context is not None else None
    if call is None:
        return None
    found = _signature(documents, document, call)
    if found is None:
        return None
    label, parameters, documentation = found
    spans, at = [], label.index("(") + 1
    for each in parameters:
        at = label.index(each, at)
        spans.append((at, at + len(each)))
        at += len(each)
    return Signature(label=label, parameters=tuple(spans), active=call.argument, documentation=documentation)


def _signature(documents: Documents, document: Document, call: Call) -> tuple[str, tuple[str, ...], str] | None:
    name = call.callee
    if name in SIGNATURES:
        return operation_text(name), operation_parameters(name), operation_events(name)
    if name in BUILT_INS:
        return builtin_text(name), BUILT_INS[name][0], BUILT_INS[name][2]
    found = documents.read(document)
    entity = View(found.names, found.module).entity(name)
    if entity is None or not isinstance(entity.item, s.PureItem | s.HelperItem | s.AgentItem):
        return None
    label, parameters = entity_label(entity)
    return label, parameters, ""


def entity_label(entity: Entity) -> tuple[str, tuple[str, ...]]:
    """`need_atomic(u64 old, int level) -> bool` and its parameters; other things by what they are."""
    if not isinstance(entity.item, s.PureItem | s.HelperItem | s.AgentItem):
        return entity.kind.value, ()
    parameters = tuple(f"{each.sort.value} {'*' if each.by_reference else ''}{each.name}" for each in entity.parameters)
    result = f" -> {entity.sort.value}" if entity.sort is not None else ""
    return f"{entity.name}({', '.join(parameters)}){result}", parameters
