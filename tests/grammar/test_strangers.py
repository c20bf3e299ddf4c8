"""Texts and folders of somebody who means no good: what they may read, hold and cost."""

import time

import pytest

from spteproof.grammar import files
from spteproof.grammar.modules import load, load_text

GOOD = "layout one { W = bit 1; }\n"
SECRET = "root:secret\n"


@pytest.fixture
def place(tmp_path):
    """A folder of somebody's, beside a secret that is not theirs."""
    (tmp_path / "secret.spte").write_text(SECRET)
    (tmp_path / "theirs").mkdir()
    return tmp_path / "theirs"


def ids_and_texts(place, *paths):
    loaded = load(list(paths), library_root=place)
    return [each.id for each in loaded.diagnostics], [each.text for each in loaded.sources]


@pytest.mark.parametrize("target", ["../secret.spte", "{}/secret.spte", "link/../../secret.spte"])
def test_a_link_that_leads_out_is_not_followed_by_use(place, target):
    (place / "link").symlink_to(".")
    (place / "a.spte").symlink_to(target.format(place.parent))
    (place / "b.spte").write_text("use a;\n" + GOOD)
    ids, texts = ids_and_texts(place, place / "b.spte")
    assert ids == ["file.outside:link"] and SECRET not in texts


def test_a_folder_that_is_a_link_is_not_followed_by_use(place):
    (place / "up").symlink_to("..")
    (place / "b.spte").write_text("use up.secret;\n" + GOOD)
    ids, texts = ids_and_texts(place, place / "b.spte")
    assert ids == ["file.outside:link"] and SECRET not in texts


def test_a_link_that_leads_out_is_not_followed_in_a_folder(place):
    (place / "a.spte").symlink_to("../secret.spte")
    (place / "b.spte").write_text(GOOD)
    ids, texts = ids_and_texts(place, place)
    assert ids == ["file.outside:link"] and texts == [GOOD]


def test_links_that_stay_inside_are_followed(place):
    (place / "a.spte").write_text(GOOD)
    (place / "b.spte").symlink_to("a.spte")
    (place / "c.spte").write_text("use b;\nlemma l() for layout in one { prove that W; }\n")
    assert ids_and_texts(place, place / "c.spte")[0] == []


def test_a_link_that_the_user_names_is_followed(place):
    (place.parent / "good.spte").write_text(GOOD)
    (place / "a.spte").symlink_to("../good.spte")
    assert ids_and_texts(place, place / "a.spte") == ([], [GOOD])


@pytest.mark.parametrize("words", ["..secret", "/etc/passwd", "a/b", "a\\b", "~.a", "%2e%2e", "a..b", "a.", ".a"])
def test_use_takes_names_only(words, place):
    (place / "a.spte").write_text(f"use {words};\n{GOOD}")
    ids, texts = ids_and_texts(place, place / "a.spte")
    assert ids and not [each for each in ids if not each.startswith(("syntax.", "use."))] and SECRET not in texts


@pytest.mark.parametrize("name", ["a" * 5000, ".".join(["a"] * 5000)])
def test_use_of_a_name_that_no_file_can_have(name, place):
    (place / "a.spte").write_text(f"use {name};\n{GOOD}")
    assert ids_and_texts(place, place / "a.spte")[0] == ["use.unknown:module"]


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\b", "\r", "\v", "\x7f", "\x9b", "\u202e", "\u2066", "\u2028"])
@pytest.mark.parametrize("text", ["// {}\n", "layout one {{ W = bit 1; /* {} */ }}\n", "theorem {}"])
def test_a_character_that_a_terminal_obeys_is_in_no_text(character, text):
    found = load_text(text.format(f"x{character}y"), name="t", library_root=files.Path("."))
    assert [each.id for each in found.diagnostics] == ["file.encoding:control"]
    assert f"U+{ord(character):04X} (line 1)" in found.diagnostics[0].message


def test_lines_may_end_as_on_other_systems():
    found = load_text(GOOD.replace("\n", "\r\n") + "\t// \u00e9\u4e2d\r\n", name="t", library_root=files.Path("."))
    assert found.diagnostics == ()


def test_a_name_that_a_terminal_obeys_is_no_files(place):
    (place / "a\x1b[2Jb.spte").write_text(GOOD)
    ids, texts = ids_and_texts(place, place)
    assert ids == ["file.unreadable:name"] and texts == []


def test_a_folder_that_holds_the_world_is_not_walked(place, monkeypatch):
    monkeypatch.setattr(files, "ENTRY_LIMIT", 10)
    for number in range(9):
        (place / f"f{number}.spte").write_text(GOOD)
    assert ids_and_texts(place, place)[0] != ["limit.folder:entries"]
    (place / "sub").mkdir()
    (place / "sub" / "a").touch()
    assert ids_and_texts(place, place) == (["limit.folder:entries"], [])


def test_a_text_larger_than_any_is_not_read_to_its_end(place):
    with open(place / "a.spte", "wb") as file:
        file.truncate(10 << 30)
    begin = time.process_time()
    assert ids_and_texts(place, place / "a.spte")[0] == ["file.size:limit"]
    assert time.process_time() - begin < 5


DOUBLING = "function f0(u64 a) -> u64 { return a + 1; }\n" + "".join(
    f"function f{number}(u64 a) -> u64 {{ return f{number - 1}(a) + f{number - 1}(a + 1); }}\n"
    for number in range(1, 59)
)
HELPERS = "helper f0(u64 a) -> u64 { return READ_ONCE(*sptep); }\n" + "".join(
    f"helper f{number}(u64 a) -> u64 {{ u64 x = f{number - 1}(a); return f{number - 1}(x); }}\n"
    for number in range(1, 59)
)
LARGE = {
    "calls of functions that double": f"{GOOD}{DOUBLING}lemma l(u64 x) for layout in one {{ prove that f58(x) == 0; }}\n",
    "calls of helpers that double": f"{GOOD}{HELPERS}theorem t(u64 x) for layout in one "
    "{ u64 y = f58(x); *sptep = y; prove preserves W; }\n",
    "families that double": "layout f0 { W = bit 1; }\n"
    + "".join(f"family f{number} = f{number - 1}, f{number - 1};\n" for number in range(1, 400)),
    "a list that is long": f"{GOOD}theorem t(u64 a in {{{','.join(map(str, range(10_000)))}}}) for layout in one "
    "{ *sptep = a; prove preserves W; }\n",
    "masks that lie anywhere": "layout one { "
    + "".join(f"M{number} = some bit or none;" for number in range(64))
    + " }\n",
}


@pytest.mark.parametrize("name", LARGE)
def test_what_would_take_for_ever_to_unfold_is_not_unfolded(name):
    begin = time.process_time()
    assert load_text(LARGE[name], name="t", library_root=files.Path(".")).library is not None
    assert time.process_time() - begin < 20


@pytest.mark.parametrize("counts, ids", [((142, 141), ["limit.choices:instances"]), ((141, 141), [])])
def test_a_theorem_of_too_many_instances_is_refused(counts, ids):
    parameters = ", ".join(
        f"u64 p{number} in {{{','.join(map(str, range(count)))}}}" for number, count in enumerate(counts)
    )
    text = f"{GOOD}theorem t({parameters}) for layout in one {{ *sptep = p0 + p1; prove preserves W; }}\n"
    assert [each.id for each in load_text(text, name="t", library_root=files.Path(".")).diagnostics] == ids


def test_a_number_of_instances_beyond_all_bounds_is_counted_at_once():
    parameters = ", ".join(f"u64 p{number} in {{{','.join(map(str, range(1000)))}}}" for number in range(100))
    text = f"{GOOD}theorem t({parameters}) for layout in one {{ *sptep = 0; prove preserves W; }}\n"
    begin = time.process_time()
    found = load_text(text, name="t", library_root=files.Path(".")).diagnostics
    assert [each.id for each in found] == ["limit.choices:instances"] and time.process_time() - begin < 20
