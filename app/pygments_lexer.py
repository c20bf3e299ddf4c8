"""Colours for documents that Pygments highlights: the lexer `spte`."""

from typing import Any

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    Whitespace,
)

from spteproof import highlighting as h


def _words(group: tuple[str, ...]) -> Any:
    return words(group, prefix=r"\b", suffix=r"\b")


class SpteLexer(RegexLexer):
    """Texts about shadow page table entries."""

    name = "spte"
    aliases = ["spte"]
    filenames = ["*.spte"]
    mimetypes = ["text/x-spte"]
    url = ""

    tokens = {
        "root": [
            (r"\s+", Whitespace),
            (r"//[^\n]*", Comment.Single),
            (r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/", Comment.Multiline),
            (
                r"\b(layout|family|interface|era|agent)(\s+)([A-Za-z_]\w*)",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (
                r"\b(predicate|function|helper|theorem|lemma|step)(\s+)([A-Za-z_]\w*)",
                bygroups(Keyword.Declaration, Whitespace, Name.Function),
            ),
            (_words(h.ITEMS), Keyword.Declaration),
            (_words(h.SORTS), Keyword.Type),
            (_words((*h.CONSTANTS, *h.VERDICTS)), Keyword.Constant),
            (_words((*h.STATEMENTS, *h.PROPERTIES, *h.CLAUSES)), Keyword),
            (_words(h.OPERATIONS), Name.Builtin),
            (_words(h.INSTANTS), Name.Builtin.Pseudo),
            (h.NUMBER, Number),
            (r"[A-Za-z_]\w*(?=\s*\()", Name.Function),
            (r"[A-Za-z_]\w*", Name),
            (h.OPERATOR, Operator),
            (r"[{}();,.]", Punctuation),
        ]
    }
