"""The far end of a warm process, as an editor keeps one: reads one request a line, proves its text, answers in one
line. Both are JSON.

{"name": ..., "text": ...}  ->  {"seconds": ..., "verdict_seconds": ..., "obligations": n, "unexpected": [...]}
                                or  {"error": ...}

With "phases": true verdicts come before their counterexamples, as an editor is told them, and `verdict_seconds`
says when;
otherwise all comes at once, as on the command line.
"""

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, Session, library_of, tasks
from spteproof.solver.results import Result

SESSION = Session()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The whole way from text to verdicts, timed; what came out otherwise than expected is named."""
    start = time.perf_counter()
    results, verdicts = _phases(request) if request.get("phases") else _at_once(request)
    seconds = time.perf_counter() - start
    unexpected = [
        f"{result.theorem} in {result.layout}: {result.property} is {result.verdict}"
        + (f" ({result.reason})" if result.reason else "")
        for result in results
        if not result.ok
    ]
    return {
        "seconds": seconds,
        "verdict_seconds": verdicts - start,
        "obligations": len(results),
        "unexpected": unexpected,
    }


def _at_once(request: dict[str, Any]) -> tuple[Sequence[Result], float]:
    """All results, and when they were there."""
    results = SESSION.prove_text(request["text"], request["name"]).results
    return results, time.perf_counter()


def _phases(request: dict[str, Any]) -> tuple[Sequence[Result], float]:
    """All results with their counterexamples, and when the last verdict was there."""
    loaded = load_text(request["text"], name=request["name"], library_root=LIBRARY)
    names = tasks(library_of(loaded), lambda name: True)
    open_ones, found, verdicts = set(names), {}, 0.0
    for each in SESSION.prove_tasks(loaded, names, lambda: False):
        if each.task in open_ones:
            open_ones.remove(each.task)
            verdicts = time.perf_counter()
        found[each.task] = each.results
    return [result for given in found.values() for result in given if isinstance(result, Result)], verdicts


def main() -> None:
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:  # the measurement goes on with the next text
            reply = {"error": str(error) or type(error).__name__}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
