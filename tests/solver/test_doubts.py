"""Reasons of unknowns: words, each with the id of its kind."""

import pytest

from spteproof.running.pipeline import prove_text
from spteproof.solver.doubts import KINDS, LARGE, ORDERS, TIME, Doubt, TooBig
from spteproof.solver.results import Budget

LAYOUT = "layout l { M0 = bit 0; M1 = bit 1; }\nentry child;\nghost u64 told;\n"
TELLS = "agent tells lockless { step s: { told |= 1; } }\n"
LOOPS = "helper h() -> u64 { u64 old; retry { old = READ_ONCE(*sptep); } until (old & M0); return old; }\n"
READS = "helper h() -> u64 { return told; }\n"
ASSUMES = "helper h() -> u64 { u64 old = READ_ONCE(*sptep); assume(old & M0); return old; }\n"
SHIFTS = "helper h() -> u64 { u64 old = READ_ONCE(*sptep); return 1ULL << old; }\n"

TEXTS = {
    "unknown.equivalent": [
        (LOOPS + "lemma t { prove equivalent h(), h(); }", "no fixed number of events"),
        (READS + TELLS + "theorem t against any number of tells { prove equivalent h(), h(); }", "reads a ghost"),
        (ASSUMES + "lemma t { prove equivalent h(), h(); }", "an assumption of its own"),
        (SHIFTS + "lemma t { prove equivalent h(), h(); }", "undefined expression"),
    ],
    "unknown.rely": [
        ("theorem t against nobody rely before != after { *sptep = 0; prove preserves M0; }", "is not reflexive"),
        (TELLS.replace("told", "spte") + "theorem t against any number of tells rely before == after "
         "{ *sptep = 0; prove preserves M0; }", "does not contain every step"),
        ("theorem t against nobody rely true { u64 o = *sptep; prove ensures end == o; }", "rely too weak: no steps"),
    ],
    "unknown.undefined": [
        ("theorem t(u64 n) against nobody rely (before >> n) == (after >> n) { *sptep = 0; prove preserves M0; }",
         "the rely may be undefined"),
        ("theorem t(u64 m in {1ULL << (M0 + 70)}) { *sptep = m; prove changes only m; }", "it is undefined, at"),
        ("layout s { A = some bit or none; V = BIT_ULL(__ffs64(A)); }\n"
         "theorem t for layout in s { *sptep = V; prove changes only V; }", "it is undefined, at"),
    ],
    "unknown.retry": [
        ("theorem t against nobody { u64 n = 0; retry { n += 1; } until (n > 3 || *sptep == n); prove that n; }",
         "what a failed iteration of the retry"),
        ("theorem t { u64 o = *sptep; retry { *sptep = 1; } until (o == 1); prove changes only ~0ULL; }",
         "may change the entry or a ghost"),
    ],
    "unknown.locks": [
        ("agent slow holding m { u64 o = *sptep; *sptep = o; }\nagent clear holding m { step s: { spte = 0; } }\n"
         "theorem t against any number of slow, clear { u64 a = *sptep; u64 b = *sptep; u64 d = *sptep;"
         " prove that a && !b -> !d; }", "two of `slow` run at one time, and hold `m`"),
    ],
    "unknown.order": [
        ("theorem t { *sptep = 0; u64 seen = *child; prove changes only ~0ULL; }", "the plain store to `sptep`"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("id", "text", "words"), [(id, *each) for id, texts in TEXTS.items() for each in texts], ids=lambda each: each[-30:]
)
def test_a_reason_has_the_id_of_its_kind(id, text, words):
    found = [each for each in prove_text(LAYOUT + text).results if each.verdict == "unknown" and not each.implicit]
    assert found and all(words in (each.reason or "") for each in found), [each.reason for each in found]
    assert {each.reason_id for each in found} == {id}
    assert {type(each.reason) for each in found} == {str}


def test_a_solver_that_gives_up_gives_a_reason_of_time():
    text = LAYOUT + "theorem t(u64 a, u64 b) { assume(a > 1 && b > 1); prove that a * b != 0x1fffffffffffffd7ULL; }"
    (found,) = [each for each in prove_text(text, budget=Budget(effort=1000)).results if not each.implicit]
    assert (found.verdict, found.reason_id) == ("unknown", "unknown.time")


def test_what_is_decided_has_no_id():
    text = LAYOUT + "theorem t { u64 o = *sptep; assume(o && !o); *sptep = 0; prove preserves M0 expect vacuous; }"
    (found,) = prove_text(text + "theorem u { *sptep = 0; prove preserves M0; }").results[:1]
    assert (found.verdict, found.reason_id) == ("vacuous", None) and found.reason


def test_a_doubt_is_its_words():
    doubt = Doubt(TIME, "no time")
    assert (doubt, doubt.kind, f"{doubt}!") == ("no time", TIME, "no time!")
    assert (TooBig("large").doubt, TooBig("large").doubt.kind, str(TooBig("large"))) == ("large", LARGE, "large")
    assert (TooBig("orders", ORDERS).doubt.kind, str(TooBig("orders", ORDERS))) == (ORDERS, "orders")


def test_a_kind_that_nobody_knows_is_refused():
    with pytest.raises(AssertionError):
        Doubt("unknown.weather", "rain")
    assert all(kind.startswith("unknown.") for kind in KINDS)
