"""A counterexample, drawn as the kernel's documentation draws races: a column for each CPU, a line for each step."""

from spteproof.colour import Paint
from spteproof.entries import Names, short
from spteproof.solver.results import Counterexample, Result, Row


def draw_interleaving(result: Result, example: Counterexample, paint: Paint) -> str:
    """The lines that show one counterexample of a refuted result."""
    names = Names(example.values, example.masks, example.aliases)
    lines = [_title(result, example, paint)]
    lines.append(_line("start", f"{names.decode(example.start)}", f"0x{example.start:016x}"))
    chosen = {**example.parameters, **{f"any ({name})": value for name, value in example.inputs.items()}}
    shown = [f"{name} = {result.params.get(name) or _value(value)}" for name, value in chosen.items()]
    shown += [f"{name} = {str(value).lower()}" for name, value in example.ghosts.items()]
    if shown:
        lines.append(_line("with", ", ".join(shown), ""))
    lines += _table(example, names, paint)
    lines.append(_footer(result, example, names, paint))
    return "\n".join(line.rstrip() for line in lines)


def _value(value: int) -> str:
    return str(value) if value < 1 << 16 else f"0x{value:x}"


def _title(result: Result, example: Counterexample, paint: Paint) -> str:
    losing = f", losing {{{', '.join(_display(name) for name in example.names)}}}" if example.names else ""
    params = "".join(f" with {name} = {value}" for name, value in result.params.items())
    era = f" in {result.era}" if result.era else ""
    return f"{paint.bold(result.theorem)}: {paint.red('refuted')} in {result.layout}{era}{params}{losing}"


def _display(name: str) -> str:
    return name if len(name) <= 3 else short(name)


def _line(label: str, text: str, right: str) -> str:
    return f"  {label:<7} {text:<62} {right}"


def _headings(example: Counterexample) -> tuple[str, str]:
    if any(row.who in ("left", "right") for row in example.rows):
        return "left", "right"
    return "CPU 0 (theorem)", "CPU 1 (agents)"


def _table(example: Counterexample, names: Names, paint: Paint) -> list[str]:
    first, second = _headings(example)
    cells = [(_left(row), _right(row), _change(row, names)) for row in example.rows]
    width = max([len(first), *[len(left) for left, _, _ in cells]]) + 3
    other = max([len(second), *[len(right) for _, right, _ in cells]]) + 3
    lines = [paint.dim(f"  {first:<{width}}{second:<{other}}entry")]
    lines += [f"  {left:<{width}}{right:<{other}}{change}" for left, right, change in cells]
    return lines


def _left(row: Row) -> str:
    return row.action if row.who in ("program", "left") else ""


def _right(row: Row) -> str:
    return "" if row.who in ("program", "left") else row.action


def _change(row: Row, names: Names) -> str:
    parts = [names.changes(row.before, row.after), row.note]
    return "   ".join(part for part in parts if part)


def _footer(result: Result, example: Counterexample, names: Names, paint: Paint) -> str:
    bits = " ".join(names.bit(number) for number in range(64) if example.lost >> number & 1)
    said = f"{_verb(result.property)}: {bits}        " if bits else ""
    shortest = "" if example.shortest else "   (not shown to be shortest)"
    return f"  {paint.red(said)}breaks '{result.property}'   {example.place}{shortest}"


def _verb(property: str) -> str:
    if property.startswith("changes"):
        return "changed"
    return "resurrected" if property.startswith("resurrects") else "lost"
