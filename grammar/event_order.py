"""C does not say which operand comes first: so an expression holds at most one event, unless `&&`, `||` or `?:` order
them."""

from spteproof.grammar import checked as c
from spteproof.grammar.bodies import Body
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.source import Place


def ordered(body: Body, found: c.Expression | None) -> c.Expression | None:
    """A whole expression, once its events are known to be ordered."""
    if found is not None:
        report_unordered(body.findings, found)
    return found


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
            inside = [report_unordered(findings, each) for each in expression.arguments]
            return _only_one(findings, [expression.place, *[each for each in inside if each is not None]])
        case c.Call():
            inside = [report_unordered(findings, each) for each in expression.arguments]
            return _only_one(findings, [each for each in inside if each is not None])
        case c.Binary():
            inside = [report_unordered(findings, each) for each in (expression.left, expression.right)]
            return _only_one(findings, [each for each in inside if each is not None])
        case c.Unary() | c.Convert() | c.LowestBit():
            return report_unordered(findings, expression.operand)
        case _:
            return None


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
