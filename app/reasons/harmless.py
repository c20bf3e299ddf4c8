"""Steps of agents that a proof need not fear: it holds whatever their guards say."""

from dataclasses import dataclass

from spteproof.grammar.source import Place
from spteproof.solver.explaining.grounds import Grounds
from spteproof.solver.explaining.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of an agent, or an agent's whole program; `numbers` are the items of its guards."""

    name: str
    place: Place
    numbers: frozenset[int]


def harmless_steps(grounds: Grounds) -> list[Step]:
    """The steps with guards none of which was needed."""
    unneeded = {each.number for each in grounds.unneeded}
    found = []
    for name, place in _steps(grounds.texts):
        numbers = frozenset(each.number for each in grounds.texts.items if each.owner == f"agent {name}")
        if numbers and numbers <= unneeded:
            found.append(Step(name=name, place=place, numbers=numbers))
    return found


def _steps(texts: Texts) -> list[tuple[str, Place]]:
    found: dict[str, Place] = {}
    for era in texts.theorem.eras or (None,):
        for use in texts.theorem.agents:
            agent = texts.library.scopes[era].agents[use.agent]
            for step in agent.steps:
                found.setdefault(f"{agent.name}.{step.name}", step.place)
            if agent.program:
                found.setdefault(agent.name, agent.place)
    return list(found.items())
