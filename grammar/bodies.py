"""The text being checked, and what its place in the module allows it to say."""

from dataclasses import dataclass, field, replace

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.checked import Sort
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.names import Kind, LayoutWord, View
from spteproof.grammar.source import Place
from spteproof.grammar.uses import Uses

BUILT_IN = ("BIT_ULL", "GENMASK_ULL", "__ffs64", "cleared")
_STATEMENT_WORDS = (
    "if",
    "else",
    "return",
    "atomic",
    "parallel",
    "retry",
    "assume",
    "assert",
    "prove",
    "any",
    "true",
    "false",
    "u64",
    "int",
    "bool",
)
LOOP_WORDS = ("while", "for", "do", "switch", "goto", "break", "continue")
"""C's words for what the language does not have."""

RESERVED = frozenset({*BUILT_IN, *SIGNATURES, *_STATEMENT_WORDS, "sptep"})
"""Names that nothing may be declared by."""

ENTRY_WORDS = frozenset(["spte", "start", "after", "end", "before"])
"""Names that stand for the entry's value somewhere: no layout and no ghost may take them, locals may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a text may hold. `what` names it to a person. `result` is the sort a `return` gives (`returns` says if
    there may be one); `reads_entries` says that `*child_sptep` is a further entry's value here, which may be assigned
    where ghosts may; `instants` are the words that stand for the entry's value; `now` says that a bare `*sptep` is
    its value now; `ghosts_apart`, that each ghost is read at a moment of its own."""

    what: str
    events: bool = False
    reads_ghosts: bool = False
    sets_ghosts: bool = False
    reads_entries: bool = False
    inputs: bool = False
    assumes: bool = False
    asserts: bool = False
    atomics: bool = False
    retries: bool = False
    returns: bool = False
    result: Sort | None = None
    calls: bool = True
    instants: frozenset[str] = frozenset()
    now: bool = False
    ghosts_apart: bool = False
    cleared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A parameter or local. `unique` is its name in the checked tree; `by_reference` for `u64 *x`."""

    unique: str
    sort: Sort
    place: Place | None
    by_reference: bool = False
    assignable: bool = True
    declared: bool = False


@dataclass(kw_only=True)
class Body:
    """One text being checked: its view of names, its locals (innermost scope last) and what it was found to use.

    `layout` are the names of the one layout that the text belongs to, or None where it may speak of any.
    """

    view: View
    findings: Findings
    rules: Rules
    layout: dict[str, LayoutWord] | None = None
    layout_name: str = ""
    layout_open: bool = False
    uses: Uses = field(default_factory=Uses)
    scopes: list[dict[str, Local]] = field(default_factory=lambda: [{}])
    taken: dict[str, int] = field(default_factory=dict)

    def under(self, rules: Rules) -> "Body":
        """The same text, for a part with other rules; locals and uses are shared."""
        return replace(self, rules=rules)

    def place(self, node: s.Surface) -> Place:
        return self.view.module.place(node)

    def local(self, name: str) -> Local | None:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    def entry(self, name: str) -> str | None:
        """The entry that is pointed to by this name, or None."""
        entity = self.view.entity(name)
        return name if name == c.DEFAULT_ENTRY or (entity is not None and entity.kind is Kind.ENTRY) else None

    def word(self, name: str) -> LayoutWord | None:
        return self.view.word(name) if self.layout is None else self.layout.get(name)

    def declare(
        self,
        word: s.Word,
        sort: Sort,
        *,
        by_reference: bool = False,
        assignable: bool = True,
        declared: bool = False,
    ) -> Local:
        """Adds a local to the innermost scope; one that hides another name is reported."""
        self._report_hidden(word)
        count = self.taken[word.text] = self.taken.get(word.text, 0) + 1
        local = Local(
            unique=word.text if count == 1 else f"{word.text}.{count}",
            sort=sort,
            place=self.place(word),
            by_reference=by_reference,
            assignable=assignable,
            declared=declared,
        )
        self.scopes[-1][word.text] = local
        return local

    def declare_entry(self, *names: str) -> None:
        """`spte` in steps and invariants, `before` and `after` in a rely."""
        for name in names:
            self.taken[name] = 1
            self.scopes[-1][name] = Local(unique=name, sort=Sort.U64, place=None)

    def _report_hidden(self, word: s.Word) -> None:
        name, place = word.text, self.place(word)
        local, entity, layout_word = self.local(name), self.view.entity(name), self.view.word(name)
        if name in RESERVED:
            self.findings.error(
                "name.reserved:word", place, f"`{name}` is a word of the language", label="choose another name"
            )
        elif local is not None and name in self.scopes[-1] and local.place is not None:
            self.findings.error(
                "name.duplicate:local",
                place,
                f"`{name}` is declared twice",
                label="declared again",
                others=[(local.place, "declared here")],
            )
        elif local is not None:
            others = [(local.place, "declared here")] if local.place is not None else []
            means = "" if local.place is not None else f", the entry in {self.rules.what}"
            self.findings.error(
                "name.hides:local", place, f"`{name}` hides another `{name}`{means}", label="hides it", others=others
            )
        elif entity is not None:
            self.findings.error(
                "name.hides:declaration",
                place,
                f"`{name}` hides {entity.kind.value} of that name: all names of a file and what it uses are one space",
                label="hides it",
                others=[(entity.place, "declared here")],
            )
        elif layout_word is not None:
            self.findings.error(
                "name.hides:declaration",
                place,
                f"`{name}` hides a name of the layouts",
                label="hides it",
                others=[(layout_word.place, "declared here")],
            )

    def unknown(self, word: s.Surface, name: str) -> None:
        """Reports a name that means nothing here, unless a broken item may declare it."""
        if self.view.excused(name) or self.layout_open:
            return
        unseen = self.view.unseen(name)
        if unseen is not None:
            module = unseen.module.dotted
            self.findings.error(
                "name.unknown:use",
                self.place(word),
                f"`{name}` is declared in a module that this one does not use",
                label="not visible here",
                others=[(unseen.place, f"{unseen.kind.value} declared here")],
                help=f"add `use {module};`" if module else None,
            )
            return
        if self.layout is not None:
            self.findings.error(
                "name.unknown:mask",
                self.place(word),
                f"`{name}` is not a name of layout `{self.layout_name}`",
                label="not declared",
                help=self.findings.nearest(name, self._known),
            )
            return
        self.findings.error(
            "name.unknown:name",
            self.place(word),
            f"`{name}` is not declared",
            label="not declared",
            help="the entry's value is `*sptep` here" if name == "spte" else self.findings.nearest(name, self._known),
        )

    def _known(self) -> list[str]:
        """What an author may have meant."""
        locals_ = [name for scope in self.scopes for name in scope]
        if self.layout is not None:
            return [*locals_, *self.layout, *[each.name for each in self.view.of_kind(Kind.PREDICATE, Kind.FUNCTION)]]
        return [*locals_, *self.view.known(), *BUILT_IN, *SIGNATURES]

    def variable(self, node: s.Surface, local: Local) -> c.Variable:
        return c.Variable(place=self.place(node), name=local.unique, sort=local.sort)
