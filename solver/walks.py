"""Walks over checked trees."""

from spteproof.grammar import checked as c


def below(root: object) -> list[c.Node]:
    """All nodes of a tree, a tuple of trees, or anything in between; no recursion."""
    found: list[c.Node] = []
    waiting: list[object] = [root]
    while waiting:
        at = waiting.pop()
        if isinstance(at, tuple):
            waiting.extend(at)
        elif isinstance(at, c.Node):
            found.append(at)
            waiting.extend(getattr(at, name) for name in at.__dataclass_fields__ if name != "place")
    return found
