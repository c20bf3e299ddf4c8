"""Text in Markdown (CommonMark, and the tables of GitHub): what must be escaped, and how."""

from collections.abc import Sequence

SPECIAL = "\\`*_[]<>#|~&!"


def row(cells: Sequence[str]) -> str:
    """A row of a table; the cells are Markdown already, but for `|`, which may stand escaped or not."""
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("\\|", "|").replace("|", "\\|").replace("\n", " ")


def code(text: str) -> str:
    """As code, whatever stands in it."""
    fence = "`"
    while fence in text:
        fence += "`"
    inner = f" {text} " if text.startswith("`") or text.endswith("`") else text
    return f"{fence}{inner}{fence}"


def escaped(text: str) -> str:
    """As plain text, whatever stands in it; `_` within a word means nothing and stays as it is."""
    return "".join(
        f"\\{letter}" if letter in SPECIAL and not (letter == "_" and _inside(text, place)) else letter
        for place, letter in enumerate(text)
    )


def prose(text: str) -> str:
    """A sentence in which code stands in backquotes, as in the reasons of verdicts."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escaped(text)
    return "".join(code(part) if number % 2 else escaped(part) for number, part in enumerate(parts) if part)


def _inside(text: str, place: int) -> bool:
    return 0 < place < len(text) - 1 and text[place - 1].isalnum() and text[place + 1].isalnum()
