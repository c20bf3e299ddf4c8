"""`mutate`: who survives, who is killed by whom, what is declared equivalent, what is kept, and what `prove` says of it."""

import json
import multiprocessing
import re
import signal
import sqlite3
import time
from contextlib import suppress

import pytest

from spteproof.cli import main
from spteproof.mutating import suspecting
from spteproof.mutating.pool import judged, worked

TEXT = """layout mine { PRESENT = bit 0; W = bit 1; A = bit 5; D = bit 6; }
agent cpu lockless {
    step read:  when spte & PRESENT { spte |= A; }
    step write: when spte & W { spte |= A | D; }
}
predicate may_change(u64 spte) = !(spte & A) || !(spte & D);
helper clear(u64 old, u64 mask) -> u64 {
    if (may_change(old))
        return atomic64_fetch_and(~mask, sptep);
    WRITE_ONCE(*sptep, old & ~mask);
    return old;
}
theorem keeps for layout in mine against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    u64 seen = clear(old, W);
    prove preserves A | D;
    prove refines { seen = *sptep; *sptep &= ~W; };
}
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("SPTEPROOF_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "t.spte"
    path.write_text(TEXT)
    return path


def mutated(path, capsys, *options, text=None):
    if text is not None:
        path.write_text(text)
    status = main(["mutate", str(path), "--format", "json", "--jobs", "1", *options])
    captured = capsys.readouterr()
    return status, (json.loads(captured.out) if captured.out else captured.err)


def fates(report, item):
    return {(each["old"], each["new"]): each["fate"] for each in report["mutants"] if each["item"] == item}


def test_changes_are_judged(path, capsys):
    status, report = mutated(path, capsys)
    assert status == 1 and report["summary"]["killed"] > 25
    helper, predicate = fates(report, "clear"), fates(report, "may_change")
    assert helper["~mask", "mask"] == "killed"
    assert helper["WRITE_ONCE(*sptep, old & ~mask);", "{ }"] == "killed"
    locked = next(new for old, new in helper if old == "return atomic64_fetch_and(~mask, sptep);")
    assert helper["return atomic64_fetch_and(~mask, sptep);", locked] == "killed"
    assert predicate["!(spte & A) || !(spte & D)", "(!(spte & A))"] == "killed"
    assert helper["if (may_change(old))\n        return atomic64_fetch_and(~mask, sptep);",
                  "return atomic64_fetch_and(~mask, sptep);"] == "survived"  # fmt: skip
    killed = next(each for each in report["mutants"] if each["fate"] == "killed")
    assert killed["killer"] == "keeps" and killed["where"] == "mine" and killed["shown_to"] == ["keeps"]
    assert report["theorems"] == [
        {"theorem": "keeps", "shown": report["theorems"][0]["shown"], "refuted": report["summary"]["killed"]}
    ]


def test_a_survivor_is_drawn_at_its_place(path, capsys):
    assert main(["mutate", str(path), "--jobs", "1", "--item", "clear", "--verbose"]) == 1
    out = capsys.readouterr().out
    assert "warning[mutant.survived]: no theorem notices: the condition is gone in `clear`" in out
    assert "t.spte:8:5" in out and "changed to `return atomic64_fetch_and(~mask, sptep);`" in out
    assert (
        "`keeps` looked at it, and no verdict that was as expected has changed" in out and "killed, 1 survived" in out
    )
    assert re.search(r"t\.spte:8 +\d+ +1 +0 +0\n.*t\.spte:9 +[1-9]\d* +0 +0 +0\n", out)


def test_a_theorem_that_fails_as_it_stands_is_not_said_to_hold(path, capsys):
    path.write_text(
        "layout mine { P = bit 0; A = bit 5; X = bit 60; }\n"
        "agent sharer lockless { step share: when spte & P { spte |= X; } }\n"
        "helper forget() { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~A); }\n"
        "theorem keeps for layout in mine against any number of sharer { forget(); prove preserves X; }\n"
    )
    assert main(["prove", str(path)]) == 1
    main(["mutate", str(path), "--jobs", "1"])
    out = capsys.readouterr().out
    assert "mutant.survived" in out and "`keeps` looked at it" in out and "as expected has changed" in out
    assert "holds as expected" not in out


def test_what_was_judged_is_not_judged_again(path, capsys, monkeypatch):
    first = mutated(path, capsys, "--item", "clear")[1]
    monkeypatch.setattr("spteproof.mutating.judging.Judge.judge", None)
    second = mutated(path, capsys, "--item", "clear")[1]
    assert second["mutants"] == first["mutants"]


def test_another_text_is_judged_anew(path, capsys):
    mutated(path, capsys, "--item", "clear")
    status, report = mutated(
        path, capsys, "--item", "clear", text=TEXT.replace("prove refines { seen = *sptep; *sptep &= ~W; };", "")
    )
    assert fates(report, "clear")["WRITE_ONCE(*sptep, old & ~mask);", "{ }"] == "survived"


THREE = (
    TEXT
    + """
theorem keeps_too for layout in mine against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(old & PRESENT);
    atomic64_fetch_and(~W, sptep);
    prove preserves A | D;
}
theorem clears for layout in mine against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    assume(old & W);
    u64 seen = clear(old, D);
    prove changes only D;
}
"""
)


@pytest.fixture
def tried(monkeypatch):
    """The mutants that are judged, as (item, old text's place, new text)."""
    found = []

    def heard(court, subjects, jobs):
        found.extend((each.mutant.item, each.mutant.kind, each.mutant.new) for each in subjects)
        yield from judged(court, subjects, jobs)

    monkeypatch.setattr("spteproof.mutating.command.judged", heard)
    return found


def test_only_what_a_changed_theorem_can_tell_is_judged_again(path, capsys, tried):
    first = mutated(path, capsys, text=THREE)[1]
    assert {item for item, _, _ in tried} == {"mine", "cpu", "may_change", "clear", "keeps", "keeps_too", "clears"}
    tried.clear()
    moved = mutated(path, capsys, text="// one line more\n" + THREE)[1]
    meaningless = {each["new"] for each in first["mutants"] if each["fate"] == "meaningless"}
    assert {new for _, _, new in tried} <= meaningless
    tried.clear()
    assert fates(moved, "clear") == fates(first, "clear")

    changed = THREE.replace("prove preserves A | D;\n}\ntheorem clears", "prove preserves A;\n}\ntheorem clears")
    again = mutated(path, capsys, text=changed)[1]
    assert "keeps_too" in {item for item, _, _ in tried}
    assert not {"clear", "may_change", "clears", "keeps"} & {item for item, _, _ in tried}
    survivors = {each["new"] for each in first["mutants"] if each["item"] == "cpu" and each["fate"] == "survived"}
    assert survivors <= {new for item, _, new in tried if item == "cpu"}
    anew = mutated(path, capsys, "--no-cache")[1]
    assert [(each["new"], each["fate"]) for each in again["mutants"]] == [
        (each["new"], each["fate"]) for each in anew["mutants"]
    ]


def test_a_changed_killer_is_asked_again(path, capsys, tried):
    first = mutated(path, capsys, "--item", "clear", text=THREE)[1]
    killed = {each["new"] for each in first["mutants"] if each["killer"] == "keeps"}
    tried.clear()
    weaker = THREE.replace(
        "    prove preserves A | D;\n    prove refines { seen = *sptep; *sptep &= ~W; };\n",
        "    prove that seen == seen;\n",
    )
    again = mutated(path, capsys, "--item", "clear", text=weaker)[1]
    assert killed and killed <= {new for _, _, new in tried}
    assert "keeps" not in {each["killer"] for each in again["mutants"]}


def test_a_damaged_entry_is_judged_again(path, capsys, tmp_path):
    first = mutated(path, capsys, "--item", "clear")[1]
    with sqlite3.connect(tmp_path / "cache" / "mutants.sqlite") as connection:
        connection.execute("UPDATE outcomes SET value = replace(value, 'killed', 'survived')")
    connection.close()
    second = mutated(path, capsys, "--item", "clear")[1]
    assert second["mutants"] == first["mutants"]


def test_an_assert_of_a_layout_notices_what_it_calls(path, capsys):
    called = "predicate low(u64 m) = !(m & ~127ULL) && m & W;\nlayout other extends mine { assert low(W); }\n"
    use = "lemma t(u64 m) for layout in mine { prove that low(m) || !low(m); }"
    first = mutated(path, capsys, "--item", "low", text=TEXT + called + use)[1]
    found = {each["new"]: (each["fate"], each["killer"]) for each in first["mutants"]}
    assert found["D"] == ("killed", "other") and ("survived", None) in found.values()
    again = mutated(path, capsys, "--item", "low", text=TEXT + called.replace("assert low(W);", "") + use)[1]
    assert {each["fate"] for each in again["mutants"]} == {"survived"}


def declared(line, at):
    return TEXT.replace(at, f"// equivalent mutant: {line}\n{at}")


def test_an_equivalent_mutant_is_proved(path, capsys):
    doubled = TEXT.replace("!(spte & D);", "!(spte & D & D);")
    line = "// equivalent mutant: (spte & D & D) => ((spte & D)) because D is the only bit of a masked entry\n"
    text = doubled.replace("predicate may", f"{line}predicate may")
    status, report = mutated(path, capsys, "--item", "may_change", text=text)
    [entry] = [each for each in report["mutants"] if each["declared_equivalent"]]
    assert entry["fate"] == "survived"
    assert entry["declared_equivalent"] == {
        "proved": True,
        "reason": "D is the only bit of a masked entry",
        "problem": None,
    }
    assert not report["stale_declarations"]
    assert report["summary"]["declared_equivalent"] == 1
    assert [(each["line"], each["equivalent"]) for each in report["lines"]] == [(7, 1)]
    assert {fate: report["lines"][0][fate] for fate in ("killed", "survived", "undecided")} == {
        fate: report["summary"][fate] for fate in ("killed", "survived", "undecided")
    }


def test_the_brackets_around_what_was_changed_may_be_left_out(path, capsys):
    doubled = TEXT.replace("!(spte & D);", "!(spte & D & D);")
    line = "// equivalent mutant: spte & D & D => spte & D because D is the only bit of a masked entry\n"
    _, report = mutated(
        path, capsys, "--item", "may_change", text=doubled.replace("predicate may", f"{line}predicate may")
    )
    assert not report["stale_declarations"]
    assert [each["new"] for each in report["mutants"] if each["declared_equivalent"]] == ["((spte & D))"]


def test_what_is_not_equivalent_is_not_proved(path, capsys):
    text = declared(
        "if (may_change(old)) return atomic64_fetch_and(~mask, sptep); => return atomic64_fetch_and(~mask, sptep); "
        "because both clear it",
        "    if (may",
    )
    status, report = mutated(path, capsys, "--item", "clear", text=text)
    [entry] = [each for each in report["mutants"] if each["declared_equivalent"]]
    assert status == 1 and entry["declared_equivalent"]["proved"] is False
    assert "refuted in mine" in entry["declared_equivalent"]["problem"]
    assert (report["summary"]["declared_equivalent"], report["summary"]["declared_wrongly"]) == (0, 1)


@pytest.mark.parametrize(
    "item, proved",
    [
        ("predicate above(int level) = level > 0;", False),
        ("helper above(int level) -> bool { return level > 0; }", False),
        ("predicate above(int n) = n != 0 && n > 0;", True),
    ],
)
def test_all_values_of_an_int_are_meant_where_one_is_proved(path, capsys, item, proved):
    name = "n" if "int n" in item else "level"
    line = f"// equivalent mutant: {name} > 0 => {name} >= 0 because levels begin with 1"
    use = "theorem t(int level) for layout in mine { bool b = above(level - 1); if (b) *sptep |= D; prove changes only D; }"
    report = mutated(path, capsys, "--item", "above", text=f"{TEXT}{line}\n{item}\n{use}")[1]
    [entry] = [each for each in report["mutants"] if each["declared_equivalent"]]
    assert entry["fate"] == "survived" and entry["declared_equivalent"]["proved"] is proved
    assert proved or "refuted in mine" in entry["declared_equivalent"]["problem"]


def test_a_declaration_that_fits_no_mutant_is_told(path, capsys):
    text = declared("spte & X => spte because it was once", "predicate may")
    status, report = mutated(path, capsys, "--item", "may_change", text=text)
    assert status == 1 and report["stale_declarations"][0]["old"] == "spte & X"
    main(["mutate", str(path), "--item", "may_change", "--jobs", "1"])
    assert "declared equivalent, and no mutant is like that" in capsys.readouterr().out


def test_a_declaration_of_one_that_is_told_apart_is_told(path, capsys):
    status, report = mutated(
        path, capsys, "--item", "clear", text=declared("~mask => mask because why not", "        return atomic")
    )
    [entry] = [each for each in report["mutants"] if each["declared_equivalent"]]
    assert status == 1 and "`keeps` tells them apart" in entry["declared_equivalent"]["problem"]


WEAK = (
    TEXT[: TEXT.index("theorem")]
    + """theorem weak for layout in mine against any number of cpu {
    u64 old = *sptep;
    bool changes = may_change(old);
    prove ensures changes || !changes;
}
"""
)


def test_prove_says_who_never_noticed_anything(path, capsys):
    mutated(path, capsys)
    main(["prove", str(path)])
    assert "suspicious" not in capsys.readouterr().err
    mutated(path, capsys, text=WEAK)
    assert main(["prove", str(path)]) == 0
    err = capsys.readouterr().err
    assert "`weak` is suspicious: it does not notice any of the" in err
    path.write_text(WEAK.replace("ensures changes", "ensures  changes"))
    main(["prove", str(path)])
    assert "suspicious" not in capsys.readouterr().err


def test_what_fails_is_not_called_suspicious(path, capsys):
    mutated(path, capsys, text=WEAK)
    kept = WEAK.replace("prove ensures changes || !changes;", "prove ensures changes;")
    mutated(path, capsys, text=kept)
    main(["mutate", str(path), "--jobs", "1"])
    out = capsys.readouterr().out
    assert re.search(r"weak +\d+ +0  it is not as expected anyway\n", out) and "suspicious" not in out
    assert main(["prove", str(path)]) == 1
    assert "suspicious" not in capsys.readouterr().err
    refuted = kept.replace("changes;\n}", "changes    expect refuted;\n}")
    mutated(path, capsys, text=refuted)
    assert main(["prove", str(path)]) == 0
    assert "suspicious" not in capsys.readouterr().err


def test_a_part_of_the_mutants_makes_nobody_suspicious(path, capsys):
    mutated(path, capsys, "--sample", "3", text=WEAK)
    main(["prove", str(path)])
    assert "suspicious" not in capsys.readouterr().err


def test_a_sample_is_the_same_each_time_and_says_what_it_left_out(path, capsys):
    status, first = mutated(path, capsys, "--sample", "5", "--seed", "3")
    assert len(first["mutants"]) == 5 and first["summary"]["not_tried"] > 20
    assert [each["new"] for each in mutated(path, capsys, "--sample", "5", "--seed", "3")[1]["mutants"]] == [
        each["new"] for each in first["mutants"]
    ]


def test_time_that_runs_out_is_said(path, capsys):
    status, report = mutated(path, capsys, "--time", "0.000001")
    assert report["summary"]["not_tried"] > 20 and status in (1, 3)


def test_workers_find_the_same(path, capsys):
    alone = mutated(path, capsys, "--item", "clear", "--no-cache")[1]
    main(["mutate", str(path), "--item", "clear", "--format", "json", "--jobs", "2", "--no-cache"])
    assert json.loads(capsys.readouterr().out)["mutants"] == alone["mutants"]


ASSERTING = """layout one { W = bit 1; D = bit 6; value ONE = BIT_ULL(1); assert ONE == W; assert D == BIT_ULL(7); }
layout two extends one { X = bit 9; }
lemma t(u64 spte) for layout in one, two { prove that (spte & W) == 0 || spte != 0; }
"""


def test_an_assert_of_a_layout_notices(path, capsys, monkeypatch):
    """The second one fails in the text as it is, and notices nothing."""
    report = mutated(path, capsys, text=ASSERTING)[1]
    told = [each for each in report["mutants"] if each["fate"] != "meaningless"]
    assert {(each["old"], each["new"]): (each["fate"], each["killer"]) for each in told} == {
        ("1", "2"): ("killed", "one"),
        ("6", "7"): ("survived", None),
        ("9", "10"): ("survived", None),
    }
    monkeypatch.setattr("spteproof.mutating.judging.Judge.judge", None)
    monkeypatch.setattr("spteproof.mutating.command.suspect", lambda *arguments: None)
    assert mutated(path, capsys)[1]["mutants"] == report["mutants"]


class NoCourt:
    """Where nothing is judged."""

    reach = None
    judges = ()

    class texts:
        check = staticmethod(lambda: None)


def stubborn(judge, each):
    """Takes a signal for an error of its own, and goes on, but for the first."""
    number, path = each
    until = time.monotonic() + (3 if number else 0)
    while time.monotonic() < until:
        with suppress(BaseException):
            time.sleep(0.1)
    if number:
        path.write_text("ended in its own time")


def test_workers_that_do_not_listen_are_ended(tmp_path):
    def heard(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, heard)
    try:
        found = worked(NoCourt, stubborn, [(number, tmp_path / f"{number}") for number in range(4)], 2)
        assert next(found)[0][0] == 0
        workers = multiprocessing.active_children()
        found.close()
        for each in workers:
            each.join()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert workers and not list(tmp_path.glob("[0-9]"))


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["-"], "not of standard input"),
        (["no/such.spte"], "no/such.spte"),
        (["--sample", "0"], "not a whole number"),
        (["--item", "nobody"], "there is nothing to mutate"),
        (["--item", "clear", "--item", "may_chagne"], "called `may_chagne`: did you mean `may_change`?"),
        (["--by", "no/such.spte"], "no/such.spte"),
    ],
)
def test_wrong_calls(path, arguments, said, capsys):
    paths = [] if arguments[0] in ("-", "no/such.spte") else [str(path)]
    try:
        status = main(["mutate", *paths, *arguments])
    except SystemExit as ended:
        status = ended.code
    assert status == 2 and said in capsys.readouterr().err


WRONG = TEXT.replace("prove preserves A | D;", "prove preserves A | D    expect refuted;")


def test_what_was_wrong_before_kills_nothing(path, capsys):
    """Only the refinement is as expected; the other property was not before the change, and tells nothing."""
    report = mutated(path, capsys, "--item", "clear", text=WRONG)[1]
    killed = [each for each in report["mutants"] if each["fate"] == "killed"]
    assert killed and all("refines" in each["how"] for each in killed)
    only_wrong = WRONG.replace("prove refines { seen = *sptep; *sptep &= ~W; };", "")
    report = mutated(path, capsys, "--item", "clear", text=only_wrong)[1]
    assert report["summary"]["killed"] == 0


TWO = """layout mine { A = bit 5; D = bit 6; }
predicate both(u64 spte) = spte & A && spte & D;
lemma first(u64 spte) for layout in mine { prove that both(spte) == ((spte & (A | D)) == (A | D)); }
lemma second(u64 spte) for layout in mine { prove that both(spte) -> spte & A; }
"""


def test_who_comes_second_is_not_suspicious_for_that(path, capsys):
    report = mutated(path, capsys, text=TWO)[1]
    assert {each["theorem"]: each["refuted"] > 0 for each in report["theorems"]} == {"first": True, "second": True}


def test_what_a_theorem_refutes_is_kept(path, capsys, monkeypatch):
    first = mutated(path, capsys, text=TWO)[1]
    monkeypatch.setattr(suspecting, "show", None)
    assert mutated(path, capsys)[1]["theorems"] == first["theorems"]


def test_workers_show_theorems_the_same(path, capsys):
    text = TWO + "".join(f"lemma other{n}(u64 spte) for layout in mine {{ prove that true; }}\n" for n in range(3))
    options = ("--no-cache", "--seconds", "100")
    alone = mutated(path, capsys, *options, text=text)[1]
    main(["mutate", str(path), "--format", "json", "--jobs", "2", *options])
    assert json.loads(capsys.readouterr().out)["theorems"] == alone["theorems"]


def test_who_judges_another_text_is_not_suspicious(path, capsys, monkeypatch):
    """Its own text may hold what it notices."""
    shared = path.parent / "shared.spte"
    shared.write_text(TWO.partition("lemma first")[0])
    path.write_text("use shared;\nlemma second(u64 spte) for layout in mine { prove that both(spte) -> both(spte); }\n")
    monkeypatch.setattr(suspecting, "show", None)
    assert main(["mutate", str(shared), "--by", str(path), "--jobs", "1"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"second +[1-9]\d* +0\n", out) and "suspicious" not in out


def test_for_want_of_time_nobody_is_blamed(path, capsys):
    mutated(path, capsys, text=TWO.replace("both(spte) -> spte & A", "both(spte) -> both(spte)"))
    main(["mutate", str(path), "--jobs", "1", "--time", "0.000001"])
    out = capsys.readouterr().out
    assert "not tried" not in out and "suspicious" not in out
    main(["mutate", str(path), "--jobs", "1"])
    assert "suspicious: it refuted none" in capsys.readouterr().out


def test_a_declaration_elsewhere_is_not_stale_where_one_item_is_changed(path, capsys):
    text = declared("!(spte & A) || !(spte & D) => (!(spte & A)) because not so", "predicate may")
    report = mutated(path, capsys, "--item", "clear", text=text)[1]
    assert report["stale_declarations"] == []


SHARED = "layout wide { W = bit 1; A = bit 5; D = bit 8; }\n"
NOTICING = """use shared;
layout fixed extends wide { }
theorem noticing for layout in wide, fixed against nobody { atomic64_and(~BIT_ULL(5), sptep); prove changes only A; }
"""
CLASHING = """use shared;
layout more extends wide { X = bit 6; }
theorem clashing for layout in more against nobody { atomic64_and(~A, sptep); prove changes only A; }
"""


def test_what_one_text_refutes_is_killed_though_it_makes_another_text_wrong(path, capsys):
    """Bit 6 is taken in a layout of the second text, whose theorem looks first. What was kept without it says the same."""
    for name, text in (("shared", SHARED), ("noticing", NOTICING), ("clashing", CLASHING)):
        (path.parent / f"{name}.spte").write_text(text)
    shared, *by = [str(path.parent / f"{name}.spte") for name in ("shared", "noticing", "clashing")]

    def fate_of_bit_6(*words):
        main(["mutate", shared, "--format", "json", "--jobs", "1", *words])
        return fates(json.loads(capsys.readouterr().out), "wide")["5", "6"]

    assert fate_of_bit_6("--by", by[0]) == "killed"
    assert fate_of_bit_6("--by", by[0], "--by", by[1]) == "killed"
    assert fate_of_bit_6("--by", by[0], "--by", by[1], "--no-cache") == "killed"
    assert fate_of_bit_6("--by", by[1]) == "meaningless"
