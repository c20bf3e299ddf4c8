"""A result in few words, and where it stands in the project: what all reports for other tools have in common."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spteproof.colour import Paint
from spteproof.grammar.checked import Library, Theorem
from spteproof.grammar.source import Place
from spteproof.reports.interleaving import draw_interleaving
from spteproof.solver.results import UNKNOWN, Counterexample, Result, Scope, Skipped

KINDS = {
    "preserves": "no event clears a bit that is to be preserved",
    "changes": "no event changes a bit outside a mask",
    "conserves": "what an event clears is handed on",
    "resurrects": "no event sets a bit that was clear meanwhile",
    "refines": "the program does at once what a block does",
    "ensures": "a condition holds after the program",
    "always": "a condition holds at every instant",
    "that": "a condition on values holds",
    "equivalent": "two helpers cannot be told apart",
    "keeps": "the invariants of the layout are kept",
    "assert": "an assert of a layout holds",
    "asserts": "the asserts in the program hold",
    "every": "every expression is defined",
    "agents": "the agents are sound",
}
"""What a property says, by the first word of its text; the last three are proved unasked."""


FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A theorem, or a layout's asserts, without a verdict because no worker process could be had."""

    name: str
    place: Place

    def __str__(self) -> str:
        return f"{self.name}: no worker process could be had"


def lost_of(library: Library, names: Sequence[str]) -> tuple[Lost, ...]:
    """The named tasks with their places."""
    return tuple(Lost(name=name, place=(library.theorems.get(name) or library.layouts[name]).place) for name in names)


def kind_of(result: Result) -> str:
    """The first word of the property, a key of KINDS."""
    return result.property.split(maxsplit=1)[0]


def instance(of: Result | Skipped) -> str:
    """`ept, v6_4, mask = W`."""
    parts = [of.layout, *([of.era] if of.era else []), *[f"{name} = {value}" for name, value in of.params.items()]]
    return ", ".join(parts)


def judged(result: Result) -> str:
    """`refuted, losing W D; expected proved`: the verdict, its reason, and the expectation where it is not met."""
    text = result.verdict + (f", losing {' '.join(result.losing)}" if result.losing else "")
    text += f" ({result.reason})" if result.reason else ""
    return text if result.ok else f"{text}; expected {expected(result)}"


def expected(result: Result) -> str:
    """`refuted losing W + D`."""
    return result.expected + (f" losing {' + '.join(result.expected_losing)}" if result.expected_losing else "")


def notes(result: Result) -> tuple[str, ...]:
    """What is to be known of a verdict beside it: that it says less than it seems to."""
    if result.scope.no_bits:
        return ("its mask holds no bit in this layout",)
    if result.scope.untriggered:
        return ("no bit that it speaks of is ever cleared here",)
    return ("its premise never holds here",) if result.scope.no_premise else ()


def everybody(theorem: Theorem) -> str:
    """Who runs where a theorem says `against all`, and who could run but that their parameters are bound by nothing."""
    left_out = f"; left out: {', '.join(theorem.omitted)}" if theorem.omitted else ""
    return (", ".join(use.agent for use in theorem.agents) or "nobody") + left_out


def environment_lines(results: Sequence[Result]) -> Iterator[str]:
    """Who runs meanwhile. Properties of one theorem that are asked against any change are named apart."""
    others = [each for each in results if not each.scope.any_change]
    for each in others[:1]:
        yield f"environment: {', '.join(each.scope.environment) or 'nobody'}, any number of steps"
    compared = dict.fromkeys(f"`{each.property}`" for each in results if each.scope.any_change)
    if compared:
        of = f" of {', '.join(compared)}" if others else ""
        yield f"environment{of}: any change that the invariants allow, before each event"


def scope_lines(results: Sequence[Result]) -> Iterator[str]:
    """What the verdicts of one theorem cover, without what is empty."""
    yield from environment_lines(results)
    yield from told_apart(
        results,
        {
            "threads": lambda scope: scope.threads,
            "agents that could run and are not listed": lambda scope: scope.omitted,
            "locks held": lambda scope: scope.locks,
            "assumed": lambda scope: scope.assumptions,
            "retries that need not end": lambda scope: scope.retries,
        },
        lambda members: "; ".join([*map(instance, members[:FEW]), *(["..."] if len(members) > FEW else [])]),
    )


def told_apart(
    results: Sequence[Result],
    parts: Mapping[str, Callable[[Scope], Sequence[str]]],
    where: Callable[[Sequence[Result]], str],
) -> Iterator[str]:
    """Parts of the scope, each under its label; where the instances of a theorem differ, with those that have it."""
    instances = list({(each.layout, each.era, *each.params.values()): each for each in results}.values())
    for label, part in parts.items():
        having: dict[tuple[str, ...], list[Result]] = {}
        for each in instances:
            having.setdefault(tuple(part(each.scope)), []).append(each)
        for values, members in having.items():
            if values:
                yield f"{label}{'' if len(having) == 1 else f' in {where(members)}'}: {', '.join(values)}"


def examples(result: Result) -> tuple[Counterexample, ...]:
    """All counterexamples, each once, the shortest first."""
    first = result.counterexample
    return () if first is None else (first, *[each for each in result.others if each != first])


def drawn(result: Result) -> str:
    """The interleavings of all counterexamples, without colour; empty without any."""
    return "\n\n".join(draw_interleaving(result, each, Paint()) for each in examples(result))


def is_wrong(result: Result) -> bool:
    """Whether a verdict was reached and is not the expected one."""
    return not result.ok and result.verdict != UNKNOWN


def project_root() -> Path:
    """The nearest folder from here upwards that holds `.git`, else this folder."""
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def project_path(place: Place, root: Path) -> str:
    """The place's file, with `/`, from the project's root where it lies below it."""
    source = place.source
    if source.path is None:
        return source.name
    path = source.path.absolute()
    if path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.as_posix()


def end_of(place: Place) -> tuple[int, int]:
    """The line and column just behind the place, from 1."""
    text = place.text()
    lines = text.count("\n")
    return place.line + lines, len(text) - text.rfind("\n") if lines else place.column + len(text)
