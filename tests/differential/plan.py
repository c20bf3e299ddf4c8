"""The choices that the parts of one random case share, and random conditions over them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from .tree import Binary, Call, Choice, Expression, Layout, Name, Predicate, Unary, nodes

MASKS = ("W", "A", "D", "P", "H", "R", "X")
SPTE = Name("spte")


@dataclass(slots=True)
class Plan:
    """`chain` are masks that agents set one after the other, each when the one before is set; `target` is the bit
    that the program changes. In a closed layout an invariant says that all bits without a name are 0. `slant` is
    what the case aims at: a deep one at violations that take the whole chain, whose last step clears a bit if
    `falls`; an empty one at vacuity."""

    random: Random
    masks: list[str]
    chain: list[str]
    target: str
    closed: bool
    slant: str
    falls: bool
    ghost: str | None
    values: tuple[tuple[str, Expression], ...] = ()
    flags: tuple[tuple[str, bool], ...] = ()
    predicates: list[Predicate] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def mask(self, *, but: Sequence[str] = ()) -> str:
        return self.random.choice([name for name in self.masks if name not in but])

    def some_masks(self, most: int, *, but: Sequence[str] = ()) -> list[str]:
        free = [name for name in self.masks if name not in but]
        return self.random.sample(free, min(len(free), self.random.randint(1, most)))

    def weighted(self, **weights: float) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]


def union(masks: Sequence[str]) -> Expression:
    total: Expression = Name(masks[0])
    for name in masks[1:]:
        total = Binary("|", total, Name(name))
    return total


def has(subject: Expression, *masks: str) -> Expression:
    """Any of the masks is set."""
    return Binary("&", subject, union(masks))


def lacks(subject: Expression, *masks: str) -> Expression:
    return Unary("!", has(subject, *masks))


def all_of(*conditions: Expression) -> Expression:
    total = conditions[0]
    for condition in conditions[1:]:
        total = Binary("&&", total, condition)
    return total


def atom(plan: Plan, subject: Expression) -> Expression:
    """A condition on one or two bits of the subject."""
    kind = plan.weighted(set=3, clear=3, predicate=3 if plan.predicates else 0, pattern=1.5, either=1, whole=1)
    if kind == "set":
        return has(subject, plan.mask())
    if kind == "clear":
        return lacks(subject, plan.mask())
    if kind == "predicate":
        called = Call(plan.random.choice(plan.predicates).name, subject)
        return Unary("!", called) if plan.chance(0.35) else called
    if kind == "pattern":
        both = plan.some_masks(3)
        return Binary(plan.random.choice(("==", "!=")), has(subject, *both), union(plan.random.sample(both, 1)))
    if kind == "whole" and plan.values:
        value = Name(plan.random.choice(plan.values)[0])
        return Binary("==", subject if plan.closed and plan.chance(0.5) else Binary("&", subject, value), value)
    return has(subject, *plan.some_masks(2))


def masks_of(plan: Plan, expression: object) -> set[str]:
    """The masks that the expression names, itself or through values and predicates."""
    meanings: dict[str, Expression] = {**dict(plan.values), **{p.name: p.body for p in plan.predicates}}
    found: set[str] = set()
    for _, node in nodes(expression):
        name = node.name if isinstance(node, Name) else node.predicate if isinstance(node, Call) else ""
        found |= {name} & set(plan.masks) or (masks_of(plan, meanings[name]) if name in meanings else set())
    return found


def other_atom(plan: Plan, subject: Expression, *taken: Expression) -> Expression:
    """Mostly about bits that the conditions taken do not speak of."""
    used = masks_of(plan, taken)
    for _ in range(3):
        found = atom(plan, subject)
        if not masks_of(plan, found) & used:
            break
    return found


def condition(plan: Plan, subject: Expression, depth: int = 2) -> Expression:
    """A random condition on the subject."""
    kind = plan.weighted(atom=4, both=3, either=2, choice=0.4, flag=0.5 if plan.flags else 0, implied=0.4)
    if depth == 0 or kind == "atom":
        return atom(plan, subject)
    left = condition(plan, subject, depth - 1)
    right = other_atom(plan, subject, left)
    if kind == "both":
        return Binary("&&", left, right)
    if kind == "either":
        return Binary("||", left, right)
    if kind == "choice":
        return Choice(left, right, atom(plan, subject))
    if kind == "flag":
        return Binary(plan.random.choice(("&&", "||")), Name(plan.random.choice(plan.flags)[0]), left)
    return Binary("->", left, right)


def make_predicates(plan: Plan) -> None:
    """A chain up to three deep: each predicate may call those before it."""
    for number in range(plan.random.randint(1, 3)):
        plan.predicates.append(Predicate(f"is_{'abc'[number]}", condition(plan, SPTE, 1)))


def make_layout(plan: Plan) -> Layout:
    positions = plan.random.sample(range(64), len(plan.masks))
    invariants: list[tuple[str, Expression]] = []
    if plan.closed:
        invariants.append(("closed", Unary("!", Binary("&", SPTE, Unary("~", union(plan.masks))))))
    if plan.chance(0.3):
        lower, upper = plan.random.choice(list(zip(plan.chain, plan.chain[1:], strict=False)))
        invariants.append(("ordered", Binary("->", has(SPTE, upper), has(SPTE, lower))))
    if plan.chance(0.15):
        invariants.append(("further", condition(plan, SPTE, 1)))
    return Layout(tuple(zip(plan.masks, positions, strict=True)), plan.values, plan.flags, tuple(invariants))


def make_plan(random: Random) -> Plan:
    slant = random.choices(("any", "deep", "safe", "empty"), (34, 22, 20, 24))[0]
    count = random.choices((4, 5, 6, 7), (20, 40, 28, 12) if slant != "deep" else (0, 35, 45, 20))[0]
    masks = random.sample(MASKS, count)
    chain = random.sample(
        masks, random.randint(2, min(5, count)) if slant != "deep" else random.randint(4, min(5, count - 1))
    )
    target = random.choice([name for name in masks if name not in chain] or masks)
    if slant != "deep" and random.random() < 0.25:
        target = random.choice(masks)
    ghost = random.choice(("pfn_dirty", "seen_by_all")) if random.random() < 0.3 else None
    plan = Plan(random, masks, chain, target, random.random() < 0.4, slant, random.random() < 0.3, ghost)
    if plan.chance(0.4):
        plan.values = (("BOTH", union(plan.some_masks(3))),)
        if plan.chance(0.4):
            plan.values += (("ENABLED", Name(plan.mask())),)
    if plan.chance(0.2):
        plan.flags = (("hw_ad", plan.chance(0.5)),)
    make_predicates(plan)
    return plan
