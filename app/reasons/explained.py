"""What there is to say of one theorem: its verdicts, and the reasons for each kind of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spteproof.grammar import checked as c
from spteproof.solver.explaining.confirming import is_of
from spteproof.solver.explaining.contradictions import Contradiction, contradiction
from spteproof.solver.explaining.grounds import Grounds, grounds
from spteproof.solver.explaining.reasons import Reason, Remembering
from spteproof.solver.instances import instances
from spteproof.solver.proof import Prover
from spteproof.solver.results import PROVED, REFUTED, UNKNOWN, VACUOUS, Budget, Counterexample, Result, Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Refuted results of one property that the one counterexample stands for: that of the first. `steps` are its rows
    with their reasons; None where it is no run of the theorem's program."""

    results: Sequence[Result]
    example: Counterexample
    steps: Sequence[Reason] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Vacuous results of one property and reason; what contradicts itself in the first of them, or why that is not
    said (None: they can hold, and the reason is another)."""

    results: Sequence[Result]
    contradiction: Contradiction | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`grounds` are None where nothing is proved."""

    theorem: c.Theorem
    results: Sequence[Result]
    skipped: Sequence[Skipped]
    grounds: Grounds | None
    failures: Sequence[Failure]
    vacuous: Sequence[Nothing]
    unknown: Sequence[Sequence[Result]]


def explained(library: c.Library, theorem: c.Theorem, budget: Budget, progress: Callable[[str], None]) -> Explained:
    """Proves the theorem, and finds the reasons."""
    remembering = Remembering()
    found = []
    for piece in Prover(library, budget, kind=remembering.kind).pieces(theorem):
        found += piece
        progress(f"{theorem.name} in {piece[0].layout}" if piece else theorem.name)
    results = [each for each in found if isinstance(each, Result)]
    failures = [_failure(group, remembering) for group in _groups(results, REFUTED)]
    proofs = [each for each in results if each.verdict == PROVED]
    return Explained(
        theorem=theorem,
        results=results,
        skipped=[each for each in found if isinstance(each, Skipped)],
        grounds=grounds(library, theorem, results, budget, progress) if proofs else None,
        failures=[each for each in failures if each is not None],
        vacuous=[_nothing(library, theorem, group, budget) for group in _groups(results, VACUOUS)],
        unknown=_groups(results, UNKNOWN),
    )


def _groups(results: Sequence[Result], verdict: str) -> list[list[Result]]:
    """The results with a verdict, those of one property and one reason together."""
    groups: dict[tuple[str, str | None], list[Result]] = {}
    for each in results:
        if each.verdict == verdict:
            groups.setdefault((each.property, each.reason), []).append(each)
    return list(groups.values())


def _failure(group: Sequence[Result], remembering: Remembering) -> Failure | None:
    shown = [each for each in group if each.counterexample is not None]
    if not shown:
        return None
    example = shown[0].counterexample
    assert example is not None
    results = [shown[0], *[each for each in group if each is not shown[0]]]
    return Failure(results=results, example=example, steps=remembering.reasons(shown[0].property, example))


def _nothing(library: c.Library, theorem: c.Theorem, group: Sequence[Result], budget: Budget) -> Nothing:
    first = group[0]
    if first.reason is None or not first.reason.startswith("the hypotheses cannot hold"):
        return Nothing(results=group, contradiction=None)
    for instance in instances(library, theorem):
        if is_of(first, instance):
            return Nothing(
                results=group, contradiction=contradiction(library, theorem, instance, first.property, budget)
            )
    return Nothing(results=group, contradiction=None)


def where_of(result: Result) -> str:
    """The property and the instance."""
    params = "".join(f" with {name} = {value}" for name, value in result.params.items())
    return f"`{result.property}` in {result.layout}{f' in {result.era}' if result.era else ''}{params}"


def not_confirmed(grounds: Grounds) -> list[str]:
    """The proofs that were not found again, each with what was found."""
    return [
        f"{where_of(proof)}: {_said(found) if found is not None else 'no verdict'}"
        for proof, found in grounds.unconfirmed
    ]


def _said(result: Result) -> str:
    return f"{result.verdict} ({result.reason})" if result.reason else result.verdict


def page_of(result: Result) -> str:
    """The page that says more of an unknown's reason."""
    return result.reason_id or UNKNOWN
