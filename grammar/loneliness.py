"""Theorems that are proved against nobody though their author did not say so."""

from collections.abc import Sequence

from spteproof.grammar import checked as c
from spteproof.grammar.diagnostics import Findings, listed
from spteproof.grammar.properties import nodes

FEW = 3
"""So many agents are named; where there are more, `all` of them."""


def check_loneliness(library: c.Library, findings: Findings) -> None:
    """Warns of theorems of the user's own texts with events on an entry and no `against`, though agents in scope could
    run. `equivalent` alone is asked against any change then, and a `rely` or threads say that somebody else was
    thought of."""
    for theorem in library.theorems.values():
        if theorem.name in library.asked and _is_lonely(theorem) and _has_events(library, theorem):
            agents, few = theorem.omitted, len(theorem.omitted) <= FEW
            who = listed([f"`{each}`" for each in agents], "and") if few else f"{len(agents)} agents"
            against = f"against any number of {', '.join(agents)}" if few else "against all"
            findings.warning(
                "theorem.against:missing",
                theorem.place,
                f"`{theorem.name}` is proved as if nobody else changed the entry",
                label=f"{who} could run",
                help=f"say `{against}`, or `against nobody` where that is meant",
            )
        if theorem.name in library.asked and theorem.against_all and theorem.omitted and not theorem.agents:
            _report_nobody(theorem, findings)


def _report_nobody(theorem: c.Theorem, findings: Findings) -> None:
    """`against all` leaves out whose parameters the theorem does not have: here everybody."""
    named = [f"`{each}`" for each in theorem.omitted]
    findings.warning(
        "theorem.against:missing",
        theorem.place,
        f"`{theorem.name}` says `against all`, and nobody runs",
        label=f"it lacks parameters of {listed(named if len(named) <= FEW else [f'{len(named)} agents'], 'and')}",
        help="add the parameters of these agents, or say `against nobody` where that is meant",
    )


def _is_lonely(theorem: c.Theorem) -> bool:
    return bool(
        theorem.kind == "theorem"
        and not theorem.against_given
        and theorem.rely is None
        and theorem.omitted
        and not any(isinstance(each, c.Parallel) for each in theorem.body)
        and not all(isinstance(each.property, c.Equivalent) for each in theorem.proves)
    )


def _has_events(library: c.Library, theorem: c.Theorem) -> bool:
    """Whether the program reads or writes an entry, itself or through what it calls, in some era."""
    return any(_in_scope(library.scopes[era], theorem.body) for era in theorem.eras or (None,))


def _in_scope(scope: c.Scope, body: Sequence[c.Statement]) -> bool:
    seen: set[str] = set()
    waiting: list[Sequence[c.Node]] = [body]
    while waiting:
        for node in nodes(waiting.pop()):
            if isinstance(node, c.Memory):
                return True
            if isinstance(node, c.HelperCall) and node.callee not in seen:
                seen.add(node.callee)
                waiting.append(scope.helpers[node.callee].body)
    return False
