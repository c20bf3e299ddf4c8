"""What rests on what in each era and outside: calls that come back to themselves, and the names that each text
needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from spteproof.grammar.checked import Agent, Helper, Pure, Scope
from spteproof.grammar.definitions import Definition
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.ordering import dependencies_first, reachable
from spteproof.grammar.source import Place
from spteproof.grammar.uses import Uses

CALL_LIMIT = 60
"""How deep calls may go, so that a pass that follows them does not run out of stack."""


@dataclass(frozen=True, kw_only=True)
class ScopeGraph:
    """The definitions that names mean in an era (None: outside all), and which rest on which."""

    era: str | None
    definitions: Mapping[str, Definition]
    calls: Mapping[str, Iterable[str]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", {name: list(each.uses.callees) for name, each in self.definitions.items()})

    def rests_on(self, uses: Uses) -> set[str]:
        """Everything that a text calls, at once or through others; members of interfaces that the scope lacks
        included."""
        return reachable(uses.callees, self.calls)

    def words(self, uses: Uses) -> dict[str, Place]:
        """The layout names that a text needs, with a place where each is used."""
        needed = dict(uses.words)
        for name in sorted(self.rests_on(uses)):
            if name in self.definitions:
                for word, place in self.definitions[name].uses.words.items():
                    needed.setdefault(word, place)
        return needed

    def scope(self, place: Place) -> Scope:
        """The checked scope; a definition in which something was wrong is left out."""
        nodes = {name: each.node for name, each in self.definitions.items()}
        return Scope(
            place=place,
            pures={name: node for name, node in nodes.items() if isinstance(node, Pure)},
            helpers={name: node for name, node in nodes.items() if isinstance(node, Helper)},
            agents={name: node for name, node in nodes.items() if isinstance(node, Agent)},
        )


def report_recursion(graphs: Iterable[ScopeGraph], findings: Findings) -> None:
    """Reports each cycle of calls once, however many eras have it, and calls that go too deep."""
    reported: set[frozenset[int]] = set()
    for graph in graphs:
        order, cycles = dependencies_first(graph.calls)
        for cycle in cycles:
            members = frozenset(id(graph.definitions[name]) for name in cycle)
            if members not in reported:
                reported.add(members)
                _report_cycle(graph, cycle, findings)
        depth: dict[str, int] = {}
        for name in order:
            depth[name] = 1 + max((depth.get(below, 0) for below in graph.calls[name]), default=0)
            if depth[name] == CALL_LIMIT + 1:
                findings.error(
                    "limit.depth:calls",
                    graph.definitions[name].entity.place,
                    f"calls go more than {CALL_LIMIT} deep here",
                    label="too deep",
                )


def _report_cycle(graph: ScopeGraph, cycle: list[str], findings: Findings) -> None:
    links = [*cycle[1:], cycle[0]]
    places = [graph.definitions[name].uses.callees[link] for name, link in zip(cycle, links, strict=True)]
    others = [(place, f"which calls `{link}`") for place, link in zip(places[1:5], links[1:5], strict=True)]
    where = (
        f" in era `{graph.era}`"
        if graph.era is not None and any(graph.definitions[name].entity.era for name in cycle)
        else ""
    )
    findings.error(
        "recursion.cycle:calls",
        places[0],
        f"`{cycle[0]}` calls itself{where}: {' -> '.join([*cycle, cycle[0]][:12])}",
        label=f"calls `{links[0]}`",
        others=others,
    )
