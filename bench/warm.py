"""The far end of a warm process, as an editor keeps one: reads one request a line, proves its text, answers in one
line. Both are JSON.

{"name": ..., "text": ...}  ->  {"seconds": ..., "obligations": n, "unexpected": [...]}  or  {"error": ...}
"""

import json
import sys
import time
from typing import Any

from spteproof.running.pipeline import Session

SESSION = Session()


def answer(request: dict[str, str]) -> dict[str, Any]:
    """The whole way from text to verdicts, timed; what came out otherwise than expected is named."""
    start = time.perf_counter()
    report = SESSION.prove_text(request["text"], request["name"])
    seconds = time.perf_counter() - start
    unexpected = [
        f"{result.theorem} in {result.layout}: {result.property} is {result.verdict}"
        + (f" ({result.reason})" if result.reason else "")
        for result in report.results
        if not result.ok
    ]
    return {"seconds": seconds, "obligations": len(report.results), "unexpected": unexpected}


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
