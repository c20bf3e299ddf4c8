"""What a change of a text can reach: which theorems, and which of their instances."""

from collections.abc import Iterator, Mapping, Sequence

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.mutation.mutants import Mutant
from spteproof.grammar.names import Module
from spteproof.solver.walks import below


class Reach:
    """The names on which each theorem rests, era by era; layouts are told apart instance by instance."""

    def __init__(self, library: c.Library, modules: Sequence[Module], theorems: Sequence[str]) -> None:
        self._library = library
        items = [item for module in modules for item in module.items]
        self._layouts = {each.name.text: each for each in items if isinstance(each, s.LayoutItem)}
        self._eras = {each.name.text: each for each in items if isinstance(each, s.EraItem)}
        self._uses = {name: self._of(library.theorems[name]) for name in theorems}
        self._asserted = {name: self._called(each.asserts, None) for name, each in library.layouts.items()}

    def meets(self, mutant: Mutant, theorem: str) -> bool:
        """Whether some instance of the theorem rests on what was changed."""
        return any(self._rests_on(mutant, era, uses) for era, uses in self._uses[theorem].items())

    def meets_in(self, mutant: Mutant, theorem: str, layout: str, era: str | None) -> bool:
        """Whether the theorem's instances in this layout and era rest on what was changed."""
        if mutant.item in self._layouts and mutant.item not in self._line(layout):
            return False
        return self._rests_on(mutant, era, self._uses[theorem][era])

    def layouts_with(self, mutant: Mutant) -> Iterator[str]:
        """The layouts that hold what was changed, or extend one that does, and those whose asserts call it."""
        for name, called in self._asserted.items():
            if mutant.item in self._line(name) or mutant.era is None and mutant.item in called:
                yield name

    def _rests_on(self, mutant: Mutant, era: str | None, uses: frozenset[str]) -> bool:
        return mutant.item in uses and mutant.era == self._written_in(mutant.item, era)

    def _written_in(self, item: str, era: str | None) -> str | None:
        """The era whose text defines the item for this era; None for what stands outside of eras."""
        while era is not None:
            stated = self._eras[era]
            if any(each.name.text == item for each in stated.items):
                return era
            era = None if stated.extends is None else stated.extends.text
        return None

    def _line(self, layout: str) -> Iterator[str]:
        """The layout and those that it extends."""
        found: str | None = layout
        while found is not None:
            yield found
            extends = self._layouts[found].extends
            found = None if extends is None else extends.text

    def _of(self, theorem: c.Theorem) -> Mapping[str | None, frozenset[str]]:
        """By era the names that a theorem uses, itself or through others, its own and its layouts' included."""
        lines = {name for layout in theorem.layouts for name in self._line(layout)}
        roots = [theorem, *(self._library.layouts[layout].invariants for layout in theorem.layouts)]
        return {era: frozenset({theorem.name, *lines, *self._called(roots, era)}) for era in theorem.eras or (None,)}

    def _called(self, roots: Sequence[object], era: str | None) -> set[str]:
        scope = self._library.scopes[era]
        waiting, seen = list(roots), set[str]()
        while waiting:
            for node in below(waiting.pop()):
                name = node.agent if isinstance(node, c.AgentUse) else getattr(node, "callee", None)
                if isinstance(name, str) and name not in seen:
                    seen.add(name)
                    found = scope.agents.get(name) or scope.helpers.get(name) or scope.pures.get(name)
                    if found is not None:
                        waiting.append(found)
        return seen
