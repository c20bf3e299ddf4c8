"""The outline of a text, and of a workspace."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from spteproof.editing.navigation import saved_text, workspace_files
from spteproof.grammar import surface as s
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.names import Module
from spteproof.grammar.origins import file_key
from spteproof.grammar.reading import read_module
from spteproof.grammar.source import Source
from spteproof.grammar.splitting import stretches

_BROKEN = re.compile(
    r"(layout|family|ghost\s+\w+|entry|interface|era|theorem|lemma|predicate|function|helper|agent)\s+([A-Za-z_]\w*)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One declaration: `kind` is the word that begins it; `start` and `end` are of the whole."""

    name: str
    kind: str
    detail: str
    start: int
    end: int
    name_start: int
    name_end: int
    children: tuple["Outline", ...] = ()


def outline(module: Module) -> list[Outline]:
    """The declarations of a module; of an item that cannot be read, what its first words say."""
    text = module.source.text
    found = [each for item in module.items for each in _item(item, text)]
    read = [(item.start, item.end) for item in module.items]
    for stretch in stretches(text):
        broken = _BROKEN.match(text, stretch.start)
        if broken and not any(start < stretch.end and stretch.start < end for start, end in read):
            found.append(
                Outline(
                    name=broken[2],
                    kind=broken[1].split()[0],
                    detail="cannot be read",
                    start=stretch.start,
                    end=max(stretch.end, broken.end()),
                    name_start=broken.start(2),
                    name_end=broken.end(2),
                )
            )
    return sorted(found, key=lambda each: each.start)


def _outline(node: s.Surface, kind: str, name: s.Word, detail: str = "", children: Iterable[Outline] = ()) -> Outline:
    return Outline(
        name=name.text,
        kind=kind,
        detail=detail,
        start=min(node.start, name.start),
        end=max(node.end, name.end),
        name_start=name.start,
        name_end=name.end,
        children=tuple(children),
    )


def _item(item: s.Item, text: str) -> Iterator[Outline]:
    match item:
        case s.Use():
            return
        case s.LayoutItem():
            extends = f"extends {item.extends.text}" if item.extends else ""
            yield _outline(
                item, "layout", item.name, extends, (each for entry in item.entries for each in _entry(entry))
            )
        case s.FamilyItem():
            yield _outline(item, "family", item.name, ", ".join(each.text for each in item.members))
        case s.GhostItem():
            yield _outline(item, "ghost", item.name, item.sort.text)
        case s.EntryItem():
            yield _outline(item, "entry", item.name)
        case s.TheoremItem():
            yield _outline(item, item.kind, item.name, _signature(item.parameters, text))
        case s.InterfaceItem():
            inside = (each for member in item.members for each in _item(member, text))
            yield _outline(item, "interface", item.name, "", inside)
        case s.EraItem():
            inside = (each for member in item.items for each in _item(member, text))
            yield _outline(item, "era", item.name, "", inside)
        case s.PureItem():
            kind = "predicate" if item.result is None else "function"
            yield _outline(item, kind, item.name, _signature(item.parameters, text))
        case s.HelperItem():
            yield _outline(item, "helper", item.name, _signature(item.parameters, text))
        case s.AgentItem():
            steps = (_outline(step, "step", step.name) for step in item.steps or ())
            yield _outline(item, "agent", item.name, _signature(item.parameters, text), steps)


def _entry(entry: s.LayoutEntry) -> Iterator[Outline]:
    match entry:
        case s.MaskEntry():
            yield _outline(entry, "mask", entry.name)
        case s.ValueEntry():
            yield _outline(entry, "value", entry.name)
        case s.AliasEntry():
            yield _outline(entry, "alias", entry.name, entry.target.text)
        case s.InvariantEntry():
            yield _outline(entry, "invariant", entry.name)


def _signature(parameters: tuple[s.SurfaceParameter, ...], text: str) -> str:
    return f"({', '.join(' '.join(text[each.start : each.end].split()) for each in parameters)})"


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration of a workspace, and the text that it is in."""

    outline: Outline
    source: Source
    inside: str = ""


def workspace_symbols(query: str, texts: dict[str, str], folders: Iterable[Path]) -> list[Declared]:
    """The declarations below the folders whose name holds the letters of the query in this order; `texts` are those
    that are open, by file."""
    pattern = re.compile(".*?".join(map(re.escape, query)), re.IGNORECASE)
    found: list[Declared] = []
    for path in workspace_files(folders):
        source = _source(path, texts)
        if source is None:
            continue
        for each in outline(read_module(source, Findings())):
            found += [Declared(each, source)] if pattern.search(each.name) else []
            found += [Declared(below, source, each.name) for below in each.children if pattern.search(below.name)]
    return found[:500]


def _source(path: Path, texts: dict[str, str]) -> Source | None:
    text = texts.get(file_key(path)) or saved_text(path)
    return None if text is None else Source(name=str(path), text=text, path=path)
