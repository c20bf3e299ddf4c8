"""Long lines of what `show` says, folded below their headings."""

import textwrap

WIDTH = 110


def wrapped(head: str, parts: list[str]) -> list[str]:
    """The parts as a list of words that are not broken; nothing for none."""
    return folded(head, ", ".join(map(glued, parts))) if parts else []


def glued(text: str) -> str:
    """The text without a place where `folded` may break it."""
    return text.replace(" ", "\0")


def folded(head: str, text: str) -> list[str]:
    """The text behind its heading; further lines stand below its first word, or below the heading's if that is
    long."""
    indent = len(head) if len(head) <= 32 else len(head) - len(head.lstrip()) + 4
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=glued(head),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\0", " ").rstrip() for line in lines]
