"""What a person waits for: the whole process against the bare start, an edit in a warm process, a long text."""

import sys
from collections.abc import Callable

import generated
from measurement import Plan, check, prove
from processes import Sample, clock_of, interleaved
from table import Table, against, duration, ratios, spread
from warm_process import WarmProcess, WrongAnswer

BARE = [sys.executable, "-c", "import z3, lark"]
START_BUDGET_RATIO = 2.5
EDIT_BUDGET_SECONDS = 0.1


def start_tables(plan: Plan) -> list[Table]:
    """One theorem in six layouts: bare start of Python with z3 and lark against the whole run, in pairs."""
    path = plan.written("one_theorem", generated.seed("all_layouts"))
    kinds = {"no cache": [*prove(path), "--no-cache"], "second run on": prove(path)}
    rows = []
    for kind, command in kinds.items():
        bare, whole, ratio = interleaved(
            clock_of(BARE, plan.environment), clock_of(command, plan.environment), plan.pairs
        )
        held = against(ratio.median, START_BUDGET_RATIO) if kind == "second run on" else "-"
        rows.append((kind, spread(bare), spread(whole), ratios(ratio), f"{START_BUDGET_RATIO}", held))
    return [
        Table(
            title="Process start: one theorem in six layouts",
            columns=(
                "run",
                "Python with z3 and lark",
                "`spteproof prove FILE`",
                "ratio, pair by pair",
                "budget",
                "held",
            ),
            rows=rows,
            notes=(f"{plan.pairs} pairs each, A B A B; median (least to most). No budget is set for the first run.",),
        )
    ]


def edit_tables(plan: Plan) -> list[Table]:
    """The same theorem, changed again and again in one process, as an editor's texts are: when all verdicts are
    there, and when the counterexamples."""
    rows, wrong = [], []
    with WarmProcess(plan.step_seconds) as process:
        for name, broken in (("keeps it", False), ("breaks it", True)):
            try:
                times = [
                    process.ask_phases(generated.seed("all_layouts", broken=broken, edit=edit), "edited")
                    for edit in range(4 * plan.repeats + 1)
                ]
            except WrongAnswer as error:
                wrong.append(f"a change that {name}: {error}")
                continue
            for what, seconds in zip(("verdicts", "counterexamples"), zip(*times, strict=True), strict=True):
                warm = Sample(values=tuple(seconds[1:]))
                held = against(warm.median, EDIT_BUDGET_SECONDS) if what == "verdicts" else ""
                budget = duration(EDIT_BUDGET_SECONDS) if held else ""
                if broken or held:
                    rows.append((f"a change that {name}: {what}", duration(seconds[0]), spread(warm), budget, held))
    return [
        Table(
            title="Edit to verdict in a warm process: one theorem in six layouts",
            columns=("edit", "first", "each later one", "budget", "held"),
            rows=rows,
            wrong=tuple(wrong),
        )
    ]


def parse_tables(plan: Plan) -> list[Table]:
    """The slope between a long text and one ten times as long, so that the start of the process does not count."""
    short, long = 1_000, 10_000
    small, large, _ = interleaved(checking(plan, short), checking(plan, long), plan.pairs)
    slope = Sample(
        values=tuple((b - a) * 1000 / (long - short) for a, b in zip(small.values, large.values, strict=True))
    )
    return [
        Table(
            title="Reading: `spteproof check` over long texts",
            columns=("1,000 lines, whole process", "10,000 lines, whole process", "per 1,000 lines (the slope)"),
            rows=[(spread(small), spread(large), spread(slope))],
            notes=("Parsing and checking of names and sorts together; every text is new.",),
        )
    ]


def checking(plan: Plan, lines: int) -> Callable[[], float]:
    """A clock over a text of so many lines, another text each time."""
    taken = 0

    def seconds() -> float:
        nonlocal taken
        taken += 1
        path = plan.written(f"long_{lines}", generated.long_text(lines, taken))
        return clock_of(check(path), plan.environment)()

    return seconds
