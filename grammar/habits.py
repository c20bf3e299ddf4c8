"""What people write out of habit, from C or from a slip, and what this language has for it."""

from collections.abc import Sequence

PROPERTIES = frozenset(
    [
        "ensures",
        "preserves",
        "changes",
        "conserves",
        "always",
        "refines",
        "resurrects",
        "keeps",
        "that",
        "equivalent",
        "invariants",
    ]
)
_TYPES = {
    **dict.fromkeys(("unsigned", "long", "uint64_t", "size_t", "__u64", "ulong", "phys_addr_t"), "`u64`"),
    **dict.fromkeys(("u8", "u16", "u32", "uint32_t", "uint", "s64"), "`u64`"),
    **dict.fromkeys(("s8", "s16", "s32", "int32_t", "short"), "`int`"),
    **dict.fromkeys(("_Bool", "boolean"), "`bool`"),
}
_SORTS = frozenset(["u64", "int", "bool"])


def habit(word: str, before: Sequence[str]) -> str | None:
    """A help line for the word at which the parser stopped; `before` are the words of the item up to there."""
    opener = max((number for number, text in enumerate(before) if text in (";", "{", "}")), default=-1)
    statement = before[opener + 1 :]
    first = statement[0] if statement else word
    inside = before.count("{") > before.count("}")
    if inside and first in PROPERTIES:
        return f"write `prove {first} ...`"
    if inside and first == "use":
        return "`use` stands at the top of a file, outside of everything"
    for each in (word, *before[-1:]):
        if each in _TYPES:
            return f"write {_whole_type(each, word)}"
    if before[-1:] == ["against"] and word.isidentifier():
        return f"write `any number of {word}`"
    if word == "=" and "prove" in statement:
        return "did you mean `==`?"
    return _cast(word, before) if inside else _parameter(word, before)


def _cast(word: str, before: Sequence[str]) -> str | None:
    """Of `(u64) x`."""
    opening, sort, closing = [None, None, None, *before][-3:]
    if (opening, closing) != ("(", ")") or sort not in _SORTS or not (word[:1].isalnum() or word in ("_", "~", "(")):
        return None
    return f"there are no casts: assign to a local of sort `{sort}`"


def _parameter(word: str, before: Sequence[str]) -> str | None:
    """Of bounds and choices of a theorem's parameter, written in another way."""
    if before[:1] != ["theorem"] or len(before) < 2:
        return None
    if before[-2] == "int" and (word in (":", "=") or word.isdigit()):
        return f"bounds are written `int {before[-1]} in 0..7`"
    if before[-2] == "in" and word == ",":
        return f"choices stand in braces: `in {{{before[-1]}, ...}}`"
    return None


def _whole_type(first: str, following: str) -> str:
    """The sort for a type of C; `unsigned int` has 32 bits, and so has `int` here."""
    return "`int`, or `u64` for bits of an entry" if (first, following) == ("unsigned", "int") else _TYPES[first]
