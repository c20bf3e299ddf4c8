import pytest

from spteproof.editing.completion import completions, signature

HEAD = """\
layout small { W = bit 1; D = bit 9; }
family both = small;
ghost bool dirty;
agent cpu lockless { step s: { spte |= D; } }
agent reader holding mmu_lock(read) { step s: { spte |= D; } }
interface mmu { predicate must(u64 old); }
era v1 implements mmu { predicate must(u64 old) = old & W; }
helper put(u64 old, u64 new) -> u64 { return xchg(sptep, new); }
"""


@pytest.fixture
def labels(opened):
    def found(text):
        documents, document, at = opened(HEAD + text)
        return {each.label for each in completions(documents, document, at)}

    return found


@pytest.mark.parametrize(
    ("text", "there", "not_there"),
    [
        ("the§", {"theorem", "layout", "use"}, {"W", "prove"}),
        ("theorem t against any number of §", {"cpu", "reader"}, {"small", "W", "put"}),
        ("theorem t against any number of cpu, §", {"cpu", "reader"}, {"small", "W"}),
        ("theorem t against §", {"any", "all", "nobody"}, {"cpu"}),
        ("theorem t for layout in §", {"small", "both"}, {"cpu", "W"}),
        ("theorem t for layout in small, era in §", {"v1"}, {"cpu", "W"}),
        ("theorem t where layout has §", {"W", "D"}, {"small", "cpu"}),
        ("theorem t holding §", {"mmu_lock"}, {"W"}),
        ("theorem t { u64 seen = REA§", {"READ_ONCE", "put", "W", "BIT_ULL", "sptep"}, {"cpu", "seen0", "for"}),
        ("theorem t(u64 m) { u64 old = READ_ONCE(*sptep), new = §", {"m", "old", "W", "any"}, {"theorem"}),
        ("theorem t { prove §", {"preserves", "ensures", "keeps"}, {"W", "u64"}),
        ("theorem t { prove preserves §", {"W", "BIT_ULL"}, {"preserves"}),
        ("theorem t { u64 seen; prove conserves D into §", {"seen", "dirty"}, {"W", "cpu"}),
        ("theorem t { prove preserves D expect §", {"proved", "refuted", "vacuous"}, {"W"}),
        ("theorem t { prove preserves D expect refuted in §", {"small", "both", "v1"}, {"W", "cpu"}),
        ("theorem t { prove preserves D expect refuted losing {§", {"W", "D"}, {"small"}),
        ("layout new extends §", {"small"}, {"cpu", "both"}),
        ("layout new { X = bit 1 overlaps §", {"W"}, {"small"}),
        ("layout new { X = §", {"bit", "none", "some", "W"}, {"cpu"}),
        ("era v2 implements §", {"mmu"}, {"small"}),
        ("use kvm.§", {"kvm.mmu", "kvm.everybody"}, {"mmu", "W"}),
        ("theorem t { u64 x = 1; // not h§", set(), {"W", "put"}),
        ("/* nor h§ */", set(), {"W", "theorem"}),
        ("theorem t { if (W) { put(1, 2); } §", {"u64", "prove", "if", "put"}, {"theorem", "cpu"}),
    ],
)
def test_what_is_offered_is_what_can_come(labels, text, there, not_there):
    found = labels(text)
    assert there <= found
    assert not not_there & found


def test_behind_a_mistake_everything_is_offered(labels):
    assert {"W", "put", "READ_ONCE"} <= labels("theorem t { u64 = = §")


def test_what_is_replaced_is_the_word_that_is_typed(opened):
    documents, document, at = opened(HEAD + "theorem t { READ_O§")
    found = completions(documents, document, at)
    assert {document.text[each.start : at] for each in found} == {"READ_O"}


def test_an_operation_is_offered_with_its_meaning_and_places_to_fill(opened):
    documents, document, at = opened(HEAD + "theorem t { §")
    found = {each.label: each for each in completions(documents, document, at)}
    assert found["atomic64_fetch_and"].snippet == "atomic64_fetch_and(${1:mask}, sptep)$0"
    assert "the value before" in found["atomic64_fetch_and"].documentation
    assert found["put"].detail == "put(u64 old, u64 new) -> u64"


@pytest.mark.parametrize(
    ("text", "label", "active"),
    [
        ("theorem t { put(§", "put(u64 old, u64 new) -> u64", 0),
        ("theorem t { put(1, §", "put(u64 old, u64 new) -> u64", 1),
        ("theorem t { put(BIT_ULL(1), §", "put(u64 old, u64 new) -> u64", 1),
        ("theorem t { put(BIT_ULL(§", "BIT_ULL(nr) -> u64", 0),
        ("theorem t { try_cmpxchg64(sptep, §", "try_cmpxchg64(sptep, &old, new) -> bool", 1),
        ("theorem t { cmpxchg64(sptep, 1, §", "cmpxchg64(sptep, old, new) -> u64", 2),
    ],
)
def test_a_call_shows_its_parameters(opened, text, label, active):
    documents, document, at = opened(HEAD + text)
    found = signature(documents, document, at)
    assert (found.label, found.active) == (label, active)
    assert all(start < end for start, end in found.parameters)


@pytest.mark.parametrize("text", ["theorem t { put(1, 2); §", "theorem t { (W §", "theorem t { nowhere(§", "§"])
def test_outside_of_a_call_there_is_none(opened, text):
    documents, document, at = opened(HEAD + text)
    assert signature(documents, document, at) is None
