"""C does not say which operand comes first: so an expression holds at most one event, and no operand reads a local that
another one changes, unless `&&`, `||` or `?:` order them. A program's read of a ghost is an event, too: none may stand
beside another operand's event or ghost."""

from collections.abc import Iterator, Sequence

from spteproof.grammar import checked as c
from spteproof.grammar.bodies import Body
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.source import Place


def ordered(body: Body, found: c.Expression | None) -> c.Expression | None:
    """A whole expression, once its events are known to be ordered."""
    if found is not None:
        report_unordered(body.findings, found)
        report_apart(body, (found,))
    return found


def report_apart(body: Body, operands: Sequence[c.Expression | c.Reference]) -> None:
    """Reports two operands that are read at moments of their own, one of them a ghost. In `atomic`, in a step and in a
    property all is one moment."""
    if body.rules.ghosts_apart:
        _moments(body.findings, operands)


def _moments(findings: Findings, operands: Sequence[c.Expression | c.Reference]) -> list[c.Memory | c.GhostName]:
    """What the operands read of what is shared; reports two that have no order."""
    found = [moments for each in operands if (moments := _moments_of(findings, each))]
    ghosts = [(at, each) for at, moments in enumerate(found) for each in moments if isinstance(each, c.GhostName)]
    if len(found) > 1 and ghosts:
        at, ghost = ghosts[0]
        other = found[1 if at == 0 else 0][0]
        findings.error(
            "event.order:ghost",
            ghost.place,
            f"`{ghost.name}` is read beside another read or event, and others may run between them: "
            "nothing says which comes first",
            label="read here",
            others=[(other.place, "and this")],
            help="put one of them into a local first, or both into one `atomic`",
        )
        return []
    return [each for moments in found for each in moments]


def _moments_of(findings: Findings, operand: c.Expression | c.Reference) -> list[c.Memory | c.GhostName]:
    match operand:
        case c.GhostName():
            return [operand]
        case c.Logic(left=left, right=right):
            return [*_moments_of(findings, left), *_moments_of(findings, right)]
        case c.Conditional(condition=condition, then=then, other=other):
            return [each for side in (condition, then, other) for each in _moments_of(findings, side)]
        case c.Memory():
            return [*_moments(findings, operand.arguments), operand]
        case c.HelperCall() | c.Call():
            return _moments(findings, operand.arguments)
        case c.Binary():
            return _moments(findings, (operand.left, operand.right))
        case c.Unary() | c.Convert() | c.LowestBit():
            return _moments_of(findings, operand.operand)
    return []


def report_unordered(findings: Findings, expression: c.Expression | c.Reference) -> Place | None:
    """The place of the first event in an expression, or None; reports two whose order is not known."""
    match expression:
        case c.Logic():
            sides = [report_unordered(findings, each) for each in (expression.left, expression.right)]
            return next((side for side in sides if side is not None), None)
        case c.Conditional():
            parts = (expression.condition, expression.then, expression.other)
            sides = [report_unordered(findings, each) for each in parts]
            return next((side for side in sides if side is not None), None)
        case c.Memory() | c.HelperCall():
            report_changed(findings, expression.arguments)
            inside = [report_unordered(findings, each) for each in expression.arguments]
            return _only_one(findings, [expression.place, *[each for each in inside if each is not None]])
        case c.Call():
            report_changed(findings, expression.arguments)
            inside = [report_unordered(findings, each) for each in expression.arguments]
            return _only_one(findings, [each for each in inside if each is not None])
        case c.Binary():
            report_changed(findings, (expression.left, expression.right))
            inside = [report_unordered(findings, each) for each in (expression.left, expression.right)]
            return _only_one(findings, [each for each in inside if each is not None])
        case c.Unary() | c.Convert() | c.LowestBit():
            return report_unordered(findings, expression.operand)
        case _:
            return None


def report_changed(findings: Findings, operands: Sequence[c.Expression | c.Reference]) -> None:
    """Reports a local that one operand changes, by a reference that it hands on, and another one reads; and a ghost
    that one reads and a helper that another calls may set."""
    _report_ghost(findings, operands)
    for number, operand in enumerate(operands):
        changed = {variable.name: variable for variable, by_reference in _locals(operand) if by_reference}
        for index, other in enumerate(operands):
            for variable, by_reference in _locals(other) if changed and index != number else ():
                if variable.name in changed and not by_reference:
                    name = variable.name.split(".")[0]
                    findings.error(
                        "event.order:local",
                        variable.place,
                        f"`{name}` is read beside a call that may change it: C does not say which comes first",
                        label="read here",
                        others=[(changed[variable.name].place, "may be changed here")],
                        help="put one of them into a local first",
                    )
                    return


def _report_ghost(findings: Findings, operands: Sequence[c.Expression | c.Reference]) -> None:
    for number, operand in enumerate(operands):
        calls = [node for node in _below(operand) if isinstance(node, c.HelperCall)]
        for other in (*operands[:number], *operands[number + 1 :]) if calls else ():
            for ghost in (node for node in _below(other) if isinstance(node, c.GhostName)):
                findings.error(
                    "event.order:ghost",
                    ghost.place,
                    f"`{ghost.name}` is read beside a helper call, which may set it: nothing says which comes first",
                    label="read here",
                    others=[(calls[0].place, "may be set here")],
                    help="put one of them into a local first",
                )
                return


def _below(operand: c.Node) -> Iterator[c.Node]:
    """Every node of an operand."""
    waiting: list[object] = [operand]
    while waiting:
        match waiting.pop():
            case tuple() as several:
                waiting.extend(reversed(several))
            case c.Node() as node:
                yield node
                waiting.extend(getattr(node, name) for name in node.__dataclass_fields__ if name != "place")


def _locals(operand: c.Expression | c.Reference) -> Iterator[tuple[c.Variable, bool]]:
    """The locals that an operand mentions, and whether by a reference; one that is an argument itself changes only in
    the call."""
    waiting: list[object] = [] if isinstance(operand, c.Reference) else [operand]
    while waiting:
        match waiting.pop():
            case c.Variable() as variable:
                yield variable, False
            case c.Reference(variable=variable):
                yield variable, True
            case tuple() as several:
                waiting.extend(reversed(several))
            case c.Node() as node:
                if isinstance(node, c.Memory) and node.reference is not None:
                    yield node.reference, True
                names = [name for name in node.__dataclass_fields__ if name not in ("place", "reference")]
                waiting.extend(getattr(node, name) for name in reversed(names))


def _only_one(findings: Findings, places: list[Place]) -> Place | None:
    if len(places) > 1:
        findings.error(
            "event.order:unknown",
            places[1],
            "two events in one expression: C does not say which comes first",
            label="another event",
            others=[(places[0], "an event")],
            help="put one of them into a local first",
        )
    return places[0] if places else None
