"""Compares a bundle with texts, its own or those at hand: they are those it was made from, they raise the questions
whose answers it holds, and the executions that refute are replayed by the interpreter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from spteproof.certifying.shapes import PART, WITNESS, parsed
from spteproof.certifying.store import Spoilt, Store
from spteproof.certifying.texts import digests_of, texts_of
from spteproof.grammar.checked import Library
from spteproof.grammar.modules import Loaded
from spteproof.running.pipeline import pieces
from spteproof.solver.certificates.collecting import Collector, Witnessing
from spteproof.solver.certificates.obligations import all_of, none_of
from spteproof.solver.certificates.parts import JSON, canonical, case_of, digest, verdict_of
from spteproof.solver.certificates.witnesses import from_json
from spteproof.solver.counterexamples import Hunt
from spteproof.solver.doubts import INTERNAL, TIME
from spteproof.solver.proof import Prover
from spteproof.solver.results import REFUTED, UNKNOWN, Result, Skipped

NOT_COMPARED = "its questions could not be compared with those of the texts"


@dataclass(slots=True)
class Confirmed:
    """What the comparison gave of one theorem: `problems` make the bundle invalid, `holes` say what could not be
    compared; `replayed` counts executions, and `broken` are the claims that they violate, each with where."""

    theorem: str
    problems: list[str] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)
    replayed: int = 0
    broken: set[str] = field(default_factory=set)

    def leave_open(self) -> None:
        """Its questions could not be compared."""
        if NOT_COMPARED not in self.holes:
            self.holes.append(NOT_COMPARED)


def differing_texts(manifest: Mapping[str, Any], loaded: Loaded, library: Library) -> list[str]:
    """Why the texts are not those that the bundle was made from; nothing where they are."""
    spoken_of = [*manifest["parts"], *manifest["lost"]]
    missing = [name for name in spoken_of if name not in library.theorems and name not in library.layouts]
    if missing:
        return [f"the texts have no `{name}`" for name in missing]
    made_from = {each["sha256"] for each in manifest["texts"]}
    speaking = digests_of(texts_of(loaded, library, spoken_of).values())
    changed = [name for name, found in speaking.items() if found not in made_from]
    gone = made_from - set(speaking.values())
    problems = [f"{name} is not the text that the certificates were made from" for name in changed]
    return problems or [f"{len(gone)} texts that the certificates were made from say nothing of them"][: len(gone)]


class Confirming(Collector):
    """Hears the questions again, and replays the recorded executions of each claim that can be violated: whether
    another one is found now does not matter."""

    def __init__(self, store: Store, texts: Mapping[str, str]) -> None:
        super().__init__(texts=texts)
        self.store = store
        self.part: Mapping[str, Any] = {"cases": []}
        self.found = Confirmed("")
        self.seen: set[tuple[int, str]] = set()

    def begin(self, part: Mapping[str, Any], found: Confirmed) -> None:
        """What comes is to be compared with this part."""
        self.part, self.found, self.seen = part, found, set()

    def refuted(self, claim: str, hunt: Hunt) -> None:
        number = len(self.cases) - 1
        if number >= len(self.part["cases"]) or (number, claim) in self.seen:
            return
        self.seen.add((number, claim))
        case = self.part["cases"][number]
        for each in case["witnesses"]:
            if each["claim"] == claim and self._replay(each, hunt):
                self.found.replayed += 1
                self.found.broken.add(_claim_in(case, claim))

    def _replay(self, recorded: Mapping[str, Any], hunt: Hunt) -> bool:
        try:
            value = parsed(self.store.get(recorded["witness"], JSON), WITNESS)
            witness = from_json(value, hunt.setting, hunt.theorem, hunt.surroundings.transitions, self.texts)
            answer: object = hunt.judged(witness, recorded["bits"])
        except (
            Spoilt,
            KeyError,
            IndexError,
            TypeError,
            ValueError,
            AttributeError,
            AssertionError,
            RecursionError,
        ) as error:
            answer = f"it cannot be read ({error})"
        if isinstance(answer, str):
            self.found.problems.append(f"an execution that refutes `{recorded['claim']}` does not count: {answer}")
        return not isinstance(answer, str)


def _claim_in(case: Mapping[str, Any], claim: str) -> str:
    """A claim of one instance; `case` is a case or a verdict on it."""
    return canonical([case["layout"], case["era"], case["params"], claim])


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Decides theorems again, and compares each instance with its part; how one task is done (runs.Pieces)."""

    store: Store
    parts: Mapping[str, Sequence[str | None]]
    texts: Mapping[str, str]

    def __call__(self, library: Library, name: str, prover: Prover, start: int) -> Iterator[list[Confirmed]]:
        collector = Confirming(self.store, self.texts)
        budget = replace(prover.budget, told=collector, shortest_seconds=0.0)
        alone = Prover(library, budget, keep=prover.keep, kind=Witnessing)
        recorded = [None if each is None else parsed(self.store.get(each), PART) for each in self.parts[name]]
        again = pieces(library, name, alone)
        number = 0
        while True:
            found = Confirmed(name)
            missing = number < len(recorded) and recorded[number] is None
            part = recorded[number] if number < len(recorded) else None
            collector.begin(part or {"cases": []}, found)
            piece = next(again, None)
            heard = collector.taken()
            if piece is None and part is None and not missing:
                return
            if missing and piece is not None:
                found.holes.append("an instance was given up when the bundle was made")
            elif piece is None or part is None:
                found.problems.append("the texts have other instances")
            else:
                self._compare(part, piece, heard, found)
            if number >= start:
                yield [found]
            number += 1

    def _compare(
        self, part: Mapping[str, Any], piece: Sequence[Result | Skipped], heard: Collector, found: Confirmed
    ) -> None:
        gave_up = any(isinstance(each, Result) and _gave_up(each) for each in piece)
        gave_up = gave_up or any(each.open for each in heard.scripts.values())
        _compare_verdicts(part, piece, found, gave_up)
        if found.problems or not _raise_the_same(part, heard, found, gave_up):
            return
        self._compare_obligations(part, heard, found)
        recorded = sum(len(case["witnesses"]) for case in part["cases"])
        if found.replayed != recorded and not found.problems and not found.holes:
            found.problems.append(f"{recorded - found.replayed} executions belong to no refuted claim")

    def _compare_obligations(self, part: Mapping[str, Any], collector: Collector, found: Confirmed) -> None:
        """The obligations that the bundle shows are those of the scripts and questions of the texts."""
        for recorded, script in zip(part["scripts"], collector.scripts, strict=True):
            made = []
            if "refutation" in recorded:
                made.append((recorded["refutation"]["obligation"], none_of(script, recorded["no"])))
            for each in recorded.get("satisfactions", []):
                made.append((each["obligation"], all_of(script, each["asked"])))
            for name, text in made:
                if self.store.get(name) != text:
                    found.problems.append(f"{name} is not the obligation of the texts")


def _compare_verdicts(
    part: Mapping[str, Any], results: Sequence[Result | Skipped], found: Confirmed, gave_up: bool
) -> None:
    decided = [each for each in results if isinstance(each, Result)]
    again = list(map(verdict_of, decided))
    keys = ("property", "line", "layout", "era", "params")
    if [[each[key] for key in keys] for each in again] != [[each[key] for key in keys] for each in part["verdicts"]]:
        if gave_up:  # then some of the claims are not looked at
            found.leave_open()
        else:
            found.problems.append("the verdicts are not about the claims of the texts")
        return
    for now, then in zip(again, part["verdicts"], strict=True):
        what = f"`{now['property']}` in {now['layout']}"
        broken = then["verdict"] == REFUTED and _claim_in(then, then["property"]) in found.broken
        if now["verdict"] != then["verdict"] and not (broken and now["verdict"] == UNKNOWN):
            if now["verdict"] == UNKNOWN and gave_up:
                found.holes.append("a verdict could not be reached again: the solver gave up")
            elif then["verdict"] == UNKNOWN:
                found.holes.append("a verdict was unknown when the bundle was made, and is reached now")
            else:
                found.problems.append(f"{what} is {now['verdict']}, not {then['verdict']}")
        elif now["arguments"] != then["arguments"]:
            named = ", ".join(now["arguments"]) or "none"
            found.problems.append(f"{what} rests on other arguments than the bundle names: {named}")


def _gave_up(result: Result) -> bool:
    """Whether there might be a verdict with more time, more memory or another machine."""
    return result.verdict == UNKNOWN and result.reason_id in (TIME, INTERNAL, None)


def _raise_the_same(part: Mapping[str, Any], collector: Collector, found: Confirmed, gave_up: bool) -> bool:
    """Whether the same cases raise the same questions; the answers are the same then. Where the tool `gave_up` it may
    have asked less."""
    place = {script: number for number, script in enumerate(collector.scripts)}
    again = [case_of(each, place) for each in collector.cases]
    keys = ("layout", "era", "params", "placement", "sections")
    recorded = [{key: each[key] for key in keys} for each in part["cases"]]
    scripts = [(digest(script), answers.about) for script, answers in collector.scripts.items()]
    if again != recorded or scripts != [(each["digest"], each["about"]) for each in part["scripts"]]:
        if found.holes or gave_up:
            found.leave_open()
        else:
            found.problems.append("the questions are not those of the texts")
        return False
    for then, answers in zip(part["scripts"], collector.scripts.values(), strict=True):
        for kind, asked in (("no", answers.no), ("yes", answers.yes)):
            if {tuple(each) for each in then.get(kind, [])} != set(asked):
                if answers.open or "open" in then or gave_up:
                    found.leave_open()
                else:
                    found.problems.append("the answers are not those that the texts give")
    return True
