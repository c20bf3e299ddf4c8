"""Asks the tool, through `spteproof.running.pipeline` alone."""

from spteproof.running.pipeline import BadInput, Session
from spteproof.solver.results import Budget

from .compare import Verdict


class Tool:
    """The tool in this process, warm as in an editor."""

    def __init__(self, shortest_seconds: float = 1.0) -> None:
        self.session = Session(Budget(shortest_seconds=shortest_seconds))

    def __call__(self, text: str):
        """The verdicts, or why there are none."""
        try:
            report = self.session.prove_text(text)
        except BadInput as bad:
            return f"rejected: {bad}"
        except Exception as error:
            return f"crashed: {type(error).__name__}: {error}"
        return [_verdict(each) for each in report.results]


def _verdict(result) -> Verdict:
    found = result.counterexample
    return Verdict(
        result.theorem,
        result.layout,
        tuple(sorted(result.params.items())),
        " ".join(result.property.split()),
        "",
        result.verdict,
        found.environment_steps if found else -1,
        tuple(result.losing),
        True,
        bool(found and found.shortest),
        result.reason or "",
    )
