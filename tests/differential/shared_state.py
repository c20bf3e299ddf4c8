"""Random texts in which further entries, ghosts, invariants, `saw`, stale reads, agents with arguments and on entries,
symbolic bits, layouts that extend each other, choices and eras meet; what is proved is tried on random executions.

A text is grown twice at once: as `.spte`, and as Python over three bits. Bits 0 and 1 have names, bit 2 stands for all
others alike: whatever works bit by bit, and whether words are equal, is the same on 64 bits of which all others are
copies of it. So an execution that is found here is one of the machine, and what it violates must not be proved. Nothing
of the solver is used to find it. `generation/shared_hunt.py` asks the tool.
"""

from dataclasses import dataclass, field
from random import Random

ALL = 7
HEAD = "interface era_of { predicate odd(u64 x); helper touch(u64 m) -> u64; agent other lockless; }"


class Cut(Exception):
    """An assumption does not hold: the execution is left out from here on."""


@dataclass
class Grown:
    """A text, and for each theorem what it is in Python; `claims` are (theorem, line, kind, Python)."""

    lines: list = field(default_factory=list)
    code: list = field(default_factory=list)
    theorems: dict = field(default_factory=dict)
    layouts: dict = field(default_factory=dict)
    claims: list = field(default_factory=list)


class Grower:
    """Grows one text. Expressions are pairs, C and Python."""

    def __init__(self, seed: str) -> None:
        self.r = Random(seed)
        self.text = Grown()
        self.locals: list[str] = []
        self.bools: list[str] = []

    # Expressions

    def word(self, atoms, depth=2):
        r = self.r
        if depth == 0 or r.random() < 0.35:
            return r.choice(atoms if atoms and r.random() < 0.7 else [("W", "W"), ("D", "D"), ("M", "M")])
        a, b = self.word(atoms, depth - 1), self.word(atoms, depth - 1)
        match r.randrange(6):
            case 0 | 1:
                return f"({a[0]} & {b[0]})", f"({a[1]} & {b[1]})"
            case 2:
                return f"({a[0]} | {b[0]})", f"({a[1]} | {b[1]})"
            case 3:
                return f"({a[0]} ^ {b[0]})", f"({a[1]} ^ {b[1]})"
            case 4:
                return f"({a[0]} & ~{b[0]})", f"({a[1]} & ~{b[1]} & 7)"
        return f"~{a[0]}", f"(~{a[1]} & 7)"

    def named(self, atoms, target, now):
        """A value that a word of the state becomes, in its named bits alone: closures of whole words are slow."""
        value = self.word(atoms)
        if target == "h":
            return f"({value[0]} & M)", f"({value[1]} & M)"
        return f"({target} & ~M | {value[0]} & M)", f"({now} & ~M & 7 | {value[1]} & M)"

    def truth(self, atoms, bools, depth=1):
        r = self.r
        if depth == 0 or r.random() < 0.5:
            if bools and r.random() < 0.3:
                return r.choice(bools)
            a, mask = self.word(atoms, 0), r.choice("WDM")
            match r.randrange(5):
                case 0 | 1 | 2:
                    return f"({a[0]} & {mask}) != 0", f"({a[1]} & {mask} != 0)"
                case 3:
                    b = self.word(atoms, 1)
                    return f"({a[0]} & {mask}) == ({b[0]} & {mask})", f"(({a[1]} & {mask}) == ({b[1]} & {mask}))"
            return f"odd({a[0]})" if self.eras else f"({a[0]} & W) != 0", (
                f"odd({a[1]})" if self.eras else f"({a[1]} & W != 0)"
            )
        a, b = self.truth(atoms, bools, depth - 1), self.truth(atoms, bools, depth - 1)
        match r.randrange(4):
            case 0:
                return f"({a[0]} && {b[0]})", f"({a[1]} and {b[1]})"
            case 1:
                return f"({a[0]} || {b[0]})", f"({a[1]} or {b[1]})"
            case 2:
                return f"({a[0]} -> {b[0]})", f"(not {a[1]} or {b[1]})"
        return f"!({a[0]})", f"(not {a[1]})"

    # Declarations

    def grow(self) -> Grown:
        r, out = self.r, self.text
        self.eras = False
        invariants = [self.truth([("spte", "x")], [], 1) for _ in range(2)]
        self.eras = r.random() < 0.3
        inv = [f"invariant i{n}: {each[0]};" for n, each in enumerate(invariants)][: r.choice([0, 1, 1, 2])]
        kept = [each[1] for each in invariants][: len(inv)]
        out.lines += [
            f"layout one {{ W = bit 0; D = bit 1; M = W | D overlaps W, D; {' '.join(inv)} }}",
            "layout two extends one { }",
        ]
        out.layouts |= {"one": ([2], kept), "two": ([2], kept)}
        if r.random() < 0.6:
            out.lines.append("layout three extends one { D = none; }")
            out.layouts["three"] = ([0], kept)
        if r.random() < 0.5:
            form = r.choice(["some bit", "some bit or none"])
            disjoint = r.choice(["", " disjoint(W, D);"])
            out.lines.append(f"layout free extends one {{ D = {form};{disjoint} }}")
            out.lines.append("layout free2 extends free { }")
            out.layouts["free"] = out.layouts["free2"] = (
                [2, *([] if disjoint else [1]), *([0] if "none" in form else [])],
                kept,
            )
        if kept and r.random() < 0.5:
            out.lines.append("layout dropped extends one { drop invariant i0; }")
            out.layouts["dropped"] = ([2], kept[1:])
        out.lines += ["entry child;", "ghost bool g;", "ghost u64 h;"]
        self.members = {}
        if self.eras:
            out.lines.append(HEAD)
            for era in ("e1", "e2"):
                self.era(era)
        self.agents = [self.agent(n) for n in range(r.choice([1, 2, 2, 3]))]
        for number in range(2):
            self.theorem(number)
        return out

    def era(self, name: str) -> None:
        inside = self.eras
        self.eras = False
        odd = self.truth([("x", "x")], [], 1)
        self.eras = inside
        mask = self.word([("m", "m")], 1)
        op, py = self.r.choice([("or", "{x} | {m}"), ("and", "{x} & {m}"), ("andnot", "{x} & ~{m} & 7")])
        body, code = self.steps("other", [], 1)
        fresh = f"helper touch(u64 m) -> u64 {{ return atomic64_fetch_{op}({mask[0]}, sptep); }}"
        head = "era e1 implements era_of" if name == "e1" else "era e2 extends e1"
        some = self.r.random() < 0.5 and name == "e2"
        parts = [f"predicate odd(u64 x) = {odd[0]};", "" if some else fresh, f"agent other lockless {{ {body} }}"]
        self.text.lines.append(f"{head} {{ {' '.join(parts)} }}")
        act = f"lambda m, e: rmw(e, lambda x: {py.format(x='x', m=mask[1])})"
        self.members[name] = (f"lambda x: {odd[1]}", self.members["e1"][1] if some else act, code)

    def agent(self, number: int):
        """Its name, its parameters, whether it may be put on the child, and its moves in Python: functions that are
        told the entry, the arguments, and how it finds what it read earlier."""
        r, name = self.r, f"a{number}"
        takes = r.choice([[], [], [("m", "u64")], [("m", "u64"), ("b", "bool")]])
        arguments = [("m", "m")] if takes else []
        bools = [("b", "b")] if len(takes) > 1 else []
        self.names_child = False
        if r.random() < 0.6:
            body, code = self.steps(name, arguments, r.choice([1, 2]), bools)
        else:
            body, code = self.program_agent(arguments, bools)
        declared = f"({', '.join(f'{sort} {each}' for each, sort in takes)})" if takes else ""
        self.text.lines.append(f"agent {name}{declared} lockless {{ {body} }}")
        return name, takes, not self.names_child, code

    def steps(self, name, arguments, count, bools=()):
        r, texts, codes = self.r, [], []
        for number in range(count):
            atoms = [("spte", "S[e]"), ("h", "S['h']"), *arguments]
            parameter = r.random() < 0.4
            if parameter:
                atoms.append(("n", "n"))
            child = r.random() < 0.35
            if child:
                atoms.append(("*child", "S['c']"))
                self.names_child = True
            truths = [("g", "S['g']"), *bools]
            when = self.truth(atoms, truths) if r.random() < 0.7 else None
            before = [("spte", "seen"), *arguments, *([("n", "n")] if parameter else [])]
            saw = self.truth(before, list(bools)) if r.random() < 0.35 else None
            lines, code = [], []
            for _ in range(r.choice([1, 1, 2])):
                target, place = r.choice(
                    [
                        ("spte", "e"),
                        ("spte", "e"),
                        ("g", "'g'"),
                        ("h", "'h'"),
                        *([("*child", "'c'")] * 2 if child else []),
                    ]
                )
                value = self.truth(atoms, truths) if target == "g" else self.named(atoms, target, f"S[{place}]")
                guard = self.truth(atoms, truths, 0) if r.random() < 0.25 else None
                lines.append(f"{f'if ({guard[0]}) ' if guard else ''}{target} = {value[0]};")
                code.append(f"  {f'if {guard[1]}: ' if guard else ''}S[{place}] = {value[1]}")
            shown = f"step s{number}{'(u64 n)' if parameter else ''}: "
            shown += f"when {when[0]} " if when else ""
            shown += f"saw {saw[0]} " if saw else ""
            texts.append(f"{shown}{{ {' '.join(lines)} }}")
            guard = " and ".join([when[1] if when else "True", saw[1] if saw else "True"])
            reads = "earlier(e)" if saw else "0"
            codes.append(
                [f" seen = {reads}; n = R.randrange(8)", f" if not ({guard}): return", *[each[1:] for each in code]]
            )
        return " ".join(texts), codes

    def program_agent(self, arguments, bools):
        """Reads, a decision and one event that changes something; what it read is stale."""
        r = self.r
        lines, code, atoms, truths = [], [], list(arguments), list(bools)
        for number in range(r.choice([1, 2])):
            entry, place = r.choice([("sptep", "e"), ("sptep", "e"), ("child", "'c'")])
            if entry == "child":
                self.names_child = True
            lines.append(f"u64 o{number} = READ_ONCE(*{entry});")
            code.append(f" o{number} = earlier({place})")
            atoms.append((f"o{number}", f"o{number}"))
        if r.random() < 0.2:
            lines.append("u64 z = any; bool y = any;")
            code.append(" z = R.choice([R.randrange(8), 0]); y = R.random() < 0.5")
            atoms.append(("z", "z"))
            truths.append(("y", "y"))
        if r.random() < 0.3:
            lines.append("u64 k = h; bool l = g;")
            code.append(" k = R.randrange(8); l = R.random() < 0.5")
            atoms.append(("k", "k"))
            truths.append(("l", "l"))
        guard, value = self.truth(atoms, truths), self.word(atoms)
        value = f"({value[0]} & M)", f"({value[1]} & M)"
        entry, place = r.choice([("sptep", "e"), ("sptep", "e"), ("child", "'c'")])
        if entry == "child":
            self.names_child = True
        act, done = r.choice(
            [
                (f"atomic64_or({value[0]}, {entry});", f"S[{place}] |= {value[1]}"),
                (f"atomic64_and({value[0]}, {entry});", f"S[{place}] &= {value[1]}"),
                (f"WRITE_ONCE(*{entry}, {value[0]});", f"S[{place}] = {value[1]}"),
                (
                    f"cmpxchg64({entry}, o0, {value[0]});",
                    f"S[{place}] = {value[1]} if S[{place}] == o0 else S[{place}]",
                ),
                (
                    f"atomic {{ *{entry} ^= {value[0]}; h = {value[0]}; }}",
                    f"S[{place}] ^= {value[1]}; S['h'] = {value[1]}",
                ),
                (f"h = {value[0]};", f"S['h'] = {value[1]}"),
            ]
        )
        return f"{' '.join(lines)} if ({guard[0]}) {{ {act} }}", [[*code, f" if {guard[1]}: {done}"]]

    # Theorems

    def theorem(self, number: int) -> None:
        r, out = self.r, self.text
        name, self.locals, self.bools = f"t{number}", [("m", "m")], [("b", "b")]
        choices = r.choice([None, None, ["W", "D"], ["W", "M", "D"]])
        uses = []
        for agent, takes, on_child, code in r.sample(self.agents, r.randint(0, len(self.agents))):
            for entry in r.choice([["sptep"], ["sptep"], ["child"], ["sptep", "child"]]):
                if entry == "child" and not on_child:
                    continue
                use, given = agent, ["m", "b"][: len(takes)]
                if takes and r.random() < 0.5:
                    words = [r.choice(["W", "D", "M", "m"]), r.choice(["b", "true", "false"])][: len(takes)]
                    use, given = f"{agent}({', '.join(words)})", [w.capitalize() if w[0] in "tf" else w for w in words]
                uses.append((use + (" on child" if entry == "child" else ""), entry, given, takes, code))
        if self.eras and r.random() < 0.5:
            uses.append(("other", "sptep", [], [], None))
        unique = {
            (use.split("(")[0].split()[0], entry): (use, entry, given, takes, code)
            for use, entry, given, takes, code in uses
        }
        uses = list(unique.values())
        against = f"against any number of {', '.join(each[0] for each in uses)}" if uses else "against nobody"
        head = f"theorem {name}(u64 m{' in {' + ', '.join(choices) + '}' if choices else ''}, bool b)"
        head += f" for layout in {', '.join(out.layouts)}{', era in e1, e2' if self.eras else ''}"
        out.lines.append(f"{head} {against} {{")
        code = []
        self.wrote = False
        for step in range(r.choice([1, 2, 3, 3, 4])):
            self.statement(step, code)
        out.theorems[name] = {"code": code, "uses": uses, "choices": choices}
        for _ in range(6):
            self.claim(name)
        out.lines.append("}")

    def say(self, text: str) -> None:
        self.text.lines.append(f"    {text}")

    def place(self):
        return self.r.choice([("sptep", "'s'"), ("sptep", "'s'"), ("child", "'c'")])

    def statement(self, step: int, code: list) -> None:
        r, v = self.r, f"v{step}"
        (entry, place), w = self.place(), self.word(self.locals)
        kind = r.randrange(11 if self.eras else 10)
        old = v, v
        match kind:
            case 0 | 1:
                self.say(f"u64 {v} = READ_ONCE(*{entry});")
                code.append(f" {v} = rmw({place}, lambda x: x, False)")
            case 2 | 3:
                op, py = r.choice([("or", "x | {}"), ("and", "x & {}"), ("andnot", "x & ~{} & 7"), ("xor", "x ^ {}")])
                self.say(f"u64 {v} = atomic64_fetch_{op}({w[0]}, {entry});")
                code.append(f" {v} = rmw({place}, lambda x: {py.format(w[1])})")
                self.wrote = True
            case 4:
                self.say(f"u64 {v} = xchg({entry}, {w[0]});")
                code.append(f" {v} = rmw({place}, lambda x: {w[1]})")
                self.wrote = True
            case 5:
                k = r.choice(self.locals)
                self.say(f"u64 {v} = cmpxchg64({entry}, {k[0]}, {w[0]});")
                code.append(f" {v} = rmw({place}, lambda x: {w[1]} if x == {k[1]} else x)")
                self.wrote = True
            case 6:
                self.say(f"atomic {{ *{entry} ^= {w[0]}; h |= {w[0]}; g = {w[0]} != 0; }}")
                code.append(f" both({place}, {w[1]})")
                self.wrote, old = True, None
            case 7:
                value, truth = self.word(self.locals), self.truth(self.locals, self.bools)
                self.say(f"h = {value[0]}; g = {truth[0]};")
                code += [f" put('h', {value[1]})", f" put('g', bool({truth[1]}))"]
                old = None
            case 8:
                self.say(f"u64 {v} = h; bool b{step} = g;")
                code += [f" {v} = get('h')", f" b{step} = get('g')"]
                self.bools.append((f"b{step}", f"b{step}"))
            case 9:
                truth = self.truth(self.locals, self.bools)
                self.say(f"u64 {v} = 0; if ({truth[0]}) {v} = atomic64_fetch_or({w[0]}, {entry});")
                code += [f" {v} = 0", f" if {truth[1]}: {v} = rmw({place}, lambda x: x | {w[1]})"]
                self.wrote = True
            case 10:
                self.say(f"u64 {v} = touch({entry}, {w[0]});")
                code.append(f" {v} = touch({w[1]}, {place})")
                self.wrote = True
        if old is not None:
            self.locals.append(old)
        if not self.wrote and kind < 2 and r.random() < 0.3:
            truth = self.truth([old], self.bools[:1])
            self.say(f"assume({truth[0]});")
            code.append(f" assume({truth[1]})")

    def claim(self, theorem: str) -> None:
        r, (entry, place) = self.r, self.place()
        on = "" if entry == "sptep" else " on child"
        m, n = self.word([], 1), self.word([], 0)
        into = r.choice([*self.locals[1:], ("h", None), ("g", None)])
        entries = ("sptep", "'s'"), ("child", "'c'")
        instants = [
            (f"{at}({e})" if e == "child" else at, f"{at}[{p}]") for at in ("start", "after", "end") for e, p in entries
        ]
        ends = [
            *self.locals, ("h", "S['h']"),
            *instants,
        ]  # fmt: skip
        ends.append((f"cleared({n[0]}{', child' if r.random() < 0.4 else ''})", None))
        at = "'c'" if "child" in ends[-1][0] else "'s'"
        ends[-1] = ends[-1][0], f"(cleared[{at}] & {n[1]})"
        now = [
            ("*sptep", "S['s']"),
            ("*child", "S['c']"),
            ("h", "S['h']"),
            ("m", "m"),
            ("start", "start['s']"),
            ("start(child)", "start['c']"),
        ]
        match r.randrange(9):
            case 0:
                text, kind, py = f"preserves {m[0]}{on} except {n[0]}", "preserves", (place, f"{m[1]} & ~{n[1]}")
            case 1:
                text, kind, py = f"changes only {m[0]}{on}", "changes", (place, f"~{m[1]} & 7")
            case 2 | 3:
                exactly = r.random() < 0.3
                text = f"conserves {'exactly ' if exactly else ''}{m[0]}{on} into {into[0]}"
                kind, py = "conserves", (place, m[1], into, exactly)
            case 4:
                text, kind, py = f"resurrects nothing in {m[0]}{on}", "resurrects", (place, m[1])
            case 5 | 6:
                truth = self.truth(ends, [*self.bools, ("g", "S['g']")], 2)
                text, kind, py = f"ensures {truth[0]}", "ensures", truth[1]
            case 7:
                truth = self.truth(now, [("g", "S['g']"), ("b", "b")], 2)
                text, kind, py = f"always {truth[0]}", "always", truth[1]
            case _:
                truth = self.truth(self.locals, self.bools, 2)
                text, kind, py = f"that {truth[0]}", "that", truth[1]
        self.say(f"prove {text};")
        self.text.claims.append((theorem, len(self.text.lines), kind, py))


# Executions

PRELUDE = """
def rmw(e, change, writes=True):
    gap(); before = dict(S); S[e] = change(S[e]) & 7; event(before, e if writes else None, e); return before[e]
def put(name, value):
    gap(); before = dict(S); S[name] = value; event(before, None, None)
def get(name):
    gap(); event(dict(S), None, None); return S[name]
def both(e, w):
    gap(); before = dict(S); S[e] = (S[e] ^ w) & 7; S['h'] |= w; S['g'] = w != 0; event(before, e, e)
def gap():
    while moves and R.random() < eager: R.choice(moves)()
def event(before, writes, on):
    trail.append(dict(S)); events.append((before, dict(S), writes, on, len(trail) - 1))
def assume(holds):
    if not holds: raise Cut
def earlier(e):
    if R.random() < 0.6: return R.choice(allowed)
    return R.choice(trail)[e]
"""


class World:
    """One theorem in one layout, era and choice; runs random executions of it."""

    def __init__(self, grown, members, theorem, layout, d, era, choice, r) -> None:
        self.r = r
        m = 1 | d
        self.g = g = {"R": r, "W": 1, "D": d, "M": m, "Cut": Cut, "S": {}, "trail": [], "events": [], "moves": []}
        self.choice = {"W": 1, "D": d, "M": m}.get(choice)
        exec(PRELUDE, g)
        if era:
            g["odd"], g["touch"] = eval(members[era][0], g), eval(members[era][1], g)
        self.valid = [eval(f"lambda x: {each}", g) for each in grown.layouts[layout][1]]
        g["allowed"] = [x for x in range(8) if all(each(x) for each in self.valid)]
        names = [f"v{each}" for each in range(4)] + [f"b{each}" for each in range(4)]
        body = "".join(f"{line}\n" for line in theorem["code"])
        exec(
            f"def program(m, b):\n {'=None; '.join(names)}=None\n try:\n{_deeper(body)}  pass\n"
            " finally: L.update(locals())\n",
            g,
        )
        self.uses = [self._moves(each, members, era) for each in theorem["uses"]]

    def _moves(self, use, members, era):
        _, entry, given, takes, code = use
        code = members[era][2] if code is None else code
        place = "s" if entry == "sptep" else "c"
        found = []
        for each in code:
            exec(f"def move(m, b, e={place!r}):\n" + "".join(f"{line}\n" for line in each), self.g)
            found.append((self.g["move"], given))
        return found

    def run(self):
        """One execution: what was done, or None where no start is allowed."""
        r, g = self.r, self.g
        if not g["allowed"]:
            return None
        S = g["S"]
        S.update(s=r.choice(g["allowed"]), c=r.choice(g["allowed"]), h=r.randrange(8), g=r.random() < 0.5)
        m, b = r.randrange(8) if self.choice is None else self.choice, r.random() < 0.5
        g["trail"][:], g["events"][:], g["eager"] = [dict(S)], [], r.choice([0.3, 0.6, 0.85])
        g["moves"][:] = []
        for moves in self.uses:
            for move, given in moves:
                g["moves"].append(self._bound(move, given, m, b))
        start, g["L"], whole = dict(S), {}, True
        try:
            g["program"](m, b)
            g["gap"]()
        except Cut:
            whole = False
        after = g["events"][-1][1] if g["events"] else start
        return start, after, dict(S), {**g["L"], "m": m, "b": b}, whole

    def _bound(self, move, given, m, b):
        values = [eval(each, {"m": m, "b": b, **{k: self.g[k] for k in "WDM"}}) for each in given]
        values += [0, False][len(values) :]

        def go() -> None:
            move(*values)
            S = self.g["S"]
            for name in "sch":
                S[name] &= ALL
            S["g"] = bool(S["g"])
            self.g["trail"].append(dict(S))

        return go

    def lost(self, kind, py, done):
        """The bits that the execution loses of a claim; ALL of one without bits; 0 where it keeps the claim."""
        start, after, end, values, whole = done
        g = self.g
        word = lambda text: eval(text, g, values) & ALL  # noqa: E731
        match kind:
            case "preserves" | "changes" | "resurrects":
                e, mask = eval(py[0]), word(py[1])
                return self._of_events(kind, e, mask)
            case "conserves":
                e, mask = eval(py[0]), word(py[1])
                return self._conserved(e, mask, py[2], py[3], values) if whole else 0
            case "ensures":
                cleared = {"s": 0, "c": 0}
                for before, now, _, _, _ in g["events"]:
                    cleared = {e: cleared[e] | before[e] & ~now[e] & ALL for e in "sc"}
                here = {**values, "start": start, "after": after, "end": end, "cleared": cleared}
                return ALL if whole and not eval(py, {**g, **here, "S": end}) else 0
            case "that":
                return ALL if whole and not eval(py, {**g, **values}) else 0
            case "always":
                each = [{**g, **values, "start": start, "S": state} for state in g["trail"]]
                return ALL if any(not eval(py, here) for here in each) else 0
            case "invariants":
                return ALL if any(not v(t[e]) for t in g["trail"] for e in "sc" for v in self.valid) else 0
        raise AssertionError(kind)

    def _of_events(self, kind, e, mask):
        bits, left = 0, 0
        for before, now, writes, on, _ in self.g["events"]:
            b, a = before[e], now[e]
            if writes == e:
                bits |= {"preserves": b & ~a, "changes": b ^ a, "resurrects": a & ~b & left}[kind] & mask
            if on in (e, None):
                left = (left & ~(b & ~a)) | a
        return bits & ALL

    def _conserved(self, e, mask, into, exactly, values):
        bits, seen, name = 0, 0, into[0]
        for before, now, writes, on, at in self.g["events"]:
            if name in "hg":
                held = 0
                for state in self.g["trail"][at:]:
                    held |= state["h"] if name == "h" else ALL * state["g"]
            else:
                held = values[name]
            if writes == e:
                bits |= before[e] & ~now[e] & mask & ~held
            seen |= before[e] if on in (e, None) else 0
        last = self.g["S"]["h"] if name == "h" else ALL * self.g["S"]["g"] if name == "g" else values[name]
        more = last & mask & ~seen
        if exactly and (more if name != "g" else last and not seen & mask):
            bits |= ALL if name == "g" else more
        return bits & ALL


def _deeper(body: str) -> str:
    return "".join(f" {line}\n" for line in body.splitlines())


def differences(grower: Grower, results, runs: int, r: Random):
    """What is said to be proved, or kept, and some execution violates or loses; and how many verdicts were tried."""
    grown, found, tried = grower.text, [], 0
    claims = {line: (kind, py) for _, line, kind, py in grown.claims}
    groups: dict = {}
    for each in results:
        if hasattr(each, "verdict") and each.theorem in grown.theorems:
            groups.setdefault((each.theorem, each.layout, each.era, each.params.get("m")), []).append(each)
    for (theorem, layout, era, choice), members in groups.items():
        asked = []
        for each in members:
            kind, py = claims.get(each.place.line, (None, None)) if not each.implicit else (None, None)
            kind = "invariants" if each.property == "keeps invariants" else kind
            if kind and (each.verdict == "proved" or each.kept):
                asked.append((each, kind, py))
        for d in grown.layouts[layout][0] if asked else ():
            if d == 0 and choice == "D":
                continue
            world = World(grown, grower.members, grown.theorems[theorem], layout, d, era, choice, r)
            for _ in range(runs):
                done = world.run()
                if done is None:
                    break
                for each, kind, py in asked:
                    bits = world.lost(kind, py, done)
                    kept = {"W": 1, "D": d}
                    clash = each.verdict != "proved" and layout.startswith("free")
                    held = 0 if clash else sum({kept[name] for name in each.kept if name in kept})
                    if bits and each.verdict == "proved" or bits != ALL and bits & held:
                        found.append(
                            (theorem, layout, era, choice, d, each.property, each.verdict, each.kept, bits, done)
                        )
                        break
                if found:
                    return found, tried
        tried += len(asked)
    return found, tried


def text_of(grower: Grower) -> str:
    return "\n".join(grower.text.lines) + "\n"
