"""Parts of a text that are left out for a while."""

import re
from collections.abc import Sequence

from spteproof.grammar.splitting import Stretch


def without(text: str, parts: Sequence[Stretch]) -> str:
    """The text with blanks for these parts: all else stays in its place."""
    for part in parts:
        text = text[: part.start] + re.sub(r"[^\r\n]", " ", text[part.start : part.end]) + text[part.end :]
    return text
