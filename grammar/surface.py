"""Surface trees: a module as its author wrote it, before names and sorts are known.

`start` and `end` are character offsets in the module's text, `end` exclusive. Brackets leave no node of their own:
what stands in them is as wide as they are.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Word(Surface):
    """One identifier, or one word of the language."""

    text: str


# Expressions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Surface):
    """A literal as written, suffix included; what it is worth is found when it is checked."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth(Surface):
    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Surface):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOf(Surface):
    """`callee(arguments)`: a predicate, function, helper, memory operation or a word like BIT_ULL."""

    callee: Word
    arguments: tuple["Term", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix(Surface):
    """`~x`, `!x`, `-x`."""

    operator: str
    operand: "Term"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dereference(Surface):
    """`*name`."""

    name: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOf(Surface):
    """`&name`, an argument."""

    name: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Infix(Surface):
    """`left operator right`, also `&&`, `||` and `->`."""

    operator: str
    left: "Term"
    right: "Term"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Surface):
    """`condition ? then : other`."""

    condition: "Term"
    then: "Term"
    other: "Term"


Term = Number | Truth | Name | CallOf | Prefix | Dereference | AddressOf | Infix | Choice


# Statements --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared(Surface):
    """One name of a declaration. `value` None is `any`, said or not."""

    name: Word
    value: Term | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration(Surface):
    sort: Word
    names: tuple[Declared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Surface):
    """`target operator value;`, the operator being `=` or a compound one such as `|=`."""

    target: Name | Dereference
    operator: Word
    value: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStatement(Surface):
    call: CallOf


@dataclass(frozen=True, slots=True, kw_only=True)
class IfStatement(Surface):
    condition: Term
    then: "SurfaceStatement"
    other: "SurfaceStatement | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnStatement(Surface):
    value: Term | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Surface):
    statements: tuple["SurfaceStatement", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomicBlock(Surface):
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumeStatement(Surface):
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertStatement(Surface):
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class BitProperty(Surface):
    """A property of masks: `kind` is "preserves", "changes only", "changes nothing", "conserves", "conserves exactly"
    or "resurrects nothing"; `mask` is None only for "changes nothing"; `exempt` belongs to `except`, `into` to
    `conserves`."""

    kind: str
    mask: Term | None = None
    exempt: Term | None = None
    into: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefinesProperty(Surface):
    block: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionProperty(Surface):
    """`kind` is "ensures", "always" or "that"."""

    kind: str
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalentProperty(Surface):
    left: CallOf
    right: CallOf


@dataclass(frozen=True, slots=True, kw_only=True)
class InvariantsProperty(Surface):
    """`keeps invariants`."""


SurfaceProperty = BitProperty | RefinesProperty | ConditionProperty | EquivalentProperty | InvariantsProperty


@dataclass(frozen=True, slots=True, kw_only=True)
class With(Surface):
    """`param in {values}` of an expectation."""

    parameter: Word
    values: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected(Surface):
    verdict: str
    losing: tuple[Term, ...] | None
    layouts: tuple[Word, ...] | None
    conditions: tuple[With, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
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
    | AssumeStatement
    | AssertStatement
    | ProveStatement
)


# Items -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds(Surface):
    """`low..high` of a theorem's int parameter."""

    low: Term
    high: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceParameter(Surface):
    sort: Word
    pointer: bool
    name: Word
    values: tuple[Term, ...] | Bounds | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(Surface):
    """`use a.b;`: one `ModuleName` for each module."""

    modules: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement(Surface):
    """`bit N` (kind "bit"), `none`, `some bit` ("some"), `some bit or none` ("some or none")."""

    kind: str
    number: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskEntry(Surface):
    """`name = value [overlaps a, b];`: a mask, or a constant where the value is a truth value."""

    name: Word
    value: Placement | Term
    overlaps: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueEntry(Surface):
    name: Word
    value: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasEntry(Surface):
    """One `alias = name` pair."""

    name: Word
    target: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class InvariantEntry(Surface):
    name: Word
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class DropEntry(Surface):
    """`drop invariant name;`."""

    name: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertEntry(Surface):
    condition: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class DisjointEntry(Surface):
    names: tuple[Word, ...]


LayoutEntry = MaskEntry | ValueEntry | AliasEntry | InvariantEntry | DropEntry | AssertEntry | DisjointEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutItem(Surface):
    name: Word
    extends: Word | None
    entries: tuple[LayoutEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyItem(Surface):
    name: Word
    members: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GhostItem(Surface):
    sort: Word
    name: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class PureItem(Surface):
    """A predicate (`result` None) or function. `body` is a block, an expression, or None in an interface."""

    name: Word
    parameters: tuple[SurfaceParameter, ...]
    result: Word | None
    body: Block | Term | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelperItem(Surface):
    """`body` is None in an interface."""

    name: Word
    parameters: tuple[SurfaceParameter, ...]
    result: Word | None
    body: Block | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceLock(Surface):
    name: Word
    mode: Word | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceStep(Surface):
    name: Word
    parameters: tuple[SurfaceParameter, ...]
    when: Term | None
    saw: Term | None
    body: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentItem(Surface):
    """`locks` is None in an interface that does not say them, () for `lockless`; `steps` and `program` are None in an
    interface."""

    name: Word
    parameters: tuple[SurfaceParameter, ...]
    locks: tuple[SurfaceLock, ...] | None
    steps: tuple[SurfaceStep, ...] | None
    program: tuple[SurfaceStatement, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceUse(Surface):
    """An agent of `against`; `arguments` None where they are bound by name."""

    agent: Word
    arguments: tuple[Term, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Against(Surface):
    """`everyone` for `all`; `agents` is empty then, and for `nobody`."""

    everyone: bool
    agents: tuple[SurfaceUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceItem(Surface):
    name: Word
    members: tuple[Definition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EraItem(Surface):
    name: Word
    implements: tuple[Word, ...]
    extends: Word | None
    items: tuple[Definition, ...]


Item = Use | LayoutItem | FamilyItem | GhostItem | Definition | TheoremItem | InterfaceItem | EraItem
