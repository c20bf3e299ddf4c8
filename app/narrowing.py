"""A library with each theorem only in the layouts and eras that were asked for."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from difflib import get_close_matches

from spteproof.grammar.checked import Library, Theorem


class Unknown(Exception):
    """A name that is no layout, or no era, or no family of them; the message is for the user."""


def narrowed(library: Library, layouts: Sequence[str], eras: Sequence[str]) -> Library:
    """The library with each theorem only in these layouts and eras (or families of them); with no names, all. A theorem
    without eras is left out where eras are asked for. Raises Unknown."""
    if layouts:
        chosen = _chosen(library, layouts, library.layouts, "layout")
        library = _in_layouts(library, chosen)
    if eras:
        chosen = _chosen(library, eras, library.eras, "era")
        theorems = {
            name: replace(each, eras=tuple(era for era in each.eras if era in chosen))
            for name, each in library.theorems.items()
        }
        library = replace(library, theorems={name: each for name, each in theorems.items() if each.eras})
    return replace(library, theorems={name: each for name, each in library.theorems.items() if _meet(library, each)})


def _chosen(library: Library, names: Sequence[str], kind: Collection[str], what: str) -> set[str]:
    families = {name: members for name, members in library.families.items() if set(members) & set(kind)}
    known = [*kind, *families]
    chosen: set[str] = set()
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise Unknown(f"there is no {what} `{name}`" + (f": did you mean `{near[0]}`?" if near else ""))
        chosen |= {name, *families.get(name, ())}
    return chosen


def _in_layouts(library: Library, chosen: set[str]) -> Library:
    theorems = {
        name: replace(each, layouts=tuple(layout for layout in each.layouts if layout in chosen))
        for name, each in library.theorems.items()
    }
    kept = {name: each for name, each in theorems.items() if each.layouts}
    asked = frozenset(name for name in library.asked if name not in library.layouts or name in chosen)
    return replace(library, theorems=kept, asked=asked)


def _meet(library: Library, theorem: Theorem) -> bool:
    """Whether any of the theorem's eras has any of its layouts."""
    if not theorem.eras:
        return True
    had = [library.eras[era] for era in theorem.eras]
    return any(each is None or set(each) & set(theorem.layouts) for each in had)
