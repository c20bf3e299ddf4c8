"""Random theorems where features meet: threads, retries, helpers with asserts and references, agents that are programs
of several events with arguments, locks, ghosts, further entries, `refines`, lemmas, `rely`, eras, choices, symbolic bits.
All executions over two bits are walked.

    python -m tests.differential.meeting --seconds 600 --seed 1 [--number 17] [--of retry if]

A verdict is wrong where it is proved or vacuous and some execution violates the claim, proved and nothing gets to what it
speaks of, or vacuous and something does, or refuted and no execution violates it. Some of the claims deny what happens in
an execution: none of these may be proved. Where agents that may run exclude each other by their locks, what is refuted
must happen in an execution in which they do; more may be unknown then.
"""

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from random import Random
from typing import Any

from .meeting_cases import KINDS, LAYOUTS, Case, Tree, excludes
from .meeting_grow import Grower
from .meeting_lemmas import lemma_lines, lemma_wrong
from .meeting_locked import LockedWalk
from .meeting_text import layout, lines_of
from .meeting_walk import TooMany, Walk
from .tool import results_of

SLOW = 1.0


class Slow(BaseException):
    """The tool takes long over a text."""


def walked(case: Case, era: str | None, choice: str | None, kind: type[Walk] = Walk) -> list[Any]:
    """One for each placement, and each value of the parameters."""
    found = []
    for d in LAYOUTS[case.layout][1]:
        meanings = {"W": 1, "D": d, "ALL": 1 | d, "true": 1, "false": 0}
        words = [meanings[choice]] if choice else sorted({each & meanings["ALL"] for each in range(4)})
        used = str([case.first, case.threads, case.last, case.claims, case.uses])
        words = words if choice or case.everybody or "'m'" in used else [0]
        truths = (0, 1) if case.everybody or "('b',)" in used else (0,)
        for m, b in product(words, truths) if not (choice == "D" and not d) else ():
            walk = kind(case, era, {**meanings, "m": m, "b": b})
            walk.run()
            found.append(walk)
    return found


ENDS, INSTANTS = ("start", "end", "g", "a", "c", "p"), ("start", "*sptep", "g")


def spoken_of(walk: Walk, kind: str) -> tuple[str, ...]:
    """What a denial names."""
    child = ("start(child)", "end(child)" if kind == "never" else "*child")
    more = child * walk.case.further + ("w",) * walk.case.record
    return (ENDS if kind == "never" else INSTANTS) + more


def named(walk: Walk, names: tuple[str, ...], values: tuple) -> Tree:
    """Values by names of masks."""
    words = {walk.meanings[each]: each for each in ("D", "W", "ALL")} | {0: "0"}
    parts = {name: words[value] for name, value in zip(names, values, strict=True) if name not in "gp"}
    parts |= {name: str(bool(value)).lower() for name, value in zip(names, values, strict=True) if name in "gp"}
    return tuple({**parts, "m": words[walk.meanings["m"]], "b": str(bool(walk.meanings["b"])).lower()}.items())


def denials(walks: list[Walk], chance: Random, most: int, meanwhile: int) -> Iterator[Tree]:
    """Claims that deny what happens in some execution; half of them what takes the most steps."""
    for kind, many in (("never", most), ("never meanwhile", meanwhile)):
        parts = [(w, list(w.outcomes if kind == "never" else w.instants)) for w in walks]
        late = [(walk, each) for walk, told in parts for each in told[-max(1, len(told) // 8) :]]
        told = [(walk, each) for walk, told in parts for each in told]
        picked = chance.sample(late, min(many // 2, len(late))) + chance.sample(told, min(many - many // 2, len(told)))
        for walk, each in picked:
            yield kind, named(walk, spoken_of(walk, kind), each)


def around(walks: list[Walk], how: str, chance: Random) -> Tree:
    """A `rely`: from what entry to what others the agents may lead in any number of steps, by names of masks; with less
    or more than that."""
    found = set()
    for walk in walks:
        words = {walk.meanings[each]: each for each in ("D", "W", "ALL")} | {0: "0"}
        for start in walk.states:
            seen, waiting = {start}, [start]
            while waiting:
                more = [each for each in walk.next.get(waiting.pop(), ()) if each not in seen]
                seen.update(more)
                waiting += more
            found |= {(words[start[0]], words[each[0]]) for each in seen}
    pairs, names = sorted(found), sorted({one for pair in found for one in pair})
    moves = [each for each in pairs if each[0] != each[1]]
    if how == "less" and moves:
        pairs.remove(chance.choice(moves))
    if how == "more" and names:
        pairs.append((chance.choice(names), chance.choice(names)))
    return "done", *pairs


def excluded(walks: list[Walk], within: list[Any], chance: Random) -> Iterator[Tree]:
    """Claims that deny what happens only where the locks do not exclude it."""
    for kind, many in (("never", 4), ("never meanwhile", 2)):
        parts = (
            (w, locked, w.outcomes if kind == "never" else w.instants) for w, locked in zip(walks, within, strict=True)
        )
        found = [
            (walk, each)
            for walk, locked, told in parts
            for each in told
            if each not in (locked.outcomes if kind == "never" else locked.instants)
        ]
        for walk, each in chance.sample(found, min(many, len(found))):
            yield kind, named(walk, spoken_of(walk, kind), each)


def happens(walk: Walk, claim: Tree) -> bool:
    """Whether what the claim denies happens."""
    meant = {**walk.meanings, "0": 0}
    values = {name: meant[value] for name, value in claim[1]}
    if (values.pop("m"), values.pop("b")) != (walk.meanings["m"], walk.meanings["b"]):
        return False
    told = tuple(values[each] for each in spoken_of(walk, claim[0]))
    return told in (walk.outcomes if claim[0] == "never" else walk.instants)


@contextmanager
def limited(seconds: float):
    def stop(number, frame):
        raise Slow

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def compare(case: Case, chance: Random, most: int = 8) -> tuple[list[str], Counter]:
    """What is wrong, and how many verdicts of each kind there were."""
    try:
        instances = {
            (era, choice): walked(case, era, choice) for era in case.members for choice in case.choices or [None]
        }
        locked = locks_matter(case) and not case.rely
        within = {key: walked(case, *key, LockedWalk) for key in instances} if locked else {}
        walks = [walk for each in instances.values() for walk in each]
        if case.rely in (("done",), ("less",), ("more",)):
            case.rely = around(walks, case.rely[0], chance)
        case.claims += denials(walks, chance, most, 3 if case.claims else 0)
        case.claims += excluded(walks, [walk for each in within.values() for walk in each], chance) if locked else []
        lines = lines_with(case)
        with limited(4 * SLOW if locked else SLOW):
            told = results_of("\n".join(lines), quickly=bool(case.rely) or not locked)
    except Slow:
        return [], Counter({"slow texts": 1})
    except TooMany:
        return [], Counter({"too many configurations": 1})
    if told is None:
        return [], Counter({"texts refused": 1})
    results: dict[tuple, list] = {}
    wrong, counts = [], Counter({"texts": 1})
    if case.lemma:
        wrong += lemma_wrong(case, case.lemma, [each for each in told if each.theorem == "l"], lines, counts)
    for each in (each for each in told if each.theorem == "t"):
        results.setdefault((each.era, each.params.get("m")), []).append(each)
    for key, each in results.items():
        wrong += [f"{told}, in {key}" for told in _wrong_of(case, each, instances[key], counts, lines)]
        wrong += [f"{told}, in {key}" for told in _excluded(case, each, within[key], counts, lines)] if locked else []
    return wrong, counts


def lines_with(case: Case) -> list[str]:
    """The text, with its lemma above the theorem or at its beginning."""
    lines, lemma = lines_of(case), lemma_lines(case.lemma) if case.lemma else []
    if not lemma:
        return lines
    more = [] if case.lemma.layout in ("one", case.layout) else [layout(case, case.lemma.layout)]
    at = 0 if len(case.claims) % 2 else next(n for n, each in enumerate(lines) if each.startswith("theorem "))
    return [*lines[:at], *lemma, *more, *lines[at:]]


def locks_matter(case: Case) -> bool:
    """Whether agents that may run exclude each other, or an agent itself."""
    agents = [*case.agents, *[other for _, _, other in case.members.values()]]
    names = {name for name, _, _ in case.uses}
    held = [each.locks for each in agents if each.name in names or case.everybody]
    return any(excludes(each, other) for each in held for other in held)


def _deny(case: Case, walks: list[Walk]) -> None:
    for walk in walks:
        denied = {n for n, each in enumerate(case.claims) if each[0].startswith("never") and happens(walk, each)}
        walk.broken |= denied


def _key(result: Any, first: int) -> Any:
    known = {"asserts hold": "asserts", "keeps invariants": "keeps"}
    return known.get(result.property, result.place.line - first)


def _excluded(case: Case, results: list, walks: list[Any], counts: Counter, lines: list[str]) -> Iterator[str]:
    """What is refuted, and no execution that the locks allow violates it."""
    _deny(case, walks)
    counts["instances with locks"] += 1
    kept = not any("keeps" in each.broken for each in walks)
    for each in results:
        broken = any(_key(each, len(lines) - len(case.claims)) in walk.broken for walk in walks)
        if each.verdict == "unknown" and each.reason_id == "unknown.locks":
            counts["unknown for locks, and broken" if broken else "unknown for locks, and excluded"] += 1
        if each.verdict != "refuted" or each.property in ("agents are sound", "every expression is defined"):
            continue
        if not broken and any(walk.bounded for walk in walks):
            counts["refuted, beyond the readers that are walked"] += 1
        elif not broken and kept:
            yield f"{each.property}: refuted, and no execution that the locks allow violates it"


def _wrong_of(case: Case, results: list, walks: list[Walk], counts: Counter, lines: list[str]) -> Iterator[str]:
    first = len(lines) - len(case.claims)
    _deny(case, walks)
    said = {each.property for each in results}
    unkept = any("keeps" in each.broken for each in walks) and any(each.verdict != "vacuous" for each in results)
    failed = any("asserts" in each.broken for each in walks)
    faulty = any(each.faulty for each in walks)
    if any(each.verdict != "unknown" for each in results):
        for words, there in (("keeps invariants", unkept), ("asserts hold", failed), ("agents are sound", faulty)):
            if there and words not in said:
                yield f"{words}: not asked"
    for each in results:
        key = _key(each, first)
        counts[each.verdict] += 1
        counts["refuted, and the walk shows it"] += each.verdict == "refuted" and any(key in w.broken for w in walks)
        if each.property not in ("agents are sound", "every expression is defined") and not (
            case.rely and each.verdict == "refuted"
        ):
            yield from (f"{each.property}: {why}" for why in _wrong(each.verdict, key, walks))


def _wrong(verdict: str, key: Any, walks: list[Walk]) -> Iterator[str]:
    """Where invariants are not kept, an agent may have read more than is walked."""
    kept = not any("keeps" in each.broken for each in walks)
    if verdict == "refuted" and kept and not any(key in each.broken for each in walks):
        yield "refuted, and no execution violates it"
    if verdict in ("proved", "vacuous") and any(key in each.broken for each in walks):
        yield f"{verdict}, and some execution violates it"
    if isinstance(key, int):
        reached = any(key in each.subject or key >= len(each.masks) and each.outcomes for each in walks)
        if verdict == "proved" and not reached and kept:
            yield "proved, and nothing gets there"
        if verdict == "vacuous" and reached:
            yield "vacuous, and something gets there"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int)
    parser.add_argument("--of", choices=sorted(set(KINDS)), nargs="*", default=[], help="kinds that each text may hold")
    asked = parser.parse_args()
    end, number, total, met = time.monotonic() + asked.seconds, asked.number or 0, Counter(), 0
    while time.monotonic() < end:
        case = Grower(f"{asked.seed} {number}", asked.of).case()
        wrong, counts = compare(case, Random(f"{asked.seed} {number} denied"))
        total += counts
        if wrong:
            met += 1
            print(f"// seed {asked.seed}, number {number}: {'; '.join(wrong)}", *lines_with(case), sep="\n", flush=True)
        if asked.number is not None:
            break
        number += 1
    print(f"{dict(total)}, {met} with differences")
    return 1 if met else 0


if __name__ == "__main__":
    sys.exit(main())
