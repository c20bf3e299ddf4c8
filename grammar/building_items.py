"""The callbacks of the parser for items: modules used, layouts, definitions, theorems."""

from collections.abc import Sequence
from typing import Any

from spteproof.grammar import surface as s
from spteproof.grammar.building import Children, Clause, ItemBuilder, Parts, SurfaceError


class ModuleBuilder(ItemBuilder):
    """All callbacks: one method for each rule of `spte.lark`."""

    def __getattr__(self, name: str) -> Any:
        """A rule named like a word of Python has its method under the name with `_` after it."""
        if name in ("return", "assert", "with"):
            return getattr(self, name + "_")
        raise AttributeError(name)

    def use(self, c: Children) -> s.Use:
        start, end = self._span(c)
        return s.Use(start=start, end=end, modules=tuple(child for child in c if isinstance(child, s.Word)))

    def module(self, c: Children) -> s.Word:
        start, end = self._span(c)
        return s.Word(start=start, end=end, text="".join(str(token) for token in c))

    # Layouts -------------------------------------------------------------------------------------------

    def layout(self, c: Children) -> s.LayoutItem:
        start, end = self._span(c)
        extends = self._word(c[3]) if c[3] is not None else None
        entries: list[s.LayoutEntry] = []
        for child in c[5:-1]:
            entries.extend(child.items if isinstance(child, Parts) else (child,))
        return s.LayoutItem(start=start, end=end, name=self._word(c[1]), extends=extends, entries=tuple(entries))

    def mask(self, c: Children) -> s.MaskEntry:
        start, end = self._span(c)
        overlaps = c[3].items if c[3] is not None else ()
        return s.MaskEntry(start=start, end=end, name=self._word(c[0]), value=c[2], overlaps=overlaps)

    def overlaps(self, c: Children) -> Parts:
        start, end = self._span(c)
        return Parts(start=start, end=end, items=self._words(c[1:]))

    def placement(self, c: Children) -> s.Placement:
        start, end = self._span(c)
        if str(c[0]) == "some":
            return s.Placement(start=start, end=end, kind="some" if c[2] is None else "some or none")
        return s.Placement(start=start, end=end, kind=str(c[0]), number=self.number(c[1:]) if len(c) == 2 else None)

    def value(self, c: Children) -> s.ValueEntry:
        start, end = self._span(c)
        return s.ValueEntry(start=start, end=end, name=self._word(c[1]), value=c[3])

    def alias(self, c: Children) -> Parts:
        return self._parts(c)

    def alias_pair(self, c: Children) -> s.AliasEntry:
        start, end = self._span(c)
        return s.AliasEntry(start=start, end=end, name=self._word(c[0]), target=self._word(c[2]))

    def invariant(self, c: Children) -> s.InvariantEntry:
        start, end = self._span(c)
        return s.InvariantEntry(start=start, end=end, name=self._word(c[1]), condition=c[3])

    def drop(self, c: Children) -> s.DropEntry:
        start, end = self._span(c)
        return s.DropEntry(start=start, end=end, name=self._word(c[2]))

    def layout_assert(self, c: Children) -> s.AssertEntry:
        start, end = self._span(c)
        return s.AssertEntry(start=start, end=end, condition=c[1])

    def disjoint(self, c: Children) -> s.DisjointEntry:
        start, end = self._span(c)
        return s.DisjointEntry(start=start, end=end, names=self._words(c[1:]))

    def family(self, c: Children) -> s.FamilyItem:
        start, end = self._span(c)
        return s.FamilyItem(start=start, end=end, name=self._word(c[1]), members=self._words(c[3:]))

    # Definitions ---------------------------------------------------------------------------------------

    def ghost(self, c: Children) -> s.GhostItem:
        start, end = self._span(c)
        return s.GhostItem(start=start, end=end, sort=c[1], name=self._word(c[2]))

    def further(self, c: Children) -> s.EntryItem:
        start, end = self._span(c)
        return s.EntryItem(start=start, end=end, name=self._word(c[1]))

    def sort(self, c: Children) -> s.Word:
        return self._word(c[0])

    def parameters(self, c: Children) -> Parts:
        return self._parts(c)

    def parameter(self, c: Children) -> s.SurfaceParameter:
        start, end = self._span(c)
        values = c[4].items if isinstance(c[4], Parts) else c[4]
        return s.SurfaceParameter(
            start=start, end=end, sort=c[0], pointer=c[1] is not None, name=self._word(c[2]), values=values
        )

    def bits(self, c: Children) -> Parts:
        return self._parts(c)

    def bounds(self, c: Children) -> s.Bounds:
        start, end = self._span(c)
        return s.Bounds(start=start, end=end, low=c[0], high=c[2])

    def value_body(self, c: Children) -> Parts:
        return self._parts(c)

    def predicate(self, c: Children) -> s.PureItem:
        start, end = self._span(c)
        body = c[3].items[0] if isinstance(c[3], Parts) else c[3]
        return s.PureItem(start=start, end=end, name=self._word(c[1]), parameters=c[2].items, result=None, body=body)

    def function(self, c: Children) -> s.PureItem:
        start, end = self._span(c)
        body = c[5].items[0] if isinstance(c[5], Parts) else c[5]
        return s.PureItem(start=start, end=end, name=self._word(c[1]), parameters=c[2].items, result=c[4], body=body)

    def helper(self, c: Children) -> s.HelperItem:
        start, end = self._span(c)
        return s.HelperItem(start=start, end=end, name=self._word(c[1]), parameters=c[2].items, result=c[4], body=c[5])

    def agent(self, c: Children) -> s.AgentItem:
        start, end = self._span(c)
        inside = c[4].items
        steps = tuple(each for each in inside if isinstance(each, s.SurfaceStep))
        return s.AgentItem(
            start=start,
            end=end,
            name=self._word(c[1]),
            parameters=c[2].items if c[2] else (),
            locks=c[3].items,
            steps=steps,
            program=() if steps else inside,
        )

    def locks(self, c: Children) -> Parts:
        return c[0] if isinstance(c[0], Parts) else self._parts(c)

    def holding(self, c: Children) -> Parts:
        return self._parts(c)

    def lock(self, c: Children) -> s.SurfaceLock:
        start, end = self._span(c)
        return s.SurfaceLock(
            start=start, end=end, name=self._word(c[0]), mode=self._word(c[2]) if c[2] is not None else None
        )

    def agent_body(self, c: Children) -> Parts:
        return self._parts(c)

    def step(self, c: Children) -> s.SurfaceStep:
        start, end = self._span(c)
        parameters = c[2].items if c[2] is not None else ()
        return s.SurfaceStep(
            start=start, end=end, name=self._word(c[1]), parameters=parameters, when=c[5], saw=c[7], body=c[8]
        )

    # Interfaces and eras -------------------------------------------------------------------------------

    def predicate_member(self, c: Children) -> s.PureItem:
        start, end = self._span(c)
        return s.PureItem(start=start, end=end, name=self._word(c[1]), parameters=c[2].items, result=None, body=None)

    def function_member(self, c: Children) -> s.PureItem:
        start, end = self._span(c)
        return s.PureItem(start=start, end=end, name=self._word(c[1]), parameters=c[2].items, result=c[4], body=None)

    def helper_member(self, c: Children) -> s.HelperItem:
        start, end = self._span(c)
        return s.HelperItem(start=start, end=end, name=self._word(c[1]), parameters=c[2].items, result=c[4], body=None)

    def agent_member(self, c: Children) -> s.AgentItem:
        start, end = self._span(c)
        parameters, locks = c[2].items if c[2] else (), c[3].items if c[3] else None
        return s.AgentItem(
            start=start, end=end, name=self._word(c[1]), parameters=parameters, locks=locks, steps=None, program=None
        )

    def interface(self, c: Children) -> s.InterfaceItem:
        start, end = self._span(c)
        return s.InterfaceItem(start=start, end=end, name=self._word(c[1]), members=tuple(c[3:-1]))

    def implements(self, c: Children) -> Clause:
        start, end = self._span(c)
        return Clause(start=start, end=end, word="implements", parts=self._words(c[1:]))

    def extends(self, c: Children) -> Clause:
        start, end = self._span(c)
        return Clause(start=start, end=end, word="extends", parts=self._words(c[1:]))

    def era_layouts(self, c: Children) -> Clause:
        start, end = self._span(c)
        return Clause(start=start, end=end, word="for layout in", parts=self._words(c[3:]))

    def era(self, c: Children) -> s.EraItem:
        start, end = self._span(c)
        clauses = [child for child in c if isinstance(child, Clause)]
        said = _once(clauses)
        items = tuple(child for child in c if isinstance(child, s.PureItem | s.HelperItem | s.AgentItem))
        return s.EraItem(
            start=start,
            end=end,
            name=self._word(c[1]),
            implements=said.get("implements", ()),
            extends=said["extends"][0] if "extends" in said else None,
            layouts=said.get("for layout in"),
            items=items,
        )

    # Theorems ------------------------------------------------------------------------------------------

    def theorem(self, c: Children) -> s.TheoremItem:
        start, end = self._span(c)
        kind, name, parameters, ranges, requires, locks, against, rely, body = c
        said = _ranges(ranges.items) if ranges is not None else {}
        return s.TheoremItem(
            start=start,
            end=end,
            kind=str(kind),
            name=self._word(name),
            parameters=parameters.items if parameters else (),
            layouts=said.get("layout"),
            eras=said.get("era"),
            requires=requires.items if requires else (),
            locks=locks.items if locks else (),
            against=against,
            rely=rely.items[0] if rely else None,
            body=body,
        )

    def ranges(self, c: Children) -> Parts:
        return self._parts(c)

    def range(self, c: Children) -> Clause:
        start, end = self._span(c)
        return Clause(start=start, end=end, word=None if c[0] is None else str(c[0]), parts=(self._word(c[2]),))

    def requires(self, c: Children) -> Parts:
        start, end = self._span(c)
        return Parts(start=start, end=end, items=self._words(c[3:]))

    def against(self, c: Children) -> s.Against:
        start, end = self._span(c)
        agents = tuple(child for child in c if isinstance(child, s.SurfaceUse))
        return s.Against(start=start, end=end, everyone=str(c[1]) == "all", agents=agents)

    def environment(self, c: Children) -> s.SurfaceUse:
        start, end = self._span(c)
        arguments = c[1].items if c[1] else None
        return s.SurfaceUse(start=start, end=end, agent=self._word(c[0]), arguments=arguments, entry=self._on(c[3]))

    def rely(self, c: Children) -> Parts:
        return self._parts(c)


def _once(clauses: Sequence[Clause]) -> dict[str, tuple[Any, ...]]:
    said: dict[str, tuple[Any, ...]] = {}
    for clause in clauses:
        if clause.word in said:
            raise SurfaceError("syntax.clause:twice", clause, f"`{clause.word}` is said twice")
        said[str(clause.word)] = clause.parts
    return said


def _ranges(clauses: Sequence[Clause]) -> dict[str, tuple[Any, ...]]:
    """`layout in a`, `b`, `era in c` to the names of each."""
    said: dict[str, tuple[Any, ...]] = {}
    current = None
    for clause in clauses:
        if clause.word in said:
            raise SurfaceError("syntax.clause:twice", clause, f"`{clause.word} in` is said twice")
        if clause.word is None and current is None:
            raise SurfaceError("syntax.clause:order", clause, "expected `layout in` or `era in`")
        current = clause.word or current
        assert current is not None
        said[current] = (*said.get(current, ()), *clause.parts)
    return said
