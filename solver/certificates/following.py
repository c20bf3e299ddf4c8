"""Whether a verdict follows from the answers that a part records, and what it rests on. Certificates trust this file.

The rules are those of `decision.py`, on the names of what was asked: `violated2at0` is the first moment at which claim
number 2 can be violated, `subject2` is what it speaks of, and `triggered2`, `branch1` and `busy_x` decide no verdict.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_OF_CLAIM = re.compile(r"\|?(violated|subject|triggered)(\d+)(?:at\d+)?\|?")
_REPORTED = re.compile(r"\(?(?:or )?\|?(?:branch|busy_)")
PROVED, REFUTED, VACUOUS, UNKNOWN = "proved", "refuted", "vacuous", "unknown"
_AFTER = re.compile(r"\bafter\b")
_REFRESHED = {"otherwise", "later", "stale"}
_BESIDE_EQUIVALENCE = {"undefined", "strays", "broken"}
EVALUATION = "evaluation"
INVARIANTS = "keeps invariants"
AGENTS, DUTIES = "agents", "agents' duties"
RETRY, AGENTS_RETRY = "retry", "agents' retry"

Part = Mapping[str, Any]


@dataclass(slots=True)
class Rest:
    """What a verdict rests on: `wrong` says why it does not follow from what is recorded, `holes` what is taken on
    trust, `replays` is whether it is a refutation, which counts once its executions are replayed with the spec."""

    wrong: str | None = None
    holes: list[str] = field(default_factory=list)
    replays: bool = False


def rest_of(verdict: Mapping[str, Any], part: Part) -> Rest:
    """What one verdict of a part rests on. Raises KeyError, TypeError, IndexError or ValueError for what is no part."""
    cases = [each for each in part["cases"] if _place(each) == _place(verdict)]
    if verdict["verdict"] == UNKNOWN:
        return Rest()
    if verdict["verdict"] not in (PROVED, VACUOUS, REFUTED):
        return Rest(wrong="there is no such verdict")
    if EVALUATION in verdict["arguments"]:
        return Rest(replays=True)
    if verdict["verdict"] == REFUTED:
        return Rest(replays=True) if cases else Rest(wrong="there is no case that it speaks of")
    return _Following(verdict, part, cases).rest()


def _place(value: Mapping[str, Any]) -> tuple[Any, ...]:
    return value["layout"], value["era"], sorted(value["params"].items())


class _Following:
    """`relies` is whether an author's rely stands for the agents, which may allow what no steps of theirs lead to."""

    def __init__(self, verdict: Mapping[str, Any], part: Part, cases: Sequence[Part]) -> None:
        self.verdict, self.part, self.cases = verdict, part, cases
        self.can_happen, self.relies = 0, False

    def rest(self) -> Rest:
        if not self.cases:
            return Rest(wrong="there is no case that it speaks of")
        holes: dict[str, None] = {}
        for case in self.cases:
            scripts = [self.part["scripts"][place] for each in case["sections"] for place in each["scripts"]]
            self.relies = any(each["about"] == "rely" for each in scripts)
            stated = [each for each in case["sections"] if each["claims"] is None or self._numbers(each)]
            if not any(each["claims"] for each in stated):
                return Rest(wrong="it is no claim of a case that it speaks of")
            for section in stated:
                for script in (self.part["scripts"][place] for place in section["scripts"]):
                    wrong = self._wrong(script, section)
                    if wrong is not None:
                        return Rest(wrong=wrong)
                    holes.update(dict.fromkeys(self._holes(script, section)))
                scripts = [self.part["scripts"][place] for place in section["scripts"]]
                loops = {about: [each for each in scripts if each["about"] == about] for about in (RETRY, AGENTS_RETRY)}
                claim = self.verdict["property"]
                if _leaves_iterations_out(loops[RETRY], claim) or _leaves_iterations_out(loops[AGENTS_RETRY], ""):
                    return Rest(wrong="that one failed iteration stands for all is not shown")
            if not any(self._answers(section) for section in stated):
                return Rest(wrong=f"nothing shows that it is {self.verdict['verdict']}")
        if self.verdict["verdict"] == PROVED and not self.can_happen:
            return Rest(wrong="nothing shows that what it speaks of can happen")
        return Rest(holes=list(holes))

    def _answers(self, section: Part) -> bool:
        """Whether some question about the claim was answered as the verdict says. Where what it speaks of cannot happen
        in one case, it may be proved in others."""
        own = self._own(section)
        for script in (self.part["scripts"][place] for place in section["scripts"]):
            no, asked = script.get("no", []), [*script.get("no", []), *script.get("yes", [])]
            nothing = script["about"] == "equivalence" and _tells("violated", own, asked) and [] in no
            never = nothing or _tells("subject", own, [each for each in no if len(each) == 1])
            if never or self.verdict["verdict"] == PROVED and _tells("violated", own, no):
                return True
        return False

    def _numbers(self, section: Part) -> set[int]:
        """The claim's own numbers, and those of the invariants, on which others may rest."""
        texts = section["claims"] or []
        own = {number for number, text in enumerate(texts) if text == self.verdict["property"]}
        return own | {number for number, text in enumerate(texts) if own and text == INVARIANTS}

    def _own(self, section: Part) -> set[int]:
        texts = section["claims"] or []
        return {number for number, text in enumerate(texts) if text == self.verdict["property"]}

    def _wrong(self, script: Part, section: Part) -> str | None:
        """Why the answers of one script do not give the verdict."""
        refused = [*script.get("yes", []), *script.get("open", [])]
        if script["about"] in ("closure", "rely") and refused:
            return f"the {script['about']} is not shown"
        if script["about"] == DUTIES and any(each.startswith("undefined") for each in _names(refused)):
            return "that what agents are given is defined is not shown"
        own = self._own(section)
        if self.verdict["verdict"] == VACUOUS and _tells("subject", own, refused):
            return "what it speaks of may happen"
        if script["about"] == "equivalence" and _tells("violated", own, [*script.get("no", []), *refused]):
            self.can_happen += (["|alone|"] if self.relies else []) in _yes(script)
            if _tells("violated", own, refused):
                return "a violation is not excluded"
            if self.verdict["verdict"] == PROVED and _names(refused) & _BESIDE_EQUIVALENCE:
                return "what the equivalence rests on besides is not shown"
        if script["about"] == "program":
            if any(each.startswith("overtaken") for each in _names(refused)):
                return "that accesses take effect in the order of the text is not shown"
            happens = [each for each in _yes(script) if not self.relies or "|stepwise|" in each]
            self.can_happen += _tells("subject", own, happens)
            if _tells("violated", own, refused):
                return "a violation is not excluded"
        return None

    def _holes(self, script: Part, section: Part) -> Iterator[str]:
        """The answers that it rests on and that have no certificate."""
        if script["about"] == AGENTS:
            return
        numbers = self._numbers(section)
        for kind, missing in (("no", "not refuted"), ("yes", "not satisfied")):
            if missing in script:
                asked = [each for each in script.get(kind, []) if self._matters(each, numbers)]
                if asked:
                    yield f"{script['about']}: {script[missing]}"

    @staticmethod
    def _matters(asked: Sequence[str], numbers: set[int]) -> bool:
        claim = _claim(asked)
        if claim is not None:
            return claim[0] != "triggered" and claim[1] in numbers
        return not any(_REPORTED.match(each) for each in asked)


def _yes(script: Part) -> Sequence[Sequence[str]]:
    return script.get("yes", [])  # type: ignore[no-any-return]


def _leaves_iterations_out(loops: Sequence[Part], claim: str) -> bool:
    """Whether some of these retries may change something in a failed iteration, or leave something that matters to the
    next one where no exchange is shown to have found it; or whether the claim counts what all of them find, or which is
    last."""
    open_ = [_names([*each.get("yes", []), *each.get("open", [])]) for each in loops]
    carrying = [names for names in open_ if any(name.startswith("matters") for name in names)]
    refreshed = sum(_names(each.get("no", [])) >= _REFRESHED for each in loops)
    if len(carrying) > refreshed or any("changes" in names for names in open_):
        return True
    if claim.startswith(("always ", INVARIANTS)):
        return any("waits" in names for names in open_)
    if claim.startswith("resurrects "):
        return bool(carrying)
    _, ensures, condition = claim.partition("ensures ")
    return ensures != "" and _AFTER.search(condition) is not None and any("silent" in names for names in carrying)


def _names(asked: Sequence[Sequence[str]]) -> set[str]:
    """The names that were assumed alone."""
    return {each[0].strip("|") for each in asked if len(each) == 1}


def _tells(kind: str, numbers: set[int], asked: Sequence[Sequence[str]]) -> bool:
    """Whether some question is of this kind and about one of these claims."""
    return any(_claim(each) in {(kind, number) for number in numbers} for each in asked)


def _claim(asked: Sequence[str]) -> tuple[str, int] | None:
    """The kind and the number of the claim that a question is about."""
    found = _OF_CLAIM.fullmatch(asked[0]) if asked else None
    return (found.group(1), int(found.group(2))) if found else None
