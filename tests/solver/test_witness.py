"""A witness counts only as it is: with anything in it changed, the replay refuses it or finds no breach."""

from dataclasses import replace

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver import counterexamples, judgement
from spteproof.solver.interpretation import Values
from spteproof.solver.witness import Refused, has_breach, replay

TEXT = """
layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: (spte & M0) -> !(spte & M3); }
agent sets(u64 m) lockless {
    step one(u64 v): when (spte & M0) && (v & M2) { spte |= v & m & M1; }
    step two: when (spte & M1) { spte |= M2; }
}
theorem t(u64 m, int level in 1..3) for layout in l against any number of sets(m) {
    u64 k = any;
    u64 old = READ_ONCE(*sptep);
    assume((m & M1) && level == 2 && k == 7 && !(old & (M1 | M2)) && (old & M0));
    WRITE_ONCE(*sptep, old | (k & M0));
    prove preserves M1 | M2;
}
"""


@pytest.fixture(scope="module")
def found():
    """The witness that loses M2, which takes two steps, with the property."""
    seen = []

    def note(witness):
        seen.append(witness)
        return replay(witness)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counterexamples, "replay", note)
        (result, *_) = prove_text(TEXT).results
    assert result.verdict == "refuted" and set(result.losing) == {"M1", "M2"}
    witness = max(seen, key=lambda each: each.environment_steps())
    return witness, witness.theorem.proves[0].property


def loses(witness, what, bits=4):
    try:
        return has_breach(judgement.breaches(replay(witness), what), bits)
    except Refused:
        return False


def changed_step(witness, number, **changes):
    steps = {site: list(taken) for site, taken in witness.steps.items()}
    (site,) = [site for site, taken in steps.items() if taken]
    steps[site][number] = replace(steps[site][number], **changes)
    return replace(witness, steps=steps)


def the_steps(witness):
    (taken,) = [taken for taken in witness.steps.values() if taken]
    return taken


def test_the_witness_as_found_breaks_the_property(found):
    witness, what = found
    assert loses(witness, what) and len(the_steps(witness)) == 2


@pytest.mark.parametrize("bit", range(64))
def test_a_start_with_one_bit_changed_does_not(found, bit):
    witness, what = found
    start = Values(witness.start.entry ^ 1 << bit, witness.start.ghosts)
    assert not loses(replace(witness, start=start), what)


@pytest.mark.parametrize("bit", range(64))
@pytest.mark.parametrize("number", [0, 1])
def test_a_step_that_leaves_one_bit_else_is_refused(found, number, bit):
    witness, _ = found
    after = the_steps(witness)[number].after
    with pytest.raises(Refused):
        replay(changed_step(witness, number, after=Values(after.entry ^ 1 << bit, after.ghosts)))


@pytest.mark.parametrize("bit", [0, 1, 17, 63])
@pytest.mark.parametrize("number", [0, 1])
def test_a_step_that_starts_elsewhere_is_refused(found, number, bit):
    witness, _ = found
    before = the_steps(witness)[number].before
    with pytest.raises(Refused):
        replay(changed_step(witness, number, before=Values(before.entry ^ 1 << bit, before.ghosts)))


@pytest.mark.parametrize("bit", [1, 2])
def test_a_step_with_a_bit_of_its_choice_changed_is_refused(found, bit):
    witness, _ = found
    with pytest.raises(Refused):
        replay(changed_step(witness, 0, inputs={"v": the_steps(witness)[0].inputs["v"] ^ 1 << bit}))


@pytest.mark.parametrize("number", [0, 1])
def test_a_step_of_an_agent_with_other_arguments_is_refused(found, number):
    witness, _ = found
    with pytest.raises(Refused, match="not in the theorem's environment"):
        replay(changed_step(witness, number, arguments=(the_steps(witness)[number].arguments[0] ^ 1,)))


@pytest.mark.parametrize("dropped", [[0], [1], [0, 1]])
def test_without_a_step_the_bit_is_not_lost(found, dropped):
    witness, what = found
    steps = {
        site: [each for number, each in enumerate(taken) if number not in dropped]
        for site, taken in witness.steps.items()
    }
    assert not loses(replace(witness, steps=steps), what)


def test_steps_in_the_other_order_are_refused(found):
    witness, _ = found
    with pytest.raises(Refused):
        replay(replace(witness, steps={site: list(reversed(taken)) for site, taken in witness.steps.items()}))


@pytest.mark.parametrize("bit", range(64))
def test_an_input_with_one_bit_changed_breaks_nothing(found, bit):
    witness, what = found
    assert not loses(replace(witness, inputs={site: value ^ 1 << bit for site, value in witness.inputs.items()}), what)


@pytest.mark.parametrize("level", [0, 1, 3, 4, 2 + (1 << 32), (1 << 64) - 2])
def test_another_level_breaks_nothing(found, level):
    witness, what = found
    assert not loses(replace(witness, parameters={**witness.parameters, "level": level}), what)


def test_a_start_that_breaks_an_invariant_is_refused(found):
    witness, _ = found
    with pytest.raises(Refused, match="invariant"):
        replay(replace(witness, start=Values(witness.start.entry | 9, witness.start.ghosts)))


def test_another_parameter_than_the_instances_is_refused():
    seen = []
    text = "layout l { M0 = bit 0; } theorem t(u64 m in {M0}) for layout in l { *sptep = 0; prove preserves m; }"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counterexamples, "replay", lambda witness: seen.append(witness) or replay(witness))
        prove_text(text)
    with pytest.raises(Refused, match="not the instance's"):
        replay(replace(seen[0], parameters={"m": 2}))


@pytest.mark.parametrize("lie", [lambda trace, what: [], lambda trace, what: [judgement.Breach(8, 0)]])
def test_a_model_that_the_judge_does_not_confirm_gives_unknown(monkeypatch, lie):
    monkeypatch.setattr(judgement, "breaches", lie)
    (result, *_) = prove_text(TEXT).results
    assert result.verdict == "unknown" and result.reason.startswith("internal error")


IN_TURNS = """layout l { M0 = bit 0; M1 = bit 1; }
theorem t for layout in l against nobody {
    parallel { thread a { set_bit(0, sptep); set_bit(1, sptep); } thread b { *sptep = 0; } }
    prove ensures (end & M0) && (end & M1);
}
"""
SCHEDULES = {
    "ends too early": lambda turns: turns[:-1],
    "goes on when all threads have ended": lambda turns: (*turns, turns[-1]),
    "names no thread that can go on": lambda turns: (*turns[:-1], *{"a", "b"} - {turns[-1]}),
}


@pytest.mark.parametrize("why", SCHEDULES)
def test_a_schedule_that_does_not_fit_is_refused_and_says_why(why):
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counterexamples, "replay", lambda witness: seen.append(witness) or replay(witness))
        prove_text(IN_TURNS)
    witness = seen[0]
    assert sorted(witness.schedule) in (["a", "a", "b"], ["a", "a", "b", "b"])
    with pytest.raises(Refused, match=why):
        replay(replace(witness, schedule=SCHEDULES[why](tuple(witness.schedule))))
