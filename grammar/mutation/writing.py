"""Pieces of a text, put together anew."""

from dataclasses import dataclass

from spteproof.grammar import surface as s


@dataclass(frozen=True, slots=True)
class Edit:
    """What was changed, and the replacement of [start, end)."""

    kind: str
    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Quotes a text by its tree."""

    text: str

    def of(self, node: s.Surface) -> str:
        return self.text[node.start : node.end]

    def standing_for(self, node: s.Surface, new: str) -> str:
        """In brackets where the node is."""
        said = self.of(node)
        return f"({new})" if said.startswith("(") and _closes_at_end(said) else new

    def operand(self, node: s.Surface) -> str:
        """Quoted so that it may stand beside any operator."""
        said = self.of(node)
        plain = isinstance(node, s.Name | s.Number | s.Truth | s.CallOf | s.Dereference)
        return said if plain or said.startswith("(") and _closes_at_end(said) else f"({said})"


def _closes_at_end(said: str) -> bool:
    """Whether the bracket that opens the text closes at its end."""
    depth = 0
    for at, character in enumerate(said):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(said) - 1
    return False
