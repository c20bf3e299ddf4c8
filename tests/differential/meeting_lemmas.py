"""The lemmas of the random texts of `meeting.py`, and what all their values say of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from .meeting_cases import LAYOUTS, Case, Tree, without_m
from .meeting_machine import Program, function
from .meeting_text import block, said
from .meeting_words import Words

NAMES = {"x": 0, "m": 1, "y": 2, "p": 3}


@dataclass
class Lemma:
    """Of a layout and an era of its own, with any x, m and p; `claims` are conditions."""

    layout: str
    eras: list[str | None]
    choices: list[str] | None
    body: list[Tree]
    claims: list[Tree]


class LemmaGrower(Words):
    """A lemma of a text, as `lemma`."""

    def lemma(self, case: Case) -> Lemma:
        r = self.r
        self.words, self.truths, self.simple = ["x", "y", "y", "m"], ["p"], False
        choices = r.choice([None, None, ["W", "D"]])
        eras = [each for each in case.members if self.chance(0.7)] or list(case.members)
        body = [("let", "y", self.word()), *self.lines(0)]
        claims = [self.claim() for _ in range(r.choice([2, 3, 4]))]
        first = next((each for each in body if each[0] == "anyw"), None)
        body = [each for each in body if each[0] != "anyw" or each is first]
        return Lemma(r.choice(list(LAYOUTS)), eras, choices, *without_m([body, claims], 0))

    def lines(self, deep: int) -> list[Tree]:
        return [self.line(deep) for _ in range(self.r.choice([0, 1, 1, 2]))]

    def line(self, deep: int) -> Tree:
        kind = self.r.choice(["let", "letp", "anyw", "if", "if", "assume", "assume", "assert"] if not deep else ["let"])
        match kind:
            case "let":
                return kind, "y", self.word()
            case "letp":
                return kind, "p", self.truth()
            case "anyw":
                return kind, "y"
            case "if":
                return kind, self.truth(), [self.line(1)], self.lines(1)
        return kind, self.truth()

    def claim(self) -> Tree:
        made = self.truth()
        return made if self.chance(0.5) else ("->", self.truth(), made)


def lemma_lines(lemma: Lemma) -> list[str]:
    """One line for each claim, between the first and the last."""
    choices = f" in {{{', '.join(lemma.choices)}}}" if lemma.choices else ""
    eras = "" if lemma.eras == [None] else f", era in {', '.join(map(str, lemma.eras))}"
    head = f"lemma l(u64 x0, u64 m0{choices}, bool p0) for layout in {lemma.layout}{eras}"
    body = f"u64 x = x0 & ALL; u64 m = m0 & ALL; u64 y = 0; bool p = p0; {block(lemma.body)}"
    return [f"{head} {{ {body}", *[f"prove that {said(each)};" for each in lemma.claims], "}"]


class Judged:
    """What becomes of a lemma with all values that it may have, in each placement in which there may be an entry."""

    def __init__(self, case: Case, lemma: Lemma, era: str | None, choice: str | None) -> None:
        self.broken: set[Any] = set()
        self.reached = False
        for d in LAYOUTS[lemma.layout][1]:
            meanings = {"W": 1, "D": d, "ALL": 1 | d, "true": 1, "false": 0}
            if choice is not None and not meanings[choice]:
                continue
            program = Program(dict(NAMES), meanings, {}, case.members[era][1])
            scope = {name: f"L[{slot}]" for name, slot in NAMES.items()}
            program.block(lemma.body, scope)
            values = sorted({each & (1 | d) for each in range(4)})
            kept = program.value(case.invariant, {"spte": "x"}) if case.invariant else "True"
            if not any(function("x", kept)(each) for each in values):
                continue
            masks = [meanings[choice]] if choice else values
            for x, m, p in product(values, masks, (0, 1)):
                for _, left in program.settled(0, (x, m, 0, p)):
                    self.reached = True
                    claims = enumerate(lemma.claims)
                    self.broken |= {n for n, each in claims if not eval(program.value(each, scope), {"L": left})}
            if program.failed:
                self.broken.add("asserts")


def lemma_wrong(case: Case, lemma: Lemma, results: list[Any], lines: list[str], counts: Counter) -> Iterator[str]:
    """What is said wrongly of a lemma."""
    first = next(number for number, each in enumerate(lines, 1) if each.startswith("lemma ")) + 1
    for each in results:
        counts[f"lemmas: {each.verdict}"] += 1
        key = "asserts" if each.property == "asserts hold" else each.place.line - first
        if each.property == "every expression is defined":
            continue
        judged = Judged(case, lemma, each.era, each.params.get("m0"))
        right = ["refuted"] if key in judged.broken else ["proved"] if judged.reached else ["vacuous"]
        if key == "asserts":
            right = ["refuted"] if key in judged.broken else ["proved", "vacuous"]
        if each.verdict not in right:
            yield f"{each.property}: {each.verdict}, and it is {right[0]}, in lemma of {each.layout} of {each.era}"
    asked = {(each.era, each.params.get("m0")) for each in results}
    expected = {(era, choice) for era in lemma.eras for choice in lemma.choices or [None]}
    if asked != {each for each in expected if each[1] != "D" or any(LAYOUTS[lemma.layout][1])}:
        yield f"lemma: asked of {asked}, and not of {expected}"
