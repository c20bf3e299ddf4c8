"""One text decided twice: by the tool, and by visiting all states. What differs, and what was counted."""

import functools
import itertools
from collections import Counter
from dataclasses import dataclass, field

from .machine import VERDICTS, Answer, Machine, TooMany
from .text import property_text, spte_text
from .tree import (
    Assume,
    Atomic,
    HelperCall,
    If,
    Layout,
    Parallel,
    Property,
    Retry,
    Return,
    Step,
    Text,
    Theorem,
    walk,
)

BITWISE = ("preserves", "changes only", "conserves", "resurrects")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one property in one instance; `steps` -1 where nothing is said of them, `exact` where nobody could
    need fewer (with threads the tool's are the fewest of one schedule). `kept` are bits that the tool says are never
    lost; of those of a refuted property that are in neither, it says nothing. `first`: no counterexample was looked for."""

    theorem: str
    layout: str
    params: tuple[tuple[str, str], ...]
    wanted: str
    kind: str
    verdict: str
    steps: int = -1
    lost: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    exact: bool = True
    shortest: bool = True
    reason: str = ""
    first: bool = False

    def key(self):
        return (self.theorem, self.layout, self.params, self.wanted)


def placements(layout: Layout):
    """The masks' bits among those that matter, in every kind of placement of the symbolic ones."""
    fixed = [name for name, place in layout.places if isinstance(place, int)]
    base: dict[str, int | None] = {name: number for number, name in enumerate(fixed)}
    base |= {name: None for name, place in layout.places if place is None}
    symbolic = [(name, place) for name, place in layout.places if isinstance(place, str)]
    choices = []
    for _, place in symbolic:
        choices.append([*range(len(fixed) + 1), *([None] if place == "maybe" else [])])
    for bits in itertools.product(*choices):
        found = base | dict(zip([name for name, _ in symbolic], bits, strict=True))
        apart = [found[name] for name in layout.disjoint if found[name] is not None]
        some_none = any(found[name] is None for name, place in symbolic if name in layout.disjoint and place == "some")
        if len(set(apart)) == len(apart) and not some_none:
            yield found


def instances(theorem: Theorem):
    """The choices of parameters of each instance."""
    parts = [[(each.name, mask) for mask in each.choices] for each in theorem.parameters if each.choices]
    return itertools.product(*parts)


def visited(text: Text, machine: type[Machine] = Machine) -> list[Verdict]:
    """The verdicts of the walk through all states. Raises TooMany."""
    return [
        each
        for theorem in text.theorems
        for layout in text.layouts
        for choice in instances(theorem)
        for each in _instance(text, theorem, layout, choice, machine)
    ]


def _instance(text: Text, theorem: Theorem, layout: Layout, choice, machine: type[Machine]) -> list[Verdict]:
    masks = dict(layout.places)
    if any(masks[mask] is None for _, mask in choice):
        return []
    machines = []
    for each in placements(layout):
        if all(each[mask] is not None for _, mask in choice):
            machines.append(machine(text, theorem, layout, each, dict(choice)))
    found = []
    exact = not any(isinstance(each, Parallel) for each in theorem.body)
    properties = list(theorem.properties)
    if not theorem.lemma and (layout.invariants or layout.closed) and Property("keeps invariants") not in properties:
        properties.append(Property("keeps invariants"))
    for wanted in properties:
        answers = [each.judge(wanted) for each in machines]
        verdict = _together(answers)
        steps = answers[0].steps if len(answers) == 1 else -1
        lost = tuple(sorted({name for each in answers for name in each.lost})) if wanted.kind in BITWISE else ()
        found.append(
            Verdict(
                theorem.name,
                layout.name,
                tuple(choice),
                property_text(wanted),
                wanted.kind,
                verdict,
                steps,
                lost,
                exact=exact,
            )
        )
    return found


def _together(answers: list[Answer]) -> str:
    said = {each.verdict for each in answers}
    for verdict in ("refuted", VERDICTS[3], VERDICTS[4], VERDICTS[5], "proved"):
        if verdict in said:
            return verdict
    return answers[0].verdict


@dataclass(slots=True)
class Figures:
    """`cases` are verdicts compared. `verdicts` counts them by verdict, `kinds` by property and verdict, `constructs` by
    what the theorem's text uses, `steps` the environment steps of the shortest violations; `unknown` counts reasons of
    the tool, `apart` what the walk does not decide; `differences` are (number, what)."""

    texts: int = 0
    cases: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    constructs: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Figures") -> None:
        self.texts += other.texts
        self.cases += other.cases
        for name in ("verdicts", "kinds", "constructs", "steps", "unknown", "apart"):
            getattr(self, name).update(getattr(other, name))
        self.differences += other.differences

    def lines(self) -> list[str]:
        lines = [f"{self.cases} cases in {self.texts} texts; differences: {len(self.differences)}"]
        for name in ("verdicts", "kinds", "constructs", "steps", "unknown", "apart"):
            counted = ", ".join(f"{count} {what}" for what, count in getattr(self, name).most_common())
            lines.append(f"{name}: {counted or 'none'}")
        return lines


def differences(mine: Verdict, tools: Verdict, reticent: bool = False) -> str:
    """In words, or nothing. `reticent`: the tool may say nothing of a bit that is not shown to be lost."""
    if mine.verdict != tools.verdict:
        return f"verdict: visited {mine.verdict}, tool {tools.verdict} {tools.reason}"
    if mine.verdict != "refuted":
        return ""
    if (
        not tools.first
        and mine.steps >= 0
        and (tools.steps < mine.steps or mine.exact and tools.shortest and tools.steps != mine.steps)
    ):
        return f"steps: visited {mine.steps}, tool {tools.steps}"
    return _other_bits(mine, tools, reticent) if mine.kind in BITWISE else ""


def _other_bits(mine: Verdict, tools: Verdict, reticent: bool) -> str:
    if set(mine.lost) & set(tools.kept):
        return f"kept: visited lost {mine.lost}, tool kept {tools.kept}"
    if mine.steps < 0:
        return ""
    if not set(tools.lost) <= set(mine.lost) or not reticent and set(tools.lost) != set(mine.lost):
        return f"lost: visited {mine.lost}, tool {tools.lost}"
    return ""


def compared(text: Text, number: int, ask, figures: Figures) -> list[str]:
    """Decides one text twice, counts, and says what differs. `ask` gives the tool's verdicts on a text, or a message."""
    try:
        mine = visited(text)
    except TooMany:
        figures.apart["more locals than the walk keeps"] += 1
        return []
    figures.texts += 1
    said = ask(spte_text(text))
    if isinstance(said, str):
        figures.differences.append((number, said))
        return [said]
    return differing(text, number, mine, said, figures)


def differing(text: Text, number: int, mine: list[Verdict], said: list[Verdict], figures: Figures) -> list[str]:
    """What differs between the verdicts of the walk and the tool's on one text, in words, and counted."""
    tools = {each.key(): each for each in said}
    bad: list[str] = []
    loose = _not_kept(text, mine)
    given_up = _given_up(said)
    for each in mine:
        if each.kind == "keeps invariants" and each.key() not in tools and each.key()[:3] in given_up:
            figures.unknown["nothing is decided of the theorem, and what was not asked is not said"] += 1
            continue
        what = _difference(each, tools.get(each.key()), text, figures, each.key()[:3] in loose)
        if what:
            bad.append(f"{each.theorem} in {each.layout} {dict(each.params) or ''}: {each.wanted}: {what}")
    if bad:
        figures.differences.append((number, "\n".join(bad)))
    return bad


def _given_up(said: list[Verdict]) -> set[tuple]:
    """The instances in which all that the author asked is unknown. What is proved unasked is not reported of them."""
    verdicts: dict[tuple, set[str]] = {}
    for each in said:
        verdicts.setdefault(each.key()[:3], set()).add(each.verdict)
    return {instance for instance, found in verdicts.items() if found == {"unknown"}}


def _difference(mine: Verdict, tools: Verdict | None, text: Text, figures: Figures, loose: bool) -> str:
    """`loose`: the walk gives stale reads too few values, so it may miss violations and find longer ones only."""
    if tools is None:
        silent = mine.kind == "keeps invariants" and mine.verdict == "vacuous"
        return "" if silent else f"visited {mine.verdict}, the tool says nothing"
    if mine.verdict not in ("proved", "refuted", "vacuous"):
        figures.apart[mine.verdict] += 1
        return ""
    if tools.verdict == "unknown":
        if tools.reason.startswith("internal error"):
            return tools.reason
        figures.unknown[" ".join(word for word in tools.reason.split() if not word.startswith("<text>"))] += 1
        return ""
    if loose and mine.verdict != "refuted" and tools.verdict == "refuted":
        figures.apart["rests on invariants that are not kept"] += 1
        return ""
    figures.cases += 1
    figures.verdicts[mine.verdict] += 1
    figures.kinds[f"{mine.kind} {mine.verdict}"] += 1
    theorem = next(each for each in text.theorems if each.name == mine.theorem)
    used = constructs(text, theorem, mine.layout)
    figures.constructs.update(used)
    if mine.verdict == "refuted" and mine.steps >= 0:
        figures.steps[str(mine.steps) if mine.steps < 4 else "4 or more"] += 1
    reticent = "retry" in used or tools.first
    what = "" if loose and mine.verdict == tools.verdict else differences(mine, tools, reticent)
    if not what and "retry" in used and mine.kind in BITWISE and set(mine.lost) - set(tools.lost):
        figures.apart["a bit that can be lost, of which the tool says nothing"] += 1
    return what


def _not_kept(text: Text, mine: list[Verdict]) -> set[tuple]:
    """The instances in which agents act on values read earlier and the invariants, which say what these may be for the
    walk, are not kept: there an agent may also have read what the program left a moment ago."""
    agents = {each.name: each for each in text.agents}
    stale = {
        theorem.name
        for theorem in text.theorems
        for name, _ in theorem.against
        if agents[name].program or any(step.saw is not None for step in agents[name].steps)
    }
    return {
        each.key()[:3]
        for each in mine
        if each.kind == "keeps invariants" and each.verdict == "refuted" and each.theorem in stale
    }


@functools.cache
def constructs(text: Text, theorem: Theorem, layout: str) -> tuple[str, ...]:
    """What a theorem's text uses, itself or through helpers and agents."""
    agents = [each for each in text.agents if each.name in dict(theorem.against)]
    called: dict[str, object] = {}
    waiting: list[object] = [theorem.body]
    while waiting:
        for node in walk(waiting.pop()):
            if isinstance(node, HelperCall) and node.helper not in called:
                called[node.helper] = helper = next(each for each in text.helpers if each.name == node.helper)
                waiting.append(helper.body)
    own = list(walk((theorem.body, tuple(called.values()))))
    others = list(walk(tuple(agents)))
    places = next(each for each in text.layouts if each.name == layout)
    found = {
        "branch": any(isinstance(node, If) for node in own),
        "helper": bool(called),
        "nested calls": any(isinstance(node, HelperCall) for node in walk(tuple(called.values()))),
        "early return": any(isinstance(node, Return) for helper in called.values() for node in _inside(helper)),
        "retry": any(isinstance(node, Retry) for node in own),
        "retry of an agent": any(isinstance(node, Retry) for node in others),
        "atomic": any(isinstance(node, Atomic) for node in own),
        "threads": any(isinstance(node, Parallel) for node in own),
        "saw": any(isinstance(node, Step) and node.saw is not None for node in others),
        "agent as program": any(agent.program for agent in agents),
        "several agents": len(agents) > 1,
        "agent on a further entry": any(entry != "sptep" for _, entry in theorem.against),
        "further entry": bool(text.entries),
        "bool ghost": any(sort == "bool" for sort, _ in text.ghosts),
        "u64 ghost": any(sort == "u64" for sort, _ in text.ghosts),
        "assumption": any(isinstance(node, Assume) for node in own),
        "invariant": bool(places.invariants or places.closed),
        "symbolic layout": any(isinstance(place, str) for _, place in places.places),
        "mask that is none": any(place is None for _, place in places.places),
        "choice of masks": any(each.choices for each in theorem.parameters),
        "lemma": theorem.lemma,
    }
    return tuple(name for name, there in found.items() if there)


def _inside(helper):
    """What stands in a helper's branches and loops."""
    return walk(tuple(each for each in helper.body if not isinstance(each, Return)))
