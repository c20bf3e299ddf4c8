"""The tree of a generated text. Expressions are those of `..tree`; statements know several entries, loops and threads."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from ..tree import Binary, Call, Choice, Cleared, Expression, Instant, Name, Number, Unary

__all__ = ["Binary", "Call", "Choice", "Cleared", "Expression", "Instant", "Name", "Number", "Unary"]


@dataclass(frozen=True, slots=True)
class Operation:
    """A memory operation by its name (`*=`, `*&=`, `*|=`, `*^=` are the plain ones, `*` the plain read) on an entry;
    `reference` is the local, or the helper's reference parameter, of try_cmpxchg64."""

    kind: str
    entry: str = "sptep"
    arguments: tuple[Expression, ...] = ()
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class HelperCall:
    """`references` are the arguments passed as `&name`; `entry` None is the caller's."""

    helper: str
    arguments: tuple[Expression, ...]
    references: frozenset[int] = frozenset()
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Declare:
    """`value` None is `any`."""

    sort: str
    name: str
    value: Expression | Operation | HelperCall | None


@dataclass(frozen=True, slots=True)
class Assign:
    """To a local, a ghost, or in a step to `spte` or `*child_sptep`."""

    target: str
    operator: str
    value: Expression | Operation | HelperCall


@dataclass(frozen=True, slots=True)
class Perform:
    value: Operation | HelperCall


@dataclass(frozen=True, slots=True)
class If:
    condition: Expression | Operation | HelperCall
    then: tuple["Statement", ...]
    other: tuple["Statement", ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    value: Expression | Operation | HelperCall | None = None


@dataclass(frozen=True, slots=True)
class Atomic:
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Assume:
    condition: Expression


@dataclass(frozen=True, slots=True)
class Retry:
    body: tuple["Statement", ...]
    until: Expression | Operation


@dataclass(frozen=True, slots=True)
class Parallel:
    threads: tuple[tuple[str, tuple["Statement", ...]], ...]


Statement = Declare | Assign | Perform | If | Return | Atomic | Assume | Retry | Parallel


@dataclass(frozen=True, slots=True)
class Parameter:
    """`choices` are the masks of `in {..}`, `bounds` those of an int; `by_reference` is `u64 *name`."""

    sort: str
    name: str
    choices: tuple[str, ...] = ()
    bounds: tuple[int, int] | None = None
    by_reference: bool = False


@dataclass(frozen=True, slots=True)
class Predicate:
    name: str
    body: Expression


@dataclass(frozen=True, slots=True)
class Helper:
    name: str
    parameters: tuple[Parameter, ...]
    sort: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    parameters: tuple[Parameter, ...]
    when: Expression | None
    saw: Expression | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """Either steps or a program; its parameters are bound by name."""

    name: str
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    program: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """`kind` is a word of the language (`changes nothing` is `changes only` of Number 0)."""

    kind: str
    mask: Expression | None = None
    exempt: Expression | None = None
    into: str | None = None
    exactly: bool = False
    condition: Expression | None = None
    block: tuple[Statement, ...] = ()
    on: str = "sptep"


@dataclass(frozen=True, slots=True)
class Theorem:
    """`against` are agents with the entry that each is put on; a lemma has none, and no entry."""

    name: str
    parameters: tuple[Parameter, ...]
    against: tuple[tuple[str, str], ...]
    body: tuple[Statement, ...]
    properties: tuple[Property, ...]
    lemma: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """`places` gives each mask a position, None for `none`, "some" for `some bit`, "maybe" for `some bit or none`;
    `flags` are bool constants. `closed`: an invariant says that all bits without a name are 0."""

    name: str
    places: tuple[tuple[str, int | str | None], ...]
    flags: tuple[tuple[str, bool], ...]
    closed: bool
    invariants: tuple[tuple[str, Expression], ...] = ()
    disjoint: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A whole module. `ghosts` are (sort, name)."""

    layouts: tuple[Layout, ...]
    ghosts: tuple[tuple[str, str], ...]
    entries: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    helpers: tuple[Helper, ...]
    agents: tuple[Agent, ...]
    theorems: tuple[Theorem, ...]
    features: frozenset[str] = field(default=frozenset())


def walk(tree: Any) -> Iterator[Any]:
    """Every node of a tree, outer ones first."""
    yield tree
    if is_dataclass(tree):
        for part in fields(tree):
            yield from walk(getattr(tree, part.name))
    elif isinstance(tree, tuple):
        for item in tree:
            yield from walk(item)
