"""Runs the trees of `runs.py` event by event, at random: each thread of the theorem is a CPU, with a store buffer where
there are two entries and no ghosts; agents' programs are CPUs that come and go."""

from contextlib import suppress
from dataclasses import dataclass, field

LIMIT = 60
"""Events of a run; one that takes more is left."""


class Left(Exception):
    """A run of a loop that does not end, or of a program that an assumption stops."""


class Returned(Exception):
    def __init__(self, value):
        super().__init__()
        self.value = value


@dataclass
class Event:
    touched: set
    written: set
    before: dict
    after: dict


@dataclass
class Run:
    """`events` are the theorem's own, `instants` all states; `done` where the program came to its end."""

    start: dict
    events: list = field(default_factory=list)
    instants: list = field(default_factory=list)
    failed: bool = False
    done: bool = False
    locals: dict = field(default_factory=dict)
    log: list = field(default_factory=list)
    counted: list = field(default_factory=lambda: [0])
    broken: bool = False

    @property
    def end(self):
        return self.instants[-1]

    def told(self):
        return f"start {self.start}, {'; '.join(self.log)}, end {self.end}, {self.locals}"


class Cpu:
    """One program: a generator that yields events. `say` is told when an assert fails."""

    def __init__(self, machine, chance, tree, frame, say):
        self.machine, self.chance, self.say = machine, chance, say
        self.inside, self.waiting = False, []
        self.program = self.body(tree, frame)

    def body(self, tree, frame):
        for each in tree:
            yield from self.statement(each, frame)

    def statement(self, tree, frame):
        match tree:
            case ("let", name, value):
                frame[name][0] = yield from self.value(value, frame)
            case ("any", name):
                frame[name] = [self.chance.randrange(8 if name != "p" else 2)]
            case ("load", e, v):
                frame[v][0] = yield ("load", e, None)
            case ("store", e, value):
                yield ("store", e, read(value, frame))
            case ("swap", e, value, v):
                new = read(value, frame)
                frame[v][0] = yield ("locked", e, lambda old: new)
            case ("cas", e, old, value, v):
                was, new = read(old, frame), read(value, frame)
                frame[v][0] = yield ("locked", e, lambda found: new if found == was else found)
            case ("clear" | "set" as how, e, mask, v):
                old = yield ("locked", e, (lambda old: old & ~mask) if how == "clear" else (lambda old: old | mask))
                if v is not None:
                    frame[v][0] = old
            case ("clear2" | "set2" as how, e, mask):
                old = yield ("load", e, None)
                yield ("store", e, old & ~mask if how == "clear2" else old | mask)
            case ("mark", ghost, value):
                new = yield from self.value(value, frame)
                yield ("mark", ghost, new)
            case ("do", value):
                yield from self.value(value, frame)
            case ("if", test, then, other):
                yield from self.body(then if (yield from self.value(test, frame)) else other, frame)
            case ("atomic", tree):
                yield ("atomic", None, self.at_once(tree, frame))
            case ("retry", tree, until):
                for _ in range(6):
                    yield from self.body(tree, frame)
                    if (yield from self.value(until, frame)):
                        return
                raise Left
            case ("assume", value):
                if not read(value, frame):
                    raise Left
            case ("assert", value):
                if not read(value, frame):
                    self.say()
            case ("return", value):
                raise Returned(read(value, frame))
            case _:
                raise AssertionError(tree)

    def at_once(self, tree, frame):
        def run(act):
            program, answer = self.body(tree, frame), None
            while True:
                try:
                    answer = act(program.send(answer))
                except StopIteration:
                    return

        return run

    def value(self, tree, frame):
        match tree:
            case ("ghost", name):
                return (yield ("look", name, None))
            case ("join", name, value):
                old = yield ("look", name, None)
                return old | read(value, frame)
            case ("both", left, right):
                return bool(read(left, frame)) and bool((yield from self.value(right, frame)))
            case ("either", left, right):
                return bool(read(left, frame)) or bool((yield from self.value(right, frame)))
            case ("try", e, v, value):
                was, new = frame[v][0], read(value, frame)
                found = yield ("locked", e, lambda found: new if found == was else found)
                frame[v][0] = was if found == was else found
                return found == was
            case ("call", name, given, value):
                names, tree, _ = self.machine.helpers[name]
                inner = {inner: frame[outer] for inner, outer in zip(names, given, strict=True)}
                inner["n"] = [read(value, frame)]
                try:
                    yield from self.body(tree, inner)
                except Returned as returned:
                    return returned.value
                raise AssertionError
            case _:
                return read(tree, frame)


def read(tree, frame):
    match tree:
        case ("const", value):
            return value
        case ("var", v):
            return frame[v][0]
        case ("andnot", v, mask):
            return frame[v][0] & ~mask
        case ("or", v, mask):
            return frame[v][0] | mask
        case ("and", v, mask):
            return frame[v][0] & mask
        case ("same", v, u):
            return frame[v][0] == frame[u][0]
        case ("not", value):
            return not read(value, frame)
        case ("bool", value):
            return bool(read(value, frame))
    raise AssertionError(tree)


class Machine:
    def __init__(self, tree, agents, helpers, checks, child, ghosts):
        self.tree, self.agents, self.helpers, self.checks = tree, agents, helpers, checks
        self.entries = ("sptep", "child") if child else ("sptep",)
        self.ghosts = ghosts
        self.buffered = not ghosts and not _holds_atomic(tree) and not _holds_atomic([h[1] for h in helpers.values()])

    def valid(self, word):
        return all(each(word) for each in self.checks)

    def keeps(self, state):
        return all(self.valid(state[each]) for each in self.entries)

    def any_state(self, chance):
        words = [word for word in range(8) if self.valid(word)]
        state = {each: chance.choice(words) for each in self.entries}
        return {**state, "g": chance.random() < 0.5, "w": chance.randrange(8)} if self.ghosts else state

    def run(self, chance):
        """One run at random."""
        return _Running(self, chance).go()


class _Running:
    def __init__(self, machine, chance):
        self.machine, self.chance = machine, chance
        self.state = machine.any_state(chance)
        self.run = Run(dict(self.state), instants=[dict(self.state)])
        self.others = []
        self.eager = chance.choice((0.1, 0.3, 0.6))
        self.count = 0

    def go(self):
        first, threads, last = self.machine.tree
        frame = {name: [0] for name in "abcp"}
        try:
            self.alone([Cpu(self.machine, self.chance, first, frame, self.fail)])
            if threads:
                self.alone([Cpu(self.machine, self.chance, each, frame, self.fail) for each in threads])
            self.alone([Cpu(self.machine, self.chance, last, frame, self.fail)])
            self.environment()
            self.run.done = True
        except Left:
            pass
        self.run.locals = {name: cell[0] for name, cell in frame.items()}
        return self.run

    def fail(self):
        self.run.failed = True

    def alone(self, cpus):
        """These CPUs until all have ended and their stores have taken effect, in any order."""
        asked = {}
        for number, cpu in enumerate(cpus):
            self.send(asked, number, cpu, None)
        while asked or any(cpu.waiting for cpu in cpus):
            self.environment()
            number = self.chance.choice([n for n, cpu in enumerate(cpus) if n in asked or cpu.waiting])
            cpu = cpus[number]
            if cpu.waiting and (
                number not in asked or asked[number][0] in ("locked", "atomic") or self.chance.random() < 0.4
            ):
                self.own(number, ("store", *cpu.waiting.pop(0)))
                continue
            event = asked.pop(number)
            if event[0] == "store" and self.machine.buffered:
                cpu.waiting.append(event[1:])
                answer = None
            elif event[0] == "load" and any(e == event[1] for e, _ in cpu.waiting):
                answer = [value for e, value in cpu.waiting if e == event[1]][-1]
            else:
                answer = self.own(number, event)
            self.send(asked, number, cpu, answer)

    def send(self, asked, number, cpu, answer):
        with suppress(StopIteration):
            asked[number] = cpu.program.send(answer)

    def own(self, number, event):
        self.count += 1
        if self.count > LIMIT:
            raise Left
        happened = Event(set(), set(), dict(self.state), self.state)
        try:
            answer = self.act(event, happened)
        finally:
            happened.after = dict(self.state)
            self.run.events.append(happened)
            self.note()
            self.run.log.append(f"{number}: {event[0]} {event[1]} -> {self.state}")
        return answer

    def note(self):
        """Notes the state as an instant, and how many own events came before it."""
        self.run.instants.append(dict(self.state))
        self.run.counted.append(len(self.run.events))
        self.run.broken = self.run.broken or not self.machine.keeps(self.state)

    def act(self, event, happened=None):
        """Carries an event out, and gives what it found."""
        kind, where, what = event
        if kind == "atomic":
            return what(lambda inner: self.act(inner, happened))
        old = self.state[where]
        if happened is not None and kind not in ("look", "mark"):
            happened.touched.add(where)
            if kind != "load":
                happened.written.add(where)
        if kind == "store" or kind == "mark":
            self.state[where] = bool(what) if where == "g" else what
        elif kind == "locked":
            self.state[where] = what(old)
        return old

    # The environment

    def environment(self):
        while self.machine.agents and self.chance.random() < self.eager:
            number = self.chance.randrange(len(self.machine.agents))
            agent = self.machine.agents[number]
            if agent[0] == "step":
                self.step(agent)
            else:
                self.instance(agent)
            if self.run.instants[-1] != self.state:
                self.note()
                self.run.log.append(f"a{number} -> {self.state}")

    def step(self, agent):
        _, when, saw, change, mark, mask = agent
        here = {"spte": [self.state["sptep"]]}
        if saw is not None:
            words = [word for word in range(8) if self.machine.valid(word)]
            if not any(read(saw, {"spte": [word]}) for word in words):
                return
        if when is not None and not read(when, here):
            return
        self.state["sptep"] = read(change, here)
        if mark:
            self.act(
                (
                    "mark",
                    "w" if mark[0] == "w" else "g",
                    self.state["w"] | mask if mark[0] == "w" else mark == "g = true;",
                )
            )

    def instance(self, agent):
        """One that is under way goes on, or a new one, which may have run a while before the theorem began."""
        if not self.others or self.chance.random() < 0.4:
            cpu = Cpu(self.machine, self.chance, agent[1], {name: [0] for name in "oqp"}, lambda: None)
            event = self.next(cpu, None)
            real, self.state = self.state, self.state
            for _ in range(self.chance.choice((0, 0, 0, 1, 2))):
                if event is not None:
                    self.state = self.machine.any_state(self.chance)
                    event = self.next(cpu, self.guarded(event))
            self.state = real
            if event is not None:
                self.others.append([cpu, event])
        else:
            at = self.chance.choice(self.others)
            at[1] = self.next(at[0], self.guarded(at[1]))
            if at[1] is None:
                self.others.remove(at)

    def guarded(self, event):
        try:
            return self.act(event)
        except Left:
            return None

    def next(self, cpu, answer):
        try:
            return cpu.program.send(answer)
        except (StopIteration, Left):
            return None


def _holds_atomic(tree):
    if isinstance(tree, list | tuple):
        return (len(tree) > 0 and tree[0] == "atomic") or any(_holds_atomic(each) for each in tree)
    return False


# What runs say of claims


def happens(run, tree):
    """Whether what the claim speaks of happens."""
    if tree[0] in ("preserves", "changes", "conserves", "exactly", "resurrects"):
        return any(tree[1] in each.written for each in run.events)
    if tree[0] == "refines":
        return any(each.written for each in run.events)
    return tree[0] in ("ensures", "that") and run.done


def breaches(run, tree):
    """Whether the run certainly violates the claim."""
    match tree:
        case ("asserts",):
            return run.failed
        case ("keeps",):
            return run.broken
        case ("preserves", on, mask):
            return any(each.before[on] & ~each.after[on] & mask for each in run.events)
        case ("changes", on, mask):
            return any((each.before[on] ^ each.after[on]) & ~mask for each in run.events)
        case ("resurrects", on, mask):
            return _resurrects(run, on, mask)
        case ("conserves", on, mask, into):
            return run.done and _loses(run, on, mask, into)
        case ("exactly", on, mask, into):
            return run.done and (_loses(run, on, mask, into) or _invents(run, on, mask, into))
        case ("ensures", atoms):
            return run.done and _fails(atoms, lambda which, mask: _at_end(run, which, mask))
        case ("always", atoms):
            return any(
                _fails(atoms, lambda which, mask, state=state: _at(run, state, which, mask)) for state in run.instants
            )
        case ("that", left, right):
            frame = {name: [value] for name, value in run.locals.items()}
            return run.done and bool(read(left, frame)) and not read(right, frame)
        case ("refines", v, mask):
            return run.done and not _refines(run, v, mask)
    raise AssertionError(tree)


def _fails(atoms, value):
    *left, right = [bool(value(which, mask)) == sign for which, mask, sign in atoms]
    return all(left) and not right


def _at(run, state, which, mask):
    return {"now": state["sptep"] & mask, "start": run.start["sptep"] & mask, "g": state.get("g")}[which]


def _at_end(run, which, mask):
    if which.startswith("local "):
        return run.locals[which[6:]] & mask
    if which == "cleared":
        return any(each.before["sptep"] & ~each.after["sptep"] & mask for each in run.events)
    after = run.events[-1].after if run.events else run.start
    word = {"start": run.start, "end": run.end, "after": after}
    return run.end["g"] if which == "g" else word[which]["sptep"] & mask


def _resurrects(run, on, mask):
    left = 0
    for each in run.events:
        if each.after[on] & ~each.before[on] & left & mask:
            return True
        if on in each.touched:
            left = (left & ~(each.before[on] & ~each.after[on])) | each.after[on]
    return False


def _loses(run, on, mask, into):
    for number, event in enumerate(run.events):
        lost = event.before[on] & ~event.after[on] & mask
        if not lost:
            continue
        if into in "gw":
            at = next(n for n, _ in enumerate(run.instants) if run.counted[n] == number + 1)
            states = run.instants[at:]
            held = 0
            for state in states:
                held |= state["w"] if into == "w" else 7 * state["g"]
        else:
            held = run.locals[into] if into != "p" else 7 * bool(run.locals[into])
        if lost & ~held:
            return True
    return False


def _invents(run, on, mask, into):
    seen = 0
    for each in run.events:
        seen |= each.before[on]
    value = run.end[into] if into in "gw" else run.locals[into]
    if into in "gp":
        return bool(value) and not seen & mask
    return bool(value & mask & ~seen)


def _refines(run, v, mask):
    for number, each in enumerate(run.events):
        others = [other for at, other in enumerate(run.events) if at != number]
        fits = each.after["sptep"] == each.before["sptep"] & ~mask and run.locals[v] == each.before["sptep"]
        if fits and all(other.before["sptep"] == other.after["sptep"] for other in others):
            return True
    return False
