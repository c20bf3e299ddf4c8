"""Each name of a module with what it stands for, found in the surface tree alone: a text with errors has them too."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from spteproof.editing.meanings import (
    INVARIANT,
    LOCK,
    MODULE,
    STEP,
    THREAD,
    Meanings,
    Occurrence,
    Symbol,
    home,
)
from spteproof.grammar import surface as s
from spteproof.grammar.names import Module, Names, View


def occurrences(names: Names, module: Module) -> list[Occurrence]:
    """All names of a module, in the order of its text."""
    found = _Walk(names, module)
    for item in module.items:
        found.item(item)
    return sorted(found.found, key=lambda each: (each.start, each.end))


class _Walk(Meanings):
    """Goes through the items of a module."""

    def item(self, item: s.Item) -> None:
        match item:
            case s.Use():
                for word in item.modules:
                    self.add(word, self._module(word))
            case s.LayoutItem():
                self._layout(item)
            case s.FamilyItem():
                self.declare_global(item.name)
                self.uses(item.members)
            case s.GhostItem() | s.EntryItem():
                self.declare_global(item.name)
            case s.PureItem() | s.HelperItem() | s.AgentItem():
                self._definition(item)
            case s.TheoremItem():
                self._theorem(item)
            case s.InterfaceItem():
                self.declare_global(item.name)
                for member in item.members:
                    self._definition(member)
            case s.EraItem():
                self._era(item)
            case _:
                assert_never(item)

    def _module(self, word: s.Word) -> Symbol:
        used = next((each for each in self.module.uses if each.dotted == word.text), None)
        if used is None:
            tail = os.path.join(*word.text.split(".")) + ".spte"
            used = next((each for each in self.module.uses if home(each.source).endswith(tail)), None)
        if used is None:
            return Symbol(kind=MODULE, name=word.text)
        return Symbol(kind=MODULE, name=word.text, homes=frozenset([home(used.source)]), places=(used.stretch(0, 0),))

    def _layout(self, item: s.LayoutItem) -> None:
        self.declare_global(item.name)
        self.use(item.extends)
        for entry in item.entries:
            match entry:
                case s.MaskEntry():
                    self.use_mask(entry.name, declares=True)
                    if not isinstance(entry.value, s.Placement):
                        self.term(entry.value)
                    for word in entry.overlaps:
                        self.use_mask(word)
                case s.ValueEntry():
                    self.use_mask(entry.name, declares=True)
                    self.term(entry.value)
                case s.AliasEntry():
                    self.use_mask(entry.name, declares=True)
                    self.use_mask(entry.target)
                case s.InvariantEntry():
                    self.named(INVARIANT, entry.name, declares=True)
                    self.term(entry.condition)
                case s.DropEntry():
                    self.named(INVARIANT, entry.name, declares=False)
                case s.AssertEntry():
                    self.term(entry.condition)
                case s.DisjointEntry():
                    for word in entry.names:
                        self.use_mask(word)
                case _:
                    assert_never(entry)

    def _era(self, item: s.EraItem) -> None:
        self.declare_global(item.name)
        self.uses(item.implements)
        self.use(item.extends)
        self.uses(item.layouts)
        if item.name.text in self.names.eras:
            self.view = replace(self.view, era=item.name.text)
        for each in item.items:
            self._definition(each)
        self.view = View(self.names, self.module)

    def _definition(self, item: s.Definition) -> None:
        self.declare_global(item.name)
        self.scopes.append({})
        self._parameters(item.parameters)
        match item:
            case s.PureItem() | s.HelperItem():
                if isinstance(item.body, s.Block):
                    self.block(item.body)
                elif item.body is not None:
                    self.term(item.body)
            case s.AgentItem():
                self._locks(item.locks or ())
                for step in item.steps or ():
                    self._step(step)
                self.statements(item.program or ())
            case _:
                assert_never(item)
        self.scopes.pop()

    def _step(self, step: s.SurfaceStep) -> None:
        self.add(step.name, self.here(STEP, step.name), declares=True)
        self.scopes.append({})
        self._parameters(step.parameters)
        for condition in (step.when, step.saw):
            if condition is not None:
                self.term(condition)
        self.block(step.body)
        self.scopes.pop()

    def _locks(self, locks: Sequence[s.SurfaceLock]) -> None:
        for lock in locks:
            self.named(LOCK, lock.name, declares=False)

    def _parameters(self, parameters: Sequence[s.SurfaceParameter]) -> None:
        for each in parameters:
            self.declare(each.name, f"{each.sort.text} *" if each.pointer else each.sort.text)
            if isinstance(each.values, s.Bounds):
                self.term(each.values.low)
                self.term(each.values.high)
            else:
                self.terms(each.values or ())

    def _theorem(self, item: s.TheoremItem) -> None:
        self.declare_global(item.name)
        self.scopes.append({})
        self._parameters(item.parameters)
        self.uses(item.layouts)
        self.uses(item.eras)
        for word in item.requires:
            self.use_mask(word)
        self._locks(item.locks)
        for agent in item.against.agents if item.against is not None else ():
            self.use(agent.agent)
            self.terms(agent.arguments or ())
            self.use(agent.entry)
        if item.rely is not None:
            self.term(item.rely)
        self.block(item.body)
        self.scopes.pop()

    # Statements ------------------------------------------------------------------------------------------

    def block(self, block: s.Block) -> None:
        self.scopes.append({})
        self.statements(block.statements)
        self.scopes.pop()

    def statements(self, statements: Iterable[s.SurfaceStatement]) -> None:
        for each in statements:
            self._statement(each)

    def _statement(self, statement: s.SurfaceStatement) -> None:
        match statement:
            case s.Declaration():
                for declared in statement.names:
                    if declared.value is not None:
                        self.term(declared.value)
                    self.declare(declared.name, statement.sort.text)
            case s.Assignment():
                self.term(statement.target)
                self.term(statement.value)
            case s.CallStatement():
                self.term(statement.call)
            case s.IfStatement():
                self.term(statement.condition)
                self._statement(statement.then)
                if statement.other is not None:
                    self._statement(statement.other)
            case s.ReturnStatement():
                if statement.value is not None:
                    self.term(statement.value)
            case s.Block():
                self.block(statement)
            case s.AtomicBlock():
                self.statements(statement.block.statements)
            case s.ParallelStatement():
                for thread in statement.threads:
                    self.add(thread.name, self.here(THREAD, thread.name), declares=True)
                    self.block(thread.block)
            case s.RetryLoop():
                self.scopes.append({})
                self.statements(statement.block.statements)
                self.term(statement.condition)
                self.scopes.pop()
            case s.AssumeStatement() | s.AssertStatement():
                self.term(statement.condition)
            case s.ProveStatement():
                self._claim(statement.claim)
                for expected in statement.expectations:
                    self._expected(expected)
            case _:
                assert_never(statement)

    def _claim(self, claim: s.SurfaceProperty) -> None:
        match claim:
            case s.BitProperty():
                self.terms(each for each in (claim.mask, claim.exempt) if each is not None)
                self.use(claim.entry)
                self.use(claim.into)
            case s.RefinesProperty():
                self.block(claim.block)
            case s.ConditionProperty():
                self.term(claim.condition)
            case s.EquivalentProperty():
                self.term(claim.left)
                self.term(claim.right)
            case s.InvariantsProperty():
                pass
            case _:
                assert_never(claim)

    def _expected(self, expected: s.Expected) -> None:
        self.terms(expected.losing or ())
        self.uses(expected.places)
        for each in expected.conditions:
            self.use(each.parameter)
            self.terms(each.values)

    # Expressions -----------------------------------------------------------------------------------------

    def terms(self, terms: Iterable[s.Term]) -> None:
        for each in terms:
            self.term(each)

    def term(self, term: s.Term) -> None:
        """Without recursion into deep chains of operators: a text may nest a hundred deep."""
        pending: list[s.Term] = [term]
        while pending:
            each = pending.pop()
            match each:
                case s.Name():
                    self._name(each)
                case s.CallOf():
                    self.use(each.callee)
                case s.Dereference() | s.AddressOf():
                    self.use(each.name)
                case s.Number() | s.Truth() | s.Prefix() | s.Infix() | s.Choice():
                    pass
                case _:
                    assert_never(each)
            pending.extend(operands(each))

    def _name(self, name: s.Name) -> None:
        """A name in brackets is as wide as they are: what counts is the word itself."""
        start = self.module.source.text.find(name.text, name.start, name.end)
        found = s.Word(start=max(start, name.start), end=max(start, name.start) + len(name.text), text=name.text)
        self.use(found)


def operands(term: s.Term) -> Iterator[s.Term]:
    """The terms just below one."""
    match term:
        case s.CallOf():
            yield from term.arguments
        case s.Prefix():
            yield term.operand
        case s.Infix():
            yield from (term.left, term.right)
        case s.Choice():
            yield from (term.condition, term.then, term.other)
        case s.Number() | s.Truth() | s.Name() | s.Dereference() | s.AddressOf():
            pass
        case _:
            assert_never(term)
