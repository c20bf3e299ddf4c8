"""The tiny tree of a case: a layout, predicates, agents, a helper and one theorem with one property.

Conditions and words are one kind of expression, as in C. A memory operation stands only where a statement says
so (a value, a condition), so that both printers know where the events are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Name:
    """A mask, value or flag of the layout, a local, a parameter, a ghost, or `spte`."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    value: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`!` or `~`."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """C's operators, and `->`."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : other`."""

    condition: "Expression"
    then: "Expression"
    other: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    predicate: str
    argument: "Expression"


@dataclass(frozen=True, slots=True)
class Moved:
    """`(value & SOURCE) << k` or `>> k`: the source's bit at the target's position."""

    value: "Expression"
    source: Name
    target: Name


@dataclass(frozen=True, slots=True)
class Instant:
    """The entry at `start`, `after`, `end`, or `now` (`*sptep`)."""

    which: str


@dataclass(frozen=True, slots=True)
class Cleared:
    mask: "Expression"


Expression = Name | Number | Unary | Binary | Choice | Call | Moved | Instant | Cleared


@dataclass(frozen=True, slots=True)
class Operation:
    """A memory operation by its kernel name, or `*sptep`, `*sptep = `, `*sptep &= `, `|=`, `^=`. The arguments
    leave out the entry; `reference` is the local that try_cmpxchg64 compares with. A bit number is given as the
    Name of its mask."""

    kind: str
    arguments: tuple[Expression, ...] = ()
    reference: Name | None = None


@dataclass(frozen=True, slots=True)
class HelperCall:
    """`references` says which arguments are passed as `&name`."""

    helper: str
    arguments: tuple[Expression, ...]
    references: tuple[bool, ...]


Value = Expression | Operation | HelperCall


@dataclass(frozen=True, slots=True)
class Declare:
    """`value` None is `any`."""

    sort: str
    name: str
    value: Value | None


@dataclass(frozen=True, slots=True)
class Assign:
    """`operator` is `=`, `|=`, `&=` or `^=`; the target is a local, in steps also `spte`."""

    target: Name
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class SetGhost:
    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Perform:
    """An operation or call whose result, if any, is dropped."""

    value: Operation | HelperCall


@dataclass(frozen=True, slots=True)
class If:
    """`condition` may be an Operation; `negated` puts `!` before it."""

    condition: Expression | Operation
    then: tuple["Statement", ...]
    other: tuple["Statement", ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    value: Value | None


@dataclass(frozen=True, slots=True)
class Atomic:
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True)
class Assume:
    condition: Expression


Statement = Declare | Assign | SetGhost | Perform | If | Return | Atomic | Assume


@dataclass(frozen=True, slots=True)
class Predicate:
    """Of one u64, `spte`."""

    name: str
    body: Expression


@dataclass(frozen=True, slots=True)
class Parameter:
    sort: str
    name: str
    by_reference: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    parameters: tuple[Parameter, ...]
    when: Expression | None
    saw: Expression | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """Either steps or a program."""

    name: str
    steps: tuple[Step, ...]
    program: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Helper:
    """`sort` is `u64`, `bool` or empty."""

    name: str
    parameters: tuple[Parameter, ...]
    sort: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """`kind` is preserves, changes only, conserves, resurrects, refines, ensures or always. `mask` and `exempt`
    are masks, `into` a local or ghost, `block` the block of refines, whose result goes to `into`; `condition` is
    that of ensures and always."""

    kind: str
    mask: Expression | None = None
    exempt: Expression | None = None
    into: str | None = None
    into_sort: str = ""
    exactly: bool = False
    block: tuple[Statement, ...] = ()
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """One-bit masks with their positions, values over them, flags of the hardware mode, and named invariants over
    `spte`."""

    masks: tuple[tuple[str, int], ...]
    values: tuple[tuple[str, Expression], ...]
    flags: tuple[tuple[str, bool], ...]
    invariants: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """`ghost` is the name of the case's ghost bool, if it has one."""

    name: str
    layout: Layout
    predicates: tuple[Predicate, ...]
    ghost: str | None
    agents: tuple[Agent, ...]
    helpers: tuple[Helper, ...]
    body: tuple[Statement, ...]
    property: Property


Path = tuple[str | int, ...]


def nodes(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every node and tuple of a tree with the path to it, outer ones first, in the order of the text."""
    yield path, tree
    if is_dataclass(tree):
        for part in fields(tree):
            yield from nodes(getattr(tree, part.name), (*path, part.name))
    elif isinstance(tree, tuple):
        for index, item in enumerate(tree):
            yield from nodes(item, (*path, index))


def at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step] if isinstance(step, int) else getattr(tree, step)
    return tree


def replaced(tree: Any, path: Path, value: Any) -> Any:
    """The tree with what stands at the path replaced."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return (*tree[:step], replaced(tree[step], rest, value), *tree[step + 1 :])
    return replace(tree, **{step: replaced(getattr(tree, step), rest, value)})
