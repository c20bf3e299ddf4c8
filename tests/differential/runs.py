"""Random theorems of features that meet: threads, retries, `atomic`, assumptions and asserts, early returns, references,
agents that are programs, invariants that may be broken, two entries under a store buffer. What the tool calls proved or
vacuous is put to random runs of a small machine that knows the text's tree and nothing of the tool.

    python -m tests.differential.runs --seconds 600 --seed 1
"""

import argparse
import random
import sys
import time
from collections import Counter

from .runs_machine import Machine, breaches, happens
from .tool import results_of

MASKS = ("M0", "M1", "M2")
BIT = {"M0": 1, "M1": 2, "M2": 4}
LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; %s}\n"
INVARIANTS = (
    ("spte & M1 -> spte & M0", lambda v: not v & 2 or v & 1),
    ("!(spte & M2)", lambda v: not v & 4),
    ("!(spte & M0 && spte & M2)", lambda v: v & 5 != 5),
)


class Maker:
    """Makes one theorem as text and as a tree: statements are tuples, the first part says which."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.inside = self.looping = self.threaded = self.early = False
        self.events = 0
        self.child = self.chance(0.25)
        self.ghosts = self.chance(0.5) and not (self.child and self.chance(0.7))
        self.invariants = self.random.sample(INVARIANTS, self.random.choice((0, 0, 1, 1, 2)))
        self.helpers = {}
        self.words, self.truths = [], []

    def chance(self, share):
        return self.random.random() < share

    def pick(self, *several):
        return self.random.choice(several)

    def mask(self):
        return self.pick("M0", "M1", "M2", "M0", "M1", "M0 | M1", "M1 | M2")

    def entry(self):
        return "child" if self.child and self.chance(0.45) else "sptep"

    # Expressions: (text, function of a frame's reader)

    def word(self):
        m = self.mask()
        if not self.words or self.chance(0.2):
            return self.pick(("0ULL", ("const", 0)), (f"({m})", ("const", bits(m))))
        v = self.random.choice(self.words)
        return self.pick(
            (v, ("var", v)),
            (f"({v} & ~({m}))", ("andnot", v, bits(m))),
            (f"({v} | {m})", ("or", v, bits(m))),
            (f"({v} & ({m}))", ("and", v, bits(m))),
        )

    def truth(self):
        if self.truths and self.chance(0.3):
            p = self.random.choice(self.truths)
            return self.pick((p, ("var", p)), (f"!{p}", ("not", ("var", p))))
        if not self.words:
            return ("true", ("const", 1))
        v, m = self.random.choice(self.words), self.mask()
        if len(self.words) > 1 and self.chance(0.2):
            u = self.random.choice(self.words)
            return (f"{v} == {u}", ("same", v, u))
        return self.pick((f"({v} & ({m}))", ("and", v, bits(m))), (f"!({v} & ({m}))", ("not", ("and", v, bits(m)))))

    def condition(self):
        """May hold an event."""
        text, tree = self.truth()
        if self.events > 0 and self.chance(0.2):
            if self.ghosts and self.chance(0.5):
                self.events -= 1
                return (f"({text}) && g", ("both", tree, ("ghost", "g")))
            if self.words:
                self.events -= 1
                exchange = self.exchange()
                return self.pick(
                    (f"({text}) && {exchange[0]}", ("both", tree, exchange[1])),
                    (f"({text}) || {exchange[0]}", ("either", tree, exchange[1])),
                )
        return text, tree

    def exchange(self):
        v, e = self.random.choice(self.words), self.entry()
        new = self.word()
        return (f"try_cmpxchg64({e}, {ref(v)}, {new[0]})", ("try", e, v, new[1]))

    # Statements: (text, tree)

    def body(self, most, deep=0):
        found = [self.statement(deep) for _ in range(self.random.randint(1, most))]
        return " ".join(text for text, _ in found), [tree for _, tree in found]

    def statement(self, deep):
        kinds = ["memory"] * 6 + ["assign"]
        if self.ghosts:
            kinds += ["ghost"] * 3
        if deep < 2:
            kinds += ["if"] * 2 + ([] if self.inside else ["atomic"])
            if not self.inside and not self.looping and not self.threaded:
                kinds += ["retry"] * 2
        if self.helpers and not self.looping:
            kinds += ["call"] * 2
        kinds += ["assert"] * (1 if self.chance(0.4) else 0)
        if not self.threaded and self.chance(0.35):
            kinds += ["assume"]
        return getattr(self, f"_{self.random.choice(kinds)}")(deep)

    def _memory(self, deep):
        self.events -= 1
        e, m, (text, tree) = self.entry(), self.mask(), self.word()
        b = bits(m)
        v = self.random.choice(self.words) if self.words else None
        plain = [
            (f"*{e} = {text};", ("store", e, tree)),
            (f"WRITE_ONCE(*{e}, {text});", ("store", e, tree)),
            (f"atomic64_and(~({m}), {e});", ("clear", e, b, None)),
            (f"atomic64_or({m}, {e});", ("set", e, b, None)),
            (f"*{e} &= ~({m});", ("clear2", e, b)),
            (f"*{e} |= {m};", ("set2", e, b)),
            (f"clear_bit(1, {e});", ("clear", e, 2, None)),
            (f"__set_bit(0, {e});", ("set2", e, 1)),
        ]
        if v is not None:
            old = self.word()
            p = self.random.choice(self.truths) if self.truths else None
            plain += [
                (f"{v} = READ_ONCE(*{e});", ("load", e, v)),
                (f"{v} = READ_ONCE(*{e});", ("load", e, v)),
                (f"{v} = xchg({e}, {text});", ("swap", e, tree, v)),
                (f"{v} = cmpxchg64({e}, {old[0]}, {text});", ("cas", e, old[1], tree, v)),
                (f"{v} = atomic64_fetch_and(~({m}), {e});", ("clear", e, b, v)),
                (f"{v} = atomic64_fetch_or({m}, {e});", ("set", e, b, v)),
            ]
            text, tree = self.exchange()
            plain.append((f"{p} = {text};", ("let", p, tree)) if p else (f"{text};", ("do", tree)))
        return self.random.choice(plain)

    def _assign(self, deep):
        if self.truths and self.chance(0.4):
            p, (text, tree) = self.random.choice(self.truths), self.truth()
            return f"{p} = {text};", ("let", p, ("bool", tree))
        if not self.words:
            return self._memory(deep)
        v, (text, tree) = self.random.choice(self.words), self.word()
        return f"{v} = {text};", ("let", v, tree)

    def _ghost(self, deep):
        self.events -= 1
        (text, tree), (said, truth) = self.word(), self.truth()
        found = [
            ("g = true;", ("mark", "g", ("const", 1))),
            ("g = false;", ("mark", "g", ("const", 0))),
            (f"g = {said};", ("mark", "g", ("bool", truth))),
            (f"w = {text};", ("mark", "w", tree)),
            (f"w |= {text};", ("mark", "w", ("join", "w", tree))),
        ]
        if self.words:
            v = self.random.choice(self.words)
            found.append((f"{v} = w;", ("let", v, ("ghost", "w"))))
        if self.truths:
            p = self.random.choice(self.truths)
            found.append((f"{p} = g;", ("let", p, ("ghost", "g"))))
        return self.random.choice(found)

    def _if(self, deep):
        text, tree = self.condition()
        then, other = self.body(2, deep + 1), self.body(1, deep + 1) if self.chance(0.4) else ("", [])
        if self.early and not self.inside and self.chance(0.5):
            result = self.word()
            then = (f"{then[0]} return {result[0]};", [*then[1], ("return", result[1])])
        tail = f" else {{ {other[0]} }}" if other[1] else ""
        return f"if ({text}) {{ {then[0]} }}{tail}", ("if", tree, then[1], other[1])

    def _atomic(self, deep):
        self.inside = True
        text, tree = self.body(3, deep + 1)
        self.inside = False
        return f"atomic {{ {text} }}", ("atomic", tree)

    def _retry(self, deep):
        self.looping = True
        text, tree = self.body(1, 1) if self.chance(0.6) else ("", [])
        self.looping = False
        if self.words and self.chance(0.7):
            until = self.exchange()
        else:
            until = self.condition()
        return f"retry {{ {text} }} until ({until[0]});", ("retry", tree, until[1])

    def _call(self, deep):
        name, count, loops = self.random.choice([(n, len(h[0]), h[2]) for n, h in self.helpers.items()])
        if len(self.words) < count or (loops and (self.inside or self.threaded)):
            return self._memory(deep)
        given = self.random.sample(self.words, count)
        v, (value, tree) = self.random.choice(self.words), self.word()
        call = f"{name}({', '.join([*map(ref, given), value])})"
        return f"{v} = {call};", ("let", v, ("call", name, given, tree))

    def _assert(self, deep):
        text, tree = self.truth()
        return f"assert({text});", ("assert", tree)

    def _assume(self, deep):
        text, tree = self.truth()
        return f"assume({text});", ("assume", tree)

    # Whole texts

    def helper(self, number):
        names = ["*x", "*y"][: self.random.randint(1, 2)]
        self.words, self.truths, self.early = [*names, "n"], [], True
        self.events = 3
        outer = self.threaded
        loops = self.chance(0.3)
        self.threaded = not loops  # one without a loop and assumptions may be called anywhere
        text, tree = self.body(3, 0 if loops else 1)
        self.threaded = outer
        result = self.word()
        self.early = False
        given = ", ".join(f"u64 {each}" for each in [*names, "n"])
        self.helpers[f"h{number}"] = (names, [*tree, ("return", result[1])], loops)
        return f"helper h{number}({given}) -> u64 {{ {text} return {result[0]}; }}\n"

    def agent(self, number):
        """Steps, or a program."""
        self.words, self.truths = ["spte"], []
        if self.chance(0.5):
            said, tree = self.truth()
            when = self.chance(0.7)
            seen = self.truth() if self.chance(0.25) else None
            mask = self.mask()
            text, change = self.pick(
                (f"spte |= {mask};", ("or", "spte", bits(mask))),
                (f"spte &= ~({mask});", ("andnot", "spte", bits(mask))),
            )
            mark = self.pick("", "", "g = true;", "g = false;", f"w |= {mask};") if self.ghosts else ""
            clauses = (f" when {said}" if when else "") + (f" saw {seen[0]}" if seen else "")
            step = (tree if when else None, seen[1] if seen else None, change, mark, bits(mask))
            return f"agent a{number} lockless {{ step s:{clauses} {{ {text} {mark} }} }}\n", ("step", *step)
        self.words, self.truths, self.events = ["o", "q"], ["p"], 4
        text, tree = self.body(4)
        first = self.pick("READ_ONCE(*sptep)", "READ_ONCE(*sptep)", "any")
        source = ("load", "sptep", "o") if first != "any" else ("any", "o")
        text = f"u64 o = {first}, q = o; bool p = any; {text}"
        return f"agent a{number} lockless {{ {text} }}\n", (
            "program",
            [source, ("any", "p"), ("let", "q", ("var", "o")), *tree],
        )

    def theorem(self):
        text = LAYOUT % "".join(f"invariant i{n}: {each[0]}; " for n, each in enumerate(self.invariants))
        text += "ghost bool g; ghost u64 w;\n" if self.ghosts else ""
        text += "entry child;\n" if self.child else ""
        for number in range(self.random.choice((0, 1, 1, 2))):
            text += self.helper(number)
        agents = []
        for number in range(self.random.choice((0, 1, 1, 2))):
            said, tree = self.agent(number)
            text, agents = text + said, [*agents, tree]
        self.words, self.truths, self.events = ["a", "b"], ["p"], 6
        start = "u64 a = READ_ONCE(*sptep), b = any; bool p = any;"
        first = [("load", "sptep", "a"), ("any", "b"), ("any", "p")]
        threads = []
        if self.chance(0.45):
            before = self.body(1) if self.chance(0.3) else ("", [])
            names, self.threaded = ["a", "b", "c"][: self.pick(2, 2, 3)], True
            self.truths = []
            parts = []
            for name in names:
                self.words, self.events = [name], 3
                part = self.body(2 if len(names) == 3 else 3)
                parts.append(f"thread {name}{name} {{ {part[0]} }}")
                threads.append(part[1])
            self.threaded, self.words, self.truths = False, names, ["p"]
            start = f"u64 c = 0; {start}"
            first = [("let", "c", ("const", 0)), *first]
            after = self.body(1) if self.chance(0.3) else ("", [])
            body = f"{start} {before[0]} parallel {{ {' '.join(parts)} }} {after[0]}"
            tree = ([*first, *before[1]], threads, after[1])
        else:
            said, made = self.body(4)
            body, tree = f"{start} {said}", ([*first, *made], [], [])
        claims = [self.claim(bool(threads)) for _ in range(10)]
        against = ", ".join(f"a{n}" for n in range(len(agents)))
        against = f"against any number of {against}" if agents else "against nobody"
        proves = "\n".join(f"    prove {each[0]};" for each in claims)
        text += f"theorem t {against} {{\n    {body}\n{proves}\n}}\n"
        checks = [each[1] for each in self.invariants]
        return text, claims, Machine(tree, agents, self.helpers, checks, self.child, self.ghosts)

    # Claims: (text, tree)

    def claim(self, threads):
        m, n = self.mask(), self.mask()
        on = self.entry()
        said = " on child" if on == "child" else ""
        kind = self.pick("preserves", "changes", "conserves", "conserves", "exactly", "resurrects", "ensures", "ensures",
                         "always", "that", "keeps", "refines")  # fmt: skip
        into = self.pick(*self.words, *(("g", "w") if self.ghosts else ()))
        match kind:
            case "preserves":
                return f"preserves {m}{said} except {n}", (kind, on, bits(m) & ~bits(n))
            case "changes":
                return f"changes only {m}{said}", (kind, on, bits(m))
            case "conserves":
                return f"conserves {m}{said} into {into}", (kind, on, bits(m), into)
            case "exactly":
                return f"conserves exactly {m}{said} into {into}", (kind, on, bits(m), into)
            case "resurrects":
                return f"resurrects nothing in {m}{said}", (kind, on, bits(m))
            case "keeps":
                return ("keeps invariants", (kind,)) if self.invariants else self.claim(threads)
            case "refines" if not threads and not self.child:
                v = self.pick(*self.words)
                return f"refines {{ {v} = *sptep; *sptep &= ~({m}); }}", (kind, v, bits(m))
            case "that":
                left, right = self.truth(), self.truth()
                return f"that {left[0]} -> {right[0]}", (kind, left[1], right[1])
            case "always":
                parts = [("(*sptep & ({}))", "now"), ("(start & ({}))", "start")]
                parts += [("g", "g")] if self.ghosts else []
            case _:
                kind = "ensures"
                parts = [("(start & ({}))", "start"), ("(end & ({}))", "end"), ("(after & ({}))", "after")]
                parts += [("(cleared({}) != 0)", "cleared"), *((f"({v} & ({{}}))", f"local {v}") for v in self.words)]
                parts += [("g", "g")] if self.ghosts else []
        atoms = []
        for _ in range(self.pick(2, 2, 3)):
            text, which = self.random.choice(parts)
            mask, sign = self.mask(), self.chance(0.5)
            atoms.append((("" if sign else "!") + text.format(mask), (which, bits(mask), sign)))
        left = " && ".join(text for text, _ in atoms[:-1])
        return f"{kind} ({left}) -> {atoms[-1][0]}", (kind, [tree for _, tree in atoms])


def ref(name):
    return name[1:] if name.startswith("*") else f"&{name}"


def bits(mask):
    return sum(BIT[each] for each in mask.split(" | "))


def verdicts(text):
    """The tool's verdicts by words and line; None where it refuses the text."""
    results = results_of(text)
    return None if results is None else {(each.property, each.place.line): each.verdict for each in results}


def look(seed, number, runs):
    """None where the text is refused; else the verdicts counted, what contradicts them, and the text."""
    maker = Maker(f"{seed} {number}")
    text, claims, machine = maker.theorem()
    found = verdicts(text)
    if found is None:
        return None
    first = text.splitlines().index(next(each for each in text.splitlines() if each.startswith("    prove"))) + 1
    wanted = [(said, tree, found[said, first + at]) for at, (said, tree) in enumerate(claims)]
    for (said, _), verdict in found.items():
        if said == "asserts hold":
            wanted.append((said, ("asserts",), verdict))
        if said == "keeps invariants":
            wanted.append((said, ("keeps",), verdict))
    open_ = [each for each in wanted if each[2] != "unknown"]
    wrong, met = [], 0
    chance = random.Random(f"runs {seed} {number}")
    for _ in range(runs if open_ else 0):
        run = machine.run(chance)
        for each in list(open_):
            said, tree, verdict = each
            if verdict == "refuted":
                if breaches(run, tree):
                    met += 1
                    open_.remove(each)
            elif (verdict == "vacuous" and happens(run, tree)) or (verdict == "proved" and breaches(run, tree)):
                wrong.append(f"{said}: {verdict}, but {run.told()}")
                open_.remove(each)
    count = Counter(each[2] for each in wanted)
    count["refuted, and a run shows it"] += met
    return count, wrong, text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--only", type=int)
    asked = parser.parse_args()
    end, number, count = time.monotonic() + asked.seconds, asked.only or 0, Counter()
    while time.monotonic() < end:
        found = look(asked.seed, number, asked.runs)
        count["texts" if found else "texts refused"] += 1
        if found:
            count += found[0]
            if found[1]:
                count["wrong"] += len(found[1])
                print(f"seed {asked.seed} number {number}\n{found[2]}", *found[1], sep="\n", flush=True)
        if asked.only is not None:
            print(found[2] if found else Maker(f"{asked.seed} {asked.only}").theorem()[0])
            break
        number += 1
    print(dict(count))
    return 1 if count["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
