"""The pairs of `equivalents.py` under masks of which one may lie anywhere, and with a left helper that each era has of its
own; what is proved is tried in every placement.

    python -m tests.differential.placed_equivalents --seconds 60 --seed 1

Bits 0 and 2 have their places; bit 1 is `some bit or none`, which may be where one of those is. A `proved` for which some
stream tells the two apart in some placement is wrong; a `refuted` is where no stream does in any.
"""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from .equivalent_programs import Assign, Choice, Demand, Event, Program, Statement, Word, helper
from .equivalents import AGENTS, Case, cases
from .tool import results_of

NAMES = {0: "0", 1: "M0", 2: "M1", 4: "M2", 3: "(M0 | M1)", 5: "(M0 | M2)", 6: "(M1 | M2)", 7: "(M0 | M1 | M2)"}
LAYOUTS = {
    "some bit": (2, 1, 4, 8),
    "some bit or none": (2, 1, 4, 8, 0),
}
HEAD = """layout t {{ M0 = bit 0; M1 = {}; M2 = bit 2; {}
    invariant low: !(spte & ~(M0 | M1 | M2)); {} }}
ghost bool g;
"""


def named(text: str) -> str:
    """A text with names for the numbers of its words."""
    return re.sub(r"\b([0-7])(ULL)?\b", lambda found: NAMES[int(found[1])], text)


def at(word: Word, d: int) -> Word:
    match word:
        case int():
            return word & 5 | (d if word & 2 else 0)
        case str():
            return word
        case (operator, left, right):
            return operator, at(left, d), at(right, d)


def placed(body: tuple[Statement, ...], d: int) -> tuple[Statement, ...]:
    """The statements with bit 1 at d."""
    found: list[Statement] = []
    for each in body:
        match each:
            case Event(operation, operands, local):
                found.append(Event(operation, tuple(at(word, d) for word in operands), local))
            case Assign(local, value):
                found.append(Assign(local, at(value, d)))
            case Demand(value):
                found.append(Demand(at(value, d)))
            case Choice(condition, then, other):
                found.append(Choice(at(condition, d), placed(then, d), placed(other, d)))
            case _:
                found.append(each)
    return tuple(found)


@dataclass(frozen=True)
class Placed(Case):
    """A case with bit 1 at `d`."""

    d: int = 2

    def valid(self) -> list[int]:
        everything = 5 | self.d
        words = sorted({each & everything for each in range(16)})
        first = "spte & 1" in self.invariant
        if not self.invariant:
            return words
        return [each for each in words if (not each & 1 or each & self.d if first else not each & 4)]

    def steps(self, value: int) -> list[int]:
        sets, moves, adds = AGENTS
        if self.agent == sets:
            return [value | self.d] if value & 1 else []
        if self.agent == moves:
            return [value & ~4, value ^ 1] if value & self.d else [value & ~4]
        assert self.agent == adds
        return [value | 4] if value & self.d else []


@dataclass(frozen=True)
class Question:
    """`case` of the first era, and the left helper of the second."""

    case: Case
    other: Program | None
    form: str
    disjoint: bool

    def text(self) -> str:
        case = self.case
        apart = "disjoint(M0, M1, M2);" if self.disjoint else ""
        head = HEAD.format(self.form, apart, named(case.invariant))
        agent = f"agent other lockless {{ {named(case.agent)} }}\n" if case.agent else ""
        against = "against nobody" if case.agent is None else "against any number of other" if case.agent else ""
        left = named(helper("left", case.left))
        clause = ""
        if self.other is not None:
            clause = "for era in first, second"
            second = named(helper("left", self.other))
            left = f"interface i {{ helper left() -> u64; }}\nera first implements i {{ {left} }}\n"
            left += f"era second implements i {{ {second} }}\n"
        return (
            f"{head}{agent}{left}{named(helper('right', case.right))}"
            f"theorem q {clause} {against} {{ u64 k = M0; prove equivalent left(), right(); }}\n"
        )

    def apart(self, era: str | None) -> tuple[int, list[int]] | None:
        """A placement and a stream that tell the two apart."""
        left = self.other if era == "second" and self.other is not None else self.case.left
        places = (2,) if self.disjoint else LAYOUTS[self.form]
        for d in (*places, *((0,) if self.disjoint and "none" in self.form else ())):
            programs = [Program(placed(each.body, d), at(each.result, d)) for each in (left, self.case.right)]
            stream = Placed(*programs, self.case.invariant, self.case.agent, d).apart()
            if stream is not None:
                return d, stream
        return None


def questions(seed: int) -> Iterator[Question]:
    """Without end. Of every third the left helper of the second era is the right one."""
    forms = list(LAYOUTS)
    for number, case in enumerate(cases(seed)):
        other = (None, case.right, None)[number % 3]
        yield Question(case, other, forms[number % 2], number % 5 == 0)


def compare(question: Question) -> tuple[list[str], Counter[str]]:
    """What is wrong, and how many verdicts of each kind there were."""
    told = results_of(question.text(), quickly=True)
    if told is None:
        return [], Counter({"texts refused": 1})
    wrong, counts = [], Counter[str]()
    for each in told:
        if not each.property.startswith("equivalent"):
            continue
        counts[each.verdict] += 1
        apart = question.apart(each.era)
        if (each.verdict == "proved" and apart is not None) or (each.verdict == "refuted" and apart is None):
            wrong.append(f"{each.verdict} in era {each.era}, and at {apart}")
    return wrong, counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int)
    asked = parser.parse_args()
    total, met, end = Counter[str](), 0, time.monotonic() + asked.seconds
    for number, question in enumerate(islice(questions(asked.seed), asked.number, None)):
        if time.monotonic() > end:
            break
        wrong, counts = compare(question)
        total += counts
        if wrong:
            met += 1
            print(f"// number {number + (asked.number or 0)}: {'; '.join(wrong)}\n{question.text()}", flush=True)
        if asked.number is not None:
            break
    print(f"{dict(total)}, {met} with differences")
    return 1 if met else 0


if __name__ == "__main__":
    sys.exit(main())
