"""What there is to know about the word under the pointer, in Markdown."""

from collections.abc import Iterator, Mapping
from functools import cache

from spteproof.editing.documents import Document, Documents
from spteproof.editing.events import events_of
from spteproof.editing.meanings import Symbol
from spteproof.editing.words import BUILT_INS, INSTANTS, KEYWORDS, builtin_text, operation_events, operation_text
from spteproof.explaining import Page, pages
from spteproof.grammar import checked as c
from spteproof.grammar.diagnostics import Diagnostic
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.names import Entity, Kind, Names
from spteproof.grammar.source import Place
from spteproof.showing.layout_words import said_of
from spteproof.showing.words import written_at

FEW = 12


def hover(documents: Documents, document: Document, offset: int, verdicts: Mapping[str, str]) -> str | None:
    """Markdown, or None where there is nothing to say. `verdicts` are what is known of theorems, by name."""
    parts = list(_word(documents, document, offset, verdicts))
    checked = document.analysis.checked
    if checked is not None and document.analysis.checked_stamp == document.stamp:
        parts += [_page(each) for each in checked.own if each.place and each.place.start <= offset <= each.place.end]
    return "\n\n---\n\n".join(parts) or None


@cache
def _pages() -> Mapping[str, Page]:
    return pages()


def _page(diagnostic: Diagnostic) -> str:
    page = _pages()[diagnostic.id]
    return f"**{page.id}**: {page.meaning}\n\n{page.text}"


def _word(documents: Documents, document: Document, offset: int, verdicts: Mapping[str, str]) -> Iterator[str]:
    at = documents.read(document).at(offset)
    if at is None:
        word = word_at(document.text, offset)
        if word in KEYWORDS:
            yield f"`{word}`: {KEYWORDS[word]}"
        return
    entity = at.symbol.entity
    if entity is not None and entity.kind is Kind.HELPER:
        names = documents.read(document).names
        known = {*names.globals, *(each for items in names.eras.values() for each in items)}
        helpers = {each for each in known if _is_helper(names, each)}
        events = events_of(entity.item, helpers)
        notes = [f"Events, in the order of the text: {', '.join(events)}"] if events else []
        yield "\n\n".join([_code(written_at(entity.place)), *notes, *_where(at.symbol)])
        return
    yield from _symbol(at.symbol, document.analysis.good, verdicts)


def _is_helper(names: Names, name: str) -> bool:
    found = [names.globals.get(name), *(items.get(name) for items in names.eras.values())]
    return any(each is not None and each.kind is Kind.HELPER for each in found)


def word_at(text: str, offset: int) -> str:
    """The whole word around an offset."""
    start = end = offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[start:end]


def _symbol(symbol: Symbol, library: c.Library | None, verdicts: Mapping[str, str]) -> Iterator[str]:
    match symbol.kind:
        case "mask":
            yield mask_text(symbol, library)
        case "local":
            yield _code(f"{symbol.sort} {symbol.name}".replace("* ", "*"))
        case "operation" if symbol.name in SIGNATURES:
            yield f"{_code(operation_text(symbol.name))}\n\n{operation_events(symbol.name)}"
        case "operation":
            yield f"{_code(builtin_text(symbol.name))}\n\n{BUILT_INS[symbol.name][2].capitalize()}."
        case "instant":
            yield f"`{symbol.name}`: {INSTANTS[symbol.name]}"
        case "module":
            yield from (f"module `{symbol.name}`\n\n{_header(place)}" for place in symbol.places)
        case "invariant":
            yield f"invariant `{symbol.name}`"
        case "lock":
            yield f"lock `{symbol.name}`: two holders exclude each other, unless both hold it for `read`"
        case "step" | "thread":
            yield f"{symbol.kind} `{symbol.name}`"
        case "global" if symbol.entity is not None:
            yield _entity(symbol, symbol.entity, library, verdicts)


def _code(text: str) -> str:
    return f"```spte\n{text}\n```"


def _header(place: Place) -> str:
    """The comment that a module begins with."""
    lines = []
    for line in place.source.text.splitlines():
        if not line.startswith("//"):
            break
        lines.append(line[2:].strip())
    return "\n".join(lines)


# Masks ---------------------------------------------------------------------------------------------------


def mask_text(symbol: Symbol, library: c.Library | None) -> str:
    """The bits of a mask in every layout of the text; those of the last state without errors."""
    lines = [f"`{symbol.name}` ({symbol.sort})"]
    rows: dict[str, list[str]] = {}
    for layout in library.layouts.values() if library is not None else ():
        said = said_of(layout, symbol.name)
        if said is not None:
            rows.setdefault(said, []).append(layout.name)
    if rows:
        lines += ["", "| bits | layouts |", "|---|---|"]
        lines += [f"| {bits} | {_some(layouts)} |" for bits, layouts in rows.items()]
    return "\n".join(lines)


def _some(names: list[str]) -> str:
    more = len(names) - FEW
    return ", ".join(f"`{each}`" for each in names[:FEW]) + (f" and {more} more" if more > 0 else "")


# Declarations --------------------------------------------------------------------------------------------


def _entity(symbol: Symbol, entity: Entity, library: c.Library | None, verdicts: Mapping[str, str]) -> str:
    text = _code(written_at(entity.place))
    notes: list[str] = []
    match entity.kind:
        case Kind.AGENT:
            notes += _steps(entity, library)
        case Kind.THEOREM | Kind.LEMMA:
            text = f"{entity.kind.value.split()[-1]} `{entity.name}`"
            notes += [verdicts[entity.name]] if entity.name in verdicts else []
        case Kind.LAYOUT:
            text = f"layout `{entity.name}`"
            notes += _layout(entity.name, library)
        case Kind.FAMILY:
            members = library.families.get(entity.name, ()) if library is not None else ()
            notes += [_some(list(members))] if members else []
        case _:
            pass
    return "\n\n".join([text, *notes, *_where(symbol)])


def _where(symbol: Symbol) -> list[str]:
    """Where else it is declared: by the eras that supply it."""
    return [f"supplied in {len(symbol.places) - 1} places"] if len(symbol.places) > 1 else []


def _steps(entity: Entity, library: c.Library | None) -> list[str]:
    """The agent's derived steps, in the first layout that has what it needs."""
    if library is None:
        return []
    from spteproof.showing.command import NothingToShow, show

    try:
        return [f"```text\n{show(library, entity.name, None, None)}\n```"]
    except NothingToShow:
        return []


def _layout(name: str, library: c.Library | None) -> list[str]:
    layout = library.layouts.get(name) if library is not None else None
    if layout is None:
        return []
    rows = [f"| `{each}` | {said_of(layout, each)} |" for each in layout.masks]
    return ["\n".join(["| mask | |", "|---|---|", *rows])]
