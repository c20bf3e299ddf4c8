"""The rules of a lark grammar as shapes that can be drawn, and as text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import assert_never

from lark import Tree
from lark.grammar import NonTerminal, Terminal
from lark.load_grammar import load_grammar


@dataclass(frozen=True)
class Word:
    """What is written just so."""

    text: str


@dataclass(frozen=True)
class Pattern:
    """What is written as a regular expression says."""

    text: str


@dataclass(frozen=True)
class Name:
    """Another rule, or a kind of word."""

    rule: str


@dataclass(frozen=True)
class Row:
    """One after the other."""

    parts: "tuple[Shape, ...]"


@dataclass(frozen=True)
class Either:
    """One of these."""

    choices: "tuple[Shape, ...]"


@dataclass(frozen=True)
class Maybe:
    """This or nothing."""

    part: "Shape"


@dataclass(frozen=True)
class Many:
    """Once or more, with `between` between two of them."""

    part: "Shape"
    between: "Shape | None" = None


Shape = Word | Pattern | Name | Row | Either | Maybe | Many


def rules(text: str) -> dict[str, Shape]:
    """The grammar's rules and kinds of words, in its order, each as it is best drawn; the language stays the same."""
    grammar, _ = load_grammar(text, "spte.lark", [], False)
    terms = {name: tree for name, (tree, _) in grammar.term_defs}
    kinds = {name: _shape(tree, {}) for name, tree in terms.items() if name not in grammar.ignore}
    plain = {name: shape for name, shape in kinds.items() if isinstance(shape, Word)}
    drawn = {name: _simple(name, _shape(tree, plain)) for name, _, tree, _ in grammar.rule_defs}
    return drawn | {name: shape for name, shape in kinds.items() if name not in plain}


def ignored(text: str) -> list[str]:
    """The regular expressions of what may stand between two words."""
    grammar, _ = load_grammar(text, "spte.lark", [], False)
    terms = {name: tree for name, (tree, _) in grammar.term_defs}
    return [notation(_shape(terms[name], {})) for name in grammar.ignore]


def _shape(tree: Tree, plain: dict[str, Word]) -> Shape:
    """What lark's loader gives, as a shape. Raises ValueError for what this grammar does not use."""
    match tree:
        case Tree(data="value", children=[NonTerminal(name=name)]):
            return Name(str(name))
        case Tree(data="value", children=[Terminal(name=name)]):
            return plain.get(name, Name(str(name)))
        case Tree(data="value", children=[Tree(data="literal", children=[token])]):
            return Pattern(str(token)) if token.type == "REGEXP" else Word(json.loads(token))
        case Tree(data="value" | "alias", children=[Tree() as inner, *_]):
            return _shape(inner, plain)
        case Tree(data="expansions", children=choices):
            return _either(tuple(_shape(each, plain) for each in choices))
        case Tree(data="expansion", children=parts):
            return _row(tuple(_shape(each, plain) for each in parts))
        case Tree(data="maybe", children=[inner]):
            return Maybe(_shape(inner, plain))
        case Tree(data="expr", children=[inner, operator]) if operator in ("*", "+", "?"):
            part = _shape(inner, plain)
            return Maybe(part) if operator == "?" else Many(part) if operator == "+" else Maybe(Many(part))
    raise ValueError(f"the grammar has what is not drawn yet: {tree}")


def _row(parts: tuple[Shape, ...]) -> Shape:
    """A row without rows in it, where `x (, x)*` has become many of x."""
    flat: list[Shape] = []
    for part in (inner for each in parts for inner in (each.parts if isinstance(each, Row) else (each,))):
        match part:
            case Maybe(Many(Row(parts=(*between, last)), None)) if flat and flat[-1] == last:
                flat[-1] = Many(last, _row(tuple(between)))
            case _:
                flat.append(part)
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def _either(choices: tuple[Shape, ...]) -> Shape:
    """Choices without choices in them; an empty one makes the others optional."""
    flat = [inner for each in choices for inner in (each.choices if isinstance(each, Either) else (each,))]
    some = [each for each in flat if each != Row(())]
    found = some[0] if len(some) == 1 else Either(tuple(some))
    return found if len(some) == len(flat) else Maybe(found)


def _simple(rule: str, shape: Shape) -> Shape:
    """`sum: product | sum PLUS product` as a loop, and choices that begin or end alike joined."""
    match shape:
        case Either(choices=(first, Row(parts=(Name(rule=again), *between, last)))) if again == rule and last == first:
            return Many(first, _row(tuple(between)))
        case Either(choices=choices):
            return _either(tuple(_joined(choices)))
    return shape


def _joined(choices: tuple[Shape, ...]) -> Iterator[Shape]:
    """Neighbours that begin alike as one row with a choice in it."""
    rest = [each.parts if isinstance(each, Row) else (each,) for each in choices]
    while rest:
        head = rest[0][0]
        alike = list(takewhile(lambda each: each[0] == head, rest))  # noqa: B023
        rest = rest[len(alike) :]
        if len(alike) == 1:
            yield _row(alike[0])
            continue
        tails = [each[1:] for each in alike]
        ending: list[Shape] = []
        while all(tails) and len({each[-1] for each in tails}) == 1:
            ending.insert(0, tails[0][-1])
            tails = [each[:-1] for each in tails]
        middle = _either(tuple(_joined_or_nothing(tails)))
        yield _row((head, middle, *ending))


def _joined_or_nothing(tails: list[tuple[Shape, ...]]) -> Iterator[Shape]:
    full = [Row(each) for each in tails if each]
    yield from _joined(tuple(full))
    if len(full) < len(tails):
        yield Row(())


def notation(shape: Shape, *, inside: bool = False) -> str:
    """The shape as text, in the grammar's own notation."""
    match shape:
        case Word(text=text):
            return json.dumps(text)
        case Pattern(text=text):
            return text
        case Name(rule=rule):
            return rule
        case Row(parts=parts):
            said = " ".join(notation(each, inside=isinstance(each, Either | Row)) for each in parts)
            return f"({said})" if inside else said
        case Either(choices=choices):
            said = " | ".join(notation(each) for each in choices)
            return f"({said})" if inside else said
        case Maybe(part=part):
            return f"[{notation(part)}]"
        case Many(part=part, between=None):
            return f"({notation(part)})+" if isinstance(part, Row | Either) else f"{notation(part)}+"
        case Many(part=part, between=between):
            one = notation(part, inside=True)
            return f"{one} ({notation(between, inside=True)} {one})*"
    assert_never(shape)


def names_in(shape: Shape) -> Iterator[str]:
    """The rules that a shape refers to, in order, again and again."""
    match shape:
        case Word() | Pattern():
            return
        case Name(rule=rule):
            yield rule
        case Row(parts=parts) | Either(choices=parts):
            for each in parts:
                yield from names_in(each)
        case Maybe(part=part) | Many(part=part, between=None):
            yield from names_in(part)
        case Many(part=part, between=between):
            yield from (*names_in(part), *names_in(between))
        case _:
            assert_never(shape)
