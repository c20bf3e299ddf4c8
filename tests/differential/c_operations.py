"""What each memory operation does, as C text over `before` (the entry's value) and the operands' texts."""

from dataclasses import dataclass

from .tree import Operation


@dataclass(frozen=True, slots=True)
class Effect:
    """`after` is the entry's new value, `result` what the operation gives ("" where nothing). For a two-event
    operation both are of its write, and `before` in them is what its read saw."""

    after: str
    result: str
    writes: bool = True
    events: int = 1


_BITWISE = {"and": "before & {0}", "or": "before | {0}", "xor": "before ^ {0}", "andnot": "before & ~{0}"}
_COMPOUND = {"*sptep &=": "and", "*sptep |=": "or", "*sptep ^=": "xor"}
_BIT = {"set": "before | {0}", "clear": "before & ~{0}"}
_READS = ("READ_ONCE", "*sptep", "atomic64_read")
_WRITES = ("WRITE_ONCE", "atomic64_set", "*sptep =")


def effect(operation: Operation, operands: tuple[str, ...], reference: str) -> Effect:
    """The operands are parenthesised texts (a bit number's is its mask); `reference` is try_cmpxchg64's local."""
    kind = operation.kind
    if kind in _READS:
        return Effect("before", "before", writes=False)
    if kind in _WRITES:
        return Effect(operands[0], "")
    if kind in ("xchg", "atomic64_xchg"):
        return Effect(operands[0], "before")
    if kind == "cmpxchg64":
        return Effect(f"before == {operands[0]} ? {operands[1]} : before", "before")
    if kind == "try_cmpxchg64":
        return Effect(f"before == {reference} ? {operands[0]} : before", f"before == {reference}")
    if kind in _COMPOUND:
        return Effect(_BITWISE[_COMPOUND[kind]].format(*operands), "", events=2)
    if kind.startswith("atomic64_"):
        word = kind.removeprefix("atomic64_")
        fetched = word.startswith("fetch_")
        return Effect(_BITWISE[word.removeprefix("fetch_")].format(*operands), "before" if fetched else "")
    return _bit_effect(kind, operands[0])


def _bit_effect(kind: str, mask: str) -> Effect:
    """set_bit and its like; `mask` has the one bit."""
    had = f"(before & {mask}) != 0"
    if kind == "test_bit":
        return Effect("before", had, writes=False)
    plain = kind.removeprefix("__")
    change = _BIT["set" if "set" in plain else "clear"].format(mask)
    return Effect(change, had if plain.startswith("test_and_") else "", events=2 if plain != kind else 1)
