"""Bitwuzla's opinion (Niemetz and Preiner, "Bitwuzla", CAV 2023)."""

from typing import Any

import bitwuzla


class Bitwuzla:
    """Answers about one script, asked again and again under assumptions; `seconds` limit each answer."""

    def __init__(self, script: str, seconds: float) -> None:
        options = bitwuzla.Options()
        options.set(bitwuzla.Option.TIME_LIMIT_PER, max(1, int(seconds * 1000)))
        self._parser: Any = bitwuzla.Parser(bitwuzla.TermManager(), options)
        self._parser.parse(script, True, False)
        self._solver: Any = self._parser.bitwuzla()

    def holds(self, assumed: tuple[str, ...]) -> bool | None:
        """Whether the script holds together with these formulas; None where time ran out."""
        answer = self._solver.check_sat(*[self._parser.parse_term(each) for each in assumed])
        return {bitwuzla.Result.SAT: True, bitwuzla.Result.UNSAT: False}.get(answer)
