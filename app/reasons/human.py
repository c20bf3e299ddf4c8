"""What is said of a theorem to a person."""

from collections.abc import Iterable, Iterator, Sequence

from spteproof.colour import Paint
from spteproof.entries import Names
from spteproof.grammar.checked import Library
from spteproof.reasons.explained import Explained, Failure, Nothing, not_confirmed, page_of, where_of
from spteproof.reasons.harmless import Step, harmless_steps
from spteproof.reports.instance_words import instance_lines
from spteproof.reports.interleaving import change, draw_interleaving, verb
from spteproof.solver.explaining.because import Fact
from spteproof.solver.explaining.contradictions import Contradiction
from spteproof.solver.explaining.grounds import Grounds, Need
from spteproof.solver.explaining.items import Item, without_brackets
from spteproof.solver.explaining.reasons import Reason
from spteproof.solver.explaining.trials import AGENTS
from spteproof.solver.results import Counterexample, Result

TEXT, PLACE = 60, 34
MOST = 100
NONE = "none of these conditions: whatever they were, what the program does and what is claimed are enough"


def human(explained: Explained, library: Library, paint: Paint) -> str:
    """The whole of it."""
    place = explained.theorem.place
    lines = [f"{paint.bold(explained.theorem.name)}  {place.source.name}:{place.line}"]
    holds = [] if explained.grounds is None else list(_holds(explained.grounds, library, paint))
    asked = explained.grounds is not None and bool(_asked(explained.grounds))
    lines += holds if asked else []
    for number, failure in enumerate(explained.failures):
        earlier = [each for each in explained.failures[:number] if _is_same_run(each.example, failure.example)]
        lines += ["", *(_again(failure, library, paint) if earlier else _fails(failure, library, paint))]
    for nothing in explained.vacuous:
        lines += ["", *_vacuous(nothing, library, paint)]
    for group in explained.unknown:
        lines += ["", *_unknown(group, library, paint)]
    lines += ["", *holds] if holds and not asked else []
    if not explained.results:
        reasons = dict.fromkeys(each.reason for each in explained.skipped)
        lines.append(f"  nothing to decide: {'; '.join(reasons) or 'it is in no layout and era that was asked for'}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _of(results: Sequence[Result], library: Library) -> str:
    return "; ".join(" ".join(line.split()) for line in instance_lines(results, library))


def _asked(grounds: Grounds) -> list[Result]:
    return [each for each in grounds.proved if not each.implicit]


def _holds(grounds: Grounds, library: Library, paint: Paint) -> Iterator[str]:
    """What is proved unasked is named only where nothing else is."""
    asked = _asked(grounds)
    shown = asked or [each for each in grounds.proved if each.property != AGENTS]
    texts: dict[str, list[str]] = {}
    for text in dict.fromkeys(each.property for each in shown):
        where = _of([each for each in shown if each.property == text], library)
        texts.setdefault(where, []).append(text)
    for where, properties in texts.items():
        yield from (f"  {paint.green('holds')}  {each}{'' if asked else ' (unasked)'}" for each in properties)
        yield from _cut([f"in {where}"], 9)
    if grounds.proved:
        yield ""
        yield f"  {paint.bold('It rests on')} (at the right, where it was first found to be needed)"
        needed = grounds.needed if asked else grounds.needed_unasked
        yield from _needs(needed) if needed else _cut([NONE], 4)
        if asked and grounds.needed_unasked:
            yield ""
            yield f"  {paint.bold('and, for what is proved unasked')} (asserts, definedness, invariants), on"
            yield from _needs(grounds.needed_unasked)
        if not all(need.alone for need in (*grounds.needed, *grounds.needed_unasked)):
            yield "    * without it alone the proof holds: something else can stand for it"
        yield from _not_needed(grounds, paint)
        yield ""
        yield from _confirmation(grounds, paint)
    if grounds.unnamed:
        yield f"  {paint.yellow('It cannot be said')} what these proofs rest on:"
        yield from _cut([f"{where_of(proof)}: {why}" for proof, why in grounds.unnamed], 4)


def _confirmation(grounds: Grounds, paint: Paint) -> Iterator[str]:
    count = sum(each.property != AGENTS for each in grounds.proved)
    hold = "the proof holds" if count == 1 else f"the {count} proofs hold"
    if not grounds.unneeded:
        yield "  Nothing could be left out."
    elif not grounds.unconfirmed:
        yield f"  Confirmed: with all that was not needed taken out of the texts, {hold} again."
    else:
        yield f"  {paint.yellow('Not confirmed')}: with all that was not needed taken out, not all of it holds"
        yield from _cut(not_confirmed(grounds), 4)
    if grounds.trusting and any(each.property == "keeps invariants" for each in grounds.proved):
        yield "  Agents are taken to have read only what the invariants allow; that these are kept is proved with it."


def _needs(needs: Sequence[Need]) -> Iterator[str]:
    """By whose text they stand in; one that holds others is not named beside them."""
    holding = {need.item.within for need in needs}
    shown = [need for need in needs if need.item.number not in holding]
    for owner in dict.fromkeys(need.item.owner for need in shown):
        yield f"    {owner}"
        for need in shown:
            if need.item.owner == owner:
                yield f"      {_columns(need.item)}{_instance(need)}{'' if need.alone else '  *'}"


def _instance(need: Need) -> str:
    params = ", ".join(need.params.values())
    return f"{need.layout}{f' {need.era}' if need.era else ''}{f'({params})' if params else ''}"


def _columns(item: Item) -> str:
    place = f"{item.place.source.name}:{item.place.line}"
    return f"{_shortened(item.text):<{TEXT}}  {place:<{PLACE}}  "


def _shortened(text: str, most: int = TEXT) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _not_needed(grounds: Grounds, paint: Paint) -> Iterator[str]:
    numbers = {each.number for each in grounds.unneeded}
    steps = harmless_steps(grounds)
    spoken = {number for step in steps for number in step.numbers}
    shown = [each for each in grounds.unneeded if each.within not in numbers and each.number not in spoken]
    if shown:
        yield ""
        yield f"  {paint.bold('It did not need')}"
        for owner in dict.fromkeys(each.owner for each in shown):
            yield f"    {owner}"
            yield from (f"      {_columns(each)}" for each in shown if each.owner == owner)
    if steps:
        yield ""
        yield f"  {paint.bold('Harmless anyway')} (they could run at any time, whatever their guards say)"
        yield from map(_harmless, steps)


def _harmless(step: Step) -> str:
    where = f"{step.place.source.name}:{step.place.line}"
    return f"    {step.name:<{TEXT + 2}}  {where}"


def _is_same_run(left: Counterexample, right: Counterexample) -> bool:
    parts = [(each.start, each.rows, each.values, each.parameters, each.ghosts) for each in (left, right)]
    return parts[0] == parts[1]


def _again(failure: Failure, library: Library, paint: Paint) -> Iterator[str]:
    """A run that is drawn already, and breaks this property too."""
    first, example = failure.results[0], failure.example
    names = Names(example.values, example.masks, example.aliases)
    yield f"{paint.bold(first.theorem)}: {paint.red('refuted')} by the same run as above"
    for number, step in enumerate(failure.steps or (), start=1):
        if step.breaks:
            yield f"  step {number}  {step.row.action}   {step.row.place}"
            yield f"  {_breaks(step, first, names)}"
    if not any(step.breaks for step in failure.steps or ()):
        yield f"  all of it together breaks '{first.property}', no step by itself"
    others = failure.results[1:]
    yield from _cut([f"likewise, perhaps by other steps, in {_of(others, library)}"] if others else [], 2)


def _fails(failure: Failure, library: Library, paint: Paint) -> Iterator[str]:
    first, example = failure.results[0], failure.example
    yield draw_interleaving(first, example, paint)
    others = failure.results[1:]
    if others:
        yield from _cut([f"likewise, perhaps by other steps, in {_of(others, library)}"], 2)
    yield ""
    if failure.steps is None:
        yield "  Why: the two calls differ when they are run on the same values; there are no guards to name."
        return
    yield f"  {paint.bold('Why')}"
    names = Names(example.values, example.masks, example.aliases)
    for number, step in enumerate(failure.steps, start=1):
        yield from _step(number, step, first, example, names)
    if not any(step.breaks for step in failure.steps):
        yield f"    all of it together breaks '{first.property}', no step by itself"


def _step(number: int, step: Reason, result: Result, example: Counterexample, names: Names) -> Iterator[str]:
    own = step.row.who == "program" or step.row.who in example.threads
    yield f"    {number}  {step.row.action}   {step.row.place}"
    if not own:
        seen = f" (it saw {names.decode(step.seen)} before)" if step.seen is not None else ""
        yield f"       finds {names.decode(step.row.before)}{seen}"
    if step.facts:
        yield f"       {'comes here' if own else 'is allowed'} because"
        yield from (f"         {'  ' * fact.depth}{said(fact)}" for fact in step.facts if fact.depth < 2)
    elif not own:
        yield "       is always allowed"
    changed = change(step.row, names)
    if changed:
        yield f"       changes {changed}"
    if step.breaks:
        yield f"       {_breaks(step, result, names)}"


def _breaks(step: Reason, result: Result, names: Names) -> str:
    bits = " ".join(names.bit(bit) for bit in range(64) if step.lost >> bit & 1)
    return f"breaks '{result.property}'{f': {verb(result.property)} {bits}' if bits else ''}"


def said(fact: Fact) -> str:
    """A condition that holds, or `not` one that does not."""
    text, value = fact.text, fact.value
    if text.startswith("!") and _is_one(text[1:]):
        text, value = without_brackets(text[1:]), not value
    return text if value else f"not {text}" if _is_one(text) else f"not ({text})"


def _is_one(text: str) -> bool:
    """Whether a `!` before the text belongs to all of it."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth == 0 and character in " &|=<>?":
            return False
    return True


def _vacuous(nothing: Nothing, library: Library, paint: Paint) -> Iterator[str]:
    first = nothing.results[0]
    yield f"  {paint.yellow('vacuous')}  {first.property}"
    yield from _cut([f"in {_of(nothing.results, library)}"], 11)
    found = nothing.contradiction
    if isinstance(found, Contradiction):
        yield "  these contradict one another, so that nothing is shown:"
        yield from _items(found.items)
        if found.confirmed:
            yield "  Confirmed: with all else taken out of the texts it is vacuous still."
        else:
            yield f"  {paint.yellow('Not confirmed')}: with all else taken out of the texts it is not vacuous."
        return
    yield f"  {first.reason}{f'; which do cannot be said: {found}' if found is not None else ''}"
    branches = first.scope.dead_branches
    if branches:
        yield f"  branches that nothing reaches: {', '.join(branches)}"


def _items(items: Iterable[Item]) -> Iterator[str]:
    items = list(items)
    holding = {each.within for each in items}
    for each in items:
        if each.number not in holding:
            yield f"    {_columns(each)}{each.owner}"


def _unknown(group: Sequence[Result], library: Library, paint: Paint) -> Iterator[str]:
    first = group[0]
    yield f"  {paint.yellow('unknown')}  {first.property}"
    yield from _cut([f"in {_of(group, library)}"], 11)
    yield f"  {first.reason}"
    yield f"  What to do: `spteproof explain {page_of(first)}`."


def _cut(texts: Iterable[str], indent: int) -> Iterator[str]:
    """Texts folded at blanks, so that no line is too wide."""
    for text in texts:
        line = ""
        for word in text.split():
            if line and len(line) + 1 + len(word) > MOST:
                yield " " * indent + line
                line = f"  {word}"
            else:
                line = f"{line} {word}" if line else word
        yield " " * indent + line
