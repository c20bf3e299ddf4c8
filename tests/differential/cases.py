"""Random cases. A case is known by its seed and number alone, so that each can be made again."""

from random import Random

from .agents import make_agents
from .plan import make_layout, make_plan
from .programs import make_program
from .properties import make_property
from .tree import Call, Case, nodes


def make_case(seed: int, number: int) -> Case:
    plan = make_plan(Random(f"{seed} {number}"))
    layout = make_layout(plan)
    agents = make_agents(plan)
    program = make_program(plan)
    wanted = make_property(plan, agents, program)
    parts = (layout, agents, program.helpers, program.body, wanted)
    predicates = plan.predicates
    called = {node.predicate for _, node in nodes((parts, tuple(p.body for p in predicates))) if isinstance(node, Call)}
    used = tuple(p for p in predicates if p.name in called)
    return Case(f"case_{number}", layout, used, plan.ghost, agents, program.helpers, program.body, wanted)
