import pytest

from spteproof.editing.hover import hover
from spteproof.editing.words import BUILT_INS, INSTANTS, KEYWORDS, operation_events, operation_text
from spteproof.grammar.bodies import BUILT_IN, ENTRY_WORDS
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.parsing import item_parser


@pytest.fixture
def said(opened):
    """What is said at the first place of a word, from `after` on."""

    def said_at(text, word, after=""):
        documents, document, _ = opened(text)
        documents.check(document)
        return hover(documents, document, text.index(word, text.index(after)), {"stores": "2 proved: as expected"})

    return said_at


def test_a_mask_shows_its_bits_in_every_layout(said, race):
    text = said(race, "W | D;")
    assert "| bit 1 | `small` |" in text
    assert "| bit 2 | `other` |" in text


def test_an_alias_shows_what_it_stands_for(said, race):
    assert "(`A`)" in said(race, "X = A")


def test_a_symbolic_mask_and_a_field_are_said_in_words(said):
    text = "layout l { S = some bit or none; F = GENMASK_ULL(9, 3); N = none; flag = true; value V = 6; }"
    assert "some bit or none" in said(text, "S =")
    assert "bits 9..3" in said(text, "F =")
    assert "| none |" in said(text, "N =")
    assert "| true |" in said(text, "flag")
    assert "| 0x6 |" in said(text, "V =")


def test_a_helper_shows_its_events_and_no_predicate_among_them(said, race):
    text = said(race, "clear(&seen")
    assert "helper clear(u64 *seen" in text
    assert "`READ_ONCE`, `atomic64_fetch_and`, `*sptep &=` (a read, then a write)" in text
    assert "`is_dirty` (a call)" not in text


def test_a_predicate_shows_its_text_and_an_agent_its_steps(said, race):
    assert "predicate is_dirty(u64 spte) = spte & D;" in said(race, "is_dirty(*seen")
    assert "cpu.set_dirty" in said(race, "cpu\n")


def test_a_theorem_shows_its_verdicts_and_a_local_its_sort(said, race):
    assert "2 proved: as expected" in said(race, "stores(")
    assert "u64 *seen" in said(race, "seen = READ_ONCE")
    assert "u64 old" in said(race, "old & ~mask")


def test_a_diagnostic_shows_its_page(said):
    text = said("layout l { W = bit 1; V = bit 1; }", "V")
    assert "layout.overlap:undeclared" in text


def test_there_is_nothing_to_say_about_a_blank_or_a_comment(said, race):
    assert said(race, "The race") is None


def test_names_of_a_text_with_errors_are_known(said, race):
    assert "| bit 1 | `small` |" not in (said(race.replace("bit 8", "bit"), "is_dirty(*seen") or "")
    assert "predicate is_dirty" in said(race + "theorem broken {", "is_dirty(*seen")


def test_each_word_of_the_grammar_is_explained():
    words = {each for each in item_parser().words.values() if each[0].isalpha()}
    assert words == set(KEYWORDS)


def test_each_operation_and_instant_is_explained():
    assert set(BUILT_INS) == set(BUILT_IN)
    assert set(INSTANTS) == ENTRY_WORDS | {"sptep"}
    for name, signature in SIGNATURES.items():
        assert operation_events(name).startswith("Two events" if signature.events == 2 else "One event")
        assert operation_text(name).endswith(f"-> {signature.result.value}" if signature.result else ")")


def test_a_module_shows_its_first_comment(said):
    assert "Everything of KVM" in said("use kvm.mmu;", "kvm.mmu")
