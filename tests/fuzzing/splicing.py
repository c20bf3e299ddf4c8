"""Changes of a text by whole words, so that much of it stays a text of the language."""

import random
from collections.abc import Sequence

from .seeds import words


def spliced(text: str, pieces: Sequence[Sequence[str]], vocabulary: Sequence[str], draw: random.Random) -> str:
    """The text with a few changes: a word replaced, dropped, repeated or moved, or a run of words of another text put in."""
    parts = words(text) or [" "]
    for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
        at = draw.randrange(len(parts) + 1)
        end = min(len(parts), at + draw.choice((0, 1, 1, 2, 5, 20)))
        parts[at:end] = _replacement(parts, at, end, pieces, vocabulary, draw)
    return "".join(parts)


def _replacement(
    parts: list[str], at: int, end: int, pieces: Sequence[Sequence[str]], vocabulary: Sequence[str], draw: random.Random
) -> Sequence[str]:
    match draw.randrange(6):
        case 0:
            return ()
        case 1:
            return [" ", draw.choice(vocabulary), " "]
        case 2:
            return parts[at:end] * draw.choice((2, 2, 3, 40))
        case 3:
            other = draw.choice(pieces)
            first = draw.randrange(len(other) + 1)
            return other[first : first + draw.choice((1, 3, 10, 40))]
        case 4:
            return [draw.choice(parts)] if parts else ()
    return [*parts[at:end][::-1], *parts[max(0, at - 3) : at]]
