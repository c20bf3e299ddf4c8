"""Further entries and ghosts that are words: verdicts said beforehand, and verdicts from trying every execution."""

import random
from dataclasses import replace
from itertools import product

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver import counterexamples, judgement
from spteproof.solver.finding.masks import MaskFinder
from spteproof.solver.witness import Refused, has_breach, replay

TWO = """
layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }
entry child;
ghost u64 noted;
agent sets lockless { step s: when spte & M0 { spte |= M1; } }
agent descends lockless { step s: when spte & M0 && *child & M0 { *child |= M1; } }
agent links lockless { u64 c = READ_ONCE(*child); if (c & M0) atomic64_or(M2, sptep); }
agent raises lockless { u64 old = READ_ONCE(*sptep); if (old & M0) try_cmpxchg64(sptep, &old, old | M1); }
agent notes lockless { step s: { noted |= spte & M1; } }
helper clear(u64 m) -> u64 { return atomic64_fetch_and(~m, sptep); }
helper clear_twice(u64 m) -> u64 { u64 a = clear(m); return a | clear(m); }
helper clear_both(u64 m) { clear(m); clear(child, m); }
"""

SAID = [
    # A property counts the events on its own entry.
    ("xchg(child, 0);", "preserves M0", "vacuous"),
    ("xchg(child, 0);", "preserves M0 on child", "refuted"),
    ("xchg(child, 0);", "changes nothing on sptep", "vacuous"),
    ("xchg(child, 0); atomic64_or(M0, sptep);", "preserves ~0ULL", "proved"),
    ("xchg(child, 0); atomic64_or(M0, sptep);", "changes only M0", "proved"),
    ("xchg(child, 0); atomic64_or(M0, sptep);", "changes only M0 on child", "refuted"),
    ("u64 s = xchg(child, 0); xchg(sptep, 0);", "conserves ~0ULL on child into s", "proved"),
    ("u64 s = xchg(child, 0); xchg(sptep, 0);", "conserves M0 into s", "refuted"),
    ("u64 s = xchg(child, 0); xchg(sptep, 0);", "conserves exactly ~0ULL on child into s", "proved"),
    ("u64 s = xchg(sptep, 0); xchg(child, 0);", "conserves exactly ~0ULL on child into s", "refuted"),
    ("atomic { xchg(child, 0); xchg(sptep, 0); }", "preserves M0 on child", "refuted"),
    ("bool b = any; atomic { if (b) xchg(child, 0); }", "preserves M0", "vacuous"),
    ("u64 s = *child; atomic64_or(M1, sptep);", "resurrects nothing in M1", "proved"),
    # Instants.
    ("xchg(child, 5);", "ensures after(child) == 5 && after == start && end(child) == 5", "proved"),
    ("xchg(child, 5);", "ensures start(child) == 5", "refuted"),
    ("xchg(child, 5); xchg(sptep, 6);", "ensures after(child) == 5 && after == 6", "proved"),
    ("xchg(child, 5);", "always *child == 5 || *child == start(child)", "proved"),
    ("xchg(child, 5);", "always *child == start(child)", "refuted"),
    ("atomic64_and(~M0, child);", "ensures cleared(M0, child) == (start(child) & M0) && !cleared(M0)", "proved"),
    # What is read of one entry is not what is read of another.
    ("u64 a = *sptep, b = *child;", "ensures a == b", "refuted"),
    ("u64 a = *sptep, b = *child;", "ensures a == start && b == start(child)", "proved"),
    ("u64 a = *child; bool d = try_cmpxchg64(child, &a, 1);", "ensures d && after(child) == 1", "proved"),
    ("u64 a = *sptep; bool d = try_cmpxchg64(child, &a, 1);", "ensures d", "refuted"),
    ("*child &= ~M0;", "ensures after(child) == (start(child) & ~M0) && after == start", "proved"),
    # Helpers on another entry.
    ("u64 s = clear(child, M0);", "ensures after(child) == (start(child) & ~M0) && s == start(child)", "proved"),
    ("clear(child, M0);", "ensures after == start", "proved"),
    ("clear_twice(child, M0);", "ensures after == start && !(after(child) & M0)", "proved"),
    ("clear(sptep, M0);", "ensures after(child) == start(child) && !(after & M0)", "proved"),
    ("clear_both(M0);", "ensures !((after | after(child)) & M0)", "proved"),
    ("clear_both(child, M0);", "ensures after == start && !(after(child) & M0)", "proved"),
    # The block of a refinement names its entries; nothing else may change.
    ("clear(child, M0);", "refines { *child &= ~M0; }", "proved"),
    ("clear(child, M0);", "refines { *sptep &= ~M0; }", "refuted"),
    ("clear_both(M0);", "refines { *child &= ~M0; }", "refuted"),
    ("clear_both(M0);", "refines { *child &= ~M0; *sptep &= ~M0; }", "refuted"),
    ("atomic { clear_both(M0); }", "refines { *child &= ~M0; *sptep &= ~M0; }", "proved"),
    # Words as ghosts.
    ("noted = 0; u64 s = xchg(sptep, 0); noted = s;", "conserves ~0ULL into noted", "proved"),
    ("noted = 0; u64 s = xchg(sptep, 0); noted = s & M0;", "conserves M0 | M1 into noted", "refuted"),
    ("noted = 0; u64 s = xchg(sptep, 0); noted = s; noted = 0;", "conserves ~0ULL into noted", "proved"),
    ("noted = 7; u64 s = noted;", "ensures s == 7 && noted == 7", "proved"),
    ("noted = 7;", "always noted == 7", "refuted"),
    ("noted = 0; u64 s = xchg(sptep, 0); noted = s;", "conserves exactly ~0ULL into noted", "proved"),
    ("noted = M3; u64 s = xchg(sptep, 0); noted |= s;", "conserves exactly ~0ULL into noted", "refuted"),
]


@pytest.mark.parametrize(("body", "claim", "expected"), SAID)
def test_alone(of_body, body, claim, expected):
    assert of_body(body, claim, before=TWO.split("\n", 2)[2]) == expected


AMONG_OTHERS = [
    ("sets on child", "u64 s = xchg(child, 0);", "conserves M1 on child into s", "proved"),
    ("sets on child", "u64 s = *child; WRITE_ONCE(*child, 0);", "conserves M1 on child into s", "refuted"),
    ("sets", "u64 s = *child; WRITE_ONCE(*child, 0);", "conserves M1 on child into s", "proved"),
    ("sets on child", "u64 s = *sptep; WRITE_ONCE(*sptep, 0);", "conserves M1 into s", "proved"),
    ("sets, sets on child", "u64 s = *sptep;", "ensures end == s && end(child) == start(child)", "refuted"),
    ("sets on child", "", "ensures end == start", "proved"),
    # The parent is needed for the way down.
    ("descends", "xchg(sptep, 0); u64 s = *child; *child = 0;", "conserves M1 on child into s", "proved"),
    (
        "descends, sets on child",
        "xchg(sptep, 0); u64 s = *child; *child = 0;",
        "conserves M1 on child into s",
        "refuted",
    ),
    ("descends", "xchg(child, 0); u64 s = *sptep;", "ensures end(child) == 0", "proved"),
    ("descends", "u64 p = *sptep; assume(!(p & M0));", "ensures end(child) == start(child)", "proved"),
    ("descends", "u64 p = *sptep; assume(!(p & M0));", "always *child == start(child)", "refuted"),
    ("descends", "", "always *child == start(child)", "refuted"),
    # An agent that read one entry acts on the other, perhaps long after.
    ("links", "xchg(child, 0); u64 s = *sptep;", "ensures (end & M2) == (s & M2)", "refuted"),
    ("links", "", "ensures end(child) == start(child)", "proved"),
    ("links on child", "", "ensures end == start && !(end(child) & ~start(child) & ~M2)", "proved"),
    # A compare-and-exchange looks at its own entry.
    ("raises on child", "u64 c = *child; assume(!(c & M0));", "ensures end(child) == start(child)", "proved"),
    ("raises on child", "u64 c = *sptep; assume(!(c & M0));", "ensures end(child) == start(child)", "refuted"),
    ("raises on child", "", "ensures (end(child) & ~M1) == (start(child) & ~M1) && end == start", "proved"),
    ("notes", "noted = 0; u64 s = *sptep;", "ensures !(noted & ~M1)", "proved"),
    ("notes", "noted = 0; u64 s = *sptep;", "ensures noted -> s & M1", "proved"),
    ("notes", "noted = 0; u64 s = *sptep;", "ensures s & M1 -> noted", "refuted"),
    ("notes on child", "noted = 0; u64 s = *sptep;", "ensures noted -> start(child) & M1", "proved"),
]


@pytest.mark.parametrize(("against", "body", "claim", "expected"), AMONG_OTHERS)
def test_among_others(of_body, against, body, claim, expected):
    assert of_body(body, claim, f"any number of {against}", before=TWO.split("\n", 2)[2]) == expected


# Invariants ------------------------------------------------------------------------------------------------

KEPT = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; invariant i: spte & M1 -> spte & M0; }\nentry child;\n"


@pytest.mark.parametrize(
    ("against", "body", "expected"),
    [
        ("nobody", "u64 c = *child;", "proved"),
        ("nobody", "atomic64_and(~M0, child);", "refuted"),
        ("nobody", "atomic64_and(~(M0 | M1), child);", "proved"),
        ("any number of a on child", "u64 c = *child;", "refuted"),
        ("any number of a", "u64 c = *child;", "refuted"),
    ],
)
def test_invariants_are_kept_of_every_entry_that_is_touched(verdict, against, body, expected):
    text = f"{KEPT}agent a lockless {{ step s: {{ spte |= M1; }} }}\n"
    assert verdict(f"{text}theorem t against {against} {{ {body} prove keeps invariants; }}", layout="") == expected


def test_invariants_are_assumed_of_the_start_of_every_entry(verdict):
    claim = "ensures start(child) & M1 -> start(child) & M0"
    assert verdict(f"{KEPT}theorem t {{ u64 c = *child; prove {claim}; }}", layout="") == "proved"


# What a theorem does not speak of --------------------------------------------------------------------------


def test_an_entry_that_is_not_spoken_of_is_not_there(prove):
    (result,) = prove(TWO.split("\n", 2)[2] + "theorem t { xchg(sptep, 0); prove changes nothing; }")
    assert result.counterexample.entries == {} and result.counterexample.ghosts == {}


def test_agents_that_could_run_on_another_entry_are_named(prove):
    (result,) = prove(
        TWO.split("\n", 2)[2] + "theorem t against any number of sets { xchg(child, 0); prove changes nothing; }"
    )
    assert result.scope.environment == ("sets",)
    assert "sets on child" in result.scope.omitted and "sets" not in result.scope.omitted
    assert "descends" in result.scope.omitted and "descends on child" not in result.scope.omitted


def test_what_changes_in_another_entry_is_shown(prove):
    text = "theorem t against any number of sets on child { u64 c = *child; *child = 0; noted = c; prove preserves M1 on child; }"
    (result,) = prove(TWO.split("\n", 2)[2] + text)
    rows = result.counterexample.rows
    assert [row.others for row in rows if row.who == "program"][1] == (("child", 2, 0),)
    assert all(row.before == row.after for row in rows)
    assert result.counterexample.entries == {"child": 2}


def test_equivalence_of_calls_on_two_entries_is_not_decided(prove):
    (result,) = prove(TWO.split("\n", 2)[2] + "lemma e { prove equivalent clear(child, M0), clear(child, M0); }")
    assert result.verdict == "unknown" and "one entry" in result.reason


# Stores that wait ------------------------------------------------------------------------------------------

WAITING = [
    ("WRITE_ONCE(*sptep, 0); u64 a = *child;", True),
    ("u64 a = *child; WRITE_ONCE(*sptep, 0);", False),
    ("WRITE_ONCE(*sptep, 0); u64 a = *sptep;", False),
    ("WRITE_ONCE(*sptep, 0); u64 a = xchg(child, 0);", False),
    ("WRITE_ONCE(*sptep, 0); WRITE_ONCE(*child, 0);", False),
    ("WRITE_ONCE(*sptep, 0); WRITE_ONCE(*child, 0); u64 a = *sptep;", True),
    ("xchg(sptep, 0); u64 a = *child;", False),
    ("WRITE_ONCE(*sptep, 0); clear(M0); u64 a = *child;", False),
    ("u64 o = 0; WRITE_ONCE(*sptep, 0); try_cmpxchg64(child, &o, 1); u64 a = *child;", False),
    ("WRITE_ONCE(*sptep, 0); if (b) clear(M0); u64 a = *child;", True),
    ("WRITE_ONCE(*sptep, 0); if (b) clear(M0); else clear(child, M0); u64 a = *child;", False),
    ("if (b) WRITE_ONCE(*sptep, 0); else { u64 a = *child; }", False),
    ("if (b) WRITE_ONCE(*sptep, 0); if (!b) { u64 a = *child; }", False),
    ("WRITE_ONCE(*sptep, 0); *child |= M0;", True),
    ("__clear_bit(1, sptep); bool a = test_bit(1, child);", True),
    ("clear_bit(1, sptep); bool a = test_bit(1, child);", False),
    ("atomic64_set(child, 1); u64 a = atomic64_read(sptep);", True),
    ("WRITE_ONCE(*sptep, 0); noted = 1; u64 a = noted;", False),
    ("atomic { WRITE_ONCE(*sptep, 0); noted = 1; } u64 a = *child;", True),
]


@pytest.mark.parametrize(("body", "waits"), WAITING)
def test_a_store_that_a_read_of_another_entry_may_overtake_proves_nothing(prove, body, waits):
    text = f"theorem t(bool b) {{ {body} u64 z = 0; prove ensures z == 0; prove ensures z == 1; }}"
    good, bad = prove(TWO.split("\n", 2)[2] + text)
    assert (good.verdict, bad.verdict) == ("unknown" if waits else "proved", "refuted")
    assert not waits or "locked operation" in good.reason


# Every execution, tried ------------------------------------------------------------------------------------

HEAD = """
layout l { M0 = bit 0; M1 = bit 1; invariant few: !(spte & ~3ULL); }
entry child;
ghost u64 noted;
"""
STATES = list(product(range(4), range(4), range(4)))
"""(sptep, child, noted)"""
WORDS = {"sptep": 0, "child": 1}


class Step:
    """A step as text and as a function on states; `spte` is the entry that its agent is put on."""

    def __init__(self, source, on):
        self.on = on
        other = "child" if on == "sptep" else None
        self.guard = [self._test(source, on, other) for _ in range(source.randint(0, 2))]
        self.target = source.choice([on, on, other or on, "noted"])
        self.kind = source.choice(["set", "clear", "copy"])
        self.mask = source.choice([1, 2, 3])
        self.source = source.choice([on, other or on])

    def _test(self, source, on, other):
        return source.choice([on, other or on, "noted"]), source.choice([1, 2]), source.random() < 0.6

    def name(self, place):
        return "spte" if place == self.on else place if place == "noted" else f"*{place}"

    def text(self, number):
        tests = [f"{'' if holds else '!'}({self.name(at)} & {mask})" for at, mask, holds in self.guard]
        target = self.name(self.target)
        change = {
            "set": f"{target} |= {self.mask};",
            "clear": f"{target} &= ~{self.mask}ULL;",
            "copy": f"{target} = {self.name(self.source)} & {self.mask};",
        }[self.kind]
        return f"step s{number}: {'when ' + ' && '.join(tests) if tests else ''} {{ {change} }}"

    def after(self, state):
        place = {**WORDS, "noted": 2}
        if any(bool(state[place[at]] & mask) != holds for at, mask, holds in self.guard):
            return state
        old = state[place[self.target]]
        new = {"set": old | self.mask, "clear": old & ~self.mask, "copy": state[place[self.source]] & self.mask}[
            self.kind
        ]
        changed = list(state)
        changed[place[self.target]] = new
        return tuple(changed)


OPERATIONS = {  # what each leaves in its entry, given what was there and a local; `None` for the local: none is needed
    "READ_ONCE(*{e})": ("load", lambda at, local: at),
    "xchg({e}, 0)": ("locked", lambda at, local: 0),
    "xchg({e}, 3)": ("locked", lambda at, local: 3),
    "atomic64_fetch_and(~1ULL, {e})": ("locked", lambda at, local: at & ~1),
    "atomic64_fetch_or(2, {e})": ("locked", lambda at, local: at | 2),
    "cmpxchg64({e}, {r}, {r} & 2)": ("locked", lambda at, local: local & 2 if at == local else at),
    "WRITE_ONCE(*{e}, {r} & 1)": ("store", lambda at, local: local & 1),
}


def program(source):
    """Operations as (text, entry, kind, effect, local read); local k holds what the k-th operation found."""
    made = []
    for number in range(source.randint(1, 3)):
        names = [name for name in OPERATIONS if made or "{r}" not in name]
        name, entry = source.choice(names), source.choice(["sptep", "child"])
        local = source.randrange(number) if made else None
        kind, effect = OPERATIONS[name]
        call = name.format(e=entry, r=f"r{local}")
        text = f"{call}; u64 r{number} = 0;" if kind == "store" else f"u64 r{number} = {call};"
        made.append((text, entry, kind, effect, local))
    return made


def reached(steps, state):
    found, waiting = {state}, [state]
    while waiting:
        at = waiting.pop()
        for step in steps:
            after = step.after(at)
            if after not in found:
                found.add(after)
                waiting.append(after)
    return found


def executions(made, reach):
    """Every (start, events, locals, end), an event being (entry, before, after) of whole states."""
    for start in STATES:
        waiting = [(start, (), ())]
        for _, entry, kind, effect, local in made:
            following = []
            for state, events, locals_ in waiting:
                for before in reach[state]:
                    at = before[WORDS[entry]]
                    changed = list(before)
                    changed[WORDS[entry]] = effect(at, None if local is None else locals_[local])
                    event = (entry, before, tuple(changed))
                    following.append((tuple(changed), (*events, event), (*locals_, 0 if kind == "store" else at)))
            waiting = following
        for state, events, locals_ in waiting:
            for end in reach[state]:
                yield start, events, locals_, end


def claims(made, mask, entry, other):
    """Properties as (text, whether it holds of one execution, whether it needs an event that writes the entry)."""
    e, last = WORDS[entry], len(made) - 1

    def cleared(event):
        return event[1][e] & ~event[2][e] & mask

    def resurrects(start, events, locals_, end):
        left = 0
        for at, before, after in events:
            if after[e] & ~before[e] & left & mask:
                return False
            if at == entry:
                left = left & ~(before[e] & ~after[e]) | after[e]
        return True

    return [
        (f"preserves {mask} on {entry}", lambda s, v, r, end: not any(map(cleared, v)), True),
        (f"changes only {mask} on {entry}", lambda s, v, r, end: not any((b[e] ^ a[e]) & ~mask for _, b, a in v), True),
        (
            f"conserves {mask} on {entry} into r{last}",
            lambda s, v, r, end: not any(cleared(event) & ~r[last] for event in v),
            True,
        ),
        (f"resurrects nothing in {mask} on {entry}", resurrects, True),
        (
            f"ensures end({entry}) & {mask} -> start({other}) & {mask}",
            lambda s, v, r, end: not end[e] & mask or bool(s[WORDS[other]] & mask),
            False,
        ),
        (
            f"ensures (after({entry}) & {mask}) == (r{last} & {mask})",
            lambda s, v, r, end: v[-1][2][e] & mask == r[last] & mask,
            False,
        ),
        (
            f"ensures cleared({mask}, {entry}) -> noted & {mask}",
            lambda s, v, r, end: not any(map(cleared, v)) or bool(end[2] & mask),
            False,
        ),
        (
            f"always *sptep & {mask} -> *child & {mask} || noted",
            lambda s, v, r, end: all(
                not at[0] & mask or at[1] & mask or at[2] for at in (s, *[x for _, b, a in v for x in (b, a)], end)
            ),
            False,
        ),
    ]


def overtaken(made):
    return any(
        kind == "store" and later == "load" and entry != other and "locked" not in [each[2] for each in made[at:to]]
        for at, (_, entry, kind, _, _) in enumerate(made)
        for to, (_, other, later, _, _) in enumerate(made)
        if at < to
    )


def expected(claim, made, entry, found):
    _, holds, needs_write = claim
    if not all(holds(*each) for each in found):
        return "refuted"
    if overtaken(made):
        return "unknown"
    writes = any(at == entry and kind != "load" for _, at, kind, _, _ in made)
    return "vacuous" if needs_write and not writes else "proved"


@pytest.mark.parametrize("seed", range(24))
def test_verdicts_are_those_of_all_executions(seed):
    source = random.Random(seed)
    uses = [("a", "sptep", [Step(source, "sptep") for _ in range(source.randint(1, 2))])]
    if source.random() < 0.7:
        uses.append(("b", "child", [Step(source, "child")]))
    made, mask = program(source), source.choice([1, 2])
    entry, other = source.choice([("sptep", "child"), ("child", "sptep")])
    agents = "".join(
        f"agent {name} lockless {{ {' '.join(each.text(at) for at, each in enumerate(steps))} }}\n"
        for name, _, steps in uses
    )
    wanted = claims(made, mask, entry, other)
    body = " ".join(text for text, *_ in made)
    against = ", ".join(f"{name} on {on}" for name, on, _ in uses)
    proves = " ".join(f"prove {text};" for text, _, _ in wanted)
    text = f"{HEAD}{agents}theorem t against any number of {against} {{ u64 n = noted; {body} {proves} }}"
    steps = [step for _, _, each in uses for step in each]
    reach = {state: reached(steps, state) for state in STATES}
    found = list(executions(made, reach))
    results = [each for each in prove_text(text).results if not each.implicit]
    assert [each.verdict for each in results] == [expected(each, made, entry, found) for each in wanted], text


# Threads ---------------------------------------------------------------------------------------------------

THREADS = [
    ("xchg(sptep, 1); a = *child;", "xchg(child, 1); b = *sptep;", "proved"),
    ("WRITE_ONCE(*sptep, 1); a = *child;", "WRITE_ONCE(*child, 1); b = *sptep;", "unknown"),
    ("WRITE_ONCE(*sptep, 1); a = *child;", "xchg(child, 1); b = *sptep;", "unknown"),
    ("WRITE_ONCE(*sptep, 1); clear(M3); a = *child;", "xchg(child, 1); b = *sptep;", "proved"),
    ("a = *child; xchg(sptep, 1);", "b = *sptep; xchg(child, 1);", "refuted"),
]


@pytest.mark.parametrize(("one", "two", "expected"), THREADS)
def test_of_two_threads_one_sees_what_the_other_stored(of_body, one, two, expected):
    body = f"u64 a = 0, b = 0; parallel {{ thread one {{ {one} }} thread two {{ {two} }} }}"
    assert of_body(body, "ensures a & M0 || b & M0", before=TWO.split("\n", 2)[2]) == expected


def test_what_one_thread_stores_another_may_read(of_body):
    body = "u64 a = 0; parallel { thread one { WRITE_ONCE(*sptep, 1); } thread two { a = *child; } }"
    assert of_body(body, "ensures a == start(child)", before=TWO.split("\n", 2)[2]) == "proved"


# Retries ---------------------------------------------------------------------------------------------------

RETRIES = [
    ("u64 o = *child; retry { } until (try_cmpxchg64(child, &o, o & ~M0));", "preserves M1 on child", "proved"),
    ("u64 o = *child; retry { } until (try_cmpxchg64(child, &o, o & ~M0));", "conserves M0 on child into o", "proved"),
    ("u64 o = *sptep; retry { } until (try_cmpxchg64(child, &o, o & ~M0));", "preserves M1 on child", "proved"),
    ("retry { xchg(sptep, 0); } until (*child & M1);", "preserves M0 on child", "unknown"),
    ("retry { xchg(child, 0); } until (*sptep & M1);", "ensures !(end(child) & M0)", "unknown"),
    ("retry { noted = 1; } until (*sptep & M1);", "ensures noted == 1", "unknown"),
    ("retry { } until (retried(child));", "changes only M0 on child", "proved"),
    ("retry { } until (retried(child));", "changes nothing on child", "refuted"),
]
RETRIED = "helper retried() -> bool { u64 o = *sptep; return try_cmpxchg64(sptep, &o, o & ~M0); }\n"


@pytest.mark.parametrize(("body", "claim", "expected"), RETRIES)
def test_a_retry_on_another_entry(of_body, body, claim, expected):
    before = TWO.split("\n", 2)[2] + RETRIED
    assert of_body(body, claim, "any number of sets on child, sets", before=before) == expected


# Which masks -----------------------------------------------------------------------------------------------


def masks(body, claim, against="nobody"):
    text = TWO + f"theorem t(u64 m) against {against} {{ {body} prove {claim}; }}"
    library = load_text(text, name="<text>", library_root=LIBRARY).library
    (found,) = MaskFinder(library).find(library.theorems["t"], "m")
    return [bit.verdict for bit in found.placed[0].bits]


def test_a_mask_is_found_for_another_entry():
    assert masks("atomic64_andnot(m, child);", "preserves M1 on child") == ["proved", "refuted", *["proved"] * 62]


def test_no_mask_is_found_where_nothing_happens_on_the_entry():
    assert set(masks("atomic64_andnot(m, child);", "preserves M1")) == {"vacuous"}


def test_no_mask_is_found_where_a_read_may_overtake_a_store():
    assert set(masks("*sptep = m; u64 a = *child;", "ensures a == start(child)")) == {"unknown"}


# The witness -----------------------------------------------------------------------------------------------

LOSES = """
theorem t against any number of sets, sets on child {
    u64 old = *child;
    assume(old & M0 && !(old & M1) && !(old & M2));
    WRITE_ONCE(*child, 0);
    prove preserves M1 on child;
}
"""


@pytest.fixture(scope="module")
def witness():
    """The witness of a bit that is lost in another entry, and the property."""
    seen = []

    def note(found):
        seen.append(found)
        return replay(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counterexamples, "replay", note)
        (result,) = [each for each in prove_text(TWO + LOSES).results if not each.implicit]
    assert result.verdict == "refuted" and result.losing == ("M1",)
    return seen[-1]


def counts(witness):
    try:
        return has_breach(judgement.breaches(replay(witness), witness.theorem.proves[0].property), 2)
    except Refused:
        return False


def with_step(witness, **changes):
    steps = {site: [replace(each, **changes) for each in taken] for site, taken in witness.steps.items()}
    return replace(witness, steps=steps)


def test_the_witness_counts(witness):
    assert counts(witness) and witness.environment_steps() == 1


@pytest.mark.parametrize("bit", [1, 2, 4, 8])
def test_a_witness_with_another_start_of_the_child_does_not_count(witness, bit):
    start = witness.start.with_word("child", witness.start.word("child") ^ bit)
    assert not counts(replace(witness, start=start))


def test_a_witness_whose_step_is_on_the_other_entry_does_not_count(witness):
    (taken,) = [each for taken in witness.steps.values() for each in taken]
    assert taken.transition.on == "child"
    assert not counts(with_step(witness, transition=replace(taken.transition, on="sptep")))


def test_a_witness_whose_agent_is_not_on_that_entry_does_not_count(witness):
    alone = tuple(use for use in witness.theorem.agents if use.entry == "sptep")
    assert not counts(replace(witness, theorem=replace(witness.theorem, agents=alone)))


def test_a_witness_whose_step_leaves_something_else_in_the_child_does_not_count(witness):
    (taken,) = [each for taken in witness.steps.values() for each in taken]
    assert not counts(with_step(witness, after=taken.after.with_word("child", taken.after.word("child") ^ 4)))


# Events on another entry saw nothing -----------------------------------------------------------------------

UNSETS = """layout l { M0 = bit 0; M1 = bit 1; invariant i: spte & M1; }
entry child;
agent unsets lockless { step s: when spte & M0 { *child &= ~M1; } }
"""


@pytest.mark.parametrize(
    ("body", "claim", "expected"),
    [
        ("set_bit(0, sptep); xchg(child, M1); u64 x = M1;", "conserves exactly M1 on child into x", "refuted"),
        ("set_bit(0, sptep); u64 c = *child; u64 x = c & M1;", "conserves exactly M1 on child into x", "vacuous"),
        ("set_bit(0, sptep); u64 x = xchg(child, M1);", "conserves exactly M1 on child into x", "proved"),
        ("set_bit(0, sptep); atomic64_or(M1, child);", "resurrects nothing in M1 on child", "proved"),
        ("u64 c = *child; set_bit(0, sptep); atomic64_or(M1, child);", "resurrects nothing in M1 on child", "refuted"),
    ],
)
def test_what_events_on_another_entry_found_does_not_count(prove, body, claim, expected):
    start = "u64 p = *sptep; assume(!(p & M0));"
    text = f"{UNSETS}theorem t against any number of unsets {{ {start} {body} prove {claim}; }}"
    (result,) = prove(text, layout="")
    assert result.verdict == expected, result.reason
