"""The choices that the parts of one random text share, and random conditions over its masks."""

from dataclasses import dataclass, field
from random import Random

from .tree import Binary, Call, Choice, Name, Number, Predicate, Unary

NAMES = ("W", "A", "D", "P")


@dataclass(slots=True)
class Plan:
    """`masks` are the bits with names. In a closed text all other bits of an entry are 0, so that constants may be
    written; `bits` says whether operations by bit number may be used (no mask may be `none` then)."""

    random: Random
    masks: list[str]
    closed: bool
    bits: bool
    flags: tuple[str, ...] = ()
    ghosts: tuple[tuple[str, str], ...] = ()
    child: bool = False
    predicates: list[Predicate] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def mask(self) -> str:
        return self.random.choice(self.masks)

    def some(self, most: int = 2) -> list[str]:
        return self.random.sample(self.masks, min(len(self.masks), self.random.randint(1, most)))

    def union(self, most: int = 2):
        return union(self.some(most))

    def pick(self, **weights: float) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def ghost(self, sort: str) -> str | None:
        found = [name for each, name in self.ghosts if each == sort]
        return self.random.choice(found) if found else None


def union(masks):
    total = Name(masks[0])
    for name in masks[1:]:
        total = Binary("|", total, Name(name))
    return total


def both(left, right):
    return right if left is None else Binary("&&", left, right)


def has(subject, masks):
    return Binary("&", subject, masks)


def lacks(subject, masks):
    return Unary("!", has(subject, masks))


def atom(plan: Plan, subject):
    kind = plan.pick(set=3, clear=3, called=2 if plan.predicates else 0, pattern=1.5, flag=0.6 if plan.flags else 0)
    if kind == "called":
        called = Call(plan.random.choice(plan.predicates).name, subject)
        return Unary("!", called) if plan.chance(0.4) else called
    if kind == "pattern":
        both = plan.some(3)
        return Binary(plan.random.choice(("==", "!=")), has(subject, union(both)), Name(plan.random.choice(both)))
    if kind == "flag":
        flag = Name(plan.random.choice(plan.flags))
        return Binary(plan.random.choice(("&&", "||")), flag, has(subject, plan.union()))
    found = has(subject, plan.union())
    return found if kind == "set" else Unary("!", found)


def condition(plan: Plan, subject, deep: int = 1):
    kind = plan.pick(atom=5, both=2, either=1.5, choice=0.4, implied=0.4)
    if deep == 0 or kind == "atom":
        return atom(plan, subject)
    left, right = condition(plan, subject, deep - 1), atom(plan, subject)
    if kind == "choice":
        return Choice(left, right, atom(plan, subject))
    return Binary({"both": "&&", "either": "||", "implied": "->"}[kind], left, right)


def change(plan: Plan, subject):
    """Another word that differs from the subject in bits with names only."""
    kind = plan.pick(set=3, clear=4, flip=0.7, wipe=0.8 if plan.closed else 0, mask=0.6 if plan.closed else 0)
    match kind:
        case "set":
            return Binary("|", subject, plan.union())
        case "clear":
            return Binary("&", subject, Unary("~", plan.union()))
        case "flip":
            return Binary("^", subject, plan.union())
        case "wipe":
            return Number(0)
    return plan.union()
