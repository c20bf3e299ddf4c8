"""Grows the texts of `meeting_cases.py` at random."""

from collections.abc import Iterator

from .meeting_cases import LOCKED, LOCKS, Agent, Case, Helper, Tree, excludes, names_child, without_m
from .meeting_lemmas import LemmaGrower
from .meeting_words import Words


class Grower(Words):
    """A text, as `case`."""

    returns = False

    # Statements

    def body(self, most: int, deep: int = 0, least: int = 1) -> list[Tree]:
        return [self.statement(deep) for _ in range(self.r.randint(least, most))]

    def statement(self, deep: int) -> Tree:
        r = self.r
        kinds = ["memory"] * 5 + ["let"] + ["setg", "readg"] * ("ghost" in self.kinds)
        kinds += ["assert"] * ("assert" in self.kinds)
        kinds += ["setw", "orw", "orw", "readw"] * self.record
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
            case "setw" | "orw" as kind:
                self.wrote = True
                return kind, self.word()
            case "readw":
                return "readw", r.choice(self.words)
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

    def placed(self, statement: Tree, share: float = 0.4) -> Tree:
        """Perhaps on the further entry."""
        return ("on", statement) if self.further and self.chance(share) else statement

    def exchange(self) -> Tree:
        self.wrote = True
        return self.placed(("try", self.r.choice(self.words), self.word()))

    def counts(self, v: str) -> Tree:
        """From 0 to W, D and ALL."""
        W, D, ALL = ([("let", v, ("word", each))] for each in ("W", "D", "ALL"))
        return "if", ("some", ("var", v), ("word", "D")), ALL, [("if", ("some", ("var", v), ("word", "W")), D, W)]

    def retry(self) -> Tree:
        if self.chance(0.5):
            return self.placed(self.counting(), 0.2)
        return self.placed(self.any_retry(), 0.2)

    def counting(self) -> Tree:
        """One that fails several times before it ends: it counts in a local, in the entry or by a ghost, alone or
        beside an exchange that fails."""
        r, v, other = self.r, self.r.choice(self.words), self.r.choice(self.words)
        counts, all_set = self.counts(v), ("==", ("var", v), ("word", "ALL"))
        self.looping = self.wrote = True
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
        return self.placed(("call", self.r.choice(self.words), name, given, self.word(0)))

    def memory(self) -> Tree:
        return self.placed(self.plain_memory())

    def plain_memory(self) -> Tree:
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
        locks, takes = (
            r.choice(self.lock + LOCKED if "locks" in self.kinds else LOCKS),
            r.choice([0, 0, 0, 1, 2]) if name != "other" else 0,
        )
        if name == "other":
            locks = "lockless"
        if self.chance(0.35):
            entries = ["spte", "*child"] if self.further and self.chance(0.5) else ["spte"]
            steps = []
            for _ in range(r.choice([1, 2])):
                self.words, self.truths = entries, ["g"]
                sets = [(r.choice(entries), self.word())] if self.chance(0.8) else []
                sets += [("g", self.truth(0))] if not sets or self.chance(0.3) else []
                sets += [(r.choice(["w", "w |="]), self.word())] if self.record and self.chance(0.5) else []
                when = self.truth() if self.chance(0.7) else None
                self.words, self.truths = ["spte"], []
                steps.append((when, self.truth() if self.chance(0.3) else None, sets))
            return self._taking(Agent(name, locks, takes, [], steps))
        self.words, self.truths, self.wrote, self.returns = ["o", "q"], ["p"], False, False
        first = r.choice([("read", "o"), ("read", "o"), ("anyw", "o")])
        keep, self.further = self.further, self.further and self.chance(0.5)
        body = self.section() if "locks" in self.kinds and self.chance(0.7) else self.body(3)
        made = self._taking(Agent(name, locks, takes, [first, ("anyp", "p"), *body], []))
        self.further = keep
        return made

    lock: tuple[str, ...] = ()

    def pair(self) -> list[Agent]:
        """One that changes the entry for a time, and one that does something to what it is then."""
        one, other = (("word", each) for each in self.r.sample(["W", "D", "ALL"], 2))
        none, self.words, self.truths, self.wrote = ("&~", one, one), ["o", "q"], ["p"], False
        first, last = [("read", "o"), ("anyp", "p")], [("cas", "o", one, none), ("and", "o", one), ("store", none)]
        inner, more = (self.body(1, least=0) if self.chance(0.4) else [] for _ in range(2))
        locks = self.r.choice([(each, each) for each in LOCKED[:3]] + [(LOCKED[3], LOCKED[2]), (LOCKED[2], LOCKED[3])])
        bodies = [("cas", "o", none, one), *inner, self.r.choice(last)], [*more, ("cas", "o", one, other)]
        pairs = zip("01", locks, bodies, strict=True)
        return [self._taking(Agent(f"a{n}", lock, 0, [*first, *body], [])) for n, lock, body in pairs]

    def section(self) -> list[Tree]:
        """What others can see begin and end: it sets a ghost and takes that back, or changes an entry twice; or what
        tells whether another is in the middle."""
        one, other = (("word", each) for each in self.r.sample(["W", "D", "ALL"], 2))
        if self.chance(0.3):
            return [("cas", "o", one, other)]
        inner = self.body(1, least=0)
        if self.chance(0.5):
            none = "&~", one, one
            return [("cas", "o", none, one), *inner, self.r.choice([("cas", "o", one, none), ("and", "o", one)])]
        if self.chance(0.5):
            on = self.r.choice([True, False])
            begin, end = ("setg", (str(on).lower(),)), ("setg", (str(not on).lower(),))
            return [begin, *inner, end]
        mask = self.mask()
        return [self.r.choice([("or", "o", mask), ("xor", "o", mask)]), *inner, ("xor", "o", mask)]

    def _taking(self, agent: Agent) -> Agent:
        """One that takes no m speaks of W in its place."""
        agent.body, agent.steps = (without_m(each, agent.takes) for each in (agent.body, agent.steps))
        return agent

    def case(self) -> Case:
        r = self.r
        self.words, self.truths = ["spte"], []
        invariant = without_m(r.choice([None, self.truth(0), ("->", self.truth(0), self.truth(0))]), 0)
        names = [["once"], ["loops"]] if "retry" in self.kinds else [["once"]]
        for name in r.choice(names) if "call" in self.kinds else []:
            self.helpers = {**self.helpers, name: without_m(self.helper(name == "loops"), 0)}
        eras = r.choice([[None]] * 6 + [["v1", "v2"]])
        members = {each: self.members() for each in eras}
        if eras != [None] or self.chance(0.3):
            self.helpers, self.simple = {**self.helpers, "touch": members[eras[0]][0]}, False
        self.lock = (r.choice(LOCKED[:3]),) * 6
        agents = [
            self.agent(f"a{number}") for number in range(r.choice([1, 2, 2] if "locks" in self.kinds else [0, 1, 1, 2]))
        ]
        paired = "locks" in self.kinds and self.chance(0.6)
        agents = self.pair() if paired else agents
        made = Case(
            invariant, "one", self.helpers, agents, members, r.choice(LOCKS[:3] if "locks" in self.kinds else LOCKS)
        )
        made.layout = r.choice(["one"] * 7 + ["bare", "free", "apart"])
        made.everybody = self.chance(0.15)
        for each in [*agents, members[eras[0]][2]]:
            likely = 0.3 * (not paired) if each.name == "other" else 0.9 if paired else 0.8
            if not excludes(made.locks, each.locks) and self.chance(likely):
                arguments = [
                    self.r.choice([("word", "m"), ("word", "W"), ("word", "D")]),
                    r.choice([("b",), ("true",)]),
                ]
                made.uses += [(each.name, arguments[: each.takes], on) for on in self.entries(made, each)]
        made.choices = ["W", "D"] if self.chance(0.15) else None
        made.further, made.record = self.further, self.record
        self.program(made)
        if "rely" in self.kinds and made.layout in ("one", "apart"):
            self.words, self.truths, self.simple = ["before", "after"], [], True
            any_rely = "->", self.truth(), self.truth()
            made.rely = r.choice([("done",), ("done",), ("less",), ("less",), ("more",), any_rely])
        made.lemma = LemmaGrower(f"{self.seed} lemma", ["if"]).lemma(made) if "lemma" in self.kinds else None
        return made

    def entries(self, made: Case, agent: Agent) -> list[str]:
        """What the agent is put on: not on an entry that it names."""
        same = [each[2] for each in made.members.values()] if agent.name == "other" else [agent]
        if not self.further or any(names_child([each.body, each.steps], made.helpers) for each in same):
            return [""]
        return self.r.choice([[""], ["child"], ["child"], ["", "child"]])

    def members(self) -> tuple[Helper, Tree, Agent]:
        self.words, self.truths, self.returns, self.threaded = ["*x", "n"], [], False, True
        touch = Helper(["*x"], self.body(1, 2), ("var", "*x"))
        self.words, self.threaded = ["x"], False
        return without_m(touch, 0), without_m(self.truth(), 0), self.agent("other")

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
            made.first += self.body(1 if "locks" in self.kinds else 3)
        many = [3, 5, 5] if self.further or self.record else [0, 2, 2]
        kinds = self.r.sample(CLAIMS, self.r.choice(many))
        kinds += ["refines"] * self.r.choice([1, 2, 3]) * ("refines" in self.kinds and not made.threads)
        made.claims = [self.claim(kind, made) for kind in kinds]

    def refined(self, made: Case) -> list[Tree]:
        """A block: what the program does, without what a block may not hold and mostly without reading twice; or any."""
        keep, self.helpers = self.helpers, {k: v for k, v in self.helpers.items() if k != "loops"}
        keys, self.kinds = self.kinds, self.kinds & {"if", "call", "entries"}
        record, self.record, self.threaded, self.returns = self.record, False, True, False
        found = list(_plainly(made.first[3:])) if self.chance(0.6) else []
        if len(found) > 1 and self.chance(0.5):
            del found[self.r.randrange(len(found))]
        if not found or self.chance(0.2):
            found.append(self.statement(1))
        for v in self.words:
            if self.chance(0.3):
                found.insert(0, self.placed(("read", v)))
        self.helpers, self.kinds, self.threaded, self.record = keep, keys, False, record
        return found

    def claim(self, kind: str, made: Case) -> Tree:
        r = self.r
        on = ("child",) if self.further and self.chance(0.5) else ()
        match kind:
            case "refines":
                return kind, self.refined(made)
            case "preserves":
                return kind, self.mask(), self.mask(), *on
            case "changes" | "resurrects":
                return kind, self.mask(), *on
            case "conserves" | "exactly":
                into = [*self.words, *self.words, "g", "p", *["w"] * 4 * self.record]
                return kind, self.mask(), r.choice(into), *on
            case "that":
                return kind, self.truth(1)
        keep = self.words, self.truths
        self.words = [*self.words, *["w"] * self.record]
        if kind == "always":
            self.words, self.truths = ["*sptep", "start", *["*child", "start(child)"] * self.further], ["g"]
            self.words += ["w"] * self.record
        else:
            self.words, self.truths = [*self.words, "start", "end", "after"], ["g", "p"]
            self.words += [f"{each}(child)" for each in ("start", "end", "after") if self.further]
            if self.chance(0.3):
                self.words.append(f"cleared({r.choice('WD')}{', child' if on else ''})")
        told = kind, ("->", self.truth(1), self.truth(0))
        self.words, self.truths = keep
        return told


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


def _plainly(body: list[Tree]) -> Iterator[Tree]:
    """What a block of `refines` may hold of a program, in the order of the text."""
    for each in body:
        inner = each[1] if each[0] == "on" else each
        match inner:
            case ("atomic", statements) | ("retry", statements, _):
                yield from _plainly(statements)
            case ("if", test, then, other):
                yield "if", test, list(_plainly(then)), list(_plainly(other))
            case ("anyw" | "anyp" | "assume" | "assert" | "setg" | "setw" | "orw", *_) | ("call", _, "loops", _, _):
                continue
            case _:
                yield each
        if inner[0] == "retry" and inner[2][0] in ("try", "on"):
            yield "do", inner[2]
