"""Instances: a theorem in one layout, one era, with one choice for each of its `in {...}` parameters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from spteproof.grammar import checked as c
from spteproof.solver.doubts import Doubt, TooBig
from spteproof.solver.interpretation import Call, Interpreter, Values
from spteproof.solver.placements import placements, undefined
from spteproof.solver.setting import Setting
from spteproof.solver.walks import parts_of_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """`settings` are the concrete layouts to decide it in: one, or all placements of symbolic bits that differ.
    `parameters` are the choices
    as their author wrote them. `skipped` says why there is nothing to decide, `problem` why it cannot be decided."""

    theorem: c.Theorem
    layout: str
    era: str | None
    parameters: Mapping[str, str]
    picked: Mapping[str, c.Expression]
    settings: tuple[Setting, ...]
    skipped: str | None
    problem: Doubt | None = None


def instances(
    library: c.Library, theorem: c.Theorem, start: int = 0, stop: int | None = None, given_up: Doubt | None = None
) -> Iterator[Instance]:
    """All instances, those that are skipped or too big included, from number `start` to `stop`; where `given_up` says
    why, none is prepared."""
    choosing = [parameter for parameter in theorem.parameters if parameter.choices is not None]
    names = [parameter.name for parameter in choosing]
    shared: dict[str | None, Mapping[str, c.Sort]] = {}
    for era, layout, chosen in islice(_choices(library, theorem, choosing), start, stop):
        picked = dict(zip(names, chosen, strict=True))
        if given_up is not None:
            yield _given_up(theorem, library.layouts[layout], era, picked, given_up)
        else:
            if era not in shared:
                shared[era] = shared_by(library, theorem, era)
            yield _instance(library, theorem, library.layouts[layout], era, picked, shared[era])


def _choices(
    library: c.Library, theorem: c.Theorem, choosing: Sequence[c.Parameter]
) -> Iterator[tuple[str | None, str, tuple[c.Expression, ...]]]:
    """Era, layout and choices of each instance."""
    for era in theorem.eras or (None,):
        had = library.eras[era] if era is not None else None
        for name in [name for name in theorem.layouts if had is None or name in had]:
            for chosen in product(*[parameter.choices or () for parameter in choosing]):
                yield era, name, chosen


def _given_up(
    theorem: c.Theorem, layout: c.Layout, era: str | None, picked: Mapping[str, c.Expression], reason: Doubt
) -> Instance:
    """An instance that cannot be decided; whether there is anything to decide is seen at once, or not at all."""
    skipped = _lacks(theorem, layout, era)
    return Instance(
        theorem=theorem,
        layout=layout.name,
        era=era,
        parameters={name: expression.place.text() for name, expression in picked.items()},
        picked=picked,
        settings=(),
        skipped=skipped,
        problem=None if skipped else reason,
    )


def shared_by(library: c.Library, theorem: c.Theorem, era: str | None) -> Mapping[str, c.Sort]:
    """The ghosts and further entries that the theorem speaks of, itself or through its agents and what they call:
    others are no part of its state."""
    agents = [library.scopes[era].agents[use.agent] for use in theorem.agents]
    return spoken_of(library, [theorem, *agents], era)


def spoken_of(library: c.Library, roots: Sequence[object], era: str | None) -> Mapping[str, c.Sort]:
    """The ghosts and further entries that some trees speak of, themselves or through what they call."""
    found = parts_of_state(library.scopes[era], roots)
    return {name: sort for name, sort in shared_in(library).items() if name in found}


def shared_in(library: c.Library) -> Mapping[str, c.Sort]:
    """All ghosts and further entries, with their sorts."""
    return {**library.ghosts, **dict.fromkeys(library.entries, c.Sort.U64)}


def _instance(
    library: c.Library,
    theorem: c.Theorem,
    layout: c.Layout,
    era: str | None,
    picked: Mapping[str, c.Expression],
    ghosts: Mapping[str, c.Sort],
) -> Instance:
    parameters = {name: expression.place.text() for name, expression in picked.items()}
    skipped, problem = _lacks(theorem, layout, era), None
    settings: list[Setting] = []
    placed: list[Mapping[str, int]] = []
    if skipped is None:
        try:
            placed = list(placements(library, theorem, layout, era))
        except TooBig as big:
            problem = big.doubt
        for values in placed:
            setting = concrete(library, layout, values, era)
            absent = [parameters[name] for name, expression in picked.items() if _is_none(expression, setting, layout)]
            required = [name for name in theorem.requires if not setting.values[name]]
            absent += [name for name in required if _named(layout, name) in layout.masks]
            untrue = [name for name in required if _is_constant(layout, name)]
            if absent or untrue:
                skipped = f"`{[*absent, *untrue][0]}` is {'none' if absent else 'false'} in `{layout.name}`"
                continue
            try:
                choices = {name: defined_value(expression, setting) for name, expression in picked.items()}
            except TooBig as big:
                settings, problem = [], big.doubt
                break
            settings.append(concrete(library, layout, values, era, choices, ghosts))
    return Instance(
        theorem=theorem,
        layout=layout.name,
        era=era,
        parameters=parameters,
        picked=picked,
        settings=tuple(settings),
        skipped=None if settings or problem else skipped or "no placement of its bits is allowed",
        problem=problem,
    )


def _lacks(theorem: c.Theorem, layout: c.Layout, era: str | None) -> str | None:
    has = {*layout.masks, *layout.values, *layout.aliases}
    missing = sorted({*theorem.needs.get(era, frozenset()), *theorem.requires} - has)
    return f"`{layout.name}` has no `{missing[0]}`" if missing else None


def _is_none(expression: c.Expression, setting: Setting, layout: c.Layout) -> bool:
    if not isinstance(expression, c.LayoutName):
        return False
    name = _named(layout, expression.name)
    return name in layout.masks and setting.values[name] == 0


def _named(layout: c.Layout, name: str) -> str:
    """The name that an alias stands for."""
    return layout.aliases.get(name, name)


def _is_constant(layout: c.Layout, name: str) -> bool:
    """Whether it is a bool constant: a word that is 0 is there all the same."""
    value = layout.values.get(_named(layout, name))
    return value is not None and value.sort is c.Sort.BOOL


def concrete(
    library: c.Library,
    layout: c.Layout,
    values: Mapping[str, int],
    era: str | None = None,
    choices: Mapping[str, int] | None = None,
    ghosts: Mapping[str, c.Sort] | None = None,
) -> Setting:
    """The setting of one placement of a layout; without `ghosts`, with all ghosts and entries of the library."""
    shared = shared_in(library) if ghosts is None else ghosts
    return Setting(
        layout=layout.name,
        values=values,
        masks=tuple(layout.masks),
        aliases=layout.aliases,
        invariants=layout.invariants,
        scope=library.scopes[era],
        ghosts=shared,
        entries=(c.DEFAULT_ENTRY, *[name for name in library.entries if name in shared]),
        era=era,
        choices=choices or {},
    )


def evaluate(expression: c.Expression, setting: Setting, variables: Mapping[str, int] | None = None) -> int:
    """A pure expression over layout names, choices and `variables`, as an integer."""
    return _evaluated(expression, setting, variables)[0]


def defined_value(expression: c.Expression, setting: Setting) -> int:
    """The same. Raises TooBig where it is undefined, or an assert on its way fails."""
    value, interpreter = _evaluated(expression, setting, None)
    if interpreter.failures:
        raise undefined(expression, interpreter.failures[0])
    return value


def bits_to_lose(expression: c.Expression, setting: Setting) -> int:
    """What a mask after `losing` means; nothing where the layout lacks a name that it speaks of."""
    try:
        return evaluate(expression, setting)
    except KeyError:
        return 0


def _evaluated(
    expression: c.Expression, setting: Setting, variables: Mapping[str, int] | None
) -> tuple[int, Interpreter]:
    interpreter = Interpreter(setting, Values(0, dict.fromkeys(setting.ghosts, 0)), lambda state, site: state)
    return interpreter.value(expression, Call({**setting.choices, **(variables or {})})), interpreter


def expectation(prove: c.Prove, instance: Instance) -> c.Expectation | None:
    """The last expectation that fits the instance; None where none does, which means proved."""
    fitting = [each for each in prove.expectations if _fits(each, instance)]
    return fitting[-1] if fitting else None


def _fits(expectation: c.Expectation, instance: Instance) -> bool:
    if expectation.layouts is not None and instance.layout not in expectation.layouts:
        return False
    if expectation.eras is not None and instance.era not in expectation.eras:
        return False
    return all(instance.picked.get(name) in values for name, values in expectation.values)
