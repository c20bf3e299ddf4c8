"""The whole library: time without and with what an earlier run left, memory, and its dearest obligations."""

import json
from dataclasses import dataclass
from typing import Any

from measurement import Plan, prove
from processes import Run, Sample, percentile, run
from table import Table, against, duration, spread

MEDIAN_BUDGET_SECONDS = 0.010
PERCENTILE_BUDGET_SECONDS = 0.250
UNCHANGED_BUDGET_SECONDS = 1.0
MEMORY_BUDGET_MEGABYTES = 300
SETTLED = (0, 1, 3)
"""Exit statuses of a run that came to its end, whatever the verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A way to run the library; `budget_seconds` only where one is set."""

    name: str
    options: tuple[str, ...]
    budget_seconds: float | None = None


KINDS = (
    Kind(name="one process, no cache", options=("--no-cache", "--jobs", "1")),
    Kind(name="two processes, no cache", options=("--no-cache", "--jobs", "2")),
    Kind(name="first run that keeps its verdicts", options=()),
    Kind(name="unchanged since the last run", options=(), budget_seconds=UNCHANGED_BUDGET_SECONDS),
)


def library_tables(plan: Plan) -> list[Table]:
    rows: list[tuple[str, ...]] = []
    wrong: list[str] = []
    measured: list[dict[str, Any]] = []
    for kind in KINDS:
        times = 1 if kind.name.startswith("first") else plan.library_runs
        runs = [run(prove("--format", "json", *kind.options), environment=plan.environment) for _ in range(times)]
        rows.append(row(kind, runs))
        wrong += [f"{kind.name}: {complaint}" for each in runs if (complaint := complaint_about(each))]
        measured = measured or results_of(runs[0])
    tables = [
        Table(
            title="The whole library",
            columns=("run", "seconds", "budget", "held", "peak memory", f"held ({MEMORY_BUDGET_MEGABYTES} MB)"),
            rows=rows,
            notes=("Memory is that of the largest process of the run.",),
            wrong=tuple(dict.fromkeys(wrong)),
        )
    ]
    return tables + (obligation_tables(measured) if measured else [])


def row(kind: Kind, runs: list[Run]) -> tuple[str, ...]:
    if any(each.status not in SETTLED for each in runs):
        return (kind.name, "did not come to its end", "-", "-", "-", "-")
    seconds = Sample(values=tuple(each.seconds for each in runs))
    megabytes = max(each.peak_megabytes for each in runs)
    budget = kind.budget_seconds
    return (
        kind.name,
        spread(seconds),
        duration(budget) if budget else "-",
        against(seconds.median, budget) if budget else "-",
        f"{megabytes:.0f} MB",
        against(megabytes, MEMORY_BUDGET_MEGABYTES),
    )


def complaint_about(done: Run) -> str:
    if done.status not in SETTLED:
        return done.last_error
    return "" if done.status == 0 else f"exit status {done.status}: some verdict is not as expected, or unknown"


def results_of(done: Run) -> list[dict[str, Any]]:
    """What the run says of its obligations, or nothing if it did not come to its end."""
    if done.status not in SETTLED:
        return []
    found: list[dict[str, Any]] = json.loads(done.output)["results"]
    return found


def obligation_tables(results: list[dict[str, Any]]) -> list[Table]:
    """Median and 99th percentile over all obligations of the library, and the ten that take longest."""
    seconds = [float(each["seconds"]) for each in results]
    figures = (
        ("median", percentile(seconds, 50), MEDIAN_BUDGET_SECONDS),
        ("99th percentile", percentile(seconds, 99), PERCENTILE_BUDGET_SECONDS),
        ("most", max(seconds), None),
    )
    examples = [each["counterexample"] for each in results if each["counterexample"]]
    slowest = sorted(results, key=lambda each: -float(each["seconds"]))[:10]
    return [
        Table(
            title=f"Time per obligation, {len(seconds)} obligations of the library",
            columns=("figure", "seconds", "budget", "held"),
            rows=[
                (name, duration(value), duration(budget) if budget else "-", against(value, budget) if budget else "-")
                for name, value, budget in figures
            ],
            notes=(
                "As the tool itself reports them, in one process without a cache."
                f" {len(examples)} counterexamples, {sum(not each['shortest'] for each in examples)} of them not"
                " shown to be shortest within the budget of that search.",
            ),
        ),
        Table(
            title="The slowest ten",
            columns=("theorem", "property", "layout", "parameters", "verdict", "seconds"),
            rows=[described(each) for each in slowest],
        ),
    ]


def described(result: dict[str, Any]) -> tuple[str, ...]:
    """A row of the slowest, with the bars that would end a cell taken out."""
    parameters = ", ".join(f"{name} = {value}" for name, value in result["params"].items())
    cells = (result["theorem"], result["property"], result["layout"], parameters, result["verdict"])
    return (*(str(cell).replace("|", "\\|") for cell in cells), duration(float(result["seconds"])))
