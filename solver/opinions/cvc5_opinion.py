"""cvc5's opinion (Barbosa and others, "cvc5: A Versatile and Industrial-Strength SMT Solver", TACAS 2022)."""

from typing import Any

import cvc5


class Cvc5:
    """Answers about one script, asked again and again under assumptions; `seconds` limit each answer."""

    def __init__(self, script: str, seconds: float) -> None:
        terms = cvc5.TermManager()
        self._solver: Any = cvc5.Solver(terms)
        self._solver.setOption("incremental", "true")
        self._solver.setOption("tlimit-per", str(max(1, int(seconds * 1000))))
        self._solver.setLogic("QF_BV")
        self._symbols: Any = cvc5.SymbolManager(terms)
        self._parser: Any = cvc5.InputParser(self._solver, self._symbols)
        self._give(script)
        while not (command := self._parser.nextCommand()).isNull():
            command.invoke(self._solver, self._symbols)

    def _give(self, text: str) -> None:
        self._parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "asked")

    def holds(self, assumed: tuple[str, ...]) -> bool | None:
        """Whether the script holds together with these formulas; None where time ran out."""
        terms = []
        for each in assumed:
            self._give(each)
            terms.append(self._parser.nextTerm())
        answer = self._solver.checkSatAssuming(*terms) if terms else self._solver.checkSat()
        return True if answer.isSat() else False if answer.isUnsat() else None
