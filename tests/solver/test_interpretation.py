"""Programs on integers: inputs under which a run is none, and what a run that stopped is judged by."""

from dataclasses import replace

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import counterexamples, judgement
from spteproof.solver.interpretation import Values
from spteproof.solver.witness import replay

BITS = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }\n"


@pytest.fixture
def witness(monkeypatch):
    """The first execution that refutes a text's one theorem against nobody."""

    def call(body, before="", parameters=""):
        seen = []
        monkeypatch.setattr(counterexamples, "replay", lambda each: seen.append(each) or replay(each))
        text = f"{BITS}{before}\ntheorem t{parameters} for layout in l against nobody {{ {body} }}"
        assert prove_text(text).results[0].verdict == "refuted"
        return seen[0]

    return call


def with_input(witness, value):
    (site,) = witness.inputs
    return replace(witness, inputs={site: value})


@pytest.mark.parametrize("value", [1 << 31, 1 << 32, 1 << 63, (1 << 64) - (1 << 31) - 1])
def test_an_input_that_is_no_int_stops_the_run(witness, value):
    """What happened before it stands, and nothing of what comes after it does."""
    found = witness("clear_bit(0, sptep); int k = any; clear_bit(1, sptep); prove preserves M0 | M1;")
    trace = replay(with_input(found, value))
    assert trace.stopped and [each.place.text() for each in trace.happened] == ["clear_bit(0, sptep)"]
    assert trace.end == trace.happened[-1].after
    for fits in ((1 << 31) - 1, (1 << 64) - (1 << 31)):
        trace = replay(with_input(found, fits))
        assert not trace.stopped and len(trace.happened) == 2


RETRY = "helper tries(u64 m) -> u64 {{ u64 n = 0; retry {{ {} n = n + 1; }} until ({}); return 9; }}"


@pytest.mark.parametrize(
    ("inside", "until", "runs"),
    [
        ("if (*sptep & m) return 7;", "true", {0: (7, False), 1: (None, True)}),
        ("if (*sptep & 0) return 7;", "true", {0: (9, False), 1: (None, True)}),
        ("u64 x = *sptep;", "n == 2", {0: (None, True), 1: (9, False)}),
        ("u64 x = *sptep;", "n > 0", {0: (9, False), 1: (None, True)}),
        ("u64 x = *sptep;", "n == 3", {0: (None, True), 1: (None, True)}),
    ],
)
def test_an_iteration_that_ends_its_retry_has_not_failed(witness, inside, until, runs):
    """Once with one failed iteration, once without."""
    found = witness("*sptep &= ~M1; u64 got = tries(M0); prove preserves M1;", RETRY.format(inside, until))
    start = replace(found.start, entry=found.start.entry | 1)
    for failed, (got, stopped) in runs.items():
        trace = replay(replace(with_input(found, failed), start=start))
        assert (trace.call.variables.get("got"), trace.stopped) == (got, stopped)


def test_a_block_that_stops_is_no_description_of_what_happened(witness):
    assumes = "helper clears(u64 m) { u64 old = xchg(sptep, 0); assume(old & m); }"
    body = "u64 was = xchg(sptep, 0); prove preserves M0; prove refines { clears(M0); }; prove refines { clears(M1); };"
    found = witness(body, assumes)
    trace = replay(replace(found, start=replace(found.start, entry=1)))
    blocks = [each.property for each in found.theorem.proves[1:]]
    assert [len(judgement.breaches(trace, each)) for each in blocks] == [0, 1]


SPEAKS = {
    "preserves M0": True, "changes only M1": True, "always !(*sptep & M1)": True,
    "preserves late": False, "conserves M0 into seen": False, "ensures false": False, "that false": False,
    "refines { *sptep = 0; }": False,
}  # fmt: skip


def test_of_a_run_that_stopped_only_what_happened_before_is_judged(witness):
    claims = " ".join(f"prove {each};" for each in SPEAKS)
    body = f"u64 seen = 0; *sptep = M1 | M2; *sptep = M1; *sptep = M1 | M2; assume(n); u64 late = M0; {claims}"
    found = witness(body, parameters="(u64 n)")
    start = replace(found.start, entry=1)
    stopped, whole = (replay(replace(found, start=start, parameters={"n": value})) for value in (0, 1))
    assert stopped.stopped and not whole.stopped
    for each in found.theorem.proves:
        name = " ".join(each.text.split())
        assert bool(judgement.breaches(stopped, each.property)) is SPEAKS[name], name
        assert judgement.breaches(whole, each.property), name


def test_each_event_is_told_with_what_it_found_what_it_left_and_the_entries_that_it_acted_on(witness):
    body = """u64 a = READ_ONCE(*sptep); __set_bit(1, sptep); *child |= M2; flag = true; bool f = flag; count = count + 5;
        flag = false; atomic { *sptep = M3; count = 1; u64 c = *child; } atomic { count = 2; } u64 x = xchg(sptep, 0);
        prove ensures f && count == 1;"""
    found = witness(body, "entry child;\nghost bool flag;\nghost u64 count;")
    trace = replay(replace(found, start=Values(1, {"flag": False, "count": 7, "child": 8})))
    told = [
        (each.operation, each.before.entry, each.after.entry, sorted(each.entries),
         *[(each.before.ghosts[name], each.after.ghosts[name]) for name in ("child", "flag", "count")])
        for each in trace.happened
    ]  # fmt: skip
    off, on, sptep, child = (False, False), (True, True), ["sptep"], ["child"]
    assert told == [
        ("READ_ONCE", 1, 1, sptep, (8, 8), off, (7, 7)),
        ("READ_ONCE", 1, 1, sptep, (8, 8), off, (7, 7)),
        ("__set_bit", 1, 3, sptep, (8, 8), off, (7, 7)),
        ("READ_ONCE", 3, 3, child, (8, 8), off, (7, 7)),
        ("plain_or", 3, 3, child, (8, 12), off, (7, 7)),
        ("ghost", 3, 3, [], (12, 12), (False, True), (7, 7)),
        ("ghost read", 3, 3, [], (12, 12), on, (7, 7)),
        ("ghost read", 3, 3, [], (12, 12), on, (7, 7)),
        ("ghost", 3, 3, [], (12, 12), on, (7, 12)),
        ("ghost", 3, 3, [], (12, 12), (True, False), (12, 12)),
        ("atomic", 3, 8, ["child", "sptep"], (12, 12), off, (12, 1)),
        ("atomic", 8, 8, [], (12, 12), off, (1, 2)),
        ("xchg", 8, 0, sptep, (12, 12), off, (2, 2)),
    ]
    assert trace.instants == [trace.start, *[each.after for each in trace.happened]]


LEFT = "agent clears lockless { step s: { spte &= ~M1; } }\n"


@pytest.mark.parametrize(
    "body", ["__set_bit(0, sptep);", "*sptep |= M0;", "*sptep &= ~M0;", "u64 o = *sptep; *sptep = o;"]
)
def test_what_the_first_half_of_an_operation_found_was_left_by_it(verdict, body):
    against = "theorem t for layout in l against any number of clears"
    assert verdict(f"{LEFT}{against} {{ {body} prove resurrects nothing in M1; }}") == "refuted"
    assert verdict(f"{LEFT}{against} {{ {body} prove resurrects nothing in M2; }}") == "proved"
    into = f"u64 seen = start_of; {body} prove conserves exactly M2 into seen;"
    assert (
        verdict(f"{LEFT}theorem t(u64 start_of) for layout in l against any number of clears {{ {into} }}") == "refuted"
    )
