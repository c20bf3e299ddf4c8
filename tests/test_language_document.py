"""The language reference: each example is proved or fails as it says; together they show every word of the grammar."""

import re
from pathlib import Path

import pytest

from spteproof.grammar.bodies import BUILT_IN
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.running.pipeline import BadInput, prove_text

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs/language.md").read_text()
BLOCKS = re.findall(r"^```spte([^\n]*)\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
PROSE = re.sub(r"^```.*?^```$", "", DOCUMENT, flags=re.DOTALL | re.MULTILINE)
HEADINGS = re.findall(r"^##+ (.*)$", PROSE, re.MULTILINE)
WRITTEN_AS = {"plain_and": "*sptep &=", "plain_or": "*sptep |=", "plain_xor": "*sptep ^="}


def examples(kind: str) -> list[object]:
    chosen = [(options.strip(), text) for options, text in BLOCKS if options.strip().startswith(kind)]
    wanted = [(options, text) for options, text in chosen if kind or not options]
    return [pytest.param(options, text, id=first_declaration(text)) for options, text in wanted]


def first_declaration(text: str) -> str:
    """A name for an example: its last item, which is what the others lead to."""
    items = re.findall(r"^(?:theorem|lemma|predicate|helper|layout|agent) (\w+)", text, re.MULTILINE)
    return items[-1] if items else text.splitlines()[0]


@pytest.mark.parametrize(("options", "text"), examples(""))
def test_an_example_is_proved_as_it_expects(options, text):
    results = prove_text(text).results
    assert [f"{each.theorem}: {each.property}" for each in results if not each.ok] == []
    assert any(not each.implicit for each in results)


@pytest.mark.parametrize(("options", "text"), examples("fails="))
def test_a_failing_example_fails_for_the_reason_it_names(options, text):
    with pytest.raises(BadInput) as caught:
        prove_text(text)
    assert {each.id for each in caught.value.diagnostics} == {options.removeprefix("fails=")}


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("predicate p(u64 x) = x % 2;", "syntax.character:division"),
        ("predicate p(u64 x) = x / 2;", "syntax.character:division"),
        ("function f(u64 x) -> u64 = f(x);", "recursion.cycle:calls"),
        ("function f(int n) -> u64 = n << 3;", "sort.int_shift:variable"),
        ("helper h(u64 n) { goto out; }", "syntax.word:loop"),
        ("helper h(u64 n) { do { n = 1; } while (n); }", "syntax.word:loop"),
        ("helper h(u64 n) { n++; }", "syntax.unexpected:token"),
        ("helper h(u64 n, u64 m) { n = m = 1; }", "syntax.missing:semicolon"),
        ("predicate p(u64 x) = x & 010;", "syntax.number:malformed"),
        ("predicate p(u64 x) = x & 3U;", "syntax.number:malformed"),
        ("helper h() { u64 a; { u64 a = 1; } }", "name.hides:local"),
    ],
)
def test_what_the_language_has_not_is_refused(text, id):
    with pytest.raises(BadInput) as caught:
        prove_text(text)
    assert {each.id for each in caught.value.diagnostics} == {id}


def test_every_example_has_its_kind():
    assert {options.strip().split("=")[0] for options, _ in BLOCKS} == {"", "fails"}


def test_an_example_can_be_read_at_a_glance():
    assert [text for _, text in BLOCKS if len(text.splitlines()) > 22] == []


def test_the_examples_show_every_word_and_operator_of_the_grammar():
    grammar = (ROOT / "grammar/spte.lark").read_text()
    wanted = set(re.findall(r'"([^"\\\s]+)"', grammar))
    shown = " ".join(text for options, text in BLOCKS if not options.strip())
    assert [word for word in sorted(wanted) if not stands_in(word, shown)] == []


def test_the_examples_show_every_operation():
    shown = " ".join(text for options, text in BLOCKS if not options.strip())
    wanted = [WRITTEN_AS.get(name, f"{name}(") for name in (*SIGNATURES, *BUILT_IN)]
    assert [name for name in wanted if name not in shown] == []


def stands_in(word: str, text: str) -> bool:
    return re.search(rf"\b{word}\b", text) is not None if word.isidentifier() else word in text


def test_the_contents_list_the_headings():
    contents = PROSE.split("## ", 1)[0]
    assert re.findall(r"\[([^]]*)\]\(#", contents) == [each for each in HEADINGS if f"\n## {each}\n" in PROSE]


def test_every_link_leads_to_a_heading():
    anchors = {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in HEADINGS}
    assert [each for each in re.findall(r"\]\(#([^)]*)\)", PROSE) if each not in anchors] == []
