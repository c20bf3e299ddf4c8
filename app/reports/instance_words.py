"""Instances in few words: layouts by their kind, eras that follow one another as a range."""

from collections.abc import Sequence

from spteproof.grammar.checked import Library
from spteproof.solver.results import Result, Skipped
from spteproof.tables.columns import columns_of

Instance = Result | Skipped
RANGE = 3
"""So many eras in a row are written as `first to last`."""


def instance_lines(members: Sequence[Instance], library: Library) -> list[str]:
    """The instances of one theorem. Without eras one line, `legacy(W) npt(W)`; else a line for the eras that have the
    same, `v4_9, v4_11  npt(W; A)`, in which a layout goes by its column's name in a table."""
    if members[0].era is None:
        return [" ".join(_alone(each) for each in members)]
    theorem = library.theorems[members[0].theorem]
    kinds = {layout: column.name for column in columns_of(library, theorem) for layout in column.layouts}
    said: dict[str, list[str]] = {}
    for era in theorem.eras:
        group = [each for each in members if each.era == era]
        if group:
            said.setdefault(_in_era(group, kinds), []).append(era)
    lines = [(eras_text(eras, theorem.eras), text) for text, eras in said.items()]
    width = max(len(eras) for eras, _ in lines)
    return [f"{eras:<{width}}  {text}" for eras, text in lines]


def _alone(instance: Instance) -> str:
    """A layout, with its parameters where there are any."""
    parts = list(instance.params.values())
    return f"{instance.layout}({', '.join(parts)})" if parts else instance.layout


def _in_era(group: Sequence[Instance], kinds: dict[str, str]) -> str:
    chosen: dict[str, list[str]] = {}
    for each in group:
        chosen.setdefault(kinds[each.layout], []).append(", ".join(each.params.values()))
    return " ".join(f"{kind}({'; '.join(values)})" if any(values) else kind for kind, values in chosen.items())


def eras_text(eras: Sequence[str], order: Sequence[str]) -> str:
    """`v4_9, v5_10 to v5_18`: eras that stand side by side in `order` are joined."""
    runs: list[list[str]] = []
    for era in eras:
        if runs and order.index(era) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(era)
        else:
            runs.append([era])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) >= RANGE else ", ".join(run) for run in runs)
