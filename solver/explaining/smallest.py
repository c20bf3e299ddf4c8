"""A smallest set of items that keeps a proof: no element of it can be left out."""

from collections.abc import Callable, Sequence


def smallest(candidates: Sequence[int], enough: Callable[[frozenset[int]], bool]) -> list[int]:
    """Of the candidates, some that are `enough` and of which none can be left out; all together must be enough, and
    more must never be less. Junker's QuickXplain: some k * log(n / k) questions for k of n."""
    if enough(frozenset()):
        return []
    return _halved([], list(candidates), False, enough)


def _halved(
    kept: Sequence[int], candidates: Sequence[int], grown: bool, enough: Callable[[frozenset[int]], bool]
) -> list[int]:
    if grown and enough(frozenset(kept)):
        return []
    if len(candidates) == 1:
        return list(candidates)
    first, second = candidates[: len(candidates) // 2], candidates[len(candidates) // 2 :]
    of_second = _halved([*kept, *first], second, bool(first), enough)
    of_first = _halved([*kept, *of_second], first, bool(of_second), enough)
    return [*of_first, *of_second]
