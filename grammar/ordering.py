"""Things that rest on other things, put in order; no recursion, so a chain of any length is fine."""

from collections.abc import Iterable, Mapping


def dependencies_first(rests_on: Mapping[str, Iterable[str]]) -> tuple[list[str], list[list[str]]]:
    """The keys, each after those it rests on, and the cycles met: each a path that leads back to its first name.

    Names that are not keys are ignored. Keys on a cycle are in the order too, somewhere.
    """
    order: list[str] = []
    cycles: list[list[str]] = []
    done: set[str] = set()
    for root in rests_on:
        if root in done:
            continue
        path, on_path = [root], {root: 0}
        pending = [iter(rests_on[root])]
        while path:
            below = next(pending[-1], None)
            if below is None:
                pending.pop()
                name = path.pop()
                del on_path[name]
                done.add(name)
                order.append(name)
            elif below in on_path:
                cycles.append(path[on_path[below] :])
            elif below in rests_on and below not in done:
                on_path[below] = len(path)
                path.append(below)
                pending.append(iter(rests_on[below]))
    return order, cycles


def reachable(roots: Iterable[str], rests_on: Mapping[str, Iterable[str]]) -> set[str]:
    """The roots and everything that they rest on, at once or through others."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(rests_on.get(name, ()))
    return found
