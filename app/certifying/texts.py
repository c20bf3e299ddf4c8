"""The texts that a bundle holds: each lies in it as a person wrote it, where those that use it find it."""

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spteproof.certifying.store import Spoilt, Store
from spteproof.grammar import surface as s
from spteproof.grammar.checked import Library
from spteproof.grammar.files import is_drawn
from spteproof.grammar.modules import Loaded, load_held
from spteproof.grammar.names import Module
from spteproof.grammar.origins import Memory, file_key
from spteproof.grammar.source import Source
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.certificates.parts import digest
from spteproof.whole_files import CannotWrite

TEXTS = "texts"
OWN, SHELF = "spec", "library"
"""Below `texts`: what belongs to the person who proves, and what belongs to the tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One text: `place` is its path below `texts`, `links` are other places where those that use it look for it;
    `asked` is whether it was named, so that what it states is proved."""

    place: str
    text: str = field(repr=False)
    asked: bool
    links: tuple[str, ...]

    def entry(self) -> dict[str, Any]:
        """As the manifest says it."""
        return {"place": self.place, "sha256": digest(self.text), "asked": self.asked, "links": list(self.links)}


def digests_of(sources: Iterable[Source]) -> dict[str, str]:
    """The digests of texts by their names."""
    return {source.name: digest(source.text) for source in sources}


def texts_of(loaded: Loaded, library: Library, names: Iterable[str]) -> dict[str, Source]:
    """All texts that can change what is said of the named tasks, by their names."""
    items = {**library.layouts, **library.theorems}
    return {source.name: source for name in names for source in loaded.seen[items[name].place.source.name]}


def held_of(loaded: Loaded, library: Library, names: Iterable[str]) -> tuple[Held, ...]:
    """The texts of the named tasks as a bundle will hold them. Raises CannotWrite where they would not mean the same
    there."""
    speaking = texts_of(loaded, library, names)
    modules = [each for each in loaded.modules if each.source.name in speaking]
    places = _places(modules)
    links = _links(modules, places)
    held = tuple(
        Held(
            place=place,
            text=each.source.text,
            asked=each.asked,
            links=tuple(sorted(link for link, target in links.items() if target == place)),
        )
        for each in modules
        for place in [places[each.source.name]]
    )
    root = Path(TEXTS)
    again = _loaded(root, [(each.entry(), each.text.encode()) for each in held])
    found = {each.source.name: [used.source.name for used in each.uses] for each in again.modules}
    named = {name: str(root / place) for name, place in places.items()}
    as_here = {named[each.source.name]: [named[used.source.name] for used in each.uses] for each in modules}
    if found != as_here or len(as_here) < len(modules):
        raise CannotWrite("cannot write certificates: links lead to these texts in a way that a bundle cannot hold")
    return held


def _places(modules: Sequence[Module]) -> dict[str, str]:
    """Where each text will lie, by its name: as in the library, or below the innermost folder that all others share."""
    shelf = file_key(LIBRARY)
    paths = {each.source.name: each.source.path for each in modules if each.source.path is not None}
    shelved = {name: key for name, path in paths.items() if (key := file_key(path)).startswith(f"{shelf}{os.sep}")}
    own = {name: os.path.abspath(path) for name, path in paths.items() if name not in shelved}
    folder = os.path.commonpath([os.path.dirname(path) for path in own.values()]) if own else ""
    places = {each.source.name: f"{OWN}/stdin.spte" for each in modules if each.source.path is None}
    for top, root, found in ((SHELF, shelf, shelved), (OWN, folder, own)):
        for name, path in found.items():
            places[name] = posixpath.join(top, *Path(os.path.relpath(path, root)).parts)
    return places


def _links(modules: Sequence[Module], places: Mapping[str, str]) -> dict[str, str]:
    """The places where a text is looked for and does not lie: links lead to it."""
    found: dict[str, str] = {}
    for module in modules:
        for word, used in _used(module):
            beside = posixpath.join(posixpath.dirname(places[module.source.name]), _below(word))
            if places[used.source.name] not in (beside, f"{SHELF}/{_below(word)}"):
                found[beside] = places[used.source.name]
    return found


def _used(module: Module) -> Iterator[tuple[str, Module]]:
    """What a module uses, with what it calls it."""
    words = [word.text for item in module.items if isinstance(item, s.Use) for word in item.modules]
    return zip(words, module.uses, strict=True)


def _below(word: str) -> str:
    """Where a text lies that `use` calls so."""
    return "/".join(word.split(".")) + ".spte"


def check_entry(entry: Mapping[str, Any]) -> None:
    """Raises ValueError where an entry of a manifest speaks of other places than those of texts, or lets a link of the
    library lead out of it."""
    if not all(map(_is_place, (entry["place"], *entry["links"]))):
        raise ValueError("it is no place of a text")
    if is_shelved(entry) < any(each.startswith(f"{SHELF}/") for each in entry["links"]):
        raise ValueError("a link of the library leads out of it")


def is_shelved(entry: Mapping[str, Any]) -> bool:
    """Whether a text lies there as one of the library's."""
    return str(entry["place"]).startswith(f"{SHELF}/")


def _is_place(text: str) -> bool:
    parts = text.split("/")
    return len(parts) > 1 and parts[0] in (OWN, SHELF) and is_drawn(text) and {"", ".", ".."}.isdisjoint(parts)


def file_of(entry: Mapping[str, Any]) -> str:
    """The name of the text's file in the bundle."""
    return f"{TEXTS}/{entry['place']}"


def wrong_texts(store: Store, manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the texts of a bundle."""
    seen: set[str] = set()
    for entry in manifest["texts"]:
        places = {entry["place"], *entry["links"]}
        if not seen.isdisjoint(places):
            yield f"two texts lie at {entry['place']}"
        seen |= places
        try:
            if digest(store.read(file_of(entry)).decode()) != entry["sha256"]:
                yield f"{file_of(entry)} is not what it was"
        except (Spoilt, UnicodeDecodeError) as error:
            yield str(error)


def loaded_from(store: Store, manifest: Mapping[str, Any]) -> Loaded:
    """The library that the texts of a bundle say, and no other. Raises Spoilt."""
    return _loaded(store.root / TEXTS, [(entry, store.read(file_of(entry))) for entry in manifest["texts"]])


def misplaced(store: Store, manifest: Mapping[str, Any], own: Loaded, library: Library) -> list[str]:
    """The texts that nothing of the bundle speaks of from the place where they lie, and links that lead nobody."""
    root = store.root / TEXTS
    spoken_of = [*manifest["parts"], *manifest["lost"]]
    speaking = {source.path for source in texts_of(own, library, spoken_of).values()}
    idle = [file_of(each) for each in manifest["texts"] if root / each["place"] not in speaking]
    followed = _links(own.modules, _own_places(store, own))
    unused = [link for each in manifest["texts"] for link in each["links"] if link not in followed]
    return [f"{name} says nothing of what is in the bundle" for name in idle] + [
        f"the link {TEXTS}/{link} leads nobody to a text" for link in unused
    ]


def only_used(store: Store, library: Library) -> list[str]:
    """The theorems of the bundle's own texts that nobody named, so that what they state was not asked."""
    root = store.root / TEXTS / OWN
    theorems = [each for name, each in library.theorems.items() if name not in library.asked]
    paths = [(each.name, each.place.source.path) for each in theorems]
    return [name for name, path in paths if path is not None and path.is_relative_to(root)]


def instead_of_the_library(store: Store, own: Loaded) -> list[str]:
    """The bundle's own texts that a `use` finds where the library at hand has one of that name."""
    places = _own_places(store, own)
    found = {
        places[used.source.name]
        for module in own.modules
        for word, used in _used(module)
        if places[used.source.name].startswith(f"{OWN}/") and (LIBRARY / _below(word)).is_file()
    }
    return sorted(found)


def _own_places(store: Store, own: Loaded) -> dict[str, str]:
    root = store.root / TEXTS
    return {
        each.source.name: each.source.path.relative_to(root).as_posix()
        for each in own.modules
        if each.source.path is not None
    }


def _loaded(root: Path, entries: Sequence[tuple[Mapping[str, Any], bytes]]) -> Loaded:
    texts = {root / entry["place"]: data for entry, data in entries}
    links = {root / link: root / entry["place"] for entry, _ in entries for link in entry["links"]}
    asked = [root / entry["place"] for entry, _ in entries if entry["asked"]]
    return load_held(Memory(texts, links), asked, library_root=root / SHELF)


def not_of_this_library(manifest: Mapping[str, Any]) -> list[str]:
    """The texts that lie in a bundle as the library's, and are not those of the library at hand."""
    return [
        entry["place"]
        for entry in manifest["texts"]
        if is_shelved(entry) and _shelved(entry["place"]) != entry["sha256"]
    ]


def _shelved(place: str) -> str | None:
    try:
        return digest((LIBRARY / place.partition("/")[2]).read_bytes().decode())
    except (OSError, UnicodeDecodeError):
        return None
