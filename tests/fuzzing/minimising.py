"""The smallest text that still breaks what a text broke: words are left out while that goes on."""

from collections.abc import Callable

from .seeds import words


def minimised(text: str, breaks: Callable[[str], bool], tries: int = 3_000) -> str:
    """Leaves out ever smaller runs of words (delta debugging); at most `tries` texts are tried."""
    parts = words(text)
    size = max(len(parts) // 2, 1)
    while size and tries:
        start = 0
        while start < len(parts) and tries:
            shorter = parts[:start] + parts[start + size :]
            tries -= 1
            if breaks("".join(shorter)):
                parts = shorter
            else:
                start += size
        size //= 2
    return "".join(parts)
