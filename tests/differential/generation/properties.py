"""Random properties about a body, its ghosts and its agents."""

from .conditions import Plan, has, lacks, union
from .tree import Assign, Binary, Cleared, If, Instant, Name, Number, Operation, Perform, Property, Unary


def make_properties(plan: Plan, words, truths, count: int, threads: bool) -> tuple[Property, ...]:
    found: list[Property] = []
    for _ in range(4 * count):
        if len(found) < count:
            each = _property(plan, words, truths, threads)
            if each not in found:
                found.append(each)
    return tuple(found)


def _property(plan: Plan, words, truths, threads: bool) -> Property:
    on = "child_sptep" if plan.child and plan.chance(0.3) else "sptep"
    kind = plan.pick(
        preserves=4,
        changes=2.5,
        conserves=4,
        resurrects=2,
        refines=0 if threads or plan.child else 2,
        ensures=5,
        always=3,
        that=1,
        keeps=0.5,
    )
    match kind:
        case "preserves":
            return Property("preserves", plan.union(3), plan.union() if plan.chance(0.6) else None, on=on)
        case "changes":
            return Property("changes only", plan.union(3) if plan.chance(0.85) else Number(0), on=on)
        case "conserves":
            return _conserves(plan, words, truths, on)
        case "resurrects":
            return Property("resurrects", plan.union(), on=on)
        case "refines":
            return _refines(plan, words)
        case "always":
            return Property("always", condition=_always(plan))
        case "that":
            return Property("that", condition=_that(plan, words, truths))
        case "keeps":
            return Property("keeps invariants")
    return Property("ensures", condition=_ensured(plan, words, truths))


def _conserves(plan: Plan, words, truths, on: str) -> Property:
    ghosts = [name for _, name in plan.ghosts]
    into = plan.random.choice([*words, *truths, *ghosts, *ghosts])
    exactly = into in words and plan.chance(0.25)
    return Property("conserves", plan.union(), into=into, exactly=exactly, on=on)


def _refines(plan: Plan, words) -> Property:
    changed = Unary("~", plan.union()) if plan.chance(0.7) else None
    work = Perform(Operation("*&=" if changed else "*|=", "sptep", (changed or plan.union(),)))
    if plan.chance(0.25):
        return Property("refines", block=(work,))
    into = plan.random.choice(words)
    read = Assign(into, "=", Operation("*"))
    if plan.chance(0.3):
        return Property("refines", into=into, block=(read, If(has(Name(into), plan.union()), (work,))))
    return Property("refines", into=into, block=(read, work))


def _instant(plan: Plan, which: str) -> Instant:
    return Instant(f"{which} child_sptep" if plan.child and plan.chance(0.3) else which)


def _side(plan: Plan, subjects):
    subject = plan.random.choice(subjects)
    if isinstance(subject, Name) and subject.name.startswith("b"):
        return subject if plan.chance(0.6) else Unary("!", subject)
    return has(subject, plan.union()) if plan.chance(0.6) else lacks(subject, plan.union())


def _ensured(plan: Plan, words, truths):
    start, after, end = (_instant(plan, which) for which in ("start", "after", "end"))
    kind = plan.pick(implies=6, kept=2, cleared=2, same=1.2, ghost=2 if plan.ghosts else 0)
    locals_ = [*map(Name, words), *map(Name, truths)]
    match kind:
        case "implies":
            left = _side(plan, [start, after, end, *locals_])
            right = _side(plan, [after, end, *locals_])
            if plan.chance(0.3):
                right = Binary("||", right, _side(plan, [start, after, end, *locals_]))
            return Binary("->", left, right)
        case "kept":
            rest = Unary("~", plan.union(3))
            return Binary("==", Binary("&", after if plan.chance(0.5) else end, rest), Binary("&", start, rest))
        case "cleared":
            gone = Cleared(plan.union())
            other = plan.random.choice([Number(0), Binary("&", Name(plan.random.choice(words)), gone.mask)])
            return Binary("==", gone, other)
        case "same":
            return Binary("==", plan.random.choice([start, after, Name(words[0])]), end)
    sort, name = plan.random.choice(plan.ghosts)
    ghost = Name(name) if sort == "bool" else has(Name(name), plan.union())
    left = _side(plan, [start, after, end, Cleared(union([plan.mask()])), *locals_])
    return (
        Binary("->", left, Binary("||", ghost, _side(plan, [after, end, *locals_])))
        if plan.chance(0.6)
        else Binary("->", ghost, left)
    )


def _always(plan: Plan):
    now, start = _instant(plan, "now"), Instant("start")
    right = _side(plan, [now, now, start])
    if plan.ghosts and plan.chance(0.4):
        sort, name = plan.random.choice(plan.ghosts)
        right = Binary("||", right, Name(name) if sort == "bool" else has(Name(name), plan.union()))
    return Binary("->", _side(plan, [now, start]), right)


def _that(plan: Plan, words, truths):
    subjects = [*map(Name, words), *map(Name, truths)]
    return Binary("->", _side(plan, subjects), _side(plan, subjects))
