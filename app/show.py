"""`spteproof show`: a layout as a register, an entry's value decoded, an agent's derived steps, a theorem's
obligations."""

from collections.abc import Iterator

from spteproof.entries import Names
from spteproof.grammar import checked as c
from spteproof.register import draw_register
from spteproof.solver.environment import Transition, transitions
from spteproof.solver.instances import concrete, instances
from spteproof.solver.placements import placements
from spteproof.solver.setting import Setting
from spteproof.solver.terms import Term, Terms


class NothingToShow(Exception):
    """No layout, agent or theorem has this name; the message says so."""


def show(library: c.Library, name: str, value: int | None, layout: str | None) -> str:
    """What the name stands for, as text. Raises NothingToShow."""
    if name in library.layouts:
        return _layout(library, library.layouts[name], value)
    if value is not None:
        raise NothingToShow(f"`{name}` is no layout: a value can be decoded only in a layout")
    if name in library.theorems:
        return "\n".join(_theorem(library, library.theorems[name]))
    for era, scope in library.scopes.items():
        if name in scope.agents:
            return "\n".join(_agent(library, scope.agents[name], era, layout))
    raise NothingToShow(f"nothing is called `{name}`: {_names(library)}")


def _names(library: c.Library) -> str:
    agents = sorted({name for scope in library.scopes.values() for name in scope.agents})
    return (
        f"layouts {', '.join(library.layouts)}; agents {', '.join(agents)}; "
        f"and {len(library.theorems)} theorems can be shown"
    )


def _setting(library: c.Library, layout: c.Layout, era: str | None) -> Setting:
    values = next(iter(placements(library, None, layout, era)))
    return concrete(library, layout, values, era)


def _layout(library: c.Library, layout: c.Layout, value: int | None) -> str:
    setting = _setting(library, layout, None)
    names = Names(setting.values, setting.masks, setting.aliases)
    title = f"layout {layout.name}"
    if any(mask.some for mask in layout.masks.values()):
        title += "  (one placement of its symbolic bits)"
    lines = [draw_register(title, names, value)]
    constants = [
        f"{name} = {str(bool(each.value)).lower()}"
        if each.sort is c.Sort.BOOL
        else f"{name} = {setting.values[name]:#x}"
        for name, each in layout.values.items()
    ]
    if constants:
        lines.append(f"  constants: {', '.join(constants)}")
    lines += [f"  invariant {each.name}: {_text(each.condition)}" for each in layout.invariants]
    if value is not None:
        lines.append(f"  {names.decode(value)}")
    return "\n".join(lines)


def _text(node: c.Node) -> str:
    return " ".join(node.place.text().split())


def _agent(library: c.Library, agent: c.Agent, era: str | None, layout: str | None) -> Iterator[str]:
    chosen = layout or next(iter(library.layouts), None)
    if chosen is None or chosen not in library.layouts:
        raise NothingToShow(f"there is no layout `{chosen}` to show the agent in")
    terms = Terms()
    setting = _setting(library, library.layouts[chosen], era)
    arguments = [_parameter(terms, each) for each in agent.parameters]
    held = ", ".join(f"{lock.name}({lock.mode})" for lock in agent.locks) or "lockless"
    yield f"agent {agent.name}  {agent.place}  {held}, in layout {chosen}"
    names = Names(setting.values, setting.masks, setting.aliases)
    try:
        found, _ = transitions(terms, setting, agent, arguments)
    except KeyError as missing:
        raise NothingToShow(f"layout `{chosen}` has no {missing}: say another with --layout") from None
    for each in found:
        yield from _transition(each, names)


def _parameter(terms: Terms, parameter: c.Parameter) -> Term:
    return (terms.truth_variable if parameter.sort is c.Sort.BOOL else terms.word_variable)(parameter.name)


def _transition(transition: Transition, names: Names) -> Iterator[str]:
    yield f"  {transition.name}  {transition.place}"
    if transition.inputs:
        yield f"    for any {', '.join(str(term.value) for term in transition.inputs.values())}"
    yield f"    when    {render(transition.guard, names)}"
    yield f"    entry = {render(transition.entry, names)}"
    for ghost, term in transition.ghosts.items():
        if term.operator != "variable":
            yield f"    {ghost} = {render(term, names)}"


_SYMBOLS = {
    "bvand": "&",
    "bvor": "|",
    "bvxor": "^",
    "bvadd": "+",
    "bvsub": "-",
    "bvmul": "*",
    "bvshl": "<<",
    "bvlshr": ">>",
    "bvashr": ">>",
    "=": "==",
    "bvult": "<",
    "bvslt": "<",
    "and": "&&",
}


def render(term: Term, names: Names, depth: int = 0) -> str:
    """A term in C's words; constants by the names of their bits. Deep terms are cut with `...`."""
    if depth > 40:
        return "..."
    if term.operator == "word":
        return _constant(term.constant(), names)
    if not term.children:
        return str(term.value).lower() if term.operator == "truth" else str(term.value)
    parts = [render(child, names, depth + 1) for child in term.children]
    if term.operator == "not":
        child = term.children[0]
        if child.operator == "=":
            inner = [render(each, names, depth + 1) for each in reversed(child.children)]
            return f"({' != '.join(inner)})"
        if child.operator == "and":
            return f"({' || '.join(_negated(each, names, depth) for each in child.children)})"
        return f"!{parts[0]}"
    if term.operator == "bvnot":
        return f"~{parts[0]}"
    if term.operator == "ite":
        return f"({parts[0]} ? {parts[1]} : {parts[2]})"
    if term.operator in ("=", "bvand", "bvor"):
        parts.reverse()
    return f"({f' {_SYMBOLS[term.operator]} '.join(parts)})"


def _negated(term: Term, names: Names, depth: int) -> str:
    if term.operator == "not":
        return render(term.children[0], names, depth + 1)
    return f"!{render(term, names, depth + 1)}"


def _constant(value: int, names: Names) -> str:
    """Small numbers as they are; masks as joined bit names; nearly full masks as a complement."""
    if value.bit_count() > 32:
        inner = _constant(value ^ (1 << 64) - 1, names)
        return "~0" if inner == "0" else f"~{inner if ' ' not in inner else f'({inner})'}"
    if value == 0:
        return "0"
    if value.bit_count() > 6:
        return f"{value:#x}"
    parts = [names.bit(bit) for bit in range(64) if value >> bit & 1]
    return " | ".join(parts) if len(parts) == 1 else f"({' | '.join(parts)})"


def _theorem(library: c.Library, theorem: c.Theorem) -> Iterator[str]:
    locks = ", ".join(f"{lock.name}({lock.mode})" for lock in theorem.locks) or "none"
    yield f"{theorem.kind} {theorem.name}  {theorem.place}"
    yield f"  environment: {', '.join(use.agent for use in theorem.agents) or 'nobody'}; locks held: {locks}"
    if theorem.omitted:
        yield f"  agents that could run and are not listed: {', '.join(theorem.omitted)}"
    for instance in instances(library, theorem):
        params = ", ".join(f"{name} = {value}" for name, value in instance.parameters.items())
        where = f"{instance.layout}{f' in {instance.era}' if instance.era else ''}{f' with {params}' if params else ''}"
        if instance.skipped is not None:
            yield f"  {where}: skipped, {instance.skipped}"
            continue
        placed = f" ({len(instance.settings)} placements)" if len(instance.settings) > 1 else ""
        yield f"  {where}{placed}: {'; '.join(prove.text for prove in theorem.proves)}"
