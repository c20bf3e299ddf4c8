"""Random retry loops over two bits, decided twice: by the tool, and by walking through all states here, with any number
of failed iterations. Nothing is shared with the solver but the text."""

import random

import pytest

from spteproof.running.pipeline import prove_text

RARE, COMMON, SEEDS = 6, 3, range(5)
LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; invariant small: !(spte & ~3ULL); }\n"
ENVIRONMENTS = {
    "when !(spte & 1) { spte |= 1; }": lambda e: e | 1,
    "when spte & 1 { spte |= 2; }": lambda e: e | 2 if e & 1 else e,
    "{ spte = 0; }": lambda e: 0,
    "when spte == 3 { spte = 1; }": lambda e: 1 if e == 3 else e,
    "{ spte &= ~2ULL; }": lambda e: e & 1,
    "{ spte = spte + 1 & 3; }": lambda e: e + 1 & 3,
}
PROPERTIES = [
    "preserves M0", "preserves M1", "changes only M0", "resurrects nothing in M0", "resurrects nothing in M1",
    "conserves 3 into a", "ensures after == a", "ensures (after & 1) == (b & 1)", "ensures end == after -> a != 3",
    "that a != 1", "that b != 2", "that b != 3", "that a != 3 || b != 1", "that a != 2 || b != 3",
]  # fmt: skip


# Random programs: nested tuples ------------------------------------------------------------------------------


def word(rng, depth=2):
    kind = rng.choice(["local", "local", "constant"] if depth == 0 else ["local", "constant", "&", "|", "^", "+", "+"])
    if kind == "local":
        return ("local", rng.choice("ab"))
    if kind == "constant":
        return ("constant", rng.randrange(4))
    return (kind, word(rng, depth - 1), word(rng, depth - 1))


def statement(rng, depth=1):
    kind = rng.choice(["set", "set", "set", "read", "xchg", "or", "store", *(["if", "if"] if depth else ["return"])])
    if kind == "if":
        return (kind, ("bits", word(rng)), tuple(statement(rng, 0) for _ in range(rng.choice([1, 1, 2]))))
    if kind == "return":
        return (kind,)
    return (kind, rng.choice("ab"), word(rng))


def condition(rng):
    kind = rng.choice(["try", "try", "try", "equal", "bits"])
    if kind == "try":
        return (kind, rng.choice("aab"), word(rng))
    return (kind, word(rng), word(rng)) if kind == "equal" else (kind, word(rng))


def program(rng):
    before = [("read", "a", ("constant", 0))] if rng.random() < 0.7 else []
    body = tuple(statement(rng) for _ in range(rng.choice([0, 1, 1, 2])))
    return (*before, ("retry", body, condition(rng)))


# As text -----------------------------------------------------------------------------------------------------


def text_of(node):
    match node:
        case ("local", name):
            return f"*{name}"
        case ("constant", value):
            return f"{value}ULL"
        case ("+", left, right):
            return f"({text_of(left)} + {text_of(right)} & 3)"
        case ("&" | "|" | "^" as operator, left, right):
            return f"({text_of(left)} {operator} {text_of(right)})"
        case ("bits", value):
            return f"{text_of(value)} != 0"
        case ("equal", left, right):
            return f"{text_of(left)} == {text_of(right)}"
        case ("try", name, value):
            return f"try_cmpxchg64(sptep, {name}, {text_of(value)})"
        case ("set", name, value):
            return f"*{name} = {text_of(value)};"
        case ("read", name, _):
            return f"*{name} = READ_ONCE(*sptep);"
        case ("xchg", name, value):
            return f"*{name} = xchg(sptep, {text_of(value)});"
        case ("or", name, value):
            return f"*{name} = atomic64_fetch_or({text_of(value)}, sptep);"
        case ("store", _, value):
            return f"WRITE_ONCE(*sptep, {text_of(value)});"
        case ("return",):
            return "return;"
        case ("if", test, body):
            return f"if ({text_of(test)}) {{ {' '.join(map(text_of, body))} }}"
        case ("retry", body, test):
            return f"retry {{ {' '.join(map(text_of, body))} }} until ({text_of(test)});"
    raise AssertionError(node)


def module_of(statements, steps):
    agent = " ".join(f"step s{number}: {step}" for number, step in enumerate(steps))
    proves = " ".join(f"prove {each};" for each in PROPERTIES)
    return (
        f"{LAYOUT}agent others lockless {{ {agent} }}\n"
        f"helper h(u64 *a, u64 *b) {{ {' '.join(map(text_of, statements))} }}\n"
        f"theorem t for layout in l against any number of others {{ u64 a = 0, b = 0; h(&a, &b); {proves} }}\n"
    )


# All states --------------------------------------------------------------------------------------------------


def value_of(node, locals_):
    match node:
        case ("local", name):
            return locals_["ab".index(name)]
        case ("constant", value):
            return value
        case ("&", left, right):
            return value_of(left, locals_) & value_of(right, locals_)
        case ("|", left, right):
            return value_of(left, locals_) | value_of(right, locals_)
        case ("+", left, right):
            return value_of(left, locals_) + value_of(right, locals_) & 3
        case ("^", left, right):
            return value_of(left, locals_) ^ value_of(right, locals_)
        case ("bits", value):
            return value_of(value, locals_) != 0
        case ("equal", left, right):
            return value_of(left, locals_) == value_of(right, locals_)
    raise AssertionError(node)


def with_local(locals_, name, value):
    return (value, locals_[1]) if name == "a" else (locals_[0], value)


class Walk:
    """Every state that the program and its environment can reach; `fails` counts failed iterations up to 2."""

    def __init__(self, statements, steps):
        self.steps = steps
        self.violated = {}
        waiting = [(tuple(statements), (0, 0), start, 0, 0, start, 0) for start in range(4)]
        seen = set(waiting)
        while waiting:
            for state in self.following(*waiting.pop()):
                if state not in seen:
                    seen.add(state)
                    waiting.append(state)

    def reach(self, entry):
        found = {entry}
        while len(found) < len(more := found | {step(each) for each in found for step in self.steps}):
            found = more
        return found

    def blame(self, text, fails):
        self.violated[text] = min(fails, self.violated.get(text, 9))

    def following(self, stack, locals_, entry, left, cleared, after, fails):
        if not stack:
            self.judge_end(locals_, entry, cleared, after, fails)
            return
        first, rest = stack[0], stack[1:]
        same = (locals_, entry, left, cleared, after)
        match first:
            case ("set", name, value):
                yield rest, with_local(locals_, name, value_of(value, locals_)), entry, left, cleared, after, fails
            case ("return",):
                yield (), *same, fails
            case ("if", test, body):
                yield (*body, *rest) if value_of(test, locals_) else rest, *same, fails
            case ("retry", body, test):
                yield (*body, ("until", body, test), *rest), *same, fails
            case ("until", body, ("equal" | "bits", *_) as test):
                ends = value_of(test, locals_)
                yield (rest, *same, fails) if ends else ((("retry", body, test), *rest), *same, min(fails + 1, 2))
            case _:
                for before in self.reach(entry):
                    yield self.event(first, rest, locals_, before, left, cleared, fails)

    def event(self, first, rest, locals_, before, left, cleared, fails):
        new, now, again = before, locals_, None
        match first:
            case ("read", name, _):
                now = with_local(locals_, name, before)
            case ("xchg", name, value):
                new, now = value_of(value, locals_), with_local(locals_, name, before)
            case ("or", name, value):
                new, now = before | value_of(value, locals_), with_local(locals_, name, before)
            case ("store", _, value):
                new = value_of(value, locals_)
            case ("until", body, ("try", name, value) as test):
                if before == locals_["ab".index(name)]:
                    new = value_of(value, locals_)
                else:
                    again, now = ("retry", body, test), with_local(locals_, name, before)
        self.judge_event(before, new, left, fails)
        gone = before & ~new
        stack = rest if again is None else (again, *rest)
        return stack, now, new, (left & ~gone) | new, cleared | gone, new, min(fails + (again is not None), 2)

    def judge_event(self, before, new, left, fails):
        for bit, name in ((1, "M0"), (2, "M1")):
            if before & ~new & bit:
                self.blame(f"preserves {name}", fails)
            if new & ~before & left & bit:
                self.blame(f"resurrects nothing in {name}", fails)
        if (before ^ new) & 2:
            self.blame("changes only M0", fails)

    def judge_end(self, locals_, entry, cleared, after, fails):
        a, b = locals_
        holds = {
            "conserves 3 into a": not cleared & ~a,
            "ensures after == a": after == a,
            "ensures (after & 1) == (b & 1)": after & 1 == b & 1,
            "that a != 1": a != 1,
            "that b != 2": b != 2,
            "that b != 3": b != 3,
            "that a != 3 || b != 1": a != 3 or b != 1,
            "that a != 2 || b != 3": a != 2 or b != 3,
        }
        for text in (text for text, holding in holds.items() if not holding):
            self.blame(text, fails)
        if after in self.reach(entry) and a == 3:
            self.blame("ensures end == after -> a != 3", fails)


def drawn(rng):
    """Programs, most of which violate something only after two failed iterations: those are rare."""
    chosen = {True: [], False: []}
    while len(chosen[True]) < RARE or len(chosen[False]) < COMMON:
        statements, steps = program(rng), rng.sample(list(ENVIRONMENTS), rng.choice([1, 2]))
        walk = Walk(statements, [ENVIRONMENTS[each] for each in steps])
        chosen[2 in walk.violated.values()].append((walk, module_of(statements, steps)))
    return [*chosen[True][:RARE], *chosen[False][:COMMON]]


def compare(walk, text):
    """The verdicts, each with how many failed iterations (at most 2, None: never) it takes to violate the property."""
    found = [each for each in prove_text(text).results if not each.implicit]
    for each in found:
        fails = walk.violated.get(each.property)
        if each.verdict in ("proved", "vacuous"):
            assert fails is None, f"{each.property}: {each.verdict}\n{text}"
        elif each.verdict == "refuted":
            assert fails in (0, 1), f"{each.property}: refuted\n{text}"
        else:
            assert fails in (None, 2), f"{each.property}: {each.reason}\n{text}"
            assert "the retry at" in each.reason
    return [(each.verdict, walk.violated.get(each.property)) for each in found]


@pytest.mark.parametrize("seed", SEEDS)
def test_verdicts_agree_with_a_walk_through_all_states(seed):
    counts = [count for walk, text in drawn(random.Random(seed)) for count in compare(walk, text)]
    assert {("proved", None), ("refuted", 0), ("refuted", 1), ("unknown", 2)} <= set(counts)
