"""The columns of a table: one for each layout, or, where each era has layouts of its own, one for each kind of layout
through the eras."""

from dataclasses import dataclass

from spteproof.grammar.checked import Library, Theorem

PREFIX = "all_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`layouts` are never two of one era; `name` is the layout's, or that of the family that holds them, without a
    leading `all_`."""

    name: str
    layouts: tuple[str, ...]


def columns_of(library: Library, theorem: Theorem) -> tuple[Column, ...]:
    """Columns that hold each layout of the theorem once, few of them, in the order of its layouts. A family stands for
    a column where each era has at most one of its layouts."""
    rest = dict.fromkeys(theorem.layouts)
    had = _layouts_of_eras(library, theorem)
    families = {
        name: members
        for name, members in library.families.items()
        if theorem.eras and all(len(layouts.intersection(members)) <= 1 for layouts in had)
    }
    found: list[Column] = []
    while rest:
        held = {name: tuple(each for each in members if each in rest) for name, members in families.items()}
        best = max(held, key=lambda name: (len(held[name]), -len(families[name])), default=None)
        if best is None or len(held[best]) < 2:
            found += [Column(name=each, layouts=(each,)) for each in rest]
            break
        found.append(Column(name=best, layouts=held[best]))
        for each in held[best]:
            del rest[each]
    order = {layout: number for number, layout in enumerate(theorem.layouts)}
    return _named(sorted(found, key=lambda column: order[column.layouts[0]]))


def _layouts_of_eras(library: Library, theorem: Theorem) -> list[frozenset[str]]:
    """For each era of the theorem, those of its layouts that the era has."""
    every = frozenset(theorem.layouts)
    had = [library.eras[era] for era in theorem.eras]
    return [every if each is None else every.intersection(each) for each in had]


def _named(columns: list[Column]) -> tuple[Column, ...]:
    short = [column.name.removeprefix(PREFIX) for column in columns]
    if "" in short or len(set(short)) < len(short):
        return tuple(columns)
    return tuple(Column(name=name, layouts=column.layouts) for name, column in zip(short, columns, strict=True))
