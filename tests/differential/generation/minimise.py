"""Makes a text smaller while what is wrong with it stays."""

from collections.abc import Callable, Iterator

from ..tree import nodes, replaced
from .tree import Binary, Choice, Text


def minimised(text: Text, is_wrong: Callable[[Text], bool], most: int = 400) -> Text:
    """The text with parts left out, after at most that many tries."""
    tries = 0
    while True:
        for smaller in _smaller(text):
            tries += 1
            if tries > most:
                return text
            if is_wrong(smaller):
                text = smaller
                break
        else:
            return text


def _smaller(text: Text) -> Iterator[Text]:
    """Each text with one part less: large parts first, as they stand further out in the tree."""
    for path, node in nodes(text):
        if isinstance(node, tuple) and not isinstance(node, str):
            for number in range(len(node)):
                yield replaced(text, path, (*node[:number], *node[number + 1 :]))
        elif isinstance(node, Binary):
            yield replaced(text, path, node.left)
            yield replaced(text, path, node.right)
        elif isinstance(node, Choice):
            yield replaced(text, path, node.then)
