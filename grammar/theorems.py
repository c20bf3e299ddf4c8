"""Theorems and lemmas: their clauses in the order in which they are written, then the body, then what is proved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body, Rules
from spteproof.grammar.checked import Parameter, Sort
from spteproof.grammar.declarations import locks_of
from spteproof.grammar.definitions import PROGRAM
from spteproof.grammar.diagnostics import Findings
from spteproof.grammar.environments import environment
from spteproof.grammar.expectations import Ranges, expectation
from spteproof.grammar.expressions import condition, value_of
from spteproof.grammar.names import Entity, Names, View
from spteproof.grammar.properties import property_of, property_text
from spteproof.grammar.ranges import Families, check_pairs, theorem_eras, theorem_layouts
from spteproof.grammar.sorts import signed
from spteproof.grammar.threads import check_properties, program
from spteproof.grammar.uses import Uses

_THEOREM = replace(PROGRAM, what="a theorem")
_LEMMA = Rules(what="a lemma", inputs=True, assumes=True, asserts=True)
_CHOICES = Rules(what="a choice")
_RELY = Rules(what="`rely`")
_LEVELS = (1, 5)

INSTANCE_LIMIT = 20_000
"""Layouts times eras times choices: a library of one kernel's whole history has half as many in all its theorems."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A checked theorem (`needs` still empty) and what it uses, expectations left out."""

    entity: Entity
    theorem: c.Theorem
    uses: Uses


def state(
    names: Names,
    entity: Entity,
    families: Families,
    had: Mapping[str, tuple[str, ...] | None],
    findings: Findings,
) -> Stated:
    """Checks one theorem or lemma; its `needs` are found when everything is checked. `had` are the layouts of each
    era."""
    item = entity.item
    assert isinstance(item, s.TheoremItem)
    view = View(names, entity.module)
    rules = _LEMMA if item.kind == "lemma" else _THEOREM
    body = Body(view=view, findings=findings, rules=rules)
    parameters = tuple(_parameter(body, each) for each in item.parameters)
    for surface, parameter in zip(item.parameters, parameters, strict=True):
        body.declare(surface.name, parameter.sort, assignable=False)
    layouts = theorem_layouts(view, entity, families, findings)
    eras = theorem_eras(view, entity, families, findings)
    check_pairs(view, entity, layouts, eras, had, findings)
    _check_instances(entity, parameters, len(layouts) * max(1, len(eras)), findings)
    requires = tuple(word.text for word in item.requires if _is_layout_name(body, word))
    locks = locks_of(view.module, item.locks, findings)
    around = environment(body.under(_CHOICES), item.against, locks, eras)
    rely = None if item.rely is None else _rely(body, item.rely)
    if item.kind == "lemma":
        _check_lemma(view, item, findings)
    body.scopes.append({})
    statements, proves = _divided(body, item)
    checked = program(body, statements)
    check_properties(body, statements, proves)
    by_name = {parameter.name: parameter for parameter in parameters}
    claims = [_prove(body, each, Ranges(layouts, eras, families, had), by_name) for each in proves]
    theorem = c.Theorem(
        place=entity.place,
        name=entity.name,
        kind=item.kind,
        parameters=parameters,
        layouts=layouts,
        eras=eras,
        requires=requires,
        locks=locks,
        agents=around.agents,
        omitted=() if item.kind == "lemma" else around.omitted,
        rely=rely,
        body=checked,
        proves=tuple(each for each in claims if each is not None),
        against_given=item.against is not None,
        against_all=item.against is not None and item.against.everyone,
    )
    return Stated(entity=entity, theorem=theorem, uses=body.uses)


def _check_instances(entity: Entity, parameters: Sequence[Parameter], ways: int, findings: Findings) -> None:
    """Each is decided by itself; `ways` are the layouts times the eras."""
    count = ways * prod(len(each.choices) for each in parameters if each.choices is not None)
    if count > INSTANCE_LIMIT:
        findings.error(
            "limit.choices:instances",
            entity.place,
            f"`{entity.name}` has {count:,} instances",
            label=f"more than {INSTANCE_LIMIT:,}",
            help="a parameter without choices stands for all values at once",
        )


# Clauses -------------------------------------------------------------------------------------------------


def _parameter(body: Body, surface: s.SurfaceParameter) -> Parameter:
    sort, place, name = Sort(surface.sort.text), body.place(surface), surface.name.text
    if surface.pointer:
        body.findings.error(
            "parameter.form:reference",
            place,
            "a theorem takes no references",
            label="by reference",
            help="only helpers do",
        )
    choices: tuple[c.Expression, ...] | None = None
    bounds = _LEVELS if sort is Sort.INT and name == "level" else None
    if isinstance(surface.values, s.Bounds):
        bounds = _bounds(body, surface.values, sort)
    elif surface.values is not None:
        found = [value_of(body.under(_CHOICES), term, sort, f"`{name}`") for term in surface.values]
        choices, bounds = tuple(each for each in found if each is not None), None
    elif sort is Sort.INT and bounds is None:
        body.findings.error(
            "parameter.bounds:missing",
            place,
            f"`{name}` has no bounds",
            label="which values?",
            help=f"write `int {name} in 0..7`, or name it `level` for 1..5",
        )
    return Parameter(place=place, name=name, sort=sort, choices=choices, bounds=bounds)


def _bounds(body: Body, surface: s.Bounds, sort: Sort) -> tuple[int, int] | None:
    place = body.place(surface)
    if sort is not Sort.INT:
        body.findings.error(
            "parameter.form:bounds", place, f"bounds belong to an `int`, not to a `{sort.value}`", label="bounds"
        )
        return None
    ends = [value_of(body.under(_CHOICES), term, Sort.INT, "a bound") for term in (surface.low, surface.high)]
    numbers = [signed(end) for end in ends if isinstance(end, c.Constant)]
    if len(numbers) < 2:
        if None not in ends:
            body.findings.error("parameter.bounds:constant", place, "bounds are constants", label="not constant")
        return None
    low, high = numbers
    if not low <= high < low + 1000:
        why = "they hold no value" if low > high else "they hold more than 1000 values"
        body.findings.error("parameter.bounds:range", place, f"{low}..{high} are no bounds: {why}", label=why)
        return None
    return low, high


def _is_layout_name(body: Body, word: s.Word) -> bool:
    if body.word(word.text) is not None:
        return True
    if not body.view.excused(word.text):
        body.findings.error(
            "name.unknown:mask",
            body.place(word),
            f"no layout has `{word.text}`",
            label="not declared",
            help=body.findings.nearest(word.text, lambda: body.view.names.words(body.view.module)),
        )
    return False


def _rely(body: Body, term: s.Term) -> c.Expression | None:
    for name in ("before", "after"):
        local = body.local(name)
        if local is not None and local.place is not None:
            body.findings.error(
                "name.ambiguous:instant",
                local.place,
                f"`{name}` is the entry's value in `rely`",
                label="a parameter of that name",
                help="give the parameter another name",
            )
    body.scopes.append({})
    body.declare_entry("before", "after")
    found = condition(body.under(_RELY), term)
    body.scopes.pop()
    for name in ("before", "after"):
        del body.taken[name]
    return found


def _check_lemma(view: View, item: s.TheoremItem, findings: Findings) -> None:
    for clause in (*item.locks, item.against, item.rely):
        if clause is not None:
            findings.error(
                "lemma.form:environment",
                view.module.place(clause),
                "a lemma has no events, so nobody else matters",
                label="not for a lemma",
                help="make it a `theorem`",
            )
    for each in item.body.statements:
        if isinstance(each, s.ProveStatement) and not _is_pure(each.claim):
            findings.error(
                "lemma.form:property",
                view.module.place(each.claim),
                "a lemma proves `that` or `equivalent`",
                label="about events",
                help="make it a `theorem`",
            )


def _is_pure(claim: s.SurfaceProperty) -> bool:
    return isinstance(claim, s.EquivalentProperty) or isinstance(claim, s.ConditionProperty) and claim.kind == "that"


# Body and properties -------------------------------------------------------------------------------------


def _divided(body: Body, item: s.TheoremItem) -> tuple[list[s.SurfaceStatement], list[s.ProveStatement]]:
    """The program and the properties at its end."""
    statements: list[s.SurfaceStatement] = []
    proves: list[s.ProveStatement] = []
    for each in item.body.statements:
        if isinstance(each, s.ProveStatement):
            proves.append(each)
            continue
        if proves:
            body.findings.error(
                "prove.early:statement",
                body.place(proves[-1]),
                "a statement follows this `prove`",
                label="must come after the program",
                others=[(body.place(each), "this statement")],
                help="move the properties to the end of the theorem",
            )
        statements.append(each)
    if not proves:
        body.findings.error(
            "prove.missing:property",
            body.place(item.name),
            f"`{item.name.text}` proves nothing",
            label="no `prove`",
            help="end it with a property, such as `prove preserves W;`",
        )
    return statements, proves


def _prove(
    body: Body,
    surface: s.ProveStatement,
    ranges: Ranges,
    parameters: Mapping[str, Parameter],
) -> c.Prove | None:
    found = property_of(body, surface.claim)
    expectations = tuple(expectation(body, each, ranges, parameters) for each in surface.expectations)
    if found is None:
        return None
    return c.Prove(
        place=body.place(surface), property=found, expectations=expectations, text=property_text(body, surface.claim)
    )
