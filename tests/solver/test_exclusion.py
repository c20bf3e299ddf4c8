"""Locks that agents hold: nothing is refuted by an execution that they exclude, against a walk that takes the locks."""

from functools import cache
from itertools import combinations_with_replacement, product
from random import Random

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver.environment import transitions
from spteproof.solver.exclusion import Line, overlap
from spteproof.solver.instances import instances
from spteproof.solver.interpretation import Values
from spteproof.solver.stepping import Taken, after_transition
from spteproof.solver.terms import Terms

LAYOUT = "layout l { A = bit 0; B = bit 1; invariant small: !(spte & ~(A | B)); }\n"
THEOREM = """theorem t(u64 x in {FIRST}, u64 y in {0, 1, 2, 3}, u64 z in {0, 1, 2, 3}) for layout in l against any number of AGENTS {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep);
    prove that !(a == x && b == y && c == z);
}
"""


def reads(entry, local):
    return [(entry, entry)]


def writes(what):
    return lambda entry, local: [(what(local), local)]


def changes(what):
    return lambda entry, local: [(what(entry), local)]


def exchanges(what):
    """A compare-and-exchange of what was read."""
    return lambda entry, local: [(what(local) if entry == local else entry, local)]


SLOW = "{ u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old | B); }"
TWICE = "{ WRITE_ONCE(*sptep, A); WRITE_ONCE(*sptep, B); }"
EXCHANGE = "{ u64 old = READ_ONCE(*sptep); cmpxchg64(sptep, old, old | B); }"
AGENTS = {
    "slow": ("holding m(write)", SLOW, [reads, writes(lambda old: old | 2)]),
    "slow_reader": ("holding m(read)", SLOW, [reads, writes(lambda old: old | 2)]),
    "slow_other": ("holding n", SLOW, [reads, writes(lambda old: old | 2)]),
    "exchange": ("holding m", EXCHANGE, [reads, exchanges(lambda old: old | 2)]),
    "twice": ("holding m", TWICE, [writes(lambda _: 1), writes(lambda _: 2)]),
    "clear": ("holding m(write)", "{ step s: { spte &= ~A; } }", [changes(lambda entry: entry & ~1)]),
    "clear_read": ("holding m(read)", "{ step s: { spte &= ~A; } }", [changes(lambda entry: entry & ~1)]),
    "stale": (
        "holding m(write)",
        "{ step s: saw spte & B { spte |= A; } }",
        [reads, lambda entry, local: [(entry | 1, local)] if local & 2 else []],
    ),
}


def locks(agent):
    return {each.strip() for each in AGENTS[agent][0].removeprefix("holding").split(",")}


def exclude(one, other):
    pairs = product(locks(one), locks(other))
    return any(a.split("(")[0] == b.split("(")[0] and {a, b} != {"m(read)"} for a, b in pairs)


def fit(agents):
    return not any(exclude(a, b) for number, a in enumerate(agents) for b in agents[:number])


def observed(agents):
    """What three reads can give beside any number of the agents, two of them at one time at most."""
    midway = [(each, at, local) for each in agents for at in range(1, len(AGENTS[each][2])) for local in range(4)]
    inside = [(), *[(each,) for each in midway], *product(midway, midway)]
    waiting = [
        (entry, tuple(sorted(many)), ()) for entry in range(4) for many in inside if fit([each[0] for each in many])
    ]
    seen = set(waiting)
    while waiting:
        entry, running, given = waiting.pop()
        following = [(entry, running, (*given, entry))] if len(given) < 3 else []
        if len(running) < 2:
            begun = [(*running, (each, 0, 0)) for each in agents]
            following += [(entry, more, given) for more in begun if fit([each[0] for each in more])]
        for number, (agent, at, local) in enumerate(running):
            rest = running[:number] + running[number + 1 :]
            program = AGENTS[agent][2]
            for left, kept in program[at](entry, local):
                going = [(agent, at + 1, kept)] if at + 1 < len(program) else []
                following.append((left, tuple(sorted([*rest, *going])), given))
        for each in following:
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return {given for _, _, given in seen if len(given) == 3}


def verdicts(agents, first):
    stated = "".join(f"agent {each} {AGENTS[each][0]} {AGENTS[each][1]}\n" for each in agents)
    theorem = THEOREM.replace("AGENTS", ", ".join(agents)).replace("FIRST", ", ".join(map(str, first)))
    found = prove_text(LAYOUT + stated + theorem).results
    return {tuple(int(each.params[name]) for name in "xyz"): each for each in found if not each.implicit}


CASES = {
    ("slow", "clear"): ([1], 0),
    ("slow_reader", "clear"): ([3], 0),
    ("exchange", "clear"): (range(4), 0),
    ("twice", "clear"): ([0], 1),
    ("stale", "clear"): (range(4), 0),
    ("slow_other", "clear"): ([1], 1),
}
"""With what the first read gives, and of how many of the claims that some execution breaks none is found."""


@pytest.mark.parametrize("agents", CASES, ids=" ".join)
def test_nothing_is_refuted_that_the_locks_exclude(agents):
    first, most = CASES[agents]
    can, found = observed(agents), verdicts(agents, first)
    assert len(found) == 16 * len(first)
    doubtful = [given for given, each in found.items() if each.verdict == "unknown"]
    assert {given for given, each in found.items() if each.verdict == "refuted"} == can & found.keys() - set(doubtful)
    assert {found[given].reason_id for given in doubtful} <= {"unknown.locks"}
    assert sum(given in can for given in doubtful) <= most


TWICE_ZAPPED = """agent stale holding m(write) { step s: saw spte & B { spte &= ~A; } }
agent zap holding m(write) { step z: { spte = 0; } }
theorem t for layout in l against any number of stale, zap {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); cmpxchg64(sptep, 0, A); u64 c = READ_ONCE(*sptep);
    prove that !(a & A && b == 0 && c == 0);
}
"""


def test_what_was_seen_is_what_is_there_where_that_is_needed():
    """One that saw B before the entry was emptied cannot clear A afterwards; another zap can."""
    (found,) = [each for each in prove_text(LAYOUT + TWICE_ZAPPED).results if not each.implicit]
    assert found.verdict == "refuted"


def test_where_no_lock_excludes_another_everything_is_decided():
    agents = ("slow_reader", "clear_read")
    can, found = observed(agents), verdicts(agents, [1])
    assert {given for given, each in found.items() if each.verdict == "refuted"} == can & found.keys()
    assert {each.verdict for each in found.values()} == {"refuted", "proved"}


COMPARED = """agent slow holding m(write) { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old | B); }
agent clear holding m(write) { step s: { spte &= ~A; } }
agent stale holding m(write) { step s: saw spte & A { spte |= A; } }
helper seen(u64 first) -> bool { u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep); return a == first && b == 0 && (c & A); }
helper no(u64 first) -> bool { u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep); return false; }
theorem t for layout in l against any number of AGENTS { prove equivalent seen(FIRST), no(FIRST); }
"""


@pytest.mark.parametrize(
    ("agents", "first", "expected"),
    [("clear, stale", 1, "unknown.locks"), ("clear, stale", 0, None), ("slow, clear", 1, "unknown.locks")],
)
def test_calls_are_not_told_apart_by_what_the_locks_exclude(agents, first, expected):
    text = LAYOUT + COMPARED.replace("AGENTS", agents).replace("FIRST", str(first))
    (found,) = [each for each in prove_text(text).results if not each.implicit]
    assert found.verdict == ("refuted" if expected is None else "unknown")
    assert found.reason_id == expected


EXCHANGED_LATE = """agent exchange holding m { u64 old = READ_ONCE(*sptep); cmpxchg64(sptep, old, old | B); }
agent clear holding m { step s: { spte &= ~A; } }
theorem t for layout in l against any number of exchange, clear {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); WRITE_ONCE(*sptep, A); u64 c = READ_ONCE(*sptep);
    prove that !(a == 1 && b == 0 && c == 3);
}
"""


def test_what_an_exchange_compares_may_have_been_read_late():
    """Between the clear and the exchange the theorem writes: the exchange has read what it wrote."""
    (found,) = [each for each in prove_text(LAYOUT + EXCHANGED_LATE).results if not each.implicit]
    assert found.verdict == "refuted"


READS_AGAIN = """layout l { A = bit 0; B = bit 1; C = bit 9; }
agent late holding m {
    WRITE_ONCE(*sptep, A);
    u64 first = READ_ONCE(*sptep); u64 x = READ_ONCE(*sptep); x = READ_ONCE(*sptep); x = READ_ONCE(*sptep);
    if (!(first & B)) WRITE_ONCE(*sptep, C);
}
agent clear holding m { step s: when spte & B { spte &= ~B; } }
theorem t against any number of late, clear {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); WRITE_ONCE(*sptep, B); u64 c = READ_ONCE(*sptep); WRITES
    prove that !(a == 0 && b == A && c == 0);
}
"""


def test_what_comes_after_one_that_excludes_it_an_instance_is_not_tried_to_read():
    """Four reads of eight values that are there after the clear are too many to try."""
    writes = " ".join(f"WRITE_ONCE(*sptep, {4 * number}ULL);" for number in range(1, 9))
    (found,) = [each for each in prove_text(READS_AGAIN.replace("WRITES", writes)).results if not each.implicit]
    assert found.verdict == "refuted"


SHARED = """layout l { A = bit 0; B = bit 1; C = bit 2; D = bit 3; invariant small: !(spte & ~(A | B | C | D)); }
agent twice holding m(read) { u64 e = 0; if (!try_cmpxchg64(sptep, &e, A)) return; xchg(sptep, B); }
agent look holding m(write) { step s: { spte |= C; } }
theorem t for layout in l against any number of twice, look {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); WRITE_ONCE(*sptep, 0); u64 c = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, D); u64 d = READ_ONCE(*sptep); WRITE_ONCE(*sptep, D); u64 f = READ_ONCE(*sptep);
    prove that !(a == 0 && b == C && c == A && d == B && f == LAST);
}
"""


@pytest.mark.parametrize(("last", "expected"), [("B", "unknown"), ("D", "refuted")])
def test_a_step_is_one_instances(last, expected):
    """After the look one instance has put A there, and one alone can put B there: not two."""
    (found,) = [each for each in prove_text(SHARED.replace("LAST", last)).results if not each.implicit]
    assert found.verdict == expected


BREAKS_BEFORE_MAKING = """agent bbm holding m(write) { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, 0); WRITE_ONCE(*sptep, old | B); }
theorem t for layout in l against any number of bbm {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep);
    prove that !(a == FIRST && b == 3 && c == 2);
}
"""


@pytest.mark.parametrize("first", [0, 1, 2])
def test_an_instance_begins_before_all_its_steps(first):
    """The one that empties the entry last has read what another had left, so that A stays."""
    found = prove_text(LAYOUT + BREAKS_BEFORE_MAKING.replace("FIRST", str(first))).results
    assert [each.verdict for each in found if not each.implicit] == ["unknown"]


# Lines of instants, and who led from one to the next --------------------------------------------------------------

ENDED = -1


def both(entry, local):
    """A read besides the one before."""
    return [(entry, local + 4 * entry)]


AGENTS |= {
    "bbm": (
        "holding m(write)",
        "{ u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, 0); WRITE_ONCE(*sptep, old | B); }",
        [reads, writes(lambda _: 0), writes(lambda old: old | 2)],
    ),
    "checks": (
        "holding m(read)",
        "{ u64 e = 0; if (!try_cmpxchg64(sptep, &e, A)) return; xchg(sptep, B); }",
        [lambda entry, local: [(entry, ENDED) if entry else (1, local)], writes(lambda _: 2)],
    ),
    "looks_back": (
        "holding m(write)",
        "{ xchg(sptep, A); u64 x = READ_ONCE(*sptep); if (x & B) WRITE_ONCE(*sptep, 0); }",
        [writes(lambda _: 1), reads, lambda entry, local: [(0 if local & 2 else entry, local)]],
    ),
    "compares": (
        "holding m, n(read)",
        "{ u64 x = READ_ONCE(*sptep); xchg(sptep, A); u64 y = READ_ONCE(*sptep); if (x != y) xchg(sptep, B); }",
        [reads, writes(lambda _: 1), both, lambda entry, local: [(entry if local % 4 == local // 4 else 2, local)]],
    ),
    "flips": (
        "holding m(write)",
        "{ u64 old = READ_ONCE(*sptep); xchg(sptep, old ^ A); xchg(sptep, old ^ B); }",
        [reads, writes(lambda old: old ^ 1), writes(lambda old: old ^ 2)],
    ),
    "puts": ("holding m", "{ xchg(sptep, A); WRITE_ONCE(*sptep, 0); }", [writes(lambda _: 1), writes(lambda _: 0)]),
    "moves": (
        "holding m",
        "{ u64 a = READ_ONCE(*sptep); WRITE_ONCE(*sptep, a ^ A); WRITE_ONCE(*sptep, B); WRITE_ONCE(*sptep, a); }",
        [reads, writes(lambda old: old ^ 1), writes(lambda _: 2), writes(lambda old: old)],
    ),
    "other_clear": ("holding n(write)", "{ step s: { spte &= ~B; } }", [changes(lambda entry: entry & ~2)]),
}
CHANGING = {
    "twice": [0, 1],
    "bbm": [1, 2],
    "flips": [1, 2],
    "puts": [0, 1],
    "moves": [1, 2, 3],
    "checks": [0, 1],
    "looks_back": [0, 2],
    "compares": [1, 3],
}
"""The events of a program that may change something; of others it is the last one."""
LOCALS = {"compares": 16}


def steps_of(agents):
    """The setting, and each transition with the agent and the number of its event there."""
    stated = "".join(f"agent {each} {AGENTS[each][0]} {AGENTS[each][1]}\n" for each in agents)
    theorem = f"theorem t against any number of {', '.join(agents)} {{ u64 a = READ_ONCE(*sptep); prove that a == a; }}"
    library = load_text(LAYOUT + stated + theorem, name="t.spte", library_root=LIBRARY).library
    (setting,) = next(instances(library, library.theorems["t"])).settings
    found, terms = [], Terms()
    for each in agents:
        numbers = CHANGING.get(each, [len(AGENTS[each][2]) - 1])
        made, _ = transitions(terms, setting, setting.scope.agents[each], ())
        found += [(step, (each, number)) for step, number in zip(made, numbers, strict=True)]
    return setting, found


def random_line(source, setting, steps):
    """Five changes, of the agents for the most part, as any instance can make them that may be anywhere; who made each by
    which event; None for the theorem."""
    line, labels = Line(setting, [Values(source.randrange(4), {})], {}), [None]
    while len(labels) < 6:
        step, label = source.choice(steps)
        before, inputs = line.instants[-1], {name: source.randrange(4) for name in step.inputs}
        after = after_transition(setting, step, (), inputs, before)
        if source.random() < 0.25:
            line.instants.append(Values(source.randrange(4), {}))
            labels.append(None)
        elif after is not None and after != before:
            line.go(Taken(transition=step, arguments=(), inputs=inputs, before=before, after=after))
            labels.append(label)
    return line, labels


@cache
def beginnings(agents):
    """Who may be anywhere at first, three at most."""
    midway = [
        (each, at, local)
        for each in agents for at in range(1, len(AGENTS[each][2])) for local in range(LOCALS.get(each, 4))
    ]  # fmt: skip
    inside = [many for count in range(4) for many in combinations_with_replacement(midway, count)]
    return [(0, many) for many in inside if fit([each[0] for each in many])]


def can_be_had(line, labels, agents):
    """Whether instances of those who are told make these changes, and hold their locks from the first event to the last,
    three at one time at most."""
    waiting = list(beginnings(agents))
    seen = set(waiting)
    while waiting:
        place, running = waiting.pop()
        if place == len(labels) - 1:
            return True
        entry, label, then = line.instants[place].entry, labels[place + 1], line.instants[place + 1].entry
        following = [(place + 1, running)] if label is None else []
        if len(running) < 3:
            following += [(place, (*running, (each, 0, 0))) for each in agents if fit([each, *[x[0] for x in running]])]
        for number, (agent, at, local) in enumerate(running):
            rest = running[:number] + running[number + 1 :]
            for left, kept in AGENTS[agent][2][at](entry, local):
                going = [(agent, at + 1, kept)] if at + 1 < len(AGENTS[agent][2]) and kept != ENDED else []
                if left == entry:
                    following.append((place, tuple(sorted([*rest, *going]))))
                elif left == then and label == (agent, at):
                    following.append((place + 1, tuple(sorted([*rest, *going]))))
        waiting += [each for each in dict.fromkeys(following) if each not in seen]
        seen.update(following)
    return False


LINES = [
    ("slow", "clear"), ("exchange", "stale", "clear"), ("twice", "clear"), ("bbm",), ("bbm", "stale"), ("bbm", "clear"),
    ("checks", "clear"), ("checks", "clear_read"), ("looks_back",), ("flips",), ("looks_back", "clear"),
    ("compares", "clear_read"), ("compares", "other_clear"), ("flips", "clear"), ("slow_reader", "stale"),
    ("puts", "clear"), ("puts", "twice"), ("moves", "clear"), ("moves",),
]  # fmt: skip


@pytest.mark.parametrize("agents", LINES, ids=" ".join)
def test_what_can_be_had_one_section_after_the_other_is_found_out(agents):
    setting, steps = steps_of(agents)
    source = Random(" ".join(agents))
    for line, labels in [random_line(source, setting, steps) for _ in range(60)]:
        assert (overlap(line) is None) == can_be_had(line, labels, agents), (line.instants, labels)


GIVEN = """layout l { A = bit 0; B = bit 1; C = bit 2; invariant small: !(spte & ~(A | B | C)); }
agent a(u64 n) holding m { xchg(sptep, n); xchg(sptep, B); }
theorem t for layout in l against any number of a(A), a(C) {
    u64 x = READ_ONCE(*sptep); u64 y = READ_ONCE(*sptep); u64 z = READ_ONCE(*sptep);
    prove that !(x == 0 && y == C && z == B);
}
"""


def test_who_took_the_first_step_may_have_taken_the_second_whoever_is_said_to():
    (found,) = [each for each in prove_text(GIVEN).results if not each.implicit]
    assert found.verdict == "refuted"


NAMED = """agent one holding n(read), m { step s: { spte |= A; } }
agent two holding m, n { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old); }
theorem t for layout in l against any number of one, two {
    u64 a = READ_ONCE(*sptep); u64 b = READ_ONCE(*sptep); u64 c = READ_ONCE(*sptep);
    prove that !(a == 2 && b == 3 && c == 2);
}
"""


def test_the_lock_is_named_and_who_holds_it_in_the_order_of_their_steps():
    (found,) = [each for each in prove_text(LAYOUT + NAMED).results if not each.implicit]
    assert found.verdict == "unknown" and found.reason.endswith("`one` and `two` run at one time, and hold `n`")
