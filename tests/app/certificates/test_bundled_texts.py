"""A bundle holds the texts that it was made from, and needs no others."""

import hashlib
import io
import json
import os
import shutil
from pathlib import Path

import pytest

from spteproof.certifying.writing import MANIFEST

COMMON = "layout one { W = bit 1; A = bit 8; }\n"
USER = """use common;
theorem t for layout in one { atomic64_and(~A, sptep); prove preserves W; prove changes nothing expect refuted; }
"""


def write(texts):
    for name, text in texts.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def held(folder):
    """The files that the bundle holds as texts, and the manifest's word of them."""
    entries = json.loads((Path(folder) / MANIFEST).read_text())["texts"]
    found = {each.relative_to(Path(folder, "texts")).as_posix() for each in Path(folder, "texts").rglob("*.spte")}
    assert found == {each["place"] for each in entries}
    return {each["place"]: each for each in entries}


def alone(spteproof, folder, *words):
    """What is said of a bundle that was carried to another folder."""
    Path("far").mkdir()
    shutil.move(folder, "far/made")
    os.chdir("far")
    answer = spteproof("verify", "made", *words)
    assert answer.err == ""
    return answer


def test_texts_are_held_as_they_were_written_where_those_that_use_them_find_them(spteproof, own_place):
    write({"mine/a.spte": USER.replace("common", "parts.common"), "mine/parts/common.spte": COMMON})
    assert spteproof("prove", "mine/a.spte", "--certify", "made", "--jobs", "1").status == 0
    assert list(held("made")) == ["spec/a.spte", "spec/parts/common.spte"]
    assert Path("made/texts/spec/parts/common.spte").read_text() == COMMON
    answer = alone(spteproof, "made")
    assert answer.status == 0 and answer.out.endswith("  its texts, in made/texts: 2 of its own\n")


def test_what_the_library_says_is_held_too_and_named_where_it_is_other(spteproof, own_place, forger):
    write(
        {"a.spte": "use kvm.ept;\ntheorem t for layout in ept { atomic64_andnot(D, sptep); prove changes only D; }\n"}
    )
    assert spteproof("prove", "a.spte", "--certify", "made", "--jobs", "1").status == 0
    assert "library/kvm/ept.spte" in held("made")
    out = spteproof("verify", "made").out
    assert "1 of its own, " in out and " of the library\n" in out and "other than the library" not in out
    forger.text(Path("made"), lambda text: f"{text}\n", "library/kvm/ept.spte")
    out = alone(spteproof, "made").out
    assert "  other than the library at hand: 1 text (library/kvm/ept.spte)\n" in out


def test_texts_in_several_folders_lie_below_what_they_share(spteproof, own_place):
    write(
        {
            "x/one/a.spte": USER,
            "x/one/common.spte": COMMON,
            "x/two/b.spte": "layout two { D = bit 9; assert D == 512; }\n",
        }
    )
    assert spteproof("prove", "x/two", "x/one/a.spte", "--certify", "made", "--jobs", "1").status == 0
    assert sorted(held("made")) == ["spec/one/a.spte", "spec/one/common.spte", "spec/two/b.spte"]
    assert alone(spteproof, "made").status == 0


def test_a_link_is_held_as_the_text_that_it_leads_to(spteproof, own_place):
    write({"mine/a.spte": USER, "mine/impl/shared.spte": COMMON})
    Path("mine/common.spte").symlink_to("impl/shared.spte")
    assert spteproof("prove", "mine/a.spte", "--certify", "made", "--jobs", "1").status == 0
    assert list(held("made")) == ["spec/a.spte", "spec/common.spte"]
    assert alone(spteproof, "made").status == 0


def test_one_text_at_two_places_is_one(spteproof, own_place):
    write({"mine/a.spte": USER, "mine/impl/shared.spte": COMMON})
    write({"mine/b.spte": USER.replace("common", "impl.shared").replace("theorem t", "theorem second")})
    Path("mine/common.spte").symlink_to("impl/shared.spte")
    assert spteproof("prove", "mine/a.spte", "mine/b.spte", "--certify", "made", "--jobs", "1").status == 0
    assert {place: each["links"] for place, each in held("made").items()} == {
        "spec/a.spte": [],
        "spec/b.spte": [],
        "spec/common.spte": ["spec/impl/shared.spte"],
    }
    assert alone(spteproof, "made").status == 0


def test_texts_that_would_mean_something_else_in_a_bundle_are_refused_before_the_work(spteproof, own_place):
    write(
        {
            "mine/b.spte": COMMON + "lemma l { prove that W; }\n",
            "far/deep/x": "",
            "far/b.spte": "layout two { A = bit 8; assert A; }\n",
        }
    )
    Path("mine/link").symlink_to("../far/deep")
    answer = spteproof("prove", "mine/b.spte", "mine/link/../b.spte", "--certify", "made", "--jobs", "1")
    said = "spteproof: cannot write certificates: links lead to these texts in a way that a bundle cannot hold\n"
    assert (answer.status, answer.out, answer.err) == (2, "", said)
    assert sorted(os.listdir()) == ["far", "mine"]


def test_standard_input_is_held(spteproof, own_place, monkeypatch):
    text = COMMON + USER.replace("use common;", "")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert spteproof("prove", "-", "--certify", "made", "--jobs", "1").status == 0
    assert list(held("made")) == ["spec/stdin.spte"]
    assert alone(spteproof, "made").status == 0


def test_a_run_narrowed_by_a_family_of_which_its_texts_do_not_know(spteproof, own_place):
    families = "use common;\nfamily all_of_them = one;\nlemma m for layout in all_of_them { prove that W == 2; }\n"
    write({"a.spte": USER, "common.spte": COMMON, "families.spte": families})
    words = ("--layout", "all_of_them", "--theorem", "t", "--certify", "made", "--jobs", "1")
    assert spteproof("prove", "a.spte", "families.spte", *words).status == 0
    assert sorted(held("made")) == ["spec/a.spte", "spec/common.spte"]
    answer = alone(spteproof, "made", "--spec", "../a.spte", "--spec", "../families.spte")
    assert answer.status == 0 and "  not in the bundle: 1 theorem and layouts of the texts (m)\n" in answer.out
    answer = spteproof("verify", "made")
    assert answer.status == 0 and "  asked of these layouts alone: one\n" in answer.out


# Deceit


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda text: text.replace("bit 1;", "bit 2;"), "the questions are not those of the texts"),
        (lambda text: text.replace("~A", "~W"), "is refuted, not proved"),
        (lambda text: text.replace("age_stores", "other"), "the texts have no `age_stores`"),
        (lambda text: text + "}", "its texts cannot be used: error[syntax."),
        (lambda text: "use far;\n" + text, "its texts cannot be used: error[use.unknown:module]"),
        (lambda text: text + "\0", "its texts cannot be used: error[file.encoding:nul]"),
    ],
)
def test_a_text_that_means_something_else_is_noticed(bundle, forger, change, said):
    write({"far.spte": COMMON, f"{bundle}/../texts/far.spte": COMMON})
    forger.text(bundle, change)
    assert said in forger.said_by(bundle)


@pytest.mark.parametrize(
    "place",
    [
        "../small.spte",
        "spec/../../small.spte",
        "/etc/passwd",
        "spec",
        "spec//x",
        "spec/./x",
        "other/x",
        "spec/\x1b[2Jx",
        "",
    ],
)
def test_a_text_lies_nowhere_else(bundle, forger, place):
    forger.manifest(bundle, lambda manifest: manifest["texts"][0].update(place=place))
    assert "MANIFEST.json is no manifest" in forger.said_by(bundle)


def test_two_texts_do_not_lie_at_one_place(bundle, forger):
    def change(manifest):
        manifest["texts"].append({**manifest["texts"][0], "sha256": hashlib.sha256(b"").hexdigest()})

    forger.manifest(bundle, change)
    assert "its texts: two texts lie at spec/small.spte" in forger.said_by(bundle)


def test_a_text_that_says_nothing_of_the_theorems_is_noticed(bundle, forger):
    write({f"{bundle}/texts/spec/more.spte": COMMON.replace("one", "two")})
    entry = {"place": "spec/more.spte", "sha256": hashlib.sha256(COMMON.replace("one", "two").encode()).hexdigest()}
    forger.manifest(bundle, lambda manifest: manifest["texts"].append({**entry, "asked": True, "links": []}))
    assert "texts that the certificates were made from say nothing of them" in forger.said_by(bundle)


@pytest.mark.parametrize("change", [lambda path: path.unlink(), lambda path: path.write_bytes(b"\xff")])
def test_a_text_that_is_gone_or_no_text_is_noticed(bundle, forger, change):
    change(bundle / "texts" / "spec" / "small.spte")
    assert "its texts: " in forger.said_by(bundle)


def test_a_text_that_nobody_named_states_nothing(bundle, forger):
    forger.manifest(bundle, lambda manifest: manifest["texts"][0].update(asked=False))
    assert "the texts have no `small`" in forger.said_by(bundle)


# Strangers' bundles


def test_texts_are_read_from_no_folder_that_a_link_leads_to(bundle, forger):
    shutil.move(bundle / "texts", "elsewhere")
    (bundle / "texts").symlink_to("../elsewhere")
    assert "texts/spec/small.spte is no plain file of the bundle" in forger.said_by(bundle)


def test_a_place_that_no_file_can_have_is_noticed(bundle, forger):
    forger.manifest(bundle, lambda manifest: manifest["texts"][0].update(place="spec/\ud800"))
    assert "is no name of a text" in forger.said_by(bundle)


def test_a_link_to_a_folder_belongs_to_nothing(bundle, forger):
    (bundle / "texts" / "spec" / "more").symlink_to("/")
    assert "texts/spec/more belongs to nothing" in forger.said_by(bundle)


def test_a_text_from_whose_place_nothing_is_proved_is_noticed(bundle, forger):
    shutil.copy(bundle / "texts/spec/small.spte", bundle / "texts/spec/other.spte")
    other = {"place": "spec/other.spte", "asked": False}
    forger.manifest(bundle, lambda manifest: manifest["texts"].append({**manifest["texts"][0], **other}))
    assert "texts/spec/other.spte says nothing of what is in the bundle" in forger.said_by(bundle)


def test_a_link_that_leads_nobody_is_noticed(bundle, forger):
    forger.manifest(bundle, lambda manifest: manifest["texts"][0].update(links=["spec/other.spte"]))
    assert "the link texts/spec/other.spte leads nobody to a text" in forger.said_by(bundle)


def test_a_link_of_the_library_does_not_lead_out_of_it(bundle, forger):
    forger.manifest(bundle, lambda manifest: manifest["texts"][0].update(links=["library/kvm/ept.spte"]))
    assert "MANIFEST.json is no manifest" in forger.said_by(bundle)


def test_what_stands_for_the_librarys_and_where_links_lead_is_said(spteproof, own_place):
    write({"a.spte": "use kvm.mmu;\n" + USER, "kvm/mmu.spte": "predicate p() = true;\n"})
    write({"impl/shared.spte": COMMON + "lemma m { prove that true; }\n"})
    write({"b.spte": "use impl.shared;\nlemma n for layout in one { prove that W == 2; }\n"})
    Path("common.spte").symlink_to("impl/shared.spte")
    assert spteproof("prove", "a.spte", "b.spte", "--certify", "made", "--jobs", "1").status == 0
    answer = alone(spteproof, "made")
    assert answer.status == 0 and "  in the place of the library's: 1 text (spec/kvm/mmu.spte)\n" in answer.out
    assert answer.out.endswith("  1 link: spec/impl/shared.spte is spec/common.spte\n")
    assert "  not in the bundle: 1 theorem and layouts of the texts (m)\n" in answer.out
