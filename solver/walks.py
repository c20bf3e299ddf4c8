"""Walks over checked trees."""

from collections.abc import Callable, Sequence

from spteproof.grammar import checked as c

Decides = Callable[[c.Expression], bool | None]
"""What a condition is, where that is known before anything runs."""


def below(root: object, decides: Decides | None = None) -> list[c.Node]:
    """All nodes of a tree, a tuple of trees, or anything in between; no recursion. With `decides`, without the arms
    that a decided condition excludes: nothing there is ever evaluated."""
    found: list[c.Node] = []
    waiting: list[object] = [root]
    while waiting:
        at = waiting.pop()
        if isinstance(at, tuple):
            waiting.extend(at)
        elif isinstance(at, c.Node):
            found.append(at)
            waiting.extend(_parts(at) if decides is None else _evaluated(at, decides))
    return found


def _parts(node: c.Node) -> list[object]:
    return [getattr(node, name) for name in node.__dataclass_fields__ if name != "place"]


def _evaluated(node: c.Node, decides: Decides) -> list[object]:
    if isinstance(node, c.Conditional | c.If):
        decided = decides(node.condition)
        if decided is not None:
            return [node.condition, node.then if decided else node.other]
    if isinstance(node, c.Logic):
        decided = decides(node.left)
        if decided is not None and decided is (node.operator == "||"):
            return [node.left]
    return _parts(node)


def parts_of_state(scope: c.Scope, roots: Sequence[object]) -> set[str]:
    """The names of the ghosts and entries that some trees speak of, themselves or through what they call."""
    found: set[str] = set()
    called: set[str] = set()
    waiting = list(roots)
    while waiting:
        for node in below(waiting.pop()):
            match node:
                case c.GhostName():
                    found.add(node.name)
                case c.SetGhost():
                    found.add(node.ghost)
                case (
                    c.Memory() | c.HelperCall() | c.AgentUse() | c.Instant() | c.Cleared()
                    | c.Preserves() | c.ChangesOnly() | c.Conserves() | c.Resurrects()
                ):  # fmt: skip
                    found.add(node.entry)
            if isinstance(node, c.HelperCall | c.Call) and node.callee not in called:
                called.add(node.callee)
                waiting.append(scope.helpers.get(node.callee) or scope.pures[node.callee])
    return found
