"""A part of a bundle, on one instance of a theorem: its verdicts, the questions that they rest on, and where
their certificates are.

Texts are handed to a store, which gives each a name; equal texts have one name. docs/certificates.md describes the
format.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spteproof.solver.certificates.collecting import Answers, CollectedCase, Collector
from spteproof.solver.certificates.following import EVALUATION
from spteproof.solver.certificates.making import Disagreement, NotCertified, refuted_text, satisfied
from spteproof.solver.certificates.obligations import Asked, none_of
from spteproof.solver.certificates.reading import Unreadable
from spteproof.solver.results import REFUTED, Result

OBLIGATION, CLAUSES, LEMMAS, JSON = "smt2", "cnf", "lrat", "json"
"""The kinds of texts that are stored."""

Put = Callable[[str, str], str]
"""Stores a text of some kind, and gives its name."""


@dataclass(slots=True)
class Certifier:
    """Makes parts, in one process; what was certified once is not certified again."""

    put: Put
    _refutations: dict[str, dict[str, str]] = field(default_factory=dict)
    _satisfied: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def part(self, name: str, number: int, results: Sequence[Result], collected: Collector) -> dict[str, Any]:
        """The part on one instance of a theorem, or on one assert of a layout, by its number."""
        places = {script: place for place, script in enumerate(collected.scripts)}
        return {
            "theorem": name,
            "number": number,
            "verdicts": [verdict_of(each) for each in results],
            "scripts": [self._script(script, answers) for script, answers in collected.scripts.items()],
            "cases": [self._case(each, places) for each in collected.cases],
        }

    def _script(self, script: str, answers: Answers) -> dict[str, Any]:
        made: dict[str, Any] = {"digest": digest(script), "about": answers.about}
        made |= {kind: _lists(asked) for kind, asked in (("no", answers.no), ("yes", answers.yes)) if asked}
        if answers.open:
            made["open"] = _lists(answers.open)
        try:
            if answers.no:
                made["refutation"] = self._refutation(script, list(answers.no))
        except (NotCertified, Unreadable) as reason:
            made["not refuted"] = _reason(reason)
        try:
            if answers.yes:
                made["satisfactions"] = self._satisfactions(script, list(answers.yes))
        except (NotCertified, Unreadable) as reason:
            made["not satisfied"] = _reason(reason)
        return made

    def _refutation(self, script: str, asked: Sequence[Asked]) -> dict[str, str]:
        text = none_of(script, asked)
        key = digest(text)
        if key not in self._refutations:
            found = refuted_text(text, asked)
            self._refutations[key] = {
                "obligation": self.put(OBLIGATION, found.text),
                "clauses": self.put(CLAUSES, found.dimacs),
                "lemmas": self.put(LEMMAS, found.lemmas),
            }
        return self._refutations[key]

    def _satisfactions(self, script: str, asked: Sequence[Asked]) -> list[dict[str, Any]]:
        key = digest(none_of(script, asked))
        if key not in self._satisfied:
            self._satisfied[key] = [
                {
                    "asked": _lists(found.asked),
                    "obligation": self.put(OBLIGATION, found.text),
                    "values": self.put(JSON, canonical(found.values)),
                }
                for found in satisfied(script, asked)
            ]
        return self._satisfied[key]

    def _case(self, collected: CollectedCase, places: Mapping[str, int]) -> dict[str, Any]:
        witnesses = [
            {"claim": claim, "bits": bits, "witness": self.put(JSON, canonical(witness))}
            for claim, bits, witness in collected.witnesses
        ]
        return {**case_of(collected, places), "witnesses": witnesses}


def case_of(collected: CollectedCase, places: Mapping[str, int]) -> dict[str, Any]:
    """One case as it is recorded, without its witnesses; `places` are those of the scripts."""
    case = collected.case
    return {
        "layout": case.layout,
        "era": case.era,
        "params": dict(case.params),
        "placement": digest(canonical(dict(case.values))),
        "sections": [
            {
                "claims": None if each.claims is None else list(each.claims),
                "order": each.order,
                "trusting": each.trusting,
                "scripts": [places[script] for script in each.scripts],
            }
            for each in collected.sections
        ],
    }


def verdict_of(result: Result) -> dict[str, Any]:
    """A verdict as it is recorded."""
    scope = result.scope
    rests = {
        EVALUATION: scope.solver == EVALUATION,
        "placements": scope.placements > 1 and scope.solver != EVALUATION,
        "schedules": bool(scope.threads),
        "retries": bool(scope.retries),
    }
    return {
        "property": result.property,
        "line": result.place.line,
        "layout": result.layout,
        "era": result.era,
        "params": dict(result.params),
        "verdict": result.verdict,
        "reason": None if result.verdict == REFUTED else result.reason,
        "arguments": [argument for argument, does in rests.items() if does],
    }


def files_of(part: dict[str, Any]) -> Iterator[str]:
    """The names of all texts that a part speaks of."""
    for script in part["scripts"]:
        yield from script.get("refutation", {}).values()
        for made in script.get("satisfactions", ()):
            yield from (made["obligation"], made["values"])
    yield from (each["witness"] for case in part["cases"] for each in case["witnesses"])


def disagreements(part: dict[str, Any]) -> list[str]:
    """What the two solvers disagree about in a part."""
    reasons = [script.get(kind, "") for script in part["scripts"] for kind in ("not refuted", "not satisfied")]
    return [each for each in reasons if each.startswith(DISAGREE)]


DISAGREE = "disagreement: "


def _reason(error: Exception) -> str:
    return f"{DISAGREE if isinstance(error, Disagreement) else ''}{error}"


def _lists(asked: Iterable[Asked]) -> list[list[str]]:
    return [list(each) for each in asked]


def canonical(value: Any) -> str:
    """JSON in one form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
