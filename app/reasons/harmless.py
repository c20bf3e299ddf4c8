"""Steps of agents that a proof need not fear: it holds whatever their guards say."""

from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.grammar.source import Place
from spteproof.solver.explaining.grounds import Grounds
from spteproof.solver.explaining.items import called, is_loosened
from spteproof.solver.explaining.texts import Texts
from spteproof.solver.walks import below


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of an agent, or an agent's whole program; `numbers` are the items of its guards."""

    name: str
    place: Place
    numbers: frozenset[int]


def harmless_steps(grounds: Grounds) -> list[Step]:
    """The steps with guards none of which was needed, where all that guards them could be needless."""
    unneeded = {each.number for each in grounds.unneeded}
    found = []
    for name, place, owners in _steps(grounds.texts):
        items = [each for each in grounds.texts.items if each.owner in owners]
        numbers = frozenset(each.number for each in items if each.owner == f"agent {name}")
        if numbers and all(each.number in unneeded for each in items):
            found.append(Step(name=name, place=place, numbers=numbers))
    return found


def _steps(texts: Texts) -> list[tuple[str, Place, set[str]]]:
    """Each with the texts in which its guards stand."""
    found: dict[str, tuple[Place, set[str]]] = {}
    guarded: set[str] = set()
    for era in texts.theorem.eras or (None,):
        scope = texts.library.scopes[era]
        for agent in (scope.agents[use.agent] for use in texts.theorem.agents):
            for step in agent.steps:
                name = f"{agent.name}.{step.name}"
                found.setdefault(name, (step.place, {f"agent {name}"}))
                guarded |= {name} if any(_is_empty(each) for each in below(step.body)) else set()
            if agent.program:
                helpers = [each for each in called(scope, [agent.program]) if each in scope.helpers]
                _, owners = found.setdefault(agent.name, (agent.place, {f"agent {agent.name}"}))
                owners |= {f"helper {each}" for each in helpers}
                bodies = (agent.program, *(scope.helpers[each].body for each in helpers))
                guarded |= {agent.name} if any(map(_guards, below(bodies))) else set()
    return [(name, place, owners) for name, (place, owners) in found.items() if name not in guarded]


def _is_empty(node: c.Node) -> bool:
    """Whether a step does something where a condition does not hold: a guard that is not loosened."""
    return isinstance(node, c.If) and not node.then


def _guards(node: c.Node) -> bool:
    """Whether it decides in a program what happens, and is not loosened."""
    match node:
        case c.If():
            return not is_loosened(node)
        case c.Retry():
            return True
        case c.Conditional() | c.Logic(operator="->"):
            return any(isinstance(each, c.Memory | c.HelperCall) for each in below(node))
    return False
