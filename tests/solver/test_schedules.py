"""Orders of threads: those that there are, how many are told at once, and none that nobody can tell from another."""

from itertools import permutations

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import schedules as module
from spteproof.solver.doubts import ORDERS, TooBig
from spteproof.solver.schedules import schedules


class Event:
    def __init__(self, site, changes):
        self.site, self.before, self.after = site, "before", "after" if changes else "before"


def strands(*lengths, changes=True):
    return [[(Event((name, number), changes),) for number in range(length)] for name, length in enumerate(lengths)]


def merges(*lengths):
    sites = [(name, number) for name, length in enumerate(lengths) for number in range(length)]
    return {
        each
        for each in permutations(sites)
        if all(each.index((a, n)) < each.index((a, n + 1)) for a, n in sites if (a, n + 1) in sites)
    }


@pytest.mark.parametrize("lengths", [(), (2,), (1, 1), (2, 2), (1, 1, 1), (2, 1, 1), (3, 0, 2)])
@pytest.mark.parametrize("alone", [False, True])
def test_every_order_comes_once_and_those_with_few_switches_first(lengths, alone):
    found = schedules(strands(*lengths), alone)
    assert set(found) == merges(*lengths) and len(found) == len(set(found))
    switches = [sum(one[0] != two[0] for one, two in zip(each, each[1:], strict=False)) for each in found]
    assert switches == sorted(switches)


def test_alone_reads_come_in_one_order():
    assert len(schedules(strands(2, 3, 1, changes=False), True)) == 1
    assert len(schedules(strands(2, 2, changes=False), False)) == 6


def test_how_many_orders_there_are_is_known_before_one_is_made(monkeypatch):
    monkeypatch.setattr(module, "_merges", lambda strands, alone: iter(()))
    monkeypatch.setattr(module, "SCHEDULE_LIMIT", 6)
    assert schedules(strands(2, 2), False) == []
    with pytest.raises(TooBig, match="come in 30 orders, which is more than 6") as raised:
        schedules(strands(2, 2, 1), False)
    assert raised.value.doubt.kind == ORDERS


@pytest.mark.parametrize(("lengths", "limit", "many"), [((2, 2), 6, False), ((2, 2), 5, True), ((1, 1, 1), 5, True)])
def test_alone_they_are_counted_as_they_are_made(monkeypatch, lengths, limit, many):
    monkeypatch.setattr(module, "SCHEDULE_LIMIT", limit)
    if many:
        with pytest.raises(TooBig, match=f"come in more than {limit} orders"):
            schedules(strands(*lengths), True)
    else:
        assert len(schedules(strands(*lengths), True)) == limit


THREE = """layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }
agent sets lockless { step s: { spte |= M3; } }
theorem t for layout in l against AGAINST {
    u64 a = 0; u64 first = READ_ONCE(*sptep);
    parallel {
        thread one { set_bit(0, sptep); } thread two { clear_bit(1, sptep); } thread three { a = atomic64_fetch_or(M2, sptep); }
    }
    clear_bit(3, sptep);
    prove ensures (end & M0) && !(end & M1) && (end & M2);
    prove preserves M2;
    prove ensures (a & M0) -> (a & M1);
}
"""


@pytest.mark.parametrize("against", ["nobody", "any number of sets"])
def test_three_threads_run_in_every_order(against):
    one, two, three, *_ = prove_text(THREE.replace("AGAINST", against)).results
    assert [each.verdict for each in (one, two, three)] == ["proved", "proved", "refuted"]
    shown = [row.who for row in three.counterexample.rows if row.who in three.counterexample.threads]
    assert three.counterexample.threads == ("one", "two", "three") and sorted(shown) == ["one", "three", "two"]
    assert shown.index("one") < shown.index("three")
