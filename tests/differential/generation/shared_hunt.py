"""Asks the tool about the random texts of `shared_state.py`, and tries what it says to be proved.

python -m tests.differential.generation.shared_hunt --seed 1 --seconds 600
python -m tests.differential.generation.shared_hunt --seed 1 --number 17      # one text again
"""

import argparse
import signal
import time
from contextlib import nullcontext
from random import Random

from spteproof.running.pipeline import BadInput, Session
from spteproof.solver.results import Budget, Result

from ..shared_state import Grower, differences, text_of
from .asking import quick

SLOW = 6
WHOLE = 8
"""Of so many texts one is asked about with all its counterexamples."""


class Slow(BaseException):
    """The tool takes long over a text."""


def verdicts_of(grower: Grower) -> list[Result]:
    """What the tool says of a text, without counterexamples."""
    with quick():
        results = Session(Budget()).prove_text(text_of(grower)).results
    return [each for each in results if isinstance(each, Result)]


def _too_slow(number, frame) -> None:
    raise Slow


def hunt(seed: int, first: int, stop: int | None, seconds: float, runs: int = 400):
    """Texts one after the other; what was wrong, and how many texts and verdicts were tried. A text over which the tool
    takes longer than SLOW seconds of the processor is left."""
    session, started, number, tried, wrong = Session(Budget(shortest_seconds=0.05)), time.monotonic(), first, 0, []
    refused, words = 0, {}
    signal.signal(signal.SIGVTALRM, _too_slow)
    while (stop is None or number < stop) and time.monotonic() - started < seconds:
        grower = Grower(f"{seed} {number}")
        grower.grow()
        signal.setitimer(signal.ITIMER_VIRTUAL, SLOW)
        try:
            with nullcontext() if number % WHOLE == 0 else quick():
                results = session.prove_text(text_of(grower)).results
        except BadInput as bad:
            refused += 1
            print(f"{number} is refused: {bad}")
            number += 1
            continue
        except Slow:
            session, number = Session(Budget(shortest_seconds=0.05)), number + 1
            words["slow"] = words.get("slow", 0) + 1
            continue
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        for each in results:
            if isinstance(each, Result):
                words[each.verdict] = words.get(each.verdict, 0) + 1
                if each.reason and "internal" in each.reason:
                    wrong.append((number, each.theorem, each.reason))
        found, count = differences(grower, results, runs, Random(f"{seed} {number} runs"))
        wrong += [(number, *each) for each in found]
        tried, number = tried + count, number + 1
    return wrong, number - first, tried, refused, words


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--number", type=int)
    options.add_argument("--runs", type=int, default=400)
    given = options.parse_args()
    first, stop = (0, None) if given.number is None else (given.number, given.number + 1)
    if given.number is not None:
        grower = Grower(f"{given.seed} {given.number}")
        grower.grow()
        print(text_of(grower))
    wrong, texts, tried, refused, words = hunt(given.seed, first, stop, given.seconds, given.runs)
    for each in wrong:
        print(*each)
    print(f"{texts} texts, {refused} refused, {tried} verdicts tried, {len(wrong)} wrong; {words}")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
