"""Expressions: what each name means, its sort, and the conversions that C makes without saying so.

Every function gives None where something was wrong and has been reported.
"""

from collections.abc import Sequence
from typing import assert_never

from spteproof.grammar import calls
from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import Body
from spteproof.grammar.checked import Sort
from spteproof.grammar.constants import Wrong, fitted, folded, literal, shift_count
from spteproof.grammar.names import Kind
from spteproof.grammar.sorts import MASK64, common, converted, signed, sort_of, word

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


def expression(body: Body, term: s.Term) -> c.Expression | None:
    """A term of any sort; a Memory or HelperCall node may be one that gives nothing."""
    match term:
        case s.Number():
            return _number(body, term)
        case s.Truth():
            return c.Constant(place=body.place(term), value=int(term.value), sort=Sort.BOOL)
        case s.Name():
            return _name(body, term)
        case s.CallOf():
            return calls.call(body, term)
        case s.Prefix():
            return _prefix(body, term, value(body, term.operand))
        case s.Dereference():
            return _dereference(body, term)
        case s.AddressOf():
            body.findings.error(
                "call.reference:misplaced",
                body.place(term),
                f"`&{term.name.text}` may only be an argument for a reference parameter",
                label="not an argument for a `*` parameter",
            )
            return None
        case s.Infix():
            return _infix(body, term, value(body, term.left), value(body, term.right))
        case s.Choice():
            return _choice(body, term, condition(body, term.condition), value(body, term.then), value(body, term.other))
    assert_never(term)


def value(body: Body, term: s.Term) -> c.Expression | None:
    """A term that has a value."""
    found = expression(body, term)
    if found is not None and sort_of(found) is None:
        body.findings.error("sort.nothing:value", found.place, "this gives no value", label="used as a value")
        return None
    return found


def condition(body: Body, term: s.Term) -> c.Expression | None:
    """A term converted to BOOL."""
    found = value(body, term)
    return None if found is None else converted(found, Sort.BOOL)


def value_of(body: Body, term: s.Term, sort: Sort, whose: str) -> c.Expression | None:
    """A term converted to `sort`; `whose` is what it is to become, for the message."""
    found = value(body, term)
    return None if found is None else narrowed(body, found, sort, whose)


def narrowed(body: Body, found: c.Expression, sort: Sort, whose: str) -> c.Expression | None:
    if sort is Sort.INT and sort_of(found) is Sort.U64:
        body.findings.error(
            "sort.narrowing:int",
            found.place,
            f"a `u64` does not convert to `int`, the sort of {whose}",
            label="this is a `u64`",
        )
        return None
    return converted(found, sort)


def wrong(body: Body, term: s.Surface, why: Wrong) -> None:
    body.findings.error(why.id, body.place(term), why.message, help=why.help)


def _number(body: Body, term: s.Number) -> c.Expression | None:
    worth = literal(term.text)
    if isinstance(worth, Wrong):
        wrong(body, term, worth)
        return None
    return c.Constant(place=body.place(term), value=worth[0], sort=worth[1])


def _name(body: Body, term: s.Name) -> c.Expression | None:
    name, place = term.text, body.place(term)
    local, word_ = body.local(name), body.word(name)
    if name in body.rules.instants:
        if local is None or local.place is None:
            return c.Instant(place=place, which=name)
        body.findings.error(
            "name.ambiguous:instant",
            place,
            f"`{name}` is an instant in {body.rules.what} and a local",
            label="which of the two?",
            others=[(local.place, "the local")],
            help="give the local another name",
        )
        return None
    if local is not None:
        if local.by_reference:
            body.findings.error(
                "sort.reference:value",
                place,
                f"`{name}` is a reference",
                label="its value is needed",
                help=f"write `*{name}`",
            )
            return None
        return body.variable(term, local)
    if word_ is not None:
        body.uses.word(name, place)
        return c.LayoutName(place=place, name=name, sort=word_.sort)
    return _other_name(body, term)


def _other_name(body: Body, term: s.Name) -> c.Expression | None:
    """A name that is neither a local nor a layout's: a ghost, or not a value."""
    name, place, findings = term.text, body.place(term), body.findings
    entity = body.view.entity(name)
    if body.entry(name) is not None:
        findings.error(
            "entry.misplaced:pointer",
            place,
            f"`{name}` points to an entry; it is not a value",
            label="not a value",
            help=f"write `*{name}` for the entry's value; a helper may be given an entry as its first argument",
        )
    elif name == "any":
        findings.error(
            "any.misplaced:value", place, "`any` may only be the whole value of a declaration", label="not here"
        )
    elif entity is None:
        body.unknown(term, name)
    elif entity.kind is Kind.GHOST:
        if body.rules.reads_ghosts:
            assert entity.sort is not None
            return c.GhostName(place=place, name=name, sort=entity.sort)
        findings.error(
            "ghost.misplaced:read", place, f"{body.rules.what} may not speak of the ghost `{name}`", label="a ghost"
        )
    else:
        findings.error(
            "name.kind:value",
            place,
            f"`{name}` is {entity.kind.value}, not a value",
            label="used as a value",
            others=[(entity.place, "declared here")],
        )
    return None


def _dereference(body: Body, term: s.Dereference) -> c.Expression | None:
    name, place = term.name.text, body.place(term)
    local = body.local(name)
    if local is not None and local.by_reference:
        return body.variable(term, local)
    entry = body.entry(name)
    if entry is None:
        not_one(body, term)
        return None
    if body.rules.now:
        return c.Instant(place=place, which="now", entry=entry)
    if body.rules.events:
        return c.Memory(place=place, operation="READ_ONCE", entry=entry, arguments=(), reference=None, sort=Sort.U64)
    if body.rules.reads_entries and entry != c.DEFAULT_ENTRY:
        return c.GhostName(place=place, name=entry, sort=Sort.U64)
    if body.rules.instants:
        of = "" if entry == c.DEFAULT_ENTRY else f"({entry})"
        body.findings.error(
            "instant.unnamed:ensures",
            place,
            f"`*{name}` in `ensures` does not say when",
            label="at which instant?",
            help=f"write `start{of}`, `after{of}` (just after the program's last event) or `end{of}`",
        )
    else:
        body.findings.error(
            "event.misplaced:operation",
            place,
            f"{body.rules.what} may not read the entry",
            label="reads the entry",
            help="`prove ensures` speaks of the entry at the end" if body.rules.what == "`that`" else None,
        )
    return None


def not_one(body: Body, term: s.Dereference) -> None:
    body.findings.error(
        "entry.unknown:pointer",
        body.place(term),
        f"`{term.name.text}` is neither an entry nor a reference parameter",
        label="cannot be dereferenced",
        help="the entry is `*sptep`",
    )


def _prefix(body: Body, term: s.Prefix, operand: c.Expression | None) -> c.Expression | None:
    if operand is None:
        return None
    place = body.place(term)
    if term.operator == "!":
        return c.Unary(place=place, operator="!", operand=converted(operand, Sort.BOOL), sort=Sort.BOOL)
    operand = word(operand)
    sort = common(operand)
    if isinstance(operand, c.Constant):
        number = signed(operand)
        result = fitted(~number if term.operator == "~" else -number, sort)
        if isinstance(result, Wrong):
            wrong(body, term, result)
            return None
        return c.Constant(place=place, value=result & MASK64, sort=sort)
    return c.Unary(place=place, operator=term.operator, operand=operand, sort=sort)


def _infix(body: Body, term: s.Infix, left: c.Expression | None, right: c.Expression | None) -> c.Expression | None:
    if left is None or right is None:
        return None
    if term.operator in ("&&", "||", "->"):
        return c.Logic(
            place=body.place(term),
            operator=term.operator,
            left=converted(left, Sort.BOOL),
            right=converted(right, Sort.BOOL),
        )
    _report_signed(body, term, left, right)
    if term.operator in ("<<", ">>"):
        return binary(body, term, term.operator, word(left), word(right), common(left))
    sort = common(left, right)
    return binary(body, term, term.operator, converted(left, sort), converted(right, sort), sort)


def _report_signed(body: Body, term: s.Infix, left: c.Expression, right: c.Expression) -> None:
    """The kernel's atomic64_ operations give an `s64`, whose sign a shift to the right and an order tell."""
    sides = [left] if term.operator == ">>" else [left, right] if term.operator in _COMPARISONS[2:] else []
    if any(sort_of(each) is Sort.U64 and not _is_signed(each) for each in sides):
        return
    for each in sides:
        if _is_signed(each):
            body.findings.error(
                "sort.atomic64:signed",
                each.place,
                f"what an `atomic64_` operation gives has a sign in C, and `{term.operator}` looks at it",
                label="an `s64` in the kernel",
                help="put it into a `u64` first",
            )
            return


def _is_signed(found: c.Expression) -> bool:
    """Whether C has an `s64` where this is a U64. A constant is taken for an `int`."""
    match found:
        case c.Memory():
            return found.sort is Sort.U64 and found.operation.startswith("atomic64_")
        case c.Unary():
            return found.sort is Sort.U64 and _is_signed(found.operand)
        case c.Binary(operator="<<" | ">>"):
            return _is_signed(found.left)
        case c.Binary(sort=Sort.U64):
            return _all_signed([found.left, found.right])
        case c.Conditional(sort=Sort.U64):
            return _all_signed([found.then, found.other])
    return False


def _all_signed(parts: Sequence[c.Expression]) -> bool:
    """Whether all are signed in C, some an `s64`."""
    others = [each for each in parts if not _is_signed(each)]
    return len(others) < len(parts) and all(isinstance(each, c.Constant | c.Convert) for each in others)


def binary(
    body: Body, term: s.Surface, operator: str, left: c.Expression, right: c.Expression, sort: Sort
) -> c.Expression | None:
    """An operation on words of `sort`, folded where both sides are constants."""
    place = body.place(term)
    result_sort = Sort.BOOL if operator in _COMPARISONS else sort
    if isinstance(left, c.Constant) and isinstance(right, c.Constant):
        result = folded(operator, signed(left), signed(right), sort)
        if isinstance(result, Wrong):
            wrong(body, term, result)
            return None
        return c.Constant(place=place, value=result & MASK64, sort=result_sort)
    if operator == "<<" and sort is Sort.INT:
        body.findings.error(
            "sort.int_shift:variable",
            place,
            "an `int` is shifted left, and what comes of it is not known here: refused even where it would fit",
            label="may leave `int`",
            help="write `1ULL << n` or `BIT_ULL(n)`",
        )
        return None
    if operator in ("<<", ">>") and isinstance(right, c.Constant):
        bad = shift_count(signed(right), 64 if sort is Sort.U64 else 32)
        if bad is not None:
            wrong(body, term, bad)
            return None
    return c.Binary(place=place, operator=operator, left=left, right=right, sort=result_sort, signed=sort is Sort.INT)


def _choice(
    body: Body, term: s.Choice, test: c.Expression | None, then: c.Expression | None, other: c.Expression | None
) -> c.Expression | None:
    if test is None or then is None or other is None:
        return None
    both_truths = sort_of(then) is Sort.BOOL and sort_of(other) is Sort.BOOL
    sort = Sort.BOOL if both_truths else common(then, other)
    return c.Conditional(
        place=body.place(term), condition=test, then=converted(then, sort), other=converted(other, sort), sort=sort
    )
