"""How the time grows: with events, agents and layouts, in a warm process, each text decided for the first time."""

from collections.abc import Callable
from dataclasses import dataclass

import generated
from measurement import Plan
from processes import Sample
from table import Table, duration
from warm_process import WarmProcess, WrongAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """`text(size, edit)` is a module whose verdicts are all as expected; `order` is the budget's power of the size."""

    name: str
    text: Callable[[int, int], str]
    largest: int
    order: int


SERIES = (
    Series(name="events, preserves", text=lambda n, edit: generated.events(n, "preserves", edit), largest=64, order=1),
    Series(
        name="events, resurrects", text=lambda n, edit: generated.events(n, "resurrects", edit), largest=64, order=2
    ),
    Series(name="events, refines", text=lambda n, edit: generated.events(n, "refines", edit), largest=64, order=2),
    Series(name="agents, bits side by side", text=generated.agents, largest=32, order=1),
    Series(
        name="agents, bits far apart", text=lambda n, edit: generated.agents(n, edit, apart=True), largest=32, order=1
    ),
    Series(name="layouts", text=generated.layouts, largest=32, order=1),
)
ORDERS = {1: "linear", 2: "quadratic"}


def growth_tables(plan: Plan) -> list[Table]:
    sizes = [1 << power for power in range(7) if 1 << power <= plan.largest]
    rows, wrong = [], []
    with WarmProcess(plan.step_seconds) as process:
        for series in SERIES:
            cells, medians, fault = measured(series, sizes, plan, process)
            rows.append((series.name, *cells, steepness(medians), ORDERS[series.order]))
            wrong += [f"{series.name}: {fault}"] if fault else []
    return [
        Table(
            title="Growth, text to verdict in a warm process",
            columns=("what grows", *map(str, sizes), "last doubling", "budget"),
            rows=rows,
            notes=(
                f"Medians of {plan.repeats} changed texts each. An event is a cmpxchg with a live branch; an agent has"
                " one step, on a bit of its own; a layout has its own A and D bits and is proved for three masks. A"
                " doubling of 2 is linear, 4 quadratic. The number of CPUs does not occur in any obligation.",
            ),
            wrong=tuple(wrong),
        )
    ]


def measured(series: Series, sizes: list[int], plan: Plan, process: WarmProcess) -> tuple[list[str], list[float], str]:
    """Cells for every size, the medians as far as it came, and what stopped it (or nothing)."""
    medians: list[float] = []
    fault = ""
    for size in sizes:
        if size > series.largest or fault:
            break
        try:
            times = [process.ask(series.text(size, edit), series.name) for edit in range(plan.repeats)]
            medians.append(Sample(values=tuple(times)).median)
        except WrongAnswer as error:
            fault = f"at {size}: {error}"
    cells = [duration(each) for each in medians]
    rest = len(sizes) - len(cells)
    return cells + (["not reached"] + ["-"] * (rest - 1) if fault else ["-"] * rest), medians, fault


def steepness(medians: list[float]) -> str:
    return f"{medians[-1] / medians[-2]:.1f}" if len(medians) > 1 else "-"
