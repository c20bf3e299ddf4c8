"""Changes of a text that must not change its verdicts, or only in one direction."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from .compare import Verdict
from .conditions import has
from .text import spte_text
from .tree import Agent, Assign, Assume, Binary, Helper, HelperCall, Name, Number, Perform, Return, Step, Text


@dataclass(frozen=True, slots=True)
class Change:
    """`text` is the changed text. `same`: all verdicts, lost bits and lengths stay; else only those that `keeps` names.
    `names` are the new names of what was renamed."""

    what: str
    text: str
    same: bool = True
    keeps: str = ""
    names: tuple[tuple[str, str], ...] = ()


def _of(what: str, text: Text, **more) -> Change:
    return Change(what, spte_text(text), **more)


def permuted_positions(text: Text, random: Random) -> Change:
    def moved(layout):
        places = [place for _, place in layout.places if isinstance(place, int)]
        there = iter(random.sample([*places, *[bit for bit in range(64) if bit not in places][:2]], len(places)))
        return replace(
            layout,
            places=tuple((name, next(there) if isinstance(place, int) else place) for name, place in layout.places),
        )

    return _of("positions permuted", replace(text, layouts=tuple(map(moved, text.layouts))))


def renamed(text: Text, random: Random) -> Change:
    """Everything that has a name, by a name that sorts the other way round."""
    names = {name for layout in text.layouts for name in (layout.name, *dict(layout.places), *dict(layout.flags))}
    names |= {each.name for part in (text.predicates, text.helpers, text.agents, text.theorems) for each in part}
    names |= {name for _, name in text.ghosts} | set(text.entries)
    order = sorted(names)
    new = {name: f"n{len(order) - number:03}" for number, name in enumerate(order)}
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, order)) + r")\b")
    return Change("renamed", pattern.sub(lambda found: new[found[0]], spte_text(text)), names=tuple(new.items()))


def duplicated_agent(text: Text, random: Random) -> Change:
    twin = random.choice(text.agents)
    copy = replace(twin, name="twin")
    theorems = tuple(
        replace(each, against=(*each.against, *[("twin", on) for name, on in each.against if name == twin.name]))
        for each in text.theorems
    )
    return _of("an agent twice", replace(text, agents=(*text.agents, copy), theorems=theorems))


def idle_agent(text: Text, random: Random) -> Change:
    idle = Agent("idle", (), (Step("nothing", (), None, None, (Assign("spte", "|=", Number(0)),)),))
    theorems = tuple(
        each if each.lemma else replace(each, against=(*each.against, ("idle", "sptep"))) for each in text.theorems
    )
    return _of("an idle agent", replace(text, agents=(*text.agents, idle), theorems=theorems))


def reordered(text: Text, random: Random) -> Change:
    turned = {
        part: tuple(reversed(getattr(text, part)))
        for part in ("predicates", "helpers", "agents", "theorems", "layouts")
    }
    turned["theorems"] = tuple(replace(each, against=tuple(reversed(each.against))) for each in turned["theorems"])
    turned["agents"] = tuple(replace(each, steps=tuple(reversed(each.steps))) for each in turned["agents"])
    return _of("items, agents and steps in the other order", replace(text, **turned))


def split_helper(text: Text, random: Random) -> Change:
    """Each helper hands all it is given to a second one."""
    helpers: list[Helper] = []
    for helper in text.helpers:
        inner = replace(helper, name=f"{helper.name}_inside")
        arguments = tuple(Name(each.name) for each in helper.parameters)
        call = HelperCall(inner.name, arguments)
        helpers += [inner, replace(helper, body=(Return(call),) if helper.sort else (Perform(call),))]
    return _of("helpers split in two", replace(text, helpers=tuple(helpers)))


def stronger_guard(text: Text, random: Random) -> Change:
    def guarded(step: Step) -> Step:
        mask = Name(random.choice(text.layouts[0].places)[0])
        extra = has(Name("spte"), mask)
        return replace(step, when=extra if step.when is None else Binary("&&", step.when, extra))

    agents = tuple(replace(each, steps=tuple(map(guarded, each.steps))) for each in text.agents)
    return _of("guards strengthened", replace(text, agents=agents), same=False, keeps="proved")


def weaker_assumption(text: Text, random: Random) -> Change:
    theorems = tuple(
        replace(each, body=tuple(part for part in each.body if not isinstance(part, Assume))) for each in text.theorems
    )
    return _of("assumptions dropped", replace(text, theorems=theorems), same=False, keeps="refuted")


CHANGES: tuple[Callable[[Text, Random], Change], ...] = (
    permuted_positions,
    renamed,
    duplicated_agent,
    idle_agent,
    reordered,
    split_helper,
    stronger_guard,
    weaker_assumption,
)


def violations(before: list[Verdict], after: list[Verdict], change: Change) -> list[str]:
    """What the change altered and should not have."""
    new = dict(change.names)

    def now(text: str) -> str:
        return re.sub(r"\b\w+\b", lambda found: new.get(found[0], found[0]), text)

    said = {each.key(): each for each in after}
    found = []
    for each in before:
        params = tuple((name, now(value)) for name, value in each.params)
        other = said.get((now(each.theorem), now(each.layout), params, now(each.wanted)))
        if other is None or "unknown" in (each.verdict, other.verdict):
            continue
        if not change.same:
            allowed = {"proved": ("proved", "vacuous"), "refuted": ("refuted",)}[change.keeps]
            if each.verdict == change.keeps and other.verdict not in allowed:
                found.append(f"{each.key()}: {each.verdict} became {other.verdict}")
            continue
        lost = {now(name) for name in each.lost}
        if other.verdict != each.verdict or set(other.lost) != lost:
            found.append(f"{each.key()}: {each.verdict} {sorted(lost)} became {other.verdict} {sorted(other.lost)}")
        elif each.shortest and other.shortest and each.exact and each.steps != other.steps:
            found.append(f"{each.key()}: {each.steps} steps became {other.steps}")
    return found
