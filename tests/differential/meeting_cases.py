"""The random texts of `meeting.py`: trees of tuples, the first part of which says what they are, and how they are written."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

Tree = tuple
LOCKS = ("lockless", "lockless", "lockless", "holding mmu_lock(read)", "holding mmu_lock(write)", "holding slots_lock")
KINDS = ["if", "retry", "retry", "atomic", "call", "ghost", "assert", "threads"]
LAYOUTS = {
    "one": ("layout one {{ W = bit 0; D = bit 1; ALL = W | D overlaps W, D; invariant low: !(spte & ~ALL); {} }}", [2]),
    "bare": ("layout bare extends one {{ D = none; }}", [0]),
    "free": ("layout free extends one {{ D = some bit or none; }}", [2, 1, 0]),
    "apart": ("layout apart extends one {{ D = some bit; disjoint(W, D); }}", [2]),
}


def excludes(mine: str, other: str) -> bool:
    """Whether two clauses about locks exclude each other."""
    if "lockless" in (mine, other) or mine.split("(")[0] != other.split("(")[0]:
        return False
    return not mine == other == "holding mmu_lock(read)"


@dataclass
class Helper:
    refs: list[str]
    body: list[Tree]
    result: Tree


@dataclass
class Agent:
    """`steps` are (when, saw, assignments), or there is a program. What it takes is m and b."""

    name: str
    locks: str
    takes: int
    body: list[Tree]
    steps: list[Tree]


@dataclass
class Case:
    """One text. `members` are the helper `touch`, the predicate `odd` and the agent `other` of each era; without eras,
    of None."""

    invariant: Tree
    layout: str
    helpers: dict[str, Helper]
    agents: list[Agent]
    members: dict[str | None, tuple[Helper, Tree, Agent]]
    locks: str = "lockless"
    everybody: bool = False
    uses: list[tuple[str, list[Tree]]] = field(default_factory=list)
    choices: list[str] | None = None
    first: list[Tree] = field(default_factory=list)
    threads: list[list[Tree]] = field(default_factory=list)
    last: list[Tree] = field(default_factory=list)
    claims: list[Tree] = field(default_factory=list)


class Grower:
    """`kinds` are what a text may hold, three at random where none are named."""

    def __init__(self, seed: str, kinds: Sequence[str] = ()) -> None:
        self.r = random.Random(seed)
        self.words, self.truths = ["a"], ["p"]
        self.helpers: dict[str, Helper] = {}
        self.inside = self.looping = self.threaded = self.wrote = False
        self.simple = True
        self.kinds = set(kinds or self.r.sample(KINDS, 3))

    def chance(self, share: float) -> bool:
        return self.r.random() < share

    # Expressions

    def mask(self) -> Tree:
        return ("word", self.r.choice(["W", "D", "W", "D", "m", "ALL"]))

    def word(self, deep: int = 1) -> Tree:
        if not deep or self.chance(0.5):
            return ("var", self.r.choice(self.words)) if self.words and self.chance(0.7) else self.mask()
        return self.r.choice(["&", "|", "^", "&~"]), self.word(0), self.mask() if self.chance(0.6) else self.word(0)

    def truth(self, deep: int = 1) -> Tree:
        kind = self.r.random()
        if self.truths and kind < 0.2:
            return "var", self.r.choice(self.truths)
        if deep and kind < 0.35:
            return self.r.choice(["&&", "||", "->"]), self.truth(0), self.truth(0)
        if kind < 0.42 and not self.simple:
            return "odd", self.word(0)
        if kind < 0.5:
            return "==", self.word(0), self.word(0)
        some = "some", self.word(0), self.mask()
        return some if kind < 0.75 else ("!", some)

    # Statements

    def body(self, most: int, deep: int = 0, least: int = 1) -> list[Tree]:
        return [self.statement(deep) for _ in range(self.r.randint(least, most))]

    def statement(self, deep: int) -> Tree:
        r = self.r
        kinds = ["memory"] * 5 + ["let"] + ["setg", "readg"] * ("ghost" in self.kinds)
        kinds += ["assert"] * ("assert" in self.kinds)
        if deep < 2:
            kinds += ["if"] * 2 * ("if" in self.kinds)
            kinds += ["atomic"] * ("atomic" in self.kinds and not self.inside)
            if not (self.inside or self.looping or self.threaded):
                kinds += ["retry"] * 3 * ("retry" in self.kinds)
        kinds += ["call"] * (2 if self.helpers and not self.looping else 0)
        kinds += [] if self.threaded or self.wrote or deep or self.chance(0.7) else ["assume"]
        match r.choice(kinds):
            case "let":
                if self.truths and self.chance(0.4):
                    return "letp", r.choice(self.truths), self.truth()
                return "let", r.choice(self.words), self.word()
            case "setg":
                self.wrote = True
                return "setg", r.choice([("true",), ("true",), ("false",), self.truth(0)])
            case "readg" if self.truths:
                return "readg", r.choice(self.truths)
            case "assert" | "assume" as kind:
                return kind, self.truth()
            case "if":
                test = self.exchange() if self.chance(0.2) else self.truth()
                tail = self.body(1, deep + 1) if self.chance(0.3) else []
                then = self.body(2, deep + 1)
                if self.returns and not self.inside and self.chance(0.5):
                    then.append(("return", self.word(0)))
                return "if", test, then, tail
            case "atomic":
                self.inside = True
                made = self.body(2, 1)
                self.inside = False
                return "atomic", made
            case "retry":
                return self.retry()
            case "call":
                return self.call()
        return self.memory()

    returns = False

    def exchange(self) -> Tree:
        self.wrote = True
        return "try", self.r.choice(self.words), self.word()

    def counts(self, v: str) -> Tree:
        """From 0 to W, D and ALL."""
        W, D, ALL = ([("let", v, ("word", each))] for each in ("W", "D", "ALL"))
        return "if", ("some", ("var", v), ("word", "D")), ALL, [("if", ("some", ("var", v), ("word", "W")), D, W)]

    def retry(self) -> Tree:
        if self.chance(0.5):
            return self.counting()
        return self.any_retry()

    def counting(self) -> Tree:
        """One that fails several times before it ends: it counts in a local, in the entry or by a ghost, alone or
        beside an exchange that fails."""
        r, v, other = self.r, self.r.choice(self.words), self.r.choice(self.words)
        counts, all_set = self.counts(v), ("==", ("var", v), ("word", "ALL"))
        read, full = ("read", v), ("some", ("var", v), ("word", r.choice(["W", "D"])))
        shapes = {
            "local": ([counts], all_set),
            "local, heard of once": ([("if", full, [("read", other)], []), counts], all_set),
            "entry": ([read, counts, ("store", ("var", v))], all_set),
            "exchange": ([counts, ("xchg", other, ("var", v))], all_set),
            "beside an exchange": ([counts], ("try", other, ("var", v))),
            "after an exchange": ([("do", ("try", other, self.word())), counts], all_set),
            "found": ([], ("try", v, self.word())),
            "found, and more": ([self.statement(1)], ("try", v, self.word())),
            "event": ([("read", other), counts], self.truth()),
        }
        if self.truths:
            p = r.choice(self.truths)
            turned = ("setg", ("!", ("var", p)))
            shapes["ghost"] = [("readg", p), ("if", ("var", p), [counts], []), turned], all_set
            shapes["ghost alone"] = [("readg", p), turned, ("read", other)], ("var", p)
        self.looping = self.wrote = True
        body, until = shapes[r.choice(list(shapes))]
        more = [self.statement(1)] if self.chance(0.2) else []
        self.looping = False
        return "retry", [*body, *more], until

    def any_retry(self) -> Tree:
        """Mostly one that changes nothing where it fails."""
        r = self.r
        self.looping = True
        body: list[Tree] = []
        for _ in range(r.choice([0, 1, 2, 2])):
            v = r.choice(self.words)
            more = self.counts(v) if self.chance(0.4) else ("let", v, (r.choice("||^"), ("var", v), self.word(0)))
            body.append(r.choice([("read", v), ("read", v), more, more, ("assert", self.truth()), self.statement(1)]))
        self.looping = False
        return "retry", body, self.exchange() if self.chance(0.6) else self.truth()

    def call(self) -> Tree:
        name = self.r.choice(list(self.helpers))
        if len(self.helpers[name].refs) > len(self.words) or (self.inside or self.threaded) and name == "loops":
            return self.memory()
        self.wrote = True
        given = self.r.sample(self.words, len(self.helpers[name].refs))
        return "call", self.r.choice(self.words), name, given, self.word(0)

    def memory(self) -> Tree:
        v = self.r.choice(self.words)
        kind = self.r.choice(
            ["read", "read", "xchg", "cas", "and", "or", "xor", "store", "plain or", "plain and", "try"]
        )
        self.wrote = self.wrote or kind != "read"
        match kind:
            case "read":
                return kind, v
            case "xchg":
                return kind, v, self.word()
            case "store":
                return kind, self.word()
            case "cas":
                return kind, v, self.word(0), self.word()
            case "try":
                return "do", self.exchange()
        return kind, v, self.mask() if self.chance(0.7) else self.word(0)

    # Items

    def helper(self, loops: bool) -> Helper:
        refs = ["*x", "*y"][: self.r.choice([0, 1, 1, 2])]
        self.words, self.truths, self.returns, self.threaded = [*refs, "n"], [], True, not loops
        body = [self.retry(), *self.body(1, 1, 0)] if loops else self.body(2, 1)
        self.returns, self.threaded = False, False
        return Helper(refs, body, self.word(0))

    def agent(self, name: str) -> Agent:
        r = self.r
        locks, takes = r.choice(LOCKS), r.choice([0, 0, 0, 1, 2]) if name != "other" else 0
        if name == "other":
            locks = "lockless"
        if self.chance(0.35):
            self.words, self.truths = ["spte"], ["g"]
            steps = []
            for _ in range(r.choice([1, 2])):
                sets = [("spte", self.word())] if self.chance(0.8) else []
                sets += [("g", self.truth(0))] if not sets or self.chance(0.3) else []
                when = self.truth() if self.chance(0.7) else None
                self.truths = []
                steps.append((when, self.truth() if self.chance(0.3) else None, sets))
                self.truths = ["g"]
            return self._taking(Agent(name, locks, takes, [], steps))
        self.words, self.truths, self.wrote, self.returns = ["o", "q"], ["p"], False, False
        first = r.choice([("read", "o"), ("read", "o"), ("anyw", "o")])
        return self._taking(Agent(name, locks, takes, [first, ("anyp", "p"), *self.body(3)], []))

    def _taking(self, agent: Agent) -> Agent:
        """One that takes no m speaks of W in its place."""
        agent.body, agent.steps = (_without_m(each, agent.takes) for each in (agent.body, agent.steps))
        return agent

    def case(self) -> Case:
        r = self.r
        self.words, self.truths = ["spte"], []
        invariant = _without_m(r.choice([None, self.truth(0), ("->", self.truth(0), self.truth(0))]), 0)
        names = [["once"], ["loops"]] if "retry" in self.kinds else [["once"]]
        for name in r.choice(names) if "call" in self.kinds else []:
            self.helpers = {**self.helpers, name: _without_m(self.helper(name == "loops"), 0)}
        eras = r.choice([[None]] * 6 + [["v1", "v2"]])
        members = {each: self.members() for each in eras}
        if eras != [None] or self.chance(0.3):
            self.helpers, self.simple = {**self.helpers, "touch": members[eras[0]][0]}, False
        agents = [self.agent(f"a{number}") for number in range(r.choice([0, 1, 1, 2]))]
        made = Case(invariant, "one", self.helpers, agents, members, r.choice(LOCKS))
        made.layout = r.choice(["one"] * 7 + ["bare", "free", "apart"])
        made.everybody = self.chance(0.15)
        for each in [*agents, members[eras[0]][2]]:
            likely = 0.3 if each.name == "other" else 0.8
            if not excludes(made.locks, each.locks) and self.chance(likely):
                arguments = [
                    self.r.choice([("word", "m"), ("word", "W"), ("word", "D")]),
                    r.choice([("b",), ("true",)]),
                ]
                made.uses.append((each.name, arguments[: each.takes]))
        made.choices = ["W", "D"] if self.chance(0.15) else None
        self.program(made)
        return made

    def members(self) -> tuple[Helper, Tree, Agent]:
        self.words, self.truths, self.returns, self.threaded = ["*x", "n"], [], False, True
        touch = Helper(["*x"], self.body(1, 2), ("var", "*x"))
        self.words, self.threaded = ["x"], False
        return _without_m(touch, 0), _without_m(self.truth(), 0), self.agent("other")

    def program(self, made: Case) -> None:
        self.words, self.truths, self.wrote = ["a", "c"], ["p"], False
        values = ("word", "W"), ("&~", ("word", "W"), ("word", "W"))
        made.first = [("read", "a"), ("anyp", "p"), ("let", "c", self.r.choice(values))]
        if self.chance(0.2):
            made.first.append(("anyw", "c"))
        if "threads" in self.kinds:
            made.first += self.body(1, 2, 0)
            self.truths, self.threaded = [], True
            for name in "ac":
                self.words = [name]
                made.threads.append(self.body(2))
            self.words, self.truths, self.threaded, self.wrote = ["a", "c"], ["p"], False, True
            made.last = self.body(1, 2, 0)
        else:
            made.first += self.body(3)
        made.claims = [self.claim(kind) for kind in self.r.sample(CLAIMS, self.r.choice([0, 2, 2]))]

    def claim(self, kind: str) -> Tree:
        r = self.r
        match kind:
            case "preserves":
                return kind, self.mask(), self.mask()
            case "changes" | "resurrects":
                return kind, self.mask()
            case "conserves" | "exactly":
                return kind, self.mask(), r.choice([*self.words, *self.words, "g", "p"])
            case "that":
                return kind, self.truth(1)
        keep = self.words, self.truths
        if kind == "always":
            self.words, self.truths = ["*sptep", "start"], ["g"]
        else:
            self.words, self.truths = [*self.words, "start", "end", "after"], ["g", "p"]
            if self.chance(0.3):
                self.words.append(f"cleared({r.choice('WD')})")
        made = (kind, ("->", self.truth(1), self.truth(0)))
        self.words, self.truths = keep
        return made


CLAIMS = [
    "preserves",
    "changes",
    "resurrects",
    "conserves",
    "exactly",
    "ensures",
    "ensures",
    "always",
    "always",
    "that",
]


def _without_m(tree, takes: int):
    """The tree with W for m, where it does not take one."""
    if isinstance(tree, Helper):
        return Helper(tree.refs, _without_m(tree.body, takes), _without_m(tree.result, takes))
    if isinstance(tree, list | tuple) and not takes:
        return ("word", "W") if tree == ("word", "m") else type(tree)(_without_m(each, takes) for each in tree)
    return tree
