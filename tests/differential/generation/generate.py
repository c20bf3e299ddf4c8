"""Random texts. A text is known by its seed and number alone, so that each can be made again."""

from random import Random

from .agents import make_agents
from .conditions import NAMES, Plan, condition, has
from .programs import make_body, make_helpers
from .properties import make_properties
from .tree import Agent, Binary, Layout, Name, Parameter, Predicate, Property, Text, Theorem, walk

PROPERTIES = 12
FLAG, WORD = ("bool", "seen_dirty"), ("u64", "record")
GHOSTS = ((), (), (), (), (FLAG,), (FLAG,), (FLAG,), (WORD,), (FLAG, WORD))
THREADS = 0.025
"""The share of theorems with threads: each costs as much as ten others, one decision for each order of events."""


def make_text(seed: int, number: int) -> Text:
    random = Random(f"{seed} {number}")
    symbolic = random.random() < 0.12
    partial = not symbolic and random.random() < 0.15
    count = random.choice((2, 3, 3, 3, 4)) if not symbolic else random.choice((2, 3))
    plan = Plan(random, random.sample(NAMES, count), closed=random.random() < 0.45, bits=not symbolic and not partial)
    plan.ghosts = random.choice(GHOSTS)
    plan.child = plan.closed and not symbolic and count < 4 and random.random() < 0.12
    plan.flags = ("hw_ad",) if random.random() < 0.2 else ()
    for each in "ab"[: random.randint(0, 2)]:
        plan.predicates.append(Predicate(f"is_{each}", condition(plan, Name("spte"))))
    layouts = _layouts(plan, symbolic, partial)
    helpers, agents = make_helpers(plan), make_agents(plan)
    theorems = tuple(_theorem(plan, helpers, agents, n) for n in range(random.choice((1, 2, 2))))
    if plan.predicates and plan.chance(0.3):
        theorems += (_lemma(plan, len(theorems)),)
    entries = ("child_sptep",) if plan.child else ()
    return Text(layouts, plan.ghosts, entries, tuple(plan.predicates), helpers, agents, theorems)


def _layouts(plan: Plan, symbolic: bool, partial: bool) -> tuple[Layout, ...]:
    found = [_layout(plan, "one")]
    if plan.chance(0.5):
        found.append(_layout(plan, "two"))
    if partial:
        places = tuple((name, None if name == plan.masks[-1] else place) for name, place in found[0].places)
        found.append(Layout("less", places, found[0].flags, plan.closed, found[0].invariants))
    if symbolic:
        last = plan.masks[-1]
        kind = plan.random.choice(("some", "maybe"))
        places = tuple((name, kind if name == last else place) for name, place in found[0].places)
        apart = tuple(plan.masks) if plan.chance(0.4) else ()
        found[-1:] = [Layout("free", places, found[0].flags, plan.closed, found[0].invariants, apart)]
    return tuple(found)


def _layout(plan: Plan, name: str) -> Layout:
    places = zip(plan.masks, plan.random.sample(range(64), len(plan.masks)), strict=True)
    invariants = []
    if plan.chance(0.35) and len(plan.masks) > 1:
        upper, lower = plan.random.sample(plan.masks, 2)
        invariants.append(("ordered", Binary("->", has(Name("spte"), Name(upper)), has(Name("spte"), Name(lower)))))
    flags = tuple((flag, plan.chance(0.5)) for flag in plan.flags)
    return Layout(name, tuple(places), flags, plan.closed, tuple(invariants))


def _theorem(plan: Plan, helpers, agents: tuple[Agent, ...], number: int) -> Theorem:
    threads = plan.chance(THREADS)
    body, words, truths = make_body(plan, helpers, threads)
    against = []
    for agent in plan.random.sample(agents, plan.random.randint(0 if plan.chance(0.15) else 1, len(agents))):
        named = any(
            getattr(node, "which", "") == "now child_sptep" or getattr(node, "target", "") == "*child_sptep"
            for node in walk(agent)
        )
        on = "child_sptep" if plan.child and not named and not agent.parameters and plan.chance(0.3) else "sptep"
        against.append((agent.name, on))
    parameters: list[Parameter] = []
    if any(agent.parameters for agent in agents if (agent.name, "sptep") in against):
        parameters.append(Parameter("bool", "direct"))
    properties = make_properties(plan, words, truths, PROPERTIES, threads)
    if plan.chance(0.25):
        parameters.append(Parameter("u64", "m", choices=tuple(plan.some(2))))
        properties += (
            Property("preserves", Name("m")),
            Property("changes only", Binary("|", Name("m"), plan.union())),
            Property("conserves", Name("m"), into=plan.random.choice(words)),
        )
    return Theorem(f"t{number}", tuple(parameters), tuple(against), body, properties)


def _lemma(plan: Plan, number: int) -> Theorem:
    x, y = Name("x"), Name("y")
    properties = tuple(
        Property("that", condition=Binary("->", condition(plan, x), condition(plan, plan.random.choice((x, x, y)))))
        for _ in range(4)
    )
    return Theorem(f"l{number}", (Parameter("u64", "x"), Parameter("u64", "y")), (), (), properties, lemma=True)
