"""Checked trees: what the grammar hands to the solver.

Names are resolved, sorts are known, conversions are explicit, calls have their callee's kind. A tree here
needs no further error checking. Values of sort U64 and INT are 64-bit words (an INT is C's 32-bit `int`,
sign-extended to 64 bits); values of sort BOOL are truth values. Every node carries its place, which is not
part of equality.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from spteproof.grammar.source import Place

DEFAULT_ENTRY = "sptep"
"""The entry that every theorem has. In a helper or an agent it is the one that the caller or the theorem says."""


class Sort(Enum):
    U64 = "u64"
    INT = "int"
    BOOL = "bool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    place: Place = field(compare=False, repr=False)


# Expressions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Node):
    """`value` is 0 <= value < 2**64 for U64 and INT (two's complement), 0 or 1 for BOOL."""

    value: int
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutName(Node):
    """A mask, value or constant of the layout at hand (an alias is resolved when the layout is)."""

    name: str
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Node):
    """A parameter or local; in steps and invariants `spte` is the entry's current value; in a rely `before` and
    `after` are. A by-reference parameter is a Variable of the value it refers to."""

    name: str
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class GhostName(Node):
    """A ghost's value now: in steps, `always`, `ensures` (there: at the end), and programs' conditions. In steps also
    the value (U64) of a further entry, `*child_sptep`."""

    name: str
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant(Node):
    """An entry's value (U64) at `which`: "start", "after", "end", or "now" (`*sptep` in `always`)."""

    which: str
    entry: str = DEFAULT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Node):
    """`cleared(M)`, `cleared(M, child_sptep)`: the bits (U64) of M that the program's own events cleared."""

    mask: "Expression"
    entry: str = DEFAULT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Node):
    """`~` and `-` on words of `sort`, `!` on BOOL."""

    operator: str
    operand: "Expression"
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Node):
    """`& | ^ + - * << >>` give a word of `sort` (both operands are of it; a shift's right operand is a word of any
    sort); `== != < <= > >=` give BOOL (`sort`). `signed` is true where the operands are INT: it matters for `< <= >
    >= >>`. On INT, `+ - *` are undefined where the result does not fit 32 bits, and `<<` does not occur except
    folded."""

    operator: str
    left: "Expression"
    right: "Expression"
    sort: Sort
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Node):
    """`&&`, `||`, `->` on BOOL. The right side is evaluated (and may be an event) only when it decides."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Node):
    """`condition ? then : other`; condition is BOOL, both arms are of `sort`."""

    condition: "Expression"
    then: "Expression"
    other: "Expression"
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(Node):
    """BOOL to a word is 0 or 1; a word to BOOL is `!= 0`; INT to U64 keeps the 64-bit word."""

    operand: "Expression"
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class LowestBit(Node):
    """`__ffs64(x)`: the number of the lowest set bit of a U64; undefined for 0. A U64, as the kernel's is unsigned."""

    operand: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A predicate or function, perhaps one that the era at hand supplies."""

    callee: str
    arguments: tuple["Expression", ...]
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Any(Node):
    """An input: any value of the sort. Occurs only as the whole value of a Declare."""

    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory(Node):
    """A memory operation on an entry; `operation` is a name of `memory_operations.SIGNATURES`. `reference` is the
    local that try_cmpxchg64 compares with and refreshes; the other operands are `arguments`, in C's order without
    the entry. `sort` is None where the operation gives nothing. The node is evaluated only in programs."""

    operation: str
    entry: str
    arguments: tuple["Expression", ...]
    reference: Variable | None
    sort: Sort | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Node):
    """`&local`, an argument for a by-reference parameter."""

    variable: Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperCall(Node):
    """A call of a helper, perhaps one that the era at hand supplies. `sort` is None where it gives nothing; `entry` is
    what `sptep` means in the helper (DEFAULT_ENTRY: what it means where the call stands)."""

    callee: str
    arguments: tuple["Expression | Reference", ...]
    sort: Sort | None
    entry: str = DEFAULT_ENTRY


Expression = (
    Constant | LayoutName | Variable | GhostName | Instant | Cleared | Unary | Binary | Logic | Conditional | Convert
    | LowestBit | Call | Any | Memory | HelperCall
)  # fmt: skip


# Statements --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare(Node):
    """A new local of this name (unique within its body: no name hides another)."""

    name: str
    sort: Sort
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Node):
    """To a local, a parameter, a by-reference parameter (the caller's local changes), or in a step to `spte`."""

    target: Variable
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGhost(Node):
    """An event of its own in programs, unless inside Atomic; part of the step in steps, where `ghost` may also be a
    further entry."""

    ghost: str
    value: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate(Node):
    """A call whose result, if any, is dropped."""

    expression: Memory | HelperCall | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Node):
    condition: Expression
    then: tuple["Statement", ...]
    other: tuple["Statement", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Return(Node):
    value: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Atomic(Node):
    """One event: nobody runs inside."""

    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Node):
    """A loop: the body runs, then the condition (BOOL) is asked; where it is false, both run again. Locals declared in
    the body are known in the condition, and new in each iteration. Retries do not hold one another,
    and threads hold none."""

    body: tuple["Statement", ...]
    until: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Assume(Node):
    condition: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Assert(Node):
    condition: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread(Node):
    """One thread of a `parallel`. It holds no assumption, itself or through what it calls."""

    name: str
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Node):
    """Threads that run against each other, and against the environment; it ends when all of them have ended. Stands
    at the top of a theorem's body only, once. What one thread assigns of the theorem's locals no other mentions."""

    threads: tuple[Thread, ...]


Statement = Declare | Assign | SetGhost | Evaluate | If | Return | Atomic | Parallel | Retry | Assume | Assert


# Definitions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Node):
    """`choices` are the values of `in {...}` (one instance each), `bounds` the inclusive range of an INT (theorems
    only)."""

    name: str
    sort: Sort
    by_reference: bool = False
    choices: tuple[Expression, ...] | None = None
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pure(Node):
    """A predicate (`sort` BOOL) or function. Every path of the body returns; it holds no events."""

    name: str
    parameters: tuple[Parameter, ...]
    sort: Sort
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper(Node):
    name: str
    parameters: tuple[Parameter, ...]
    sort: Sort | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock(Node):
    """`mode` is "read", "write" or "exclusive"; two holders exclude each other unless both say "read"."""

    name: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Node):
    """One atomic action of an agent: nobody else runs between its guard and its update.

    `when` is tested on the current entry, `saw` on an earlier one (both speak of the Variable `spte`); `parameters`
    are chosen freely in each instance of the step. The body assigns `spte`, ghosts and locals.
    """

    name: str
    parameters: tuple[Parameter, ...]
    when: Expression | None
    saw: Expression | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Node):
    """Either `steps` or a `program` (the other is empty)."""

    name: str
    parameters: tuple[Parameter, ...]
    locks: tuple[Lock, ...]
    steps: tuple[Step, ...]
    program: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentUse(Node):
    """An agent of a theorem's environment with its arguments (expressions over the theorem's parameters). `entry` is
    what its `spte` and `sptep` mean."""

    agent: str
    arguments: tuple[Expression, ...]
    entry: str = DEFAULT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask(Node):
    """A mask of a layout. `value` is its 64-bit value where fixed (0 is `none`); otherwise `some` is true for `some
    bit` (with `or_none`), or `definition` is an expression over other names of the layout that are not fixed."""

    name: str
    value: int | None
    some: bool = False
    or_none: bool = False
    definition: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutValue(Node):
    """`value NAME = ...` (U64) or a bool constant (BOOL, 0 or 1). `definition` as in Mask."""

    name: str
    sort: Sort
    value: int | None
    definition: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant(Node):
    """A BOOL expression over the Variable `spte`."""

    name: str
    condition: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout(Node):
    """A layout with everything it extends taken over. `masks` and `values` are by name; `aliases` map alias to name;
    `disjoint` are groups of mask names; `asserts` are BOOL expressions without variables, to be proved."""

    name: str
    masks: Mapping[str, Mask]
    values: Mapping[str, LayoutValue]
    aliases: Mapping[str, str]
    invariants: tuple[Invariant, ...]
    asserts: tuple[Expression, ...]
    disjoint: tuple[tuple[str, ...], ...]


# Properties --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Preserves(Node):
    """`mask` and `exempt` (None: nothing) are U64 expressions over parameters and layout names. `entry` is the one
    whose events count, here and below."""

    mask: Expression
    exempt: Expression | None
    entry: str = DEFAULT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesOnly(Node):
    mask: Expression
    entry: str = DEFAULT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Conserves(Node):
    """`into` is a Variable (U64 local, or BOOL: any bit counts) or a GhostName."""

    mask: Expression
    into: Variable | GhostName
    exactly: bool
    entry: str = DEFAULT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Resurrects(Node):
    mask: Expression
    entry: str = DEFAULT_ENTRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Refines(Node):
    """The block is a program run at once; what it assigns to locals of the theorem's body are the results compared."""

    block: tuple[Statement, ...]
    results: tuple[Variable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensures(Node):
    condition: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Always(Node):
    condition: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent(Node):
    """Two calls, both of helpers or both pure, of the same sort of result."""

    left: HelperCall | Call
    right: HelperCall | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepsInvariants(Node):
    """The layout's invariants hold after every event of the program and every agent's step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class That(Node):
    """A pure BOOL fact over parameters, locals and layout names."""

    condition: Expression


Property = (
    Preserves | ChangesOnly | Conserves | Resurrects | Refines | Ensures | Always | Equivalent | KeepsInvariants | That
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation(Node):
    """`verdict` is "proved", "refuted" or "vacuous"; `losing` are masks (None: any refutation will do); `layouts` and
    `eras` (None: all) are names, families expanded; `values` are (parameter, choices) pairs, all of which must match
    the instance."""

    verdict: str
    losing: tuple[Expression, ...] | None
    layouts: tuple[str, ...] | None
    eras: tuple[str, ...] | None
    values: tuple[tuple[str, tuple[Expression, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prove(Node):
    """`text` is the property as its author wrote it, white space folded, without `prove`, `expect` and `;`."""

    property: Property
    expectations: tuple[Expectation, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theorem(Node):
    """`layouts` and `eras` are expanded names (`eras` is empty where the theorem needs none); `agents` is the
    environment, `omitted` the agents in scope that the locks permit and that are not listed; `rely` is a BOOL
    expression over the Variables `before` and `after` and the parameters. `needs` are the layout names that the
    theorem uses, itself or through what it calls (per era)."""

    name: str
    kind: str
    parameters: tuple[Parameter, ...]
    layouts: tuple[str, ...]
    eras: tuple[str, ...]
    requires: tuple[str, ...]
    locks: tuple[Lock, ...]
    agents: tuple[AgentUse, ...]
    omitted: tuple[str, ...]
    rely: Expression | None
    body: tuple[Statement, ...]
    proves: tuple[Prove, ...]
    needs: Mapping[str | None, frozenset[str]] = field(default_factory=dict)
    against_given: bool = False
    """Whether the author wrote an `against` clause (`nobody` included)."""
    against_all: bool = False
    """Whether that clause says `all`: `agents` are those in scope then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Node):
    """What names mean in an era, or outside all eras: definitions by name."""

    pures: Mapping[str, Pure]
    helpers: Mapping[str, Helper]
    agents: Mapping[str, Agent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Everything that a run read, checked. `scopes` has one Scope for each era and one for None (outside); each is
    complete. `eras` gives the layouts that each era has (None: every layout); `families` holds families of layouts and
    families of eras. `ghosts` are by name, `entries` the entries beside `sptep`. `asked` are the names of the theorems
    and layouts declared in the files that the user named (the others came by `use`)."""

    layouts: Mapping[str, Layout]
    families: Mapping[str, tuple[str, ...]]
    eras: Mapping[str, tuple[str, ...] | None]
    ghosts: Mapping[str, Sort]
    scopes: Mapping[str | None, Scope]
    theorems: Mapping[str, Theorem]
    asked: frozenset[str]
    entries: tuple[str, ...] = ()
