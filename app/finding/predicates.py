"""What was found about predicates, in words: the weakest one, and where the one at hand differs from it."""

from collections.abc import Iterator, Mapping, Sequence

from spteproof.colour import Paint
from spteproof.entries import Names
from spteproof.solver.finding.answers import Difference, Enough, Literal, Predicate, Product


def predicates_report(found: Sequence[Predicate], paint: Paint) -> list[str]:
    """The lines of the report; layouts with one answer stand together."""
    lines: list[str] = []
    for theorem, name in dict.fromkeys((each.theorem, each.predicate) for each in found):
        members = [each for each in found if (each.theorem, each.predicate) == (theorem, name)]
        lines.append(f"{paint.bold(theorem)}  instead of `{name}`  {paint.dim(str(members[0].place))}")
        groups: dict[tuple[str, ...], list[str]] = {}
        for each in members:
            for answer, places in _answers(each, paint).items():
                groups.setdefault(answer, []).append(places)
        for answer, where in groups.items():
            lines.append(f"  {' '.join(where)}")
            lines += [f"    {line}" for line in answer]
    return lines


def _answers(found: Predicate, paint: Paint) -> dict[tuple[str, ...], str]:
    """Each answer with the instance it holds in, and in how many placements where there are several answers."""
    name = found.layout if found.era is None else f"{found.layout} of {found.era}"
    if found.skipped is not None:
        return {(paint.dim(f"skipped: {found.skipped}"),): name}
    counts: dict[tuple[str, ...], int] = {}
    for each in found.placed:
        answer = tuple(_answer(found, each, paint))
        counts[answer] = counts.get(answer, 0) + 1
    several = len(counts) > 1
    return {answer: f"{name} ({count} placements)" if several else name for answer, count in counts.items()}


def _answer(found: Predicate, enough: Enough, paint: Paint) -> Iterator[str]:
    names = Names(enough.values, found.masks, found.aliases)
    if enough.products is None:
        if enough.reason is not None:
            yield f"{paint.yellow('unknown ')} {enough.reason}"
        else:
            yield f"{paint.red('none    ')} no predicate is enough: always atomic, it breaks {_quoted(enough.broken)}"
        return
    yield f"{paint.green('weakest ')} {in_short(enough.products, found, names)}"
    yield paint.bold(in_c(found, enough))
    if enough.broken:
        yield paint.dim(f"without any, it breaks {_quoted(enough.broken)}")
    if enough.reason is not None:
        yield f"{paint.yellow('unknown ')} {enough.reason}"
        return
    if not (enough.stricter.products or enough.missing.products):
        yield f"`{found.predicate}` says the same of every value that it is asked about"
    if enough.stricter.products:
        yield f"`{found.predicate}` is stricter than needed where"
        yield from _difference(enough.stricter, found, names)
    if enough.missing.products:
        yield f"`{found.predicate}` is {paint.red('not strict enough')} where"
        yield from _difference(enough.missing, found, names)
        yield f"  it breaks {_quoted(enough.own_broken)}"
    if found.left_out:
        yield paint.dim(f"left out {'; '.join(found.left_out)}")


def _quoted(texts: Sequence[str]) -> str:
    return "; ".join(f"`{text}`" for text in texts)


def _difference(difference: Difference, found: Predicate, names: Names) -> Iterator[str]:
    for number, product in enumerate(difference.products):
        yield f"  {_product(product, found, names)}"
        if number < len(difference.examples):
            yield f"    such as {_example(difference.examples[number], found, names)}"


def _example(example: Mapping[str, int], found: Predicate, names: Names) -> str:
    """The first parameter is taken for an entry's value."""
    parts = []
    for number, name in enumerate(found.parameters):
        value = example[name]
        parts.append(f"{name} = 0x{value:016x} ({names.decode(value)})" if number == 0 else f"{name} = {value}")
    return ", ".join(parts)


def in_short(products: Sequence[Product], found: Predicate, names: Names) -> str:
    """`!W && MMU_WRITABLE || !A`; the bits of further parameters say whose they are."""
    return " || ".join(_product(each, found, names) for each in products) or "false"


def _product(product: Product, found: Predicate, names: Names) -> str:
    return " && ".join(_literal(each, found, names) for each in product) or "true"


def _literal(literal: Literal, found: Predicate, names: Names) -> str:
    name = names.bit(literal.bit) if literal.parameter == found.parameters[0] else f"{literal.parameter}[{literal.bit}]"
    return name if literal.value else f"!{name}"


def in_c(found: Predicate, enough: Enough) -> str:
    """The predicate as C, over the kernel's names."""
    single = {enough.values[name]: name for name in reversed(found.masks) if enough.values[name].bit_count() == 1}
    terms = []
    for product in enough.products or ():
        parts = []
        for literal in product:
            mask = single.get(1 << literal.bit, f"BIT_ULL({literal.bit})")
            if literal.parameter != found.parameters[0]:
                mask = f"BIT_ULL({literal.bit})"
            test = f"({literal.parameter} & {mask})"
            parts.append(test if literal.value else f"!{test}")
        terms.append(" && ".join(parts) or "true")
    return f"return {' || '.join(terms) or 'false'};"
