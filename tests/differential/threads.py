"""Random theorems with threads over a two-bit entry and one ghost, and their verdicts by visiting every state.

Nothing here knows how the tool orders events: a state is where each thread stands, and any thread, or the agent, takes
the next step.
"""

import random
from dataclasses import dataclass, replace
from itertools import product

OF_INSTANTS = ("that", "ensures", "always", "never", "never meanwhile")
HEADER = """
layout l { M0 = bit 0; M1 = bit 1; invariant small: (spte & ~3) == 0; }
ghost bool g;
"""


@dataclass(frozen=True)
class Op:
    """One statement of a thread whose local is `v`; it is skipped unless `v & when` (0: never skipped). `clear` and
    `set` are its masks. `events` is how many events it is."""

    kind: str
    clear: int = 0
    set: int = 0
    when: int = 0

    @property
    def events(self):
        return 2 if self.kind == "plain" else 1

    def text(self, v):
        keep = f"~{self.clear}ULL"
        text = {
            "read": f"{v} = READ_ONCE(*sptep);",
            "xchg": f"{v} = xchg(sptep, {self.set});",
            "store": f"WRITE_ONCE(*sptep, ({v} & {keep}) | {self.set});",
            "and": f"atomic64_and({keep}, sptep);",
            "fetch_or": f"{v} = atomic64_fetch_or({self.set}, sptep);",
            "cas": f"{v} = cmpxchg64(sptep, {v}, ({v} & {keep}) | {self.set});",
            "plain": f"*sptep &= {keep};",
            "set ghost": "g = true;",
            "drop ghost": "g = false;",
            "read ghost": f"if (g) {v} = {self.set};",
            "both": f"atomic {{ atomic64_and({keep}, sptep); g = true; }}",
        }[self.kind]
        return f"if ({v} & {self.when}) {{ {text} }}" if self.when else text

    writes = property(lambda self: self.kind in ("xchg", "store", "and", "fetch_or", "cas", "plain", "both"))

    def run(self, entry, ghost, v):
        """The entry, the ghost and the local just after the event; for "plain", after its second one."""
        changed = (v & ~self.clear) | self.set
        match self.kind:
            case "read":
                return entry, ghost, entry
            case "xchg":
                return self.set, ghost, entry
            case "store":
                return changed, ghost, v
            case "and":
                return entry & ~self.clear, ghost, v
            case "fetch_or":
                return entry | self.set, ghost, entry
            case "cas":
                return (changed if entry == v else entry), ghost, entry
            case "set ghost":
                return entry, True, v
            case "drop ghost":
                return entry, False, v
            case "read ghost":
                return entry, ghost, self.set if ghost else v
            case "both":
                return entry & ~self.clear, True, v


@dataclass(frozen=True)
class Step:
    """One step of the agent: where `spte & when` (0: anywhere)."""

    when: int
    clear: int
    set: int
    ghost: bool

    def text(self, number):
        guard = f"when spte & {self.when} " if self.when else ""
        ghost = " g = true;" if self.ghost else ""
        return f"step s{number}: {guard}{{ spte = (spte & ~{self.clear}ULL) | {self.set};{ghost} }}"


@dataclass(frozen=True)
class Claim:
    """`kind` with masks, a local, or a formula: a tuple (if all of these, then one of those) of signed atoms. "never"
    denies an `outcome`, the locals, entry and ghost at the end; "never meanwhile" an entry and ghost at any instant."""

    kind: str
    mask: int = 0
    exempt: int = 0
    into: str = ""
    formula: tuple = ()
    outcome: tuple = ()

    def text(self):
        match self.kind:
            case "preserves":
                return f"preserves {self.mask} except {self.exempt}"
            case "changes only":
                return f"changes only {self.mask}"
            case "resurrects":
                return f"resurrects nothing in {self.mask}"
            case "conserves" | "conserves exactly":
                return f"{self.kind} {self.mask} into {self.into}"
            case "never":
                names = [*"abc"[: len(self.outcome) - 3], "o", "end"]
                equal = [f"{name} == {value}" for name, value in zip(names, self.outcome, strict=False)]
                return f"ensures !({' && '.join(equal)} && {'g' if self.outcome[-1] else '!g'})"
            case "never meanwhile":
                return f"always !(*sptep == {self.outcome[0]} && {'g' if self.outcome[1] else '!g'})"
            case _:
                left, right = (
                    [("" if wanted else "!") + ("g" if name == "g" else f"({self._said(name)} & {bit})")
                     for name, bit, wanted in atoms]
                    for atoms in self.formula
                )  # fmt: skip
                return f"{self.kind} ({' && '.join(left)}) -> ({' || '.join(right)})"

    def _said(self, name):
        return "*sptep" if name == "now" else name

    def holds(self, values):
        true = [
            [bool(values["g"] if name == "g" else values[name] & bit) == wanted for name, bit, wanted in atoms]
            for atoms in self.formula
        ]
        return not all(true[0]) or any(true[1])


@dataclass(frozen=True)
class Theorem:
    before: tuple
    threads: tuple
    after: tuple
    agent: tuple
    claim: Claim

    def text(self, number):
        lines = [f"agent e{number} lockless {{ {' '.join(s.text(i) for i, s in enumerate(self.agent))} }}"]
        against = f"any number of e{number}" if self.agent else "nobody"
        if not self.agent:
            lines = []
        lines.append(f"theorem t{number} for layout in l against {against} {{")
        lines.append("u64 o = 0, " + ", ".join(f"{v} = 0" for v in self.names) + ";")
        lines += [op.text("o") for op in self.before]
        lines.append("parallel {")
        for v, thread in zip(self.names, self.threads, strict=True):
            lines.append(f"thread t_{v} {{ {' '.join(op.text(v) for op in thread)} }}")
        lines.append("}")
        lines += [op.text("o") for op in self.after]
        return "\n".join([*lines, f"prove {self.claim.text()};", "}"])

    names = property(lambda self: "abc"[: len(self.threads)])


# Random theorems


def _op(random, ghosts):
    kinds = ["read", "read", "xchg", "store", "store", "and", "fetch_or", "cas", "cas", "plain"]
    kinds += ["set ghost", "set ghost", "set ghost", "drop ghost", "read ghost", "both"] if ghosts else []
    when = random.choice([0, 0, 0, 1, 2, 3])
    return Op(random.choice(kinds), random.randrange(4), random.randrange(4), when)


def _ops(random, most, ghosts):
    ops, left = [], random.randint(1, most)
    while left > 0:
        op = _op(random, ghosts)
        if op.events <= left:
            ops.append(op)
            left -= op.events
    return tuple(ops)


def _claim(random, names, ghosts):
    kind = random.choice(
        ["preserves", "changes only", "resurrects", "conserves", "conserves exactly", "that", "ensures", "always"]
    )
    mask = random.choice([1, 2, 3])
    into = random.choice([*names, "o", *("ggg" if ghosts else "")])
    if kind == "conserves exactly" and into == "g":
        kind = "conserves"
    speaks = {"that": [*names, "o"], "ensures": [*names, "start", "after", "end"], "always": ["now", "start"]}
    pool = [*speaks.get(kind, names), *("ggg" if ghosts and kind in ("ensures", "always") else "")]
    sides = [[(random.choice(pool), random.choice([1, 2]), random.random() < 0.6) for _ in range(2)] for _ in range(2)]
    return Claim(kind, mask, random.choice([0, 1, 2]), into, tuple(map(tuple, sides)))


def random_theorem(seed):
    """Every third one is about the ghost as well; half of them deny what only threads that run into each other give."""
    source = random.Random(seed)
    theorem = _theorem(source, seed % 3 == 0)
    tries = 0
    while seed % 2 and theorem.claim.kind != "never" and theorem.claim.kind != "never meanwhile" and tries < 20:
        tries += 1
        theorem = _denying(source, theorem) or _theorem(source, seed % 3 == 0)
    return theorem


def _theorem(source, ghosts):
    count = 3 if source.random() < 0.15 else 2
    threads = tuple(_ops(source, 2 if count == 3 else 3, ghosts) for _ in range(count))
    steps = source.choice([0, 1, 1, 2])
    agent = tuple(
        Step(source.randrange(4), source.choice([0, 1, 2]), source.randrange(4), ghosts and source.random() < 0.3)
        for _ in range(steps)
    )
    before = _ops(source, 1, ghosts) if source.random() < 0.3 else ()
    after = _ops(source, 1, ghosts) if source.random() < 0.3 else ()
    return Theorem(before, threads, after, agent, _claim(source, "abc"[:count], ghosts))


def _denying(source, theorem):
    """The theorem with a claim that denies an outcome: mostly one that no order without a switch gives, else one that
    cannot be. None where there is nothing of the kind."""
    kind = source.choice(["never", "never", "never meanwhile"])
    free = replace(theorem, claim=Claim("nothing"))
    really, serially = (outcomes(free, serial)[kind == "never meanwhile"] for serial in (False, True))
    if source.random() < 0.2:
        entries = range(4) if kind == "never meanwhile" else product(range(4), repeat=len(theorem.threads) + 2)
        every = [(*(each if isinstance(each, tuple) else (each,)), ghost) for each in entries for ghost in (0, 1)]
        chosen = [each for each in every if each not in really]
    else:
        chosen = sorted(really - serially)
    return replace(theorem, claim=Claim(kind, outcome=source.choice(chosen))) if chosen else None


# Their verdicts


@dataclass(frozen=True)
class Point:
    """One state. `stands` are (next operation, whether half of it is done, what its first half read) of the part before,
    each thread, and the part after; `watch` is what the claim must remember."""

    entry: int
    ghost: bool
    stands: tuple
    locals: tuple
    start: int
    after: int
    wrote: bool
    watch: int = 0
    left: int = 0


def _starts(theorem, parts):
    return [
        Point(entry, ghost, ((0, False, 0),) * len(parts), (0,) * (len(theorem.threads) + 1), entry, entry, False)
        for entry in range(4)
        for ghost in (False, True)
    ]


def outcomes(theorem, serial):
    """The locals, entry and ghost at every end, and the entry and ghost at every instant; `serial`, no thread begins
    before another that began has ended."""
    parts = (theorem.before, *theorem.threads, theorem.after)
    waiting = _starts(theorem, parts)
    seen, ends, instants = set(waiting), set(), set()
    while waiting:
        point = waiting.pop()
        instants.add((point.entry, int(point.ghost)))
        moved, ended = _events(theorem, parts, point, serial)
        if ended:
            ends.add((*point.locals, point.entry, int(point.ghost)))
        for each in [*_steps(theorem, point), *moved]:
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return ends, instants


def verdict(theorem):
    """ "refuted", "proved" or "vacuous", by visiting all states."""
    parts = (theorem.before, *theorem.threads, theorem.after)
    waiting = _starts(theorem, parts)
    seen, wrote = set(waiting), False
    while waiting:
        point = _instant(theorem, waiting.pop())
        if point is None:
            return "refuted"
        following = list(_steps(theorem, point))
        moved, ended = _events(theorem, parts, point)
        if ended:
            wrote = wrote or point.wrote
            if not _holds_at_end(theorem, point):
                return "refuted"
        if None in moved:
            return "refuted"
        wrote = wrote or any(each.wrote for each in moved)
        for each in [*following, *moved]:
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return "proved" if wrote or theorem.claim.kind in OF_INSTANTS else "vacuous"


def _steps(theorem, point):
    for step in theorem.agent:
        if not step.when or point.entry & step.when:
            entry = (point.entry & ~step.clear) | step.set
            yield replace(point, entry=entry, ghost=point.ghost or step.ghost)


def _whose(index, parts):
    """The local of a part: the parts before and after share the last one."""
    return len(parts) - 2 if index in (0, len(parts) - 1) else index - 1


def _events(theorem, parts, point, serial=False):
    """The points after one event of any part whose turn it may be, and whether all parts have ended."""
    places = []
    for index, part in enumerate(parts):
        number = point.stands[index][0]
        v = point.locals[_whose(index, parts)]
        if not point.stands[index][1]:
            while number < len(part) and part[number].when and not v & part[number].when:
                number += 1
        places.append(number)
    open_ = [index for index, part in enumerate(parts) if places[index] < len(part)]
    if 0 in open_:
        open_ = [0]
    elif open_ and open_ != [len(parts) - 1]:
        open_ = [index for index in open_ if index != len(parts) - 1]
        begun = [index for index in open_ if point.stands[index] != (0, False, 0)]
        open_ = begun if serial and begun else open_
    return [_event(theorem, parts, point, index, places[index]) for index in open_], not open_


def _event(theorem, parts, point, index, number):
    op, (_, half, read), whose = parts[index][number], point.stands[index], _whose(index, parts)
    entry, ghost, v = point.entry, point.ghost, point.locals[whose]
    if op.kind == "plain" and not half:
        stand = (number, True, entry)
    else:
        stand = (number + 1, False, 0)
        if op.kind == "plain":
            entry = read & ~op.clear
        else:
            entry, ghost, v = op.run(entry, ghost, v)
    over = [index > 0 and each == 0 or index == len(parts) - 1 and each < index for each in range(len(parts))]
    stands = [
        stand if each == index else (len(part), False, 0) if over[each] else point.stands[each]
        for each, part in enumerate(parts)
    ]
    result = replace(
        point,
        entry=entry,
        ghost=ghost,
        stands=tuple(stands),
        locals=(*point.locals[:whose], v, *point.locals[whose + 1 :]),
        after=entry,
        wrote=point.wrote or op.writes and not (op.kind == "plain" and not half),
    )
    return _watched(theorem.claim, point.entry, result)


def _watched(claim, before, point):
    """What the claim remembers of an event; None where it breaks the claim."""
    lost = before & ~point.entry
    match claim.kind:
        case "preserves":
            return None if lost & claim.mask & ~claim.exempt else point
        case "changes only":
            return None if (before ^ point.entry) & ~claim.mask else point
        case "resurrects":
            if point.entry & ~before & point.left & claim.mask:
                return None
            return replace(point, left=(point.left & ~lost) | point.entry)
        case "conserves" | "conserves exactly":
            return replace(point, watch=point.watch | lost & claim.mask, left=point.left | before)
    return point


def _instant(theorem, point):
    """The point, with what a claim about every instant makes of it; None where it breaks the claim."""
    claim = theorem.claim
    if claim.kind == "conserves" and claim.into == "g" and point.ghost:
        return replace(point, watch=0)
    if claim.kind == "never meanwhile" and claim.outcome == (point.entry, int(point.ghost)):
        return None
    if claim.kind == "always" and not claim.holds({"now": point.entry, "start": point.start, "g": point.ghost}):
        return None
    return point


def _holds_at_end(theorem, point):
    claim = theorem.claim
    values = {**dict(zip([*theorem.names, "o"], point.locals, strict=True)), "start": point.start}
    values |= {"after": point.after, "end": point.entry, "g": point.ghost}
    match claim.kind:
        case "conserves" if claim.into == "g":
            return not point.watch
        case "conserves":
            return not point.watch & ~values[claim.into]
        case "conserves exactly":
            value = values[claim.into] & claim.mask
            return not point.watch & ~value and not value & ~point.left
        case "never":
            return claim.outcome != (*point.locals, point.entry, int(point.ghost))
        case "that" | "ensures":
            return claim.holds(values)
    return True
