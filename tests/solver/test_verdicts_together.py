"""What is said of one claim by many placements and schedules, put together into one verdict."""

from types import SimpleNamespace

import pytest

from spteproof.grammar.modules import load_text
from spteproof.running.pipeline import LIBRARY, prove_text
from spteproof.solver import proof
from spteproof.solver.claims import Verdict
from spteproof.solver.doubts import LARGE, Doubt
from spteproof.solver.proof import _in_all, together

PROVED, VACUOUS = Verdict(verdict="proved"), Verdict(verdict="vacuous", reason="nothing happens")
UNKNOWN = Verdict(verdict="unknown", reason="time")
SHOWN, OTHER = SimpleNamespace(names=()), SimpleNamespace(names=())


def refuted(**said):
    return Verdict(verdict="refuted", **said)


@pytest.mark.parametrize(
    "parts, expected",
    [
        ((PROVED, PROVED), "proved"),
        ((PROVED, VACUOUS), "proved"),
        ((VACUOUS, PROVED), "proved"),
        ((VACUOUS, VACUOUS), "vacuous"),
        ((PROVED, UNKNOWN), "unknown"),
        ((UNKNOWN, VACUOUS), "unknown"),
        ((UNKNOWN, refuted()), "refuted"),
        ((PROVED, refuted(), VACUOUS), "refuted"),
    ],
)
def test_refuted_by_any_and_proved_only_where_nothing_is_open(parts, expected):
    assert together(parts).verdict == expected


def test_one_verdict_is_what_it_is():
    alone = refuted(losing=("W",), kept=("A",))
    assert together([alone]) is alone


def test_why_nothing_is_known_or_can_happen_is_told():
    assert together([PROVED, UNKNOWN, UNKNOWN]).reason == "time"
    assert together([VACUOUS, VACUOUS]).reason == "nothing happens"
    assert together([VACUOUS, PROVED]).reason is None


def test_all_that_can_be_lost_somewhere_is_named_once():
    parts = [refuted(losing=("W", "A")), PROVED, refuted(losing=("A", "D"))]
    assert together(parts).losing == ("W", "A", "D")
    assert together([UNKNOWN, PROVED]).losing == ()


def test_the_counterexample_that_is_shown_lacks_nothing():
    """That a later placement adds nothing is said without a counterexample."""
    silent, short = refuted(), refuted(counterexample=SHOWN, lacking=("W",), reason="no event loses W")
    full = refuted(counterexample=OTHER)
    assert together([silent, full]).counterexample is OTHER
    assert together([short, silent]).counterexample is SHOWN and together([short, silent]).lacking == ("W",)
    assert together([short, full]).counterexample is OTHER and together([short, full]).lacking == ()
    assert together([short, silent, PROVED, full, short]).counterexample is OTHER
    assert together([silent, silent]).counterexample is None


def test_each_bit_that_some_placement_loses_has_a_counterexample():
    one, both, again = (SimpleNamespace(names=names) for names in (("W",), ("W", "D"), ("D",)))
    found = [refuted(counterexample=one), refuted(), refuted(counterexample=both), refuted(counterexample=again)]
    assert together(found).counterexample is one and together(found).others == (both,)
    assert together([PROVED, refuted(counterexample=one, others=(again,))]).others == (again,)


def test_what_triggers_anywhere_is_triggered():
    idle = Verdict(verdict="proved", untriggered=True)
    assert together([idle, idle]).untriggered
    assert not together([idle, PROVED]).untriggered and not together([PROVED, idle]).untriggered
    assert together([idle, VACUOUS]).untriggered


def test_a_mask_that_holds_a_bit_anywhere_is_not_empty():
    empty = Verdict(verdict="proved", no_bits=True)
    assert together([empty, empty]).no_bits and together([VACUOUS, empty, empty]).no_bits
    assert not together([empty, PROVED]).no_bits and not together([PROVED, empty]).no_bits


def about(verdict, asked, kept=(), absent=()):
    return Verdict(verdict=verdict, asked=asked, kept=kept, absent=frozenset(absent))


def test_the_bits_asked_about_are_those_of_all_placements():
    assert together([about("proved", ("W",)), about("proved", ("A", "W"))]).asked == ("W", "A")
    assert together([about("proved", ("W",)), about("proved", None)]).asked is None
    assert together([about("proved", ()), about("proved", ())]).asked == ()


@pytest.mark.parametrize(
    "parts, kept",
    [
        ([about("proved", ("W",), ("W",)), about("proved", ("W",), ("W",))], ("W",)),
        ([about("proved", ("W",), ("W",)), about("refuted", ("W", "A"), ("A",))], ("A",)),
        ([about("refuted", ("W", "A"), ("W",)), about("refuted", ("W", "A"), ("W", "A"))], ("W",)),
        ([about("proved", ("W",), ("W",)), about("unknown", ("W",))], ()),
        ([about("proved", ("W", "A"), ("W", "A")), about("refuted", ("A",), ("A",), ("W",))], ("W", "A")),
        ([about("refuted", ("A",), (), ("W",)), about("unknown", ("A",), (), ("W",))], ()),
        ([about("proved", ("W",), ("W",)), about("vacuous", ("W",))], ("W",)),
        ([about("vacuous", ("W",)), about("vacuous", ("W",))], ()),
        ([about("proved", None, ("W",)), about("proved", ("W",), ("W",))], ()),
    ],
)
def test_a_bit_is_kept_where_no_placement_loses_it_and_one_shows_that(parts, kept):
    assert together(parts).kept == kept


def test_only_what_all_say_is_said():
    assert _in_all([("x", "y"), ("y",), ("z", "y")]) == ("y",)
    assert _in_all([("x", "y")]) == ("x", "y")


# What a verdict covers -------------------------------------------------------------------------------------


def scope_of(text):
    return prove_text(f"layout l {{ M0 = bit 0; M1 = bit 1; }}\n{text}").results[0].scope


AGENTS = """entry child;
agent sets lockless { step s: { spte |= M1; } }
agent named lockless { step s: { *child |= M1; } }
agent looks lockless { step s: when *child & M0 { spte |= M1; } }
agent flips lockless { step s: { spte ^= M0; } }
"""


def test_who_could_run_on_a_further_entry_is_said_to_be_left_out():
    body = "{ WRITE_ONCE(*child, 0); prove changes nothing expect refuted; }"
    found = scope_of(f"{AGENTS}theorem t for layout in l against any number of sets, named, looks {body}")
    assert found.environment == ("sets", "named", "looks") and found.omitted == (
        "flips",
        "sets on child",
        "flips on child",
    )
    found = scope_of(f"{AGENTS}theorem t for layout in l against any number of sets on child, named, looks {body}")
    assert found.environment == ("sets on child", "named", "looks") and found.omitted == (
        "sets",
        "flips",
        "flips on child",
    )


def test_a_theorem_of_one_entry_leaves_nobody_out_elsewhere():
    text = f"{AGENTS}theorem t for layout in l against any number of sets {{ *sptep = 0; prove changes nothing expect refuted; }}"
    assert all(" on " not in each for each in scope_of(text).omitted)


def test_an_assumption_is_told_as_it_was_written():
    found = scope_of(
        "theorem t(u64 n) for layout in l { u64 a = *sptep; assume((a & M0) && \n n); assume (a); prove that a; }"
    )
    assert found.assumptions == ("(a & M0) && n", "a")


# Many placements -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ["(M0 & M1) != 0", "(M0 & M1) == 0", "M0 != 1", "M0 == 1 || M0 != 1 && M1 != 1"])
def test_what_one_placement_refutes_is_refuted_wherever_it_stands(claim):
    layout = "layout l { M0 = some bit; M1 = some bit; M2 = bit 0; }\n"
    found = prove_text(f"{layout}theorem t for layout in l {{ u64 a = *sptep & M2; prove that {claim}; }}").results
    assert [each.verdict for each in found] == ["refuted"] and found[0].scope.placements > 2


def layout_results(text, **options):
    return [each for each in prove_text(text, **options).results if each.theorem == each.layout]


def test_a_layouts_asserts_hold_in_all_placements_or_are_refuted():
    text = "layout l {{ M0 = bit 0; M1 = {}; assert {}; }}\nlemma n for layout in l {{ prove that true; }}"
    for place, claim, verdict, placements in (
        ("bit 1", "(M0 & M1) == 0", "proved", 1),
        ("bit 1", "(M0 & M1) != 0", "refuted", 1),
        ("some bit overlaps M0", "(M0 & M1) == 0", "refuted", 2),
        ("some bit overlaps M0", "(M0 & M1) != 0", "refuted", 2),
        ("some bit overlaps M0", "M1 != 0", "proved", 1),
        ("some bit or none overlaps M0", "M1 != 0", "refuted", 2),
    ):
        (found,) = layout_results(text.format(place, claim))
        assert (found.verdict, found.ok, found.scope.placements) == (verdict, verdict == "proved", placements), claim
        assert found.property == f"assert {claim}" and 0 <= found.seconds < 60 and found.expected == "proved"


@pytest.mark.parametrize("error", [MemoryError, SystemError])
def test_where_memory_ran_out_it_is_said(prove, monkeypatch, error):
    def out_of_memory(*arguments, **options):
        raise error

    monkeypatch.setattr(proof, "decisions", out_of_memory)
    (found,) = prove("theorem t for layout in l against nobody { clear_bit(1, sptep); prove preserves M2; }")
    assert (found.verdict, found.reason) == ("unknown", "memory ran out")


def test_an_instance_that_is_given_up_is_unknown_for_that_reason():
    text = "layout l { M0 = bit 0; }\nlayout n { M0 = none; }\ntheorem t for layout in l, n where layout has M0 "
    library = load_text(
        text + "{ *sptep = 0; prove changes nothing; prove preserves M0; }", name="t", library_root=LIBRARY
    ).library
    (found,) = proof.Prover(library).pieces(library.theorems["t"], 0, 1, given_up=Doubt(LARGE, "no time"))
    assert [(each.verdict, each.reason, each.layout) for each in found] == [("unknown", "no time", "l")] * 2
    assert {each.reason_id for each in found} == {"unknown.large"}
    both = list(proof.Prover(library).pieces(library.theorems["t"], given_up=Doubt(LARGE, "no time")))
    assert len(both) == 2


def test_ghosts_and_entries_that_nobody_speaks_of_are_no_part_of_the_state():
    text = "layout l { M0 = bit 0; }\nghost bool used;\nghost bool unused;\nentry child;\n"
    (found,) = prove_text(
        text + "theorem t for layout in l { used = true; *sptep = 0; prove changes nothing; }"
    ).results
    assert set(found.counterexample.ghosts) == {"used"} and not found.counterexample.entries
