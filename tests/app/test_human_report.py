"""The report for a person: golden texts of verdicts and of interleavings."""

import json
import re

import pytest

from .conftest import LARGE, ROOT, SMALL

RACE = "spec/mail/whole_value_written_back.spte"


def timeless(text):
    return re.sub(r" in \d+\.\d\d s: ", " in a while: ", text)


@pytest.fixture
def report(spteproof, small):
    def call(text, *words):
        small.write_text(text)
        return timeless(spteproof("prove", small, *words).out)

    return call


def test_the_race_of_the_mail(spteproof, golden, monkeypatch):
    monkeypatch.chdir(ROOT)
    answer = spteproof("prove", RACE, "--layout", "ept")
    assert answer.status == 0
    golden("race_of_the_mail.txt", timeless(answer.out))


def test_a_small_report(report, golden):
    golden("small_report.txt", report(SMALL))


def test_verdicts_not_as_expected(report, golden):
    text = SMALL.replace("losing {D}", "losing {W}").replace(
        "prove preserves W | D;", "prove preserves W expect refuted;"
    )
    golden("not_as_expected.txt", report(text))


SAYS_LITTLE = """\
layout tiny { W = bit 1; A = none; }
helper f() -> u64 { return atomic64_fetch_and(~W, sptep); }
theorem t {
    u64 old = f();
    prove preserves A;
    prove conserves A into old;
    prove ensures old & A -> end;
    prove changes only W;
    prove equivalent f(), f();
}
lemma alone { prove equivalent f(), f(); }
theorem narrowed against nobody { prove equivalent f(), f(); }
"""


def test_what_says_less_than_it_seems_is_noted_beside_it_and_so_is_who_runs_meanwhile(report, golden):
    golden("says_little.txt", report(SAYS_LITTLE, "--verbose"))


@pytest.mark.usefixtures("few_nodes")
def test_an_unknown_and_what_a_verdict_covers(report, golden):
    golden("unknown_and_scope.txt", report(LARGE + "agent other lockless { step s: { spte |= A; } }\n", "--verbose"))


@pytest.mark.parametrize("wish, count", [("none", 0), ("unexpected", 0), ("first", 1), ("all", 2)])
def test_which_counterexamples_are_drawn(report, wish, count):
    text = SMALL.replace("losing {D};", "losing {D};\n    prove preserves D  expect refuted;")
    assert report(text, "--counterexamples", wish).count("CPU 0 (theorem)") == count


def test_a_counterexample_is_drawn_once(report):
    assert report(SMALL, "--counterexamples", "all").count("CPU 0 (theorem)") == 1


def test_an_unexpected_one_is_drawn_among_many_theorems(report):
    many = "".join(f"theorem t{n}() for layout in small {{ prove that W != {n + 3}; }}\n" for n in range(4))
    assert report(SMALL + many).count("CPU 0 (theorem)") == 0
    assert report(SMALL.replace("losing {D}", "losing {W}") + many).count("CPU 0 (theorem)") == 1


def test_without_a_path_the_library_is_proved(spteproof):
    answer = spteproof("prove", "--theorem", "tracking_*", "--layout", "ept")
    assert answer.status == 0
    assert answer.out.endswith(": all as expected\n")


INPUTS = """\
layout one { W = bit 1; D = bit 6; }
helper maybe(u64 m) { bool write = any; if (write) atomic64_or(m, sptep); }
helper twice() { maybe(W); maybe(D); }
theorem inputs { bool go = any; u64 unset; if (go && unset == 7) twice(); prove changes only W; }
"""


def test_inputs_are_called_by_their_variables(spteproof, small):
    small.write_text(INPUTS)
    shown = next(line for line in spteproof("prove", "small.spte").out.splitlines() if line.startswith("    with"))
    assert shown.split("with")[1].strip() == (
        "any go = true, any unset = 7, any write:2 #1 = false, any write:2 #2 = true"
    )


def test_who_is_left_out_of_all_agents_is_named(spteproof, small):
    small.write_text(
        "layout l { W = bit 1; }\nagent sets(u64 which) lockless { step s: { spte |= which; } }\n"
        "theorem t against all { u64 x = READ_ONCE(*sptep); prove ensures end == x; }\n"
    )
    assert "  all agents in scope: nobody; left out: sets\n" in spteproof("prove", "small.spte").out


def test_a_store_in_a_line_with_others_is_drawn_alone(spteproof, small):
    text = "layout small { W = bit 1; }\ntheorem t { u64 old = *sptep; *sptep = old & ~W; prove preserves W; }\n"
    small.write_text(text)
    drawn = [line.split("  ")[2] for line in spteproof("prove", small).out.splitlines() if line.startswith("    *")]
    assert drawn == ["*sptep = old & ~W"]


def test_a_fact_about_values_that_a_program_read_is_drawn_with_the_program(report):
    text = "layout l { W = bit 1; D = bit 6; }\nagent cpu lockless { step sets: when spte & W { spte |= D; } }\n"
    text += "theorem t against any number of cpu { u64 a = *sptep; u64 b = *sptep; prove that a == b; }\n"
    drawn = report(text)
    assert "cpu.sets" in drawn and "u64 b = *sptep" in drawn and "0x0000000000000002" in drawn


def test_each_expectation_of_a_property_that_is_asked_twice_is_named(report):
    asked = "prove preserves W expect refuted losing {Z}; prove preserves W expect refuted losing {Z, W};"
    told = report(f"layout l {{ W = bit 1; Z = none; }}\ntheorem t {{ atomic64_and(~W, sptep); {asked} }}\n")
    assert "expected refuted losing {Z}\n" in told and "expected refuted losing {Z, W}\n" in told


def test_what_is_so_in_some_layouts_only_is_said_of_these(report):
    text = "layout bare { W = bit 1; D = none; }\nlayout full { W = bit 1; D = bit 6; }\n"
    text += "agent cpu lockless { step sets: { spte |= D; } }\ntheorem t against any number of cpu {\n"
    text += "    u64 old = *sptep;\n    if (old & D) *sptep = 0;\n    prove ensures true;\n}\n"
    told = report(text, "-v")
    assert "  agents that change nothing here in bare: cpu\n" in told
    assert "  branches that nothing reaches in bare: small.spte:6 (then)\n" in told
    assert report(text, "-v", "--layout", "full").count("nothing") == 0


def test_where_symbolic_bits_lie_is_said_of_each_execution(report, spteproof):
    text = "layout l { W = bit 1; A = some bit; D = some bit or none; }\n"
    text += "theorem t { atomic64_and(~A, sptep); prove preserves W | D; }\nlemma u { prove that A != 2 || D; }\n"
    told = report(text, "--counterexamples", "all")
    assert "    with    A = bit 0, D = bit 0\n" in told and "    with    A = bit 1, D = none\n" in told
    assert "    with    A = bit 1\n            D = none\n" in told
    found = json.loads(spteproof("prove", "small.spte", "--format", "json").out)["results"]
    placed = [each["counterexample"]["placement"] for each in found if each["theorem"] == "u"]
    assert placed == [{"A": f"0x{2:016x}", "D": f"0x{0:016x}"}]


def test_an_int_has_its_sign(report, spteproof):
    told = report("layout l { W = bit 1; }\nlemma below(int n in -4..-3, u64 x) { prove that n == -3; }\n")
    assert "    with    n = -4\n            x = 0\n" in told
    (found,) = json.loads(spteproof("prove", "small.spte", "--format", "json").out)["results"]
    assert found["counterexample"]["parameters"] == {"n": -4, "x": 0}
