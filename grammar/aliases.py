"""One entry under two names: to an agent's steps the entry that they are put on is `spte`, and nothing else."""

from spteproof.grammar import checked as c
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.properties import nodes


def check_aliases(library: c.Library, findings: Findings) -> None:
    """Reports agents that a theorem puts on an entry which their own steps name, in each of its eras."""
    reported: set[int] = set()
    for theorem in library.theorems.values():
        for era in theorem.eras or (None,):
            for use in theorem.agents:
                agent = library.scopes[era].agents.get(use.agent)
                named = None if agent is None else _named(agent, use.entry)
                if agent is not None and named is not None and id(use) not in reported:
                    reported.add(id(use))
                    findings.error(
                        "entry.twice:agent",
                        use.place,
                        f"the steps of `{agent.name}` name `{use.entry}` themselves, so that it cannot be their `spte`",
                        label=f"put on `{use.entry}`",
                        others=[(named.place, "named here")],
                    )


def _named(agent: c.Agent, entry: str) -> c.Node | None:
    """Where the agent's steps speak of an entry by its name."""
    for node in nodes(agent.steps):
        if isinstance(node, c.GhostName) and node.name == entry or isinstance(node, c.SetGhost) and node.ghost == entry:
            return node
    return None
