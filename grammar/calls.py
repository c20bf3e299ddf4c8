"""Calls: the words like BIT_ULL, memory operations, predicates, functions and helpers."""

from collections.abc import Sequence
from typing import assert_never

from spteproof.grammar import checked as c
from spteproof.grammar import expressions
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import BUILT_IN, LOOP_WORDS, Body
from spteproof.grammar.checked import Sort
from spteproof.grammar.memory_operations import SIGNATURES, Signature
from spteproof.grammar.names import Entity, Kind
from spteproof.grammar.sorts import MASK64, common, converted, signed, word
from spteproof.grammar.source import Place

_PLAIN = "plain_"


def call(body: Body, term: s.CallOf) -> c.Expression | None:
    """Any call; the node has no sort where it gives nothing."""
    name = term.callee.text
    if name in BUILT_IN:
        return _built_in(body, term)
    if name in SIGNATURES and not name.startswith(_PLAIN):
        return _memory(body, term, SIGNATURES[name])
    if name in body.rules.instants and (entry := _only_entry(body, term.arguments)) is not None:
        return c.Instant(place=body.place(term), which=name, entry=entry)
    entity = body.view.entity(name)
    if entity is None and name in LOOP_WORDS:
        body.findings.error(
            "syntax.word:loop",
            body.place(term.callee),
            "there is no loop but `retry`",
            label="not known here",
            help="write `retry { ... } until (done);`",
        )
        return None
    if entity is None:
        body.unknown(term.callee, name)
        return None
    match entity.kind:
        case Kind.PREDICATE | Kind.FUNCTION:
            return _pure(body, term, entity)
        case Kind.HELPER:
            return _helper(body, term, entity)
        case (
            Kind.LAYOUT | Kind.FAMILY | Kind.GHOST | Kind.ENTRY | Kind.AGENT | Kind.THEOREM | Kind.LEMMA
            | Kind.INTERFACE | Kind.ERA
        ):  # fmt: skip
            body.findings.error(
                "name.kind:call",
                body.place(term.callee),
                f"`{name}` is {entity.kind.value} and cannot be called",
                label="called here",
                others=[(entity.place, "declared here")],
            )
            return None
    assert_never(entity.kind)


def _named_entry(body: Body, argument: s.Term) -> str | None:
    """The entry that an argument points to, or None."""
    return body.entry(argument.text) if isinstance(argument, s.Name) else None


def _only_entry(body: Body, arguments: Sequence[s.Term]) -> str | None:
    return _named_entry(body, arguments[0]) if len(arguments) == 1 else None


def _count(body: Body, term: s.CallOf, wanted: int) -> bool:
    """Reports a call with another number of arguments."""
    given = len(term.arguments)
    if given == wanted:
        return True
    plural = "argument" if wanted == 1 else "arguments"
    body.findings.error(
        "call.arguments:count",
        body.place(term),
        f"`{term.callee.text}` takes {wanted} {plural}, not {given}",
        label=f"{given} given",
    )
    return False


def _built_in(body: Body, term: s.CallOf) -> c.Expression | None:
    name, place, arguments = term.callee.text, body.place(term), term.arguments
    entry = _named_entry(body, arguments[1]) if name == "cleared" and len(arguments) == 2 else None
    if entry is not None:
        arguments = arguments[:1]
    elif not _count(body, term, 2 if name == "GENMASK_ULL" else 1):
        return None
    if name == "cleared" and not body.rules.cleared:
        body.findings.error(
            "instant.misplaced:cleared", place, "`cleared` may only be used in `ensures`", label="not here"
        )
        return None
    operands = [expressions.value(body, argument) for argument in arguments]
    found = [operand for operand in operands if operand is not None]
    if len(found) < len(operands):
        return None
    match name:
        case "BIT_ULL":
            return _bit(body, term, word(found[0]))
        case "GENMASK_ULL":
            return _bits_between(body, term, word(found[0]), word(found[1]))
        case "cleared":
            mask = converted(found[0], Sort.U64)
            return c.Cleared(place=place, mask=mask, entry=entry or c.DEFAULT_ENTRY)
        case _:
            return _lowest_bit(body, term, converted(found[0], Sort.U64))


def _constant(place: Place, value: int, sort: Sort = Sort.U64) -> c.Constant:
    return c.Constant(place=place, value=value & MASK64, sort=sort)


def _bit(body: Body, term: s.CallOf, number: c.Expression) -> c.Expression | None:
    place = body.place(term)
    if not isinstance(number, c.Constant):
        return c.Binary(place=place, operator="<<", left=_constant(place, 1), right=number, sort=Sort.U64)
    if not 0 <= signed(number) < 64:
        body.findings.error(
            "sort.bit:range", number.place, f"there is no bit {signed(number)} in 64 bits", label="bits are 0 to 63"
        )
        return None
    return _constant(place, 1 << number.value)


def _bits_between(body: Body, term: s.CallOf, high: c.Expression, low: c.Expression) -> c.Expression | None:
    place = body.place(term)
    if isinstance(high, c.Constant) and isinstance(low, c.Constant):
        top, bottom = signed(high), signed(low)
        if not 0 <= bottom <= top < 64:
            why = "the high bit comes first" if bottom > top else "bits are 0 to 63"
            body.findings.error("sort.genmask:range", place, f"`GENMASK_ULL({top}, {bottom})` is no mask", label=why)
            return None
        return _constant(place, (1 << top + 1) - (1 << bottom))
    above = expressions.binary(
        body, term, "-", converted(_constant(place, 63, Sort.INT), common(high)), high, common(high)
    )
    if above is None:
        return None
    left = expressions.binary(body, term, "<<", _constant(place, MASK64), low, Sort.U64)
    right = expressions.binary(body, term, ">>", _constant(place, MASK64), above, Sort.U64)
    return None if left is None or right is None else expressions.binary(body, term, "&", left, right, Sort.U64)


def _lowest_bit(body: Body, term: s.CallOf, operand: c.Expression) -> c.Expression | None:
    place = body.place(term)
    if not isinstance(operand, c.Constant):
        return c.LowestBit(place=place, operand=operand)
    if operand.value == 0:
        body.findings.error("sort.ffs:zero", place, "`__ffs64(0)` is undefined", label="no bit is set")
        return None
    return _constant(place, (operand.value & -operand.value).bit_length() - 1)


# Memory operations ---------------------------------------------------------------------------------------


def _memory(body: Body, term: s.CallOf, signature: Signature) -> c.Expression | None:
    name, place = term.callee.text, body.place(term)
    if not body.rules.events:
        body.findings.error(
            "event.misplaced:operation", place, f"{body.rules.what} may not touch the entry", label="an event"
        )
        return None
    if not _count(body, term, len(signature.operands)):
        return None
    arguments: list[c.Expression | None] = []
    reference: c.Variable | None = None
    entry: str | None = None
    complete = True
    for operand, argument in zip(signature.operands, term.arguments, strict=True):
        match operand:
            case "entry" | "value":
                entry = _entry_operand(body, argument, operand == "value")
                complete = entry is not None and complete
            case "old":
                reference = _reference(body, argument, Sort.U64, f"`{name}`")
                complete = reference is not None and complete
            case "number":
                arguments.append(_bit_number(body, argument))
            case _:
                arguments.append(expressions.value_of(body, argument, Sort.U64, f"an operand of `{name}`"))
    found = tuple(argument for argument in arguments if argument is not None)
    if not complete or entry is None or len(found) < len(arguments):
        return None
    return c.Memory(
        place=place, operation=name, entry=entry, arguments=found, reference=reference, sort=signature.result
    )


def _entry_operand(body: Body, argument: s.Term, by_value: bool) -> str | None:
    """The entry that an operation acts on, written `sptep` or `*sptep`; what is not an entry is reported."""
    name = None
    if isinstance(argument, s.Dereference) and by_value:
        name = argument.name.text
    elif isinstance(argument, s.Name) and not by_value:
        name = argument.text
    entry = None if name is None else body.entry(name)
    if entry is None:
        wanted = "*sptep" if by_value else "sptep"
        body.findings.error(
            "entry.unknown:operand", body.place(argument), f"expected `{wanted}` here", label="not an entry"
        )
    return entry


def _bit_number(body: Body, argument: s.Term) -> c.Expression | None:
    number = expressions.value(body, argument)
    if number is None:
        return None
    number = word(number)
    if isinstance(number, c.Constant) and not 0 <= signed(number) < 64:
        body.findings.error(
            "sort.bit:range", number.place, f"there is no bit {signed(number)} in 64 bits", label="bits are 0 to 63"
        )
        return None
    return number


def _reference(body: Body, argument: s.Term, sort: Sort, whose: str) -> c.Variable | None:
    """`&local`, or a reference parameter passed on by its bare name."""
    match argument:
        case s.AddressOf(name=name):
            pass
        case s.Name():
            name = s.Word(start=argument.start, end=argument.end, text=argument.text)
        case _:
            _no_reference(body, argument, whose, None)
            return None
    local = body.local(name.text)
    if local is None:
        if body.view.entity(name.text) is None and body.word(name.text) is None:
            body.unknown(name, name.text)
            return None
        _no_reference(body, argument, whose, None)
        return None
    if local.by_reference == isinstance(argument, s.AddressOf):
        _no_reference(body, argument, whose, f"write `{'' if local.by_reference else '&'}{name.text}`")
        return None
    if not local.assignable:
        body.findings.error(
            "assign.parameter:theorem",
            body.place(argument),
            f"`{name.text}` is a parameter of the theorem and keeps its value",
            label="would be changed",
            help="copy it into a local",
        )
        return None
    if local.sort is not sort:
        body.findings.error(
            "call.reference:sort",
            body.place(argument),
            f"{whose} refers to a `{sort.value}`, and `{name.text}` is a `{local.sort.value}`",
            label=f"a `{local.sort.value}`",
        )
        return None
    return body.variable(argument, local)


def _report_twice(body: Body, argument: s.Term, variable: c.Variable, first: Place) -> None:
    """What reads one name and changes the other would have two orders, and nothing there would show it."""
    name = variable.name.split(".")[0]
    body.findings.error(
        "call.reference:twice",
        body.place(argument),
        f"two references to `{name}`: the helper would know one local by two names",
        label="given again",
        others=[(first, "given here")],
        help="give it a local of its own",
    )


def _no_reference(body: Body, argument: s.Term, whose: str, help: str | None) -> None:
    body.findings.error(
        "call.reference:local",
        body.place(argument),
        f"{whose} needs a reference to a local here",
        label="not a reference",
        help=help,
    )


# Calls of what the author declared -----------------------------------------------------------------------


def _pure(body: Body, term: s.CallOf, entity: Entity) -> c.Expression | None:
    if not body.rules.calls:
        body.findings.error(
            "layout.constant:call",
            body.place(term),
            f"{body.rules.what} is a constant and may not call `{entity.name}`",
            label="a call",
        )
        return None
    body.uses.callee(entity.name, body.place(term.callee))
    if not _count(body, term, len(entity.parameters)):
        return None
    given = [
        expressions.value_of(body, argument, parameter.sort, f"parameter `{parameter.name}` of `{entity.name}`")
        for parameter, argument in zip(entity.parameters, term.arguments, strict=True)
    ]
    found = tuple(argument for argument in given if argument is not None)
    if len(found) < len(given) or entity.sort is None:
        return None
    return c.Call(place=body.place(term), callee=entity.name, arguments=found, sort=entity.sort)


def _helper(body: Body, term: s.CallOf, entity: Entity) -> c.Expression | None:
    if not body.rules.events:
        body.findings.error(
            "event.misplaced:helper",
            body.place(term),
            f"{body.rules.what} may not call the helper `{entity.name}`",
            label="a helper may touch the entry",
            others=[(entity.place, "declared here")],
        )
        return None
    body.uses.callee(entity.name, body.place(term.callee))
    arguments = term.arguments
    entry = _named_entry(body, arguments[0]) if len(arguments) == len(entity.parameters) + 1 else None
    if entry is not None:
        arguments = arguments[1:]
    elif not _count(body, term, len(entity.parameters)):
        return None
    found = _helper_arguments(body, arguments, entity)
    if found is None:
        return None
    return c.HelperCall(
        place=body.place(term),
        callee=entity.name,
        arguments=found,
        sort=entity.sort,
        entry=entry or c.DEFAULT_ENTRY,
    )


def _helper_arguments(
    body: Body, arguments: Sequence[s.Term], entity: Entity
) -> tuple[c.Expression | c.Reference, ...] | None:
    given: list[c.Expression | c.Reference | None] = []
    taken: dict[str, Place] = {}
    for parameter, argument in zip(entity.parameters, arguments, strict=True):
        whose = f"parameter `{parameter.name}` of `{entity.name}`"
        if not parameter.by_reference:
            given.append(expressions.value_of(body, argument, parameter.sort, whose))
            continue
        variable = _reference(body, argument, parameter.sort, whose)
        given.append(None if variable is None else c.Reference(place=body.place(argument), variable=variable))
        if variable is not None and variable.name in taken:
            _report_twice(body, argument, variable, taken[variable.name])
        elif variable is not None:
            taken[variable.name] = body.place(argument)
    found = tuple(argument for argument in given if argument is not None)
    return found if len(found) == len(given) else None
