"""Terms to SMT-LIB 2 text, the form in which obligations reach a solver."""

from collections.abc import Iterable

from spteproof.solver.terms import Term, reachable


class Script:
    """An SMT-LIB 2 script that grows; each term is defined once and named after its number."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._names: dict[int, str] = {}

    def text(self) -> str:
        return "\n".join(self._lines)

    def line(self, text: str) -> None:
        self._lines.append(text)

    def name(self, term: Term) -> str:
        """The name (or literal) under which the script knows the term; defines what is missing."""
        self.define([term])
        return self._names[term.number]

    def define(self, roots: Iterable[Term]) -> None:
        for term in reachable(roots, stop=self._names.keys()):
            if term.number not in self._names:
                self._names[term.number] = self._define(term)

    def _define(self, term: Term) -> str:
        sort = "(_ BitVec 64)" if term.is_word else "Bool"
        if term.operator == "word":
            return word_literal(term.constant())
        if term.operator == "truth":
            return "true" if term.value else "false"
        if term.operator == "variable":
            name = f"|{term.value}|"
            self._lines.append(f"(declare-const {name} {sort})")
            return name
        name = f"t{term.number}"
        children = " ".join(self._names[child.number] for child in term.children)
        self._lines.append(f"(define-fun {name} () {sort} ({term.operator} {children}))")
        return name

    def require(self, term: Term) -> None:
        self._lines.append(f"(assert {self.name(term)})")

    def literal(self, name: str, term: Term) -> None:
        """Declares the truth value `name`, which implies the term: for checks under assumptions."""
        self._lines.append(f"(declare-const {name} Bool)")
        self._lines.append(f"(assert (=> {name} {self.name(term)}))")

    def equal(self, name: str, term: Term) -> None:
        """Declares the truth value `name`, which is the term's: to be read from models."""
        self._lines.append(f"(declare-const {name} Bool)")
        self._lines.append(f"(assert (= {name} {self.name(term)}))")


def word_literal(value: int) -> str:
    return f"#x{value:016x}"
