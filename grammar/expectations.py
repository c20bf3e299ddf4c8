"""`expect`: which verdict an author expects of a property, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body, Rules
from spteproof.grammar.checked import Parameter, Sort
from spteproof.grammar.diagnostics import listed
from spteproof.grammar.expressions import value_of
from spteproof.grammar.names import Entity, Kind
from spteproof.grammar.properties import nodes
from spteproof.grammar.uses import Uses

_VALUES = Rules(what="an expectation")


@dataclass(frozen=True, slots=True)
class Ranges:
    """What a theorem is proved in: its layouts, its eras (empty where it has none), what families stand for, and the
    layouts that each era has (None: all)."""

    layouts: Sequence[str]
    eras: Sequence[str]
    families: Mapping[str, Sequence[str]]
    had: Mapping[str, tuple[str, ...] | None]

    def meet(self, layouts: Sequence[str], eras: Sequence[str]) -> bool:
        """Whether the theorem is proved in one of these layouts of one of these eras."""
        had = [self.had.get(era) for era in eras]
        return not eras or any(each is None or any(layout in each for layout in layouts) for each in had)


def expectation(
    body: Body,
    surface: s.Expected,
    ranges: Ranges,
    parameters: Mapping[str, Parameter],
) -> c.Expectation:
    """One expectation of a theorem that ranges over `ranges` and has `parameters`."""
    inside = replace(body, rules=_VALUES, uses=Uses())
    losing = None if surface.losing is None else [_mask(inside, term, parameters) for term in surface.losing]
    if losing is not None and surface.verdict != "refuted":
        body.findings.error(
            "expect.losing:verdict",
            body.place(surface),
            f"what is {surface.verdict} loses no bits",
            label="`losing` belongs to `refuted`",
        )
    layouts, eras = (None, None) if surface.places is None else _places(body, surface.places, ranges)
    values = [(each.parameter.text, _chosen(inside, each, parameters)) for each in surface.conditions]
    return c.Expectation(
        place=body.place(surface),
        verdict=surface.verdict,
        layouts=layouts,
        eras=eras,
        values=tuple(values),
        losing=None if losing is None else tuple(each for each in losing if each is not None),
    )


def _mask(body: Body, term: s.Term, parameters: Mapping[str, Parameter]) -> c.Expression | None:
    """A mask that may be lost: what has no one value in an instance is reported."""
    found = value_of(body, term, Sort.U64, "a mask")
    for node in nodes([found]) if found is not None else ():
        if isinstance(node, c.Variable) and (node.name not in parameters or parameters[node.name].choices is None):
            name = node.name.split(".")[0]
            body.findings.error(
                "expect.value:free",
                node.place,
                f"`{name}` has no choices: which bits it holds is not known here",
                label="no one value",
                help="name the masks",
            )
            return None
    return found


def _places(
    body: Body, words: Sequence[s.Word], ranges: Ranges
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """The layouts and the eras named; None where none is: then all are meant."""
    layouts: dict[str, None] | None = None
    eras: dict[str, None] | None = None
    for word in words:
        name, entity = word.text, body.view.entity(word.text)
        if entity is None and body.view.excused(name):
            continue
        members = ranges.families.get(name, [name])
        in_layouts = [member for member in members if member in ranges.layouts]
        in_eras = [member for member in members if member in ranges.eras]
        if in_layouts:
            layouts = {**(layouts or {}), **dict.fromkeys(in_layouts)}
        elif in_eras:
            eras = {**(eras or {}), **dict.fromkeys(in_eras)}
        else:
            layouts = layouts or {}
            _report_outside(body, word, entity, ranges)
    asked = ranges.layouts if layouts is None else list(layouts), ranges.eras if eras is None else list(eras)
    if all(asked) and not ranges.meet(*asked):
        body.findings.error(
            "expect.layout:outside",
            body.place(words[0]),
            f"no era of the theorem that is meant has {listed([f'`{name}`' for name in asked[0]], 'or')}",
            label="never proved there",
        )
    return None if layouts is None else tuple(layouts), None if eras is None else tuple(eras)


def _report_outside(body: Body, word: s.Word, entity: Entity | None, ranges: Ranges) -> None:
    name = word.text
    if entity is None or entity.kind in (Kind.LAYOUT, Kind.FAMILY, Kind.ERA):
        body.findings.error(
            "expect.layout:outside",
            body.place(word),
            f"`{name}` is none of the theorem's {'eras' if entity and entity.kind is Kind.ERA else 'layouts'}",
            label="never proved there",
            help=body.findings.nearest(name, lambda: [*ranges.layouts, *ranges.eras, *ranges.families]),
        )
        return
    body.findings.error(
        "name.kind:other",
        body.place(word),
        f"`{name}` is {entity.kind.value}, not a layout",
        label="a layout is meant",
        others=[(entity.place, "declared here")],
    )


def _chosen(body: Body, condition: s.With, parameters: Mapping[str, Parameter]) -> tuple[c.Expression, ...]:
    name = condition.parameter.text
    parameter = parameters.get(name)
    if parameter is None:
        body.findings.error(
            "name.unknown:parameter",
            body.place(condition.parameter),
            f"the theorem has no parameter `{name}`",
            label="not declared",
            help=body.findings.nearest(name, lambda: parameters),
        )
        return ()
    values = [value_of(body, term, parameter.sort, f"`{name}`") for term in condition.values]
    found = tuple(value for value in values if value is not None)
    if parameter.choices is None:
        body.findings.error(
            "expect.value:free",
            body.place(condition),
            f"`{name}` has no choices: one proof covers all its values",
            label="cannot be told apart",
            others=[(parameter.place, "declared here")],
            help="give it choices, `in {...}`",
        )
        return found
    for value in found:
        if value not in parameter.choices:
            body.findings.error(
                "expect.value:outside",
                value.place,
                f"this is none of the choices of `{name}`",
                label="never chosen",
                others=[(parameter.place, "the choices")],
            )
    return found
