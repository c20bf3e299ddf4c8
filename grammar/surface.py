"""Surface trees: a module as its author wrote it, before names and sorts are known.

`start` and `end` are character offsets in the module's text, `end` exclusive. Brackets leave no node of their own:
what stands in them is as wide as they are.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Word(Surface):
    """One identifier, or one word of the language."""

    text: str


# Expressions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Number(Surface):
    """A literal as written, suffix included; what it is worth is found when it is checked."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth(Surface):
    value: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Name(Surface):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallOf(Surface):
    """`callee(arguments)`: a predicate, function, helper, memory operation or a word like BIT_ULL."""

    callee: Word
    arguments: tuple["Term", ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prefix(Surface):
    """`~x`, `!x`, `-x`."""

    operator: str
    operand: "Term"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dereference(Surface):
    """`*name`."""

    name: Word


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AddressOf(Surface):
    """`&name`, an argument."""

    name: Word


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Infix(Surface):
    """`left operator right`, also `&&`, `||` and `->`."""

    operator: str
    left: "Term"
    right: "Term"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice(Surface):
    """`condition ? then : other`."""

    condition: "Term"
    then: "Term"
    other: "Term"


Term = Number | Truth | Name | CallOf | Prefix | Dereference | AddressOf | Infix | Choice


# Statements --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Declared(Surface):
    """One name of a declaration. `value` None is `any`, said or not."""

    name: Word
    value: Term | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Declaration(Surface):
    sort: Word
    names: tuple[Declared, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assignment(Surface):
    """`target operator value;`, the operator being `=` or a compound one such as `|=`."""

    target: Name | Dereference
    operator: Word
    value: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallStatement(Surface):
    call: CallOf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IfStatement(Surface):
    condition: Term
    then: "SurfaceStatement"
    other: "SurfaceStatement | None"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReturnStatement(Surface):
    value: Term | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block(Surface):
    statements: tuple["SurfaceStatement", ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtomicBlock(Surface):
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceThread(Surface):
    """`thread name { ... }`."""

    name: Word
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParallelStatement(Surface):
    threads: tuple[SurfaceThread, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RetryLoop(Surface):
    block: Block
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssumeStatement(Surface):
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssertStatement(Surface):
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BitProperty(Surface):
    """A property of masks: `kind` is "preserves", "changes only", "changes nothing", "conserves", "conserves exactly"
    or "resurrects nothing"; `mask` is None only for "changes nothing"; `exempt` belongs to `except`, `into` to
    `conserves`, `entry` to `on`."""

    kind: str
    mask: Term | None = None
    exempt: Term | None = None
    into: Word | None = None
    entry: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RefinesProperty(Surface):
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConditionProperty(Surface):
    """`kind` is "ensures", "always" or "that"."""

    kind: str
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EquivalentProperty(Surface):
    left: CallOf
    right: CallOf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InvariantsProperty(Surface):
    """`keeps invariants`."""


SurfaceProperty = BitProperty | RefinesProperty | ConditionProperty | EquivalentProperty | InvariantsProperty


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class With(Surface):
    """`param in {values}` of an expectation."""

    parameter: Word
    values: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expected(Surface):
    """`places` are the names after `in` and `of`: layouts, eras, and families of either."""

    verdict: str
    losing: tuple[Term, ...] | None
    places: tuple[Word, ...] | None
    conditions: tuple[With, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProveStatement(Surface):
    """`claim` is the property; `expectations` what `expect` lists."""

    claim: SurfaceProperty
    expectations: tuple[Expected, ...]


SurfaceStatement = (
    Declaration
    | Assignment
    | CallStatement
    | IfStatement
    | ReturnStatement
    | Block
    | AtomicBlock
    | ParallelStatement
    | RetryLoop
    | AssumeStatement
    | AssertStatement
    | ProveStatement
)


# Items -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bounds(Surface):
    """`low..high` of a theorem's int parameter."""

    low: Term
    high: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceParameter(Surface):
    sort: Word
    pointer: bool
    name: Word
    values: tuple[Term, ...] | Bounds | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Use(Surface):
    """`use a.b;`: one `ModuleName` for each module."""

    modules: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement(Surface):
    """`bit N` (kind "bit"), `none`, `some bit` ("some"), `some bit or none` ("some or none")."""

    kind: str
    number: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskEntry(Surface):
    """`name = value [overlaps a, b];`: a mask, or a constant where the value is a truth value."""

    name: Word
    value: Placement | Term
    overlaps: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValueEntry(Surface):
    name: Word
    value: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AliasEntry(Surface):
    """One `alias = name` pair."""

    name: Word
    target: Word


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InvariantEntry(Surface):
    name: Word
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DropEntry(Surface):
    """`drop invariant name;`."""

    name: Word


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssertEntry(Surface):
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DisjointEntry(Surface):
    names: tuple[Word, ...]


LayoutEntry = MaskEntry | ValueEntry | AliasEntry | InvariantEntry | DropEntry | AssertEntry | DisjointEntry


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayoutItem(Surface):
    name: Word
    extends: Word | None
    entries: tuple[LayoutEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FamilyItem(Surface):
    name: Word
    members: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GhostItem(Surface):
    sort: Word
    name: Word


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EntryItem(Surface):
    name: Word


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PureItem(Surface):
    """A predicate (`result` None) or function. `body` is a block, an expression, or None in an interface."""

    name: Word
    parameters: tuple[SurfaceParameter, ...]
    result: Word | None
    body: Block | Term | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HelperItem(Surface):
    """`body` is None in an interface."""

    name: Word
    parameters: tuple[SurfaceParameter, ...]
    result: Word | None
    body: Block | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceLock(Surface):
    name: Word
    mode: Word | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceStep(Surface):
    name: Word
    parameters: tuple[SurfaceParameter, ...]
    when: Term | None
    saw: Term | None
    body: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgentItem(Surface):
    """`locks` is None in an interface that does not say them, () for `lockless`; `steps` and `program` are None in an
    interface."""

    name: Word
    parameters: tuple[SurfaceParameter, ...]
    locks: tuple[SurfaceLock, ...] | None
    steps: tuple[SurfaceStep, ...] | None
    program: tuple[SurfaceStatement, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfaceUse(Surface):
    """An agent of `against`; `arguments` None where they are bound by name, `entry` None without `on`."""

    agent: Word
    arguments: tuple[Term, ...] | None
    entry: Word | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Against(Surface):
    """`everyone` for `all`; `agents` is empty then, and for `nobody`."""

    everyone: bool
    agents: tuple[SurfaceUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TheoremItem(Surface):
    """`kind` is "theorem" or "lemma". `layouts` and `eras` are None where the clause is left out."""

    kind: str
    name: Word
    parameters: tuple[SurfaceParameter, ...]
    layouts: tuple[Word, ...] | None
    eras: tuple[Word, ...] | None
    requires: tuple[Word, ...]
    locks: tuple[SurfaceLock, ...]
    against: Against | None
    rely: Term | None
    body: Block


Definition = PureItem | HelperItem | AgentItem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InterfaceItem(Surface):
    name: Word
    members: tuple[Definition, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EraItem(Surface):
    name: Word
    implements: tuple[Word, ...]
    extends: Word | None
    layouts: tuple[Word, ...] | None
    items: tuple[Definition, ...]


Item = Use | LayoutItem | FamilyItem | GhostItem | EntryItem | Definition | TheoremItem | InterfaceItem | EraItem
