"""Terms over parameters alone, as C text: `level == 1`."""

from spteproof.solver.terms import Term

_SYMBOLS = {
    "bvand": "&",
    "bvor": "|",
    "bvxor": "^",
    "bvadd": "+",
    "bvsub": "-",
    "bvmul": "*",
    "bvshl": "<<",
    "bvlshr": ">>",
    "bvashr": ">>",
    "=": "==",
    "bvult": "<",
    "bvslt": "<",
    "and": "&&",
}
_NEGATED = {"=": "!=", "bvult": ">=", "bvslt": ">="}
_TURNED = {"<": ">", ">=": "<="}
_DEPTH_LIMIT = 6


def term_text(term: Term, *, holds: bool = True) -> str:
    """The term; a truth value that does not hold as its negation. Deep terms are cut with `...`."""
    if holds:
        return _text(term, 0)
    if term.operator in _NEGATED:
        return _infix(term, _NEGATED[term.operator], 0)
    return f"!{_inner(term, 0)}"


def _text(term: Term, depth: int) -> str:
    if depth > _DEPTH_LIMIT:
        return "..."
    if term.operator == "word":
        value = term.constant()
        return str(value) if value < 1 << 12 else f"{value:#x}"
    if not term.children:
        return str(term.value).lower() if term.operator == "truth" else str(term.value)
    if term.operator in ("not", "bvnot"):
        return f"{'!' if term.operator == 'not' else '~'}{_inner(term.children[0], depth + 1)}"
    if term.operator == "ite":
        return " ".join(
            f"{mark}{_inner(each, depth + 1)}" for mark, each in zip(("", "? ", ": "), term.children, strict=True)
        )
    return _infix(term, _SYMBOLS[term.operator], depth)


def _infix(term: Term, symbol: str, depth: int) -> str:
    """Constants stand left in commuting terms, right in what a person writes."""
    parts = [_inner(child, depth + 1) for child in term.children]
    if term.operator in ("=", "bvult", "bvslt", "bvand", "bvor", "bvxor") and term.children[0].operator == "word":
        parts.reverse()
        symbol = _TURNED.get(symbol, symbol)
    return f" {symbol} ".join(parts)


def _inner(term: Term, depth: int) -> str:
    text = _text(term, depth)
    return f"({text})" if " " in text else text
