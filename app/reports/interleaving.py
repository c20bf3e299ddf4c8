"""A counterexample, drawn as the kernel's documentation draws races: a column for each CPU, a line for each step."""

from textwrap import wrap

from spteproof.colour import Paint
from spteproof.entries import Names, short
from spteproof.solver.results import Counterexample, Result, Row

_SMALL = 256
"""A smaller value is more likely a number than a word of bits."""

LEFT = 92
"""How wide the columns of threads may be together, so that the entry's changes stand within 120."""

COLUMN = 28
"""How wide the heading of a thread's column may be."""


def draw_interleaving(result: Result, example: Counterexample, paint: Paint) -> str:
    """The lines that show one counterexample of a refuted result."""
    names = Names(example.values, example.masks, example.aliases)
    lines = [_title(result, example, paint)]
    shown = chosen(result, example, names)
    if is_pure(result, example):
        lines += [_line("with" if not number else "", each, "") for number, each in enumerate(shown)]
    else:
        lines.append(_line("start", names.decode(example.start), f"0x{example.start:016x}"))
        for name, value in example.entries.items():
            lines.append(_line("", f"{name}: {names.decode(value)}", f"0x{value:016x}"))
        lines += [_line("with", ", ".join(shown), "")] if shown else []
        lines += _table(example, names, paint)
    lines.append(_footer(result, example, names, paint))
    return "\n".join(line.rstrip() for line in lines)


def list_interleaving(result: Result, example: Counterexample, width: int) -> str:
    """The same for narrow places: no columns, a line for each step and, below it, what it changed. Lines are at most
    `width` long where their words allow it."""
    names = Names(example.values, example.masks, example.aliases)
    lines = [_title(result, example, Paint())]
    if not is_pure(result, example):
        lines.append(f"start   0x{example.start:016x}  {names.decode(example.start)}")
        lines += [f"        0x{value:016x}  {name}: {names.decode(value)}" for name, value in example.entries.items()]
    shown = chosen(result, example, names)
    lines += [f"with    {', '.join(shown)}"] if shown else []
    for row in example.rows:
        who = "theorem" if row.who == "program" else row.who
        changed = change(row, names)
        step = row.action if row.action.startswith(f"{who}.") else f"{who}: {row.action}"
        lines += [step, *([f"        {changed}"] if changed else [])]
    lines.append(_footer(result, example, names, Paint()).strip())
    return "\n".join(part for line in lines for part in _folded(line, width))


def _folded(line: str, width: int) -> list[str]:
    """A long line as several, broken at spaces only."""
    if len(line) <= width:
        return [line]
    return wrap(line, width, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False)


def is_pure(result: Result, example: Counterexample) -> bool:
    """Whether the property is a fact about values alone: nothing runs, and there is no entry to start from."""
    return result.property.startswith("that ") and not example.rows


def chosen(result: Result, example: Counterexample, names: Names) -> list[str]:
    """What was chosen at the start: where the layout's symbolic bits lie, parameters, `any`s and ghosts. Of a fact
    about values they are all there is to see, so that their bits are named."""
    pure = is_pure(result, example)

    def said(value: int) -> str:
        bits = names.decode(value) if pure and not isinstance(value, bool) and value >= _SMALL else ""
        return f"{_value(value)}  {bits}".rstrip()

    shown = [f"{names.display(name)} = {lies(example.values[name])}" for name in example.placed]
    shown += [f"{name} = {result.params.get(name) or said(value)}" for name, value in example.parameters.items()]
    shown += [f"any {name} = {_value(value)}" for name, value in example.inputs.items()]
    return shown + [f"{name} = {_ghost(value)}" for name, value in example.ghosts.items()]


def lies(mask: int) -> str:
    """A symbolic mask as a layout would say it: `bit 5`, or `none`."""
    return f"bit {mask.bit_length() - 1}" if mask else "none"


def _value(value: int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value < _SMALL else f"0x{value:x}"


def _ghost(value: int) -> str:
    return _value(value) if isinstance(value, bool) else f"0x{value:x}"


def _title(result: Result, example: Counterexample, paint: Paint) -> str:
    losing = f", losing {{{', '.join(display(name) for name in example.names)}}}" if example.names else ""
    params = "".join(f" with {name} = {value}" for name, value in result.params.items())
    era = f" in {result.era}" if result.era else ""
    return f"{paint.bold(result.theorem)}: {paint.red('refuted')} in {result.layout}{era}{params}{losing}"


def display(name: str) -> str:
    return name if len(name) <= 3 else short(name)


def _line(label: str, text: str, right: str) -> str:
    return f"  {label:<7} {text:<62} {right}"


def headings(example: Counterexample) -> list[str]:
    """The columns of those who run: the two sides, or the program or its threads and, where there are any, the
    agents."""
    if example.threads:
        heads = [f"CPU {number} ({name})" for number, name in enumerate(example.threads)]
        if any(row.who == "program" for row in example.rows):
            heads[0] = f"CPU 0 (theorem, {example.threads[0]})"
        if any(row.who not in ("program", *example.threads) for row in example.rows):
            heads.append(f"CPU {len(heads)} (agents)")
        return heads
    if any(row.who in ("left", "right") for row in example.rows):
        return ["left", "right"]
    return ["CPU 0 (theorem)", "CPU 1 (agents)"]


def column_of(row: Row, example: Counterexample) -> int:
    """Which of the headings a row stands under. What the theorem does before and after its threads stands in the
    first."""
    if row.who in ("program", "left"):
        return 0
    if row.who in example.threads:
        return example.threads.index(row.who)
    return max(len(example.threads), 1)


def _table(example: Counterexample, names: Names, paint: Paint) -> list[str]:
    if example.threads:
        return _table_of_threads(example, names, paint)
    first, second = headings(example)
    cells = [(_left(row), _right(row), change(row, names)) for row in example.rows]
    width = max([len(first), *[len(left) for left, _, _ in cells]]) + 3
    other = max([len(second), *[len(right) for _, right, _ in cells]]) + 3
    lines = [paint.dim(f"  {first:<{width}}{second:<{other}}entry")]
    lines += [f"  {left:<{width}}{right:<{other}}{change}" for left, right, change in cells]
    return lines


def _table_of_threads(example: Counterexample, names: Names, paint: Paint) -> list[str]:
    """A column for each thread and one for the agents, as wide as their headings: a line holds one cell, which may
    reach into the columns beside it."""
    heads = [_cut(head, COLUMN) for head in headings(example)]
    starts = [sum(len(head) + 2 for head in heads[:number]) for number in range(len(heads) + 1)]
    cells = []
    for row in example.rows:
        indent = " " * starts[column_of(row, example)]
        cells.append((indent + _cut(row.action, max(LEFT - len(indent), COLUMN)), change(row, names)))
    width = max([starts[-1], *[len(cell) + 2 for cell, _ in cells]])
    lines = [paint.dim(f"  {'  '.join(heads):<{width}}entry")]
    return lines + [f"  {cell:<{width}}{change}" for cell, change in cells]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _left(row: Row) -> str:
    return row.action if row.who in ("program", "left") else ""


def _right(row: Row) -> str:
    return "" if row.who in ("program", "left") else row.action


def change(row: Row, names: Names) -> str:
    others = [f"{name}: {names.changes(before, after)}" for name, before, after in row.others]
    parts = [names.changes(row.before, row.after), *others, row.note]
    return "   ".join(part for part in parts if part)


def _footer(result: Result, example: Counterexample, names: Names, paint: Paint) -> str:
    bits = " ".join(names.bit(number) for number in range(64) if example.lost >> number & 1)
    said = f"{verb(result.property)}: {bits}        " if bits else ""
    broken = f" ({', '.join(example.broken)})" if example.broken else ""
    shortest = "" if example.shortest else "   (not shown to be shortest)"
    return f"  {paint.red(said)}breaks '{result.property}'{broken}   {example.place}{shortest}"


def verb(property: str) -> str:
    if property.startswith("changes"):
        return "changed"
    return "resurrected" if property.startswith("resurrects") else "lost"
