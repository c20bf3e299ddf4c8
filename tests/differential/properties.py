"""Random properties, one for a theorem, chosen so that they often hold narrowly or fail late."""

from collections.abc import Sequence

from .plan import Plan, all_of, condition, has, lacks, masks_of, union
from .programs import Program
from .tree import (
    Agent,
    Assign,
    Binary,
    Cleared,
    Expression,
    If,
    Instant,
    Name,
    Number,
    Operation,
    Perform,
    Property,
    SetGhost,
    Statement,
    Unary,
    nodes,
)

SEEN = Name("seen")


def make_property(plan: Plan, agents: tuple[Agent, ...], program: Program) -> Property:
    """A theorem that sets its ghost itself does not speak of all events alike: no refines, resurrects, exactly."""
    own_ghost = any(isinstance(node, SetGhost) for _, node in nodes((program.helpers, program.body)))
    touched = _touched(plan, agents)
    watched = _watched(plan, touched)
    deep = plan.slant == "deep"
    kind = plan.weighted(
        preserves=4,
        changes=1.6,
        conserves=5 if program.clears else 1.5,
        resurrects=0 if own_ghost or deep and not plan.falls else 3,
        refines=0 if own_ghost or deep else 3,
        ensures=3.2,
        always=2,
    )
    match kind:
        case "preserves":
            return _preserves(plan, program, watched)
        case "changes":
            return _changes_only(plan)
        case "conserves":
            return _conserves(plan, program, watched, own_ghost)
        case "resurrects":
            return Property("resurrects", union(watched))
        case "refines":
            return _refines(plan, program)
        case "ensures":
            return Property("ensures", condition=_ensured(plan, program, watched))
    return Property("always", condition=_always(plan, touched))


def _distinct(masks: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(masks))


def _touched(plan: Plan, agents: tuple[Agent, ...]) -> list[str]:
    """The masks that the agents' changes name."""
    assigned = [node.value for _, node in nodes(agents) if isinstance(node, Assign)]
    written = [node.arguments for _, node in nodes(agents) if isinstance(node, Operation)]
    return sorted(masks_of(plan, (tuple(assigned), tuple(written))))


def _watched(plan: Plan, touched: list[str]) -> list[str]:
    """Deep cases watch the end of the chain, others mostly bits that agents touch."""
    if plan.slant == "deep":
        return [plan.chain[-1]]
    few = plan.random.sample(touched, min(len(touched), plan.random.randint(1, 3)))
    return _distinct([*few, *plan.some_masks(2)]) if not few or plan.chance(0.4) else few


def _preserves(plan: Plan, program: Program, watched: list[str]) -> Property:
    masks = list(watched)
    if plan.chance(0.6) and plan.target not in masks:
        masks.append(plan.target)
    exempt = program.clears and plan.chance(0.9) or not program.clears and plan.chance(0.2)
    return Property("preserves", union(masks), Name(plan.target) if exempt else None)


def _changes_only(plan: Plan) -> Property:
    if plan.slant == "deep":
        return Property("changes only", union([name for name in plan.masks if name != plan.chain[-1]]))
    masks = [plan.target, *plan.some_masks(3)] if plan.chance(0.8) else plan.some_masks(3)
    return Property("changes only", union(_distinct(masks)))


def _conserves(plan: Plan, program: Program, watched: list[str], own_ghost: bool) -> Property:
    masks = _distinct([*watched, plan.target]) if program.clears and plan.chance(0.5) else watched
    if program.sort == "bool" and not (plan.ghost and plan.chance(0.5)):
        return Property(
            "conserves", Name(plan.target) if plan.chance(0.7) else union(masks), into="seen", into_sort="bool"
        )
    if plan.ghost is not None and plan.chance(0.75):
        few = Name(plan.target) if plan.chance(0.7) else union(masks)
        return Property("conserves", few, into=plan.ghost, into_sort="bool")
    into = "seen" if program.sort == "u64" and plan.chance(0.85) else "old"
    return Property("conserves", union(masks), into=into, into_sort="u64", exactly=not own_ghost and plan.chance(0.25))


def _refines(plan: Plan, program: Program) -> Property:
    target = Name(plan.target)
    if program.clears:
        change = Perform(Operation("*sptep &=", (Unary("~", target),)))
    else:
        change = Perform(Operation("*sptep |=", (target,)))
    if program.sort == "bool":
        test = Assign(SEEN, "=", Operation("test_bit", (target,)))
        return Property("refines", into="seen", into_sort="bool", block=(test, change))
    read = Assign(SEEN, "=", Operation("*sptep"))
    work: Statement = change
    if plan.chance(0.4):
        work = If(condition(plan, SEEN, 1), (change,))
    if plan.chance(0.2):
        return Property("refines", block=(change,))
    return Property("refines", into="seen", into_sort="u64", block=(read, work))


def _ensured(plan: Plan, program: Program, watched: list[str]) -> Expression:
    start, after, end = Instant("start"), Instant("after"), Instant("end")
    bit, other, target = plan.random.choice(watched), plan.mask(), plan.target
    if plan.slant == "deep":
        return plan.random.choice(_at_the_top(plan, end, bit))
    late = end if plan.chance(0.5) else after
    cleared = Cleared(union(_distinct([bit, target])))
    kept = Binary("|", late, cleared if plan.chance(0.6) else union(_distinct([other, target])))
    rest = Unary("~", union(_distinct([bit, target])))
    choices: list[Expression] = [
        Binary("->", has(start, bit), has(kept, bit)),
        Binary("->", lacks(start, bit), lacks(late, bit)),
        lacks(after, target) if program.clears else has(after, target),
        Binary("->", has(after, bit), has(end, other)),
        Binary("->", has(start, bit), has(end, bit)),
        Binary("==", Cleared(Name(bit)), Number(0)),
        Binary("==", Binary("&", after, rest), Binary("&", start, rest)),
    ]
    if program.sort == "u64":
        choices += [
            Binary("->", has(SEEN, bit), has(late, bit)),
            Binary("->", has(late, bit), has(SEEN, bit)),
            Binary("->", has(Cleared(Name(bit)), bit), has(SEEN, bit)),
            Binary("==", Cleared(Name(target)), has(SEEN, target)),
        ]
    else:
        choices += [
            Binary("->", SEEN, has(start, bit)),
            Binary("==", SEEN, Binary("!=", Cleared(Name(target)), Number(0))),
        ]
    if plan.ghost is not None:
        ghost = Name(plan.ghost)
        choices += [
            Binary("->", has(Cleared(Name(target)), target), ghost),
            Binary("->", has(end, bit), Binary("||", ghost, has(end, other))),
        ]
    return plan.random.choice(choices)


def _at_the_top(plan: Plan, now: Expression, top: str) -> list[Expression]:
    """What fails when the whole chain has run."""
    done = lacks(now, top) if plan.falls else has(now, top)
    not_done = has(now, top) if plan.falls else lacks(now, top)
    ready = lacks(Instant("start"), *plan.chain[1 : -1 if plan.falls else None])
    if plan.falls:
        ready = all_of(ready, has(Instant("start"), top))
    return [Binary("->", ready, not_done), Binary("->", all_of(ready, done), has(now, plan.target))]


def _always(plan: Plan, touched: list[str]) -> Expression:
    now, start = Instant("now"), Instant("start")
    upper = plan.random.choice(plan.chain[1:])
    lower = plan.chain[plan.chain.index(upper) - 1]
    bit, other = plan.random.choice(touched or plan.masks), plan.mask()
    if plan.slant == "deep":
        return plan.random.choice(_at_the_top(plan, now, plan.chain[-1]))
    choices: list[Expression] = [
        Binary("->", has(now, upper), has(now, lower)),
        Binary("->", has(now, upper), Binary("||", has(start, upper), has(now, lower))),
        Binary("->", has(start, bit), has(now, bit)),
        Binary("->", has(now, bit), has(start, *_distinct([bit, other]))),
        Binary("->", has(now, bit), has(now, other)),
        Binary("->", lacks(start, bit), lacks(now, bit)),
    ]
    if plan.ghost is not None:
        choices.append(Binary("->", has(start, bit), Binary("||", Name(plan.ghost), has(now, bit))))
    return plan.random.choice(choices)
