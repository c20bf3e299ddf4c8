"""`spteproof show`: a layout as a register, an entry's value decoded, an agent's derived steps, a theorem's
obligations."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from spteproof.entries import Names
from spteproof.grammar import checked as c
from spteproof.showing.decoded import decoded, entry_json, side_by_side
from spteproof.showing.effects import effect_text, effects
from spteproof.showing.folding import folded, glued, wrapped
from spteproof.showing.layout_words import names_of, said_of
from spteproof.showing.register import draw_register
from spteproof.showing.words import Declarations, all_words, as_written, declarations, place_of
from spteproof.solver.doubts import TooBig
from spteproof.solver.environment import Transition, placed, transitions
from spteproof.solver.instances import Instance, concrete, expectation, instances, spoken_of
from spteproof.solver.placements import placements
from spteproof.solver.setting import Setting
from spteproof.solver.terms import Term, Terms
from spteproof.solver.threads import threads_of


class NothingToShow(Exception):
    """No layout, agent or theorem has this name; the message says so."""


def show(library: c.Library, name: str | None, value: int | None, layout: str | None, form: str = "human") -> str:
    """What the name stands for, as text; all words without a name. Raises NothingToShow."""
    if layout is not None and (value is not None or name is None or name in library.layouts):
        raise NothingToShow(_without_layout(name, layout, value))
    if name is not None and value is not None and ("," in name or name in library.families or form == "json"):
        return _in_layouts(library, name, value, form)
    if form == "json":
        raise NothingToShow("only an entry's value in layouts is shown as JSON: name a layout and a value")
    if name is None:
        return all_words(library)
    if layout is not None and layout not in library.layouts:
        raise NothingToShow(f"there is no layout `{layout}`{_near(layout, library.layouts)}")
    if name in library.layouts:
        return "\n".join(_layout(library, library.layouts[name], value))
    if value is not None:
        raise NothingToShow(f"`{name}` is no layout: a value can be decoded only in a layout")
    if name in library.theorems:
        return "\n".join(_theorem(library, library.theorems[name], layout))
    agents = _agents(library, name)
    if agents:
        return "\n".join(line for agent, eras in agents for line in _agent(library, agent, eras, layout))
    if name in library.families:
        raise NothingToShow(f"`{name}` is a family: show one of {', '.join(library.families[name])}")
    declared = declarations(library, name)
    if declared:
        return "\n".join(_declared(library, name, declared, layout))
    known = {*library.layouts, *library.theorems, *_defined(library)}
    raise NothingToShow(f"nothing that can be shown is called `{name}`{_near(name, known)}")


def _without_layout(name: str | None, layout: str, value: int | None) -> str:
    """What to write in the place of a --layout that says nothing."""
    if value is not None:
        return f"a value is shown in the layouts that stand before it: write `spteproof show {layout} {value:#x}`"
    if name is None:
        return f"--layout says in which layout something is shown: name it, or write `spteproof show {layout}`"
    return f"`{name}` is a layout itself: write `spteproof show {name}`; --layout is for what is shown in a layout"


def _near(name: str, known: Mapping[str, object] | set[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f": did you mean `{near[0]}`?" if near else ""


def _defined(library: c.Library) -> set[str]:
    scopes = library.scopes.values()
    return {name for scope in scopes for kind in (scope.agents, scope.pures, scope.helpers) for name in kind}


def _agents(library: c.Library, name: str) -> list[tuple[c.Agent, list[str | None]]]:
    """The agents of this name that differ, each with its eras."""
    found: list[tuple[c.Agent, list[str | None]]] = []
    for era, scope in library.scopes.items():
        agent = scope.agents.get(name)
        if agent is None:
            continue
        for other, eras in found:
            if other is agent:
                eras.append(era)
                break
        else:
            found.append((agent, [era]))
    return found


def _setting(
    library: c.Library, layout: c.Layout, era: str | None, ghosts: Mapping[str, c.Sort] | None = None
) -> Setting:
    """The layout with its symbolic bits, if any, in a placement that is allowed: the first that leaves none out, else
    the first with the fewest left out. `ghosts` are those at hand."""
    symbolic = _symbolic(layout)
    values: Mapping[str, int] | None = None
    try:
        for each in placements(library, None, layout, era):
            if values is None or _present(symbolic, each) > _present(symbolic, values):
                values = each
            if _present(symbolic, values) == len(symbolic):
                break
    except TooBig as big:
        if values is None:
            raise NothingToShow(str(big)) from None
    if values is None:
        raise NothingToShow(f"no placement of the symbolic bits of layout `{layout.name}` is allowed")
    return concrete(library, layout, values, era, ghosts=ghosts or {})


def _present(symbolic: Sequence[str], values: Mapping[str, int]) -> int:
    return sum(values[name] != 0 for name in symbolic)


def _names(setting: Setting) -> Names:
    return Names(setting.values, setting.masks, setting.aliases)


def _symbolic(layout: c.Layout) -> list[str]:
    return [mask.name for mask in layout.masks.values() if mask.some]


# Layouts


def _layout(library: c.Library, layout: c.Layout, value: int | None) -> Iterator[str]:
    setting = _setting(library, layout, None)
    names = _names(setting)
    yield f"layout {layout.name}  {place_of(layout.place)}"
    if value is not None:
        yield f"  0x{value:016x}  {names.decode(value)}"
    yield draw_register(names, value)
    symbolic = _symbolic(layout)
    if symbolic:
        yield from wrapped("  may lie anywhere that is allowed, shown in one place: ", symbolic)
    words = {name: each for name, each in layout.values.items() if each.sort is not c.Sort.BOOL}
    flags = [f"{name} = {str(bool(setting.values[name])).lower()}" for name in layout.values if name not in words]
    yield from wrapped("  values: ", [f"{name} = {setting.values[name]:#x}" for name in words])
    yield from wrapped("  constants: ", flags)
    if layout.invariants:
        yield "  invariants:"
    width = max((len(each.name) for each in layout.invariants), default=0)
    judged = {} if value is None else {each.name: each.holds for each in decoded(layout, setting, value).invariants}
    for each in layout.invariants:
        kept = "" if value is None else "kept    " if judged[each.name] else "BROKEN  "
        yield from folded(f"    {each.name:<{width}}  {kept}", " ".join(each.condition.place.text().split()))


def _in_layouts(library: c.Library, named: str, value: int, form: str) -> str:
    """One value in several layouts, which are named with commas between them; a family stands for all of its own."""
    names: dict[str, None] = {}
    for each in (part.strip() for part in named.split(",")):
        if each not in library.layouts and not set(library.families.get(each, ("",))) <= library.layouts.keys():
            near = _near(each, {*library.layouts, *library.families})
            raise NothingToShow(f"there is no layout `{each}`{near}: a value can be decoded only in a layout")
        names.update(dict.fromkeys(library.families.get(each, (each,))))
    layouts = [library.layouts[each] for each in names]
    found = [decoded(each, _setting(library, each, None), value) for each in layouts]
    return entry_json(found) if form == "json" else "\n".join(side_by_side(found))


# Predicates, functions, helpers


def _declared(library: c.Library, name: str, declared: Declarations, layout: str | None) -> Iterator[str]:
    """Each declaration as it was written; with a layout those of its eras only, and what it makes of their names."""
    if layout is None:
        for place, scopes in declared.items():
            yield from as_written(library, name, place, scopes)
        return
    chosen, missing, empty = library.layouts[layout], "", True
    for place, scopes in declared.items():
        having = {era: each for era, each in scopes.items() if layout in (library.eras.get(era or "") or (layout,))}
        names: dict[str, None] = {}
        shown: list[str | None] = []
        for era, each in having.items():
            needed = names_of(library.scopes[era], each)
            absent = next((word for word in needed if said_of(chosen, word) is None), None)
            if absent is None:
                names.update(dict.fromkeys(needed))
                shown.append(era)
            else:
                missing = missing or f"layout `{layout}` has no `{absent}`, which `{name}` needs"
        if shown:
            empty = False
            yield from as_written(library, name, place, shown)
            values = [f"{word} = {said_of(chosen, word)}" for word in names]
            yield from wrapped(f"  in {layout}: ", values or ["the same as in any other layout"])
    if empty:
        raise NothingToShow(missing or f"no era that has the layout `{layout}` supplies `{name}`")


# Agents


def _agent(library: c.Library, agent: c.Agent, eras: list[str | None], layout: str | None) -> Iterator[str]:
    chosen, setting, terms, found = _in_some_layout(library, agent, eras[0], layout)
    names = _names(setting)
    held = "holding " + ", ".join(f"{lock.name}({lock.mode})" for lock in agent.locks) if agent.locks else "lockless"
    inside = f" in {', '.join(str(era) for era in eras)}" if None not in eras else ""
    yield f"agent {agent.name}{inside}  {place_of(agent.place)}  {held}, in layout {chosen.name}"
    if _symbolic(chosen):
        yield from wrapped("  may lie anywhere that is allowed, shown in one place: ", _symbolic(chosen))
    for each in found:
        yield from _transition(each, terms, setting, names)
    if setting.invariants:
        yield "  (on values that the layout's invariants allow; +X sets X where it is not set, -X clears it)"


def _in_some_layout(
    library: c.Library, agent: c.Agent, era: str | None, layout: str | None
) -> tuple[c.Layout, Setting, Terms, list[Transition]]:
    """The agent's transitions in the layout asked for, else in the first that has all names that the agent needs."""
    missing = ""
    for name in [layout] if layout is not None else library.layouts:
        terms, chosen = Terms(), library.layouts[name]
        setting = _setting(library, chosen, era, spoken_of(library, [agent], era))
        arguments = [_parameter(terms, each) for each in agent.parameters]
        try:
            return chosen, setting, terms, transitions(terms, setting, agent, arguments)[0]
        except KeyError as error:
            missing = missing or f"layout `{name}` has no `{error.args[0]}`, which `{agent.name}` needs"
        except TooBig as big:
            raise NothingToShow(str(big)) from None
    raise NothingToShow(missing or f"there is no layout to show `{agent.name}` in")


def _parameter(terms: Terms, parameter: c.Parameter) -> Term:
    return (terms.truth_variable if parameter.sort is c.Sort.BOOL else terms.word_variable)(parameter.name)


def _transition(transition: Transition, terms: Terms, setting: Setting, names: Names) -> Iterator[str]:
    yield f"  {transition.name}  {place_of(transition.place)}"
    found = effects(terms, setting, transition)
    if found is None:
        yield "    what it changes is too large to show"
    elif not found:
        yield "    changes nothing in this layout"
    texts = [effect_text(each, names) for each in found or ()]
    width = max((len(what) for what, _ in texts), default=0)
    for what, when in texts:
        if len(what) <= 24:
            yield from folded(f"    {what:<{min(width, 24)}}  ", _when(when))
        else:
            yield from folded("    ", what)
            yield from folded("        ", _when(when))


def _when(condition: str) -> str:
    return re.sub(" ([=!<>]+) ", "\0\\1\0", f"when {condition}") if condition else "at any time"


# Theorems


def _theorem(library: c.Library, theorem: c.Theorem, layout: str | None) -> Iterator[str]:
    yield f"{theorem.kind} {theorem.name}  {place_of(theorem.place)}"
    yield f"  environment: {', '.join(placed(use.agent, use.entry) for use in theorem.agents) or 'nobody'}"
    if threads_of(theorem):
        yield f"  threads: {', '.join(threads_of(theorem))}"
    if theorem.locks:
        yield f"  holding: {', '.join(f'{lock.name}({lock.mode})' for lock in theorem.locks)}"
    if theorem.omitted:
        yield from wrapped("  could run and are not listed: ", list(theorem.omitted))
    groups: dict[tuple[str, ...], list[str]] = {}
    skipped: dict[str, list[str]] = {}
    for instance in instances(library, theorem):
        if layout is not None and instance.layout != layout:
            continue
        if instance.skipped is not None:
            skipped.setdefault(instance.skipped, []).append(_instance(instance))
        else:
            groups.setdefault(_obligations(instance), []).append(_instance(instance))
    for obligations, members in groups.items():
        yield from folded("  in ", " ".join(map(glued, members)) + ":")
        for line in obligations:
            yield f"    {line}".rstrip()
    for reason, members in skipped.items():
        yield from folded("  skipped ", f"{' '.join(map(glued, members))}: {reason}")
    if not groups and not skipped:
        raise NothingToShow(f"`{theorem.name}` says nothing about layout `{layout}`")


def _instance(instance: Instance) -> str:
    parts = [*([instance.era] if instance.era else []), *(f"{key}={each}" for key, each in instance.parameters.items())]
    if len(instance.settings) > 1:
        parts.append(f"{len(instance.settings)} placements")
    if instance.problem:
        parts.append(instance.problem)
    return f"{instance.layout}({', '.join(parts)})" if parts else instance.layout


def _obligations(instance: Instance) -> tuple[str, ...]:
    """A line for each property: its text, and what is expected where that is not `proved`."""
    proves = instance.theorem.proves
    width = min(max(len(prove.text) for prove in proves), 64)
    lines = []
    for prove in proves:
        expected = expectation(prove, instance)
        lines.append(f"{prove.text:<{width}}  {_expected(expected)}".rstrip())
    return tuple(lines)


def _expected(expected: c.Expectation | None) -> str:
    if expected is None or expected.verdict == "proved":
        return ""
    losing = "" if expected.losing is None else f" losing {', '.join(each.place.text() for each in expected.losing)}"
    return f"expect {expected.verdict}{losing}"
