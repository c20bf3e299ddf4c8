"""A theorem with all that it calls, and the same with some items loosened."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from spteproof.grammar import checked as c
from spteproof.solver.explaining.items import Item, Key, Loosen, Rewriter, as_written, called, key_of, literally
from spteproof.solver.setting import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Loosened:
    """The theorem rewritten, with the scopes and invariants that go with it. `open` are names that stand for any value
    at all."""

    theorem: c.Theorem
    scopes: Mapping[str | None, c.Scope]
    invariants: Mapping[str, tuple[c.Invariant, ...]]
    open: frozenset[str] = frozenset()

    def setting(self, setting: Setting) -> Setting:
        """An instance's setting with these texts."""
        scope, invariants = self.scopes[setting.era], self.invariants[setting.layout]
        return replace(setting, scope=scope, invariants=invariants, open=self.open)


def keep(number: int) -> str:
    """The truth value under which an item is as it is written."""
    return f"keep {number}"


def anything(number: int) -> str:
    """The value that stands for an item which is loosened."""
    return f"value {number}"


class Texts:
    """What one theorem's proof may rest on. `items` are by number; `of_agents` are those that the environment reads,
    itself or through what it calls; `stale` is whether agents act on what they read earlier: then they may have read
    only what the invariants allow."""

    def __init__(self, library: c.Library, theorem: c.Theorem) -> None:
        self.library, self.theorem = library, theorem
        self._eras = theorem.eras or (None,)
        self._literal: dict[str | None, c.Scope] = {}
        self._found: dict[Key, Item] = {}
        self.stale = any(
            self._reads_stale(library.scopes[era].agents[use.agent]) for era in self._eras for use in theorem.agents
        )
        self._rewritten(lambda item, inner: inner)
        self.items = tuple(self._found.values())
        self.of_agents = self._of_agents()

    @staticmethod
    def _reads_stale(agent: c.Agent) -> bool:
        return bool(agent.program) or any(step.saw is not None for step in agent.steps)

    def asking(self, loose: Collection[int]) -> Loosened:
        """The items in `loose` may be anything; so may those of the program, but where `keep` says that they are as
        written."""
        settled = self.of_agents - set(loose)

        def loosen(item: Item, inner: c.Expression) -> c.Expression:
            any_value = c.LayoutName(place=item.place, name=anything(item.number), sort=c.Sort.BOOL)
            if item.number in settled:
                return inner
            if item.number in loose:
                return any_value
            kept = c.LayoutName(place=item.place, name=keep(item.number), sort=c.Sort.BOOL)
            return c.Conditional(place=item.place, condition=kept, then=inner, other=any_value, sort=c.Sort.BOOL)

        names = {name(each.number) for each in self.items for name in (keep, anything)}
        return replace(self._rewritten(loosen), open=frozenset(names))

    def without(self, left_out: Collection[int]) -> tuple[c.Library, c.Theorem]:
        """The library and the theorem with some items taken out of the texts."""

        return self._settled({number: self.items[number].neutral for number in left_out}, emptied=True)

    def settled(self, values: Mapping[int, bool]) -> tuple[c.Library, c.Theorem]:
        """The library and the theorem with values in the place of some items."""
        return self._settled(values, emptied=False)

    def _settled(self, values: Mapping[int, bool], emptied: bool) -> tuple[c.Library, c.Theorem]:
        def loosen(item: Item, inner: c.Expression) -> c.Expression:
            if item.number not in values:
                return inner
            return c.Constant(place=item.place, value=int(values[item.number]), sort=c.Sort.BOOL)

        found = self._rewritten(loosen, emptied)
        layouts = {
            name: replace(each, invariants=found.invariants.get(name, each.invariants))
            for name, each in self.library.layouts.items()
        }
        library = replace(
            self.library,
            layouts=layouts,
            scopes={**self.library.scopes, **found.scopes},
            theorems={**self.library.theorems, self.theorem.name: found.theorem},
        )
        return library, found.theorem

    def _rewritten(self, loosen: Loosen, emptied: bool = False) -> Loosened:
        rewriter = Rewriter(loosen, self._found, emptied=emptied)
        theorem = replace(
            self.theorem,
            body=rewriter.of(self.theorem.body, f"theorem {self.theorem.name}"),
            agents=literally(self.theorem.agents),
            rely=literally(self.theorem.rely),
            proves=literally(self.theorem.proves),
        )
        invariants = {
            name: tuple(rewriter.of_invariant(each) for each in self.library.layouts[name].invariants)
            for name in self.theorem.layouts
        }
        scopes = {era: self._scope(era, rewriter) for era in self._eras}
        return Loosened(theorem=theorem, scopes=scopes, invariants=invariants)

    def _scope(self, era: str | None, rewriter: Rewriter) -> c.Scope:
        scope = self.library.scopes[era]
        literal = self._as_written(era)
        agents = {use.agent: scope.agents[use.agent] for use in self.theorem.agents}
        invariants = [self.library.layouts[name].invariants for name in self.theorem.layouts]
        names = list(called(scope, [self.theorem.body, *agents.values(), *invariants]))
        pures = {
            name: replace(scope.pures[name], body=rewriter.of(scope.pures[name].body, _owner(scope.pures[name])))
            for name in names
            if name in scope.pures
        }
        helpers = {
            name: replace(scope.helpers[name], body=rewriter.of(scope.helpers[name].body, f"helper {name}"))
            for name in names
            if name in scope.helpers
        }
        return replace(
            scope,
            pures={**literal.pures, **pures},
            helpers={**literal.helpers, **helpers},
            agents={**literal.agents, **{name: rewriter.of_agent(each) for name, each in agents.items()}},
        )

    def _as_written(self, era: str | None) -> c.Scope:
        """The scope with a copy of each definition that calls only copies."""
        if era not in self._literal:
            scope = self.library.scopes[era]
            pures = {as_written(name): _copy(name, each) for name, each in scope.pures.items()}
            helpers = {as_written(name): _copy(name, each) for name, each in scope.helpers.items()}
            self._literal[era] = replace(scope, pures={**scope.pures, **pures}, helpers={**scope.helpers, **helpers})
        return self._literal[era]

    def _of_agents(self) -> frozenset[int]:
        """The numbers of the items that stand in agents, in what they call, or in invariants that say what they may
        have read."""
        found: dict[Key, Item] = {}

        def note(item: Item, inner: c.Expression) -> c.Expression:
            found[key_of(item.place)] = item
            return inner

        for era in self._eras:
            scope, rewriter = self.library.scopes[era], Rewriter(note, self._found)
            roots: list[object] = [scope.agents[use.agent] for use in self.theorem.agents]
            for agent in roots:
                assert isinstance(agent, c.Agent)
                rewriter.of_agent(agent)
            if self.stale:
                for name in self.theorem.layouts:
                    roots += [rewriter.of_invariant(each) for each in self.library.layouts[name].invariants]
            for name in called(scope, roots):
                rewriter.of((scope.helpers.get(name) or scope.pures[name]).body, name)
        return frozenset(each.number for each in found.values())


def _owner(pure: c.Pure) -> str:
    return f"{'predicate' if pure.sort is c.Sort.BOOL else 'function'} {pure.name}"


Definition = TypeVar("Definition", c.Pure, c.Helper)


def _copy(name: str, definition: Definition) -> Definition:
    return replace(definition, name=as_written(name), body=literally(definition.body))
