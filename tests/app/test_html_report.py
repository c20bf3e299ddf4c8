"""The page: what stands in it, that nothing of a text becomes markup, and that it can be stepped through with the
keyboard in a browser."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from spteproof.entries import Names
from spteproof.html.registers import Frames, left, top

from .conftest import ROOT

BROWSER = os.environ.get("SPTEPROOF_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")

NAUGHTY = "<img src=x onerror=document.title=1>.spte"
STRANGER = """\
layout small { W = bit 1; A = bit 8; }
agent cpu lockless { step s: when spte & W { spte |= A; } }
theorem keeps() for layout in small against any number of cpu {
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old /* </code><script>document.title="in"</script> */ & ~A);
    prove preserves A | W /* </td></table><script>document.title="in"</script>"'><b id=in> */   expect refuted;
    prove ensures 1 < 2 && (end & W) <= ~0ULL;
}
"""
"""A text whose comments and name want to be markup."""

TWO_ENTRIES = """\
layout small { W = bit 1; A = bit 8; FIELD = GENMASK_ULL(40, 20); }
entry child_sptep;
agent cpu lockless { step fill(u64 x): when spte & W { spte |= A | (x & FIELD); } }
theorem keeps_child() for layout in small against any number of cpu, cpu on child_sptep {
    WRITE_ONCE(*child_sptep, 0);
    u64 old = READ_ONCE(*sptep);
    WRITE_ONCE(*sptep, old & ~A);
    prove preserves FIELD    expect refuted;
    prove preserves W | FIELD on child_sptep    expect refuted;
}
"""

ERAS = """\
layout small { W = bit 1; A = bit 8; D = bit 9; }
agent cpu lockless { step set_dirty: when spte & W { spte |= A | D; } }
interface mmu { helper clear(u64 mask); }
era v5_18 implements mmu { helper clear(u64 mask) { u64 old = READ_ONCE(*sptep); WRITE_ONCE(*sptep, old & ~mask); } }
era v6_4 implements mmu { helper clear(u64 mask) { atomic64_and(~mask, sptep); } }
theorem ages() for layout in small, era in v5_18, v6_4 against any number of cpu {
    clear(A);
    prove preserves W | D     expect refuted, proved in v6_4;
}
"""


@pytest.fixture
def page(spteproof, small, own_place: Path) -> Path:
    assert spteproof("prove", small, "--format", "html", "--output", "page.html", "--jobs", 1).status == 0
    return own_place / "page.html"


def parsed(path: Path) -> Any:
    return html.fromstring(path.read_text(encoding="utf-8"))


def test_the_page_has_each_theorem_with_its_verdicts(page):
    tree = parsed(page)
    names = [each.text_content() for each in tree.xpath("//details[contains(@class, 'theorem')]/summary/h2")]
    assert names == ["age_stores", "age_clears"]
    assert tree.get_element_by_id("summary").text_content().startswith("4 proved, 1 refuted")
    cells = [" ".join(each.text_content().split()) for each in tree.xpath("//table[@class='verdicts']//td")]
    assert cells == ["refuted: W -D", "proved: W D", "proved: W ."]


def test_a_refuted_cell_leads_to_its_counterexample(page):
    tree = parsed(page)
    (link,) = tree.xpath("//td[@class='refuted']/a/@href")
    example = tree.get_element_by_id(link.removeprefix("#"))
    assert "breaks preserves W | D, losing D" in " ".join(example.text_content().split())


def test_without_a_script_the_page_lists_the_steps(page):
    rows = parsed(page).xpath("//table[@class='steps']/tbody/tr")
    said = [[" ".join(cell.text_content().split()) for cell in row.xpath("td")][:4] for row in rows]
    assert said == [
        ["0", "start", "W", ""],
        ["1", "u64 old = READ_ONCE(*sptep)", "", ""],
        ["2", "", "cpu.set_dirty", "+A +D"],
        ["3", "WRITE_ONCE(*sptep, old & ~A)", "", "-A -D"],
    ]
    assert [row.get("data-a") for row in rows] == ["2", "2", "302", "2"]


def test_the_page_needs_nothing_from_elsewhere(page):
    text = page.read_text()
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text)
    assert "@import" not in text and "url(" not in text
    assert "default-src &#39;none&#39;" in text


def test_the_scope_of_the_verdicts_is_there(page):
    text = " ".join(parsed(page).xpath("//summary[text()='What the verdicts cover']/..")[0].text_content().split())
    assert "environment: cpu, any number of steps" in text


def test_what_says_less_than_it_seems_is_noted_in_the_scope(spteproof, own_place):
    claims = "prove preserves A; prove ensures start & A -> end; prove changes only W;"
    Path("t.spte").write_text(
        "layout tiny { W = bit 1; A = none; }\nhelper f() { atomic64_and(~W, sptep); }\n"
        f"theorem t {{ f(); {claims} prove equivalent f(), f(); }}\n"
    )
    spteproof("prove", "t.spte", "--format", "html", "--output", "page.html", "--jobs", 1)
    details = parsed(own_place / "page.html").xpath("//summary[text()='What the verdicts cover']/..")
    text = " ".join(details[0].text_content().split())
    assert "`preserves A`: its mask holds no bit in this layout" in text
    assert "`ensures start & A -> end`: its premise never holds here" in text
    assert "environment: any change that the invariants allow, before each event" in text
    assert "`changes only W`:" not in text


def test_eras_are_rows(spteproof, own_place):
    Path("eras.spte").write_text(ERAS)
    spteproof("prove", "eras.spte", "--format", "html", "--output", "page.html", "--jobs", 1)
    tree = parsed(own_place / "page.html")
    rows = tree.xpath("//table[@class='verdicts']/tbody/tr")
    assert [" ".join(" ".join(row.itertext()).split()) for row in rows] == ["v5.18 refuted: W -D", "v6.4 proved: W D"]
    assert tree.xpath("//table[@class='verdicts']/caption")[0].text_content() == "preserves W | D"


def test_a_counterexample_stands_once_for_all_layouts_that_have_it(spteproof, own_place):
    Path("twice.spte").write_text(
        ERAS.replace("agent", "layout again extends small { }\nagent", 1).replace("in small", "in small, again")
    )
    spteproof("prove", "twice.spte", "--format", "html", "--output", "page.html", "--jobs", 1)
    (where,) = parsed(own_place / "page.html").xpath("//div[@class='example']/p[@class='where']")
    assert " ".join(where.text_content().split()) == "in v5_18 small again"


def test_nothing_in_a_text_becomes_markup(spteproof, own_place):
    Path(NAUGHTY).write_text(STRANGER, encoding="utf-8")
    answer = spteproof("prove", f"./{NAUGHTY}", "--format", "html", "--output", "page.html", "--jobs", 1)
    assert answer.status == 0, answer.err
    tree = parsed(own_place / "page.html")
    assert len(tree.xpath("//script")) == 1 and not tree.xpath("//img | //*[@id='in']")
    text = (own_place / "page.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in text and "&lt;img" in text


def test_every_tag_of_the_page_is_closed_where_it_should(page):
    from html.parser import HTMLParser

    void = {"meta", "input", "br", "link"}
    open_tags: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in void:
                open_tags.append(tag)

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            pass

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag, self.getpos()

    Checker().feed(page.read_text())
    assert open_tags == []


def test_ids_are_unique(page):
    ids = parsed(page).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_a_register_names_each_bit_in_its_place():
    names = Names(
        {"W": 2, "shadow_mmu_writable_mask": 1 << 58, "PFN": 0xFF << 28}, ["W", "shadow_mmu_writable_mask", "PFN"], {}
    )
    frames = Frames()
    frame = frames.of(names)
    assert frames.of(names) is frame
    assert {(mark.text, mark.x, mark.y) for mark in frame.labels} == {
        ("W", left(1) + 13, top(1) - 5),
        ("MMU_WRITABLE", left(58) + 13, top(58) - 5),
    }
    assert [(mark.whole, mark.left, mark.right) for mark in frame.fields] == [
        ("PFN", left(31) + 2, left(28) + 24),
        ("PFN", left(35) + 2, left(32) + 24),
    ]
    words = frame.words.split()
    assert len(words) == 64 and words[1] == "W" and words[28] == words[35] == "=PFN" and words[36] == "-"


# In a browser -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: the page is not tried in a browser")
    if BROWSER is None:
        pytest.skip("no Chromium (apt-get install chromium): the page is not tried in a browser")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Any]:
    """Opens a page; anything that the browser complains about, or that the page asks the network for, fails the test."""
    tab = browser.new_page(viewport={"width": 1200, "height": 900})
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))

    def open(path: Path) -> Any:
        tab.goto(path.as_uri())
        return tab

    yield open
    tab.close()
    assert complaints == []


def step_of(tab: Any) -> tuple[str, str, str]:
    """What the first counterexample shows: the step's line, the value's bits, and those marked as changed."""
    marked = tab.locator(".example").first.locator(".bits rect")
    bits = [marked.nth(number).get_attribute("data-bit") for number in range(marked.count())]
    example = tab.locator(".example").first
    return (
        example.locator("output").inner_text(),
        f"{example.locator('.hex').inner_text()} {example.locator('.said').inner_text()}",
        " ".join(bits),
    )


def test_a_counterexample_is_stepped_through_with_the_keyboard(page, opened):
    tab = opened(page)
    tab.locator(".example").first.focus()
    start = ("Step 0 of 3: start, W", "0x0000000000000002 W", "")
    race = ("Step 2 of 3: cpu.set_dirty, +A +D", "0x0000000000000302 W A D", "8 9")
    end = ("Step 3 of 3: WRITE_ONCE(*sptep, old & ~A), -A -D", "0x0000000000000002 W", "8 9")
    assert step_of(tab) == start
    seen = []
    for key in (
        "ArrowRight",
        "ArrowRight",
        "ArrowDown",
        "ArrowRight",
        "ArrowLeft",
        "Home",
        "End",
        "ArrowUp",
        "Home",
        "ArrowLeft",
    ):
        tab.keyboard.press(key)
        seen.append(step_of(tab))
    assert seen == [
        ("Step 1 of 3: u64 old = READ_ONCE(*sptep)", "0x0000000000000002 W", ""),
        race, end, end, race, start, end, race, start, start,
    ]  # fmt: skip
    assert tab.locator("[aria-current=step]").first.inner_text().startswith("0")


def test_buttons_and_lines_lead_through_a_counterexample_too(page, opened):
    tab = opened(page)
    example = tab.locator(".example").first
    example.get_by_role("button", name="Last").click()
    assert step_of(tab)[0].startswith("Step 3")
    example.locator("tbody tr").nth(2).click()
    assert step_of(tab)[0].startswith("Step 2")


def test_each_entry_has_a_register_and_fields_are_read(spteproof, own_place, opened):
    Path("two.spte").write_text(TWO_ENTRIES)
    assert spteproof("prove", "two.spte", "--format", "html", "--output", "two.html", "--jobs", 1).status == 0
    tab = opened(own_place / "two.html")
    compared = 0
    for example in tab.locator(".example").all():
        registers = example.locator(".register").all()
        assert [each.locator(".entry").inner_text() for each in registers] == ["sptep", "child_sptep"]
        static = [each.locator(".said").text_content() for each in registers]
        example.focus()
        assert [each.locator(".said").inner_text() for each in registers] == static
        for row in example.locator("tbody tr").all():
            names = Names({"W": 2, "A": 256, "FIELD": ((1 << 41) - 1) & ~((1 << 20) - 1)}, ["W", "A", "FIELD"], {})
            values = [int(each, 16) for each in (row.get_attribute("data-a") or "").split()]
            shown = [(each.locator(".hex").inner_text(), each.locator(".said").inner_text()) for each in registers]
            assert shown == [(f"0x{value:016x}", names.decode(value)) for value in values]
            compared += len(values)
            tab.keyboard.press("ArrowRight")
    assert compared >= 12


def test_a_link_unfolds_and_focuses_what_it_leads_to(page, opened):
    tab = opened(page)
    tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false; })")
    tab.evaluate("location.hash = document.querySelector('.verdicts td.refuted a').hash")
    tab.locator(".example:focus").first.wait_for()
    assert tab.locator(".example").first.is_visible()


def test_theorems_are_searched_and_filtered(page, opened):
    tab = opened(page)
    found = tab.locator("#found")
    assert found.inner_text() == "2 of 2 theorems"
    tab.locator("#search").fill("WRITE_ONCE set_dirty")
    tab.locator("#found", has_text="1 of 2 theorems").wait_for()
    assert tab.locator(".theorem:visible h2").all_inner_texts() == ["age_stores"]
    tab.locator("#search").fill("")
    tab.locator("#verdict").select_option("proved")
    tab.locator("h2:visible", has_text="age_clears").wait_for()
    assert tab.locator(".theorem:visible h2").all_inner_texts() == ["age_clears"]


def test_a_text_cannot_run_in_the_page(spteproof, own_place, opened):
    Path(NAUGHTY).write_text(STRANGER, encoding="utf-8")
    spteproof("prove", f"./{NAUGHTY}", "--format", "html", "--output", "page.html", "--jobs", 1)
    assert opened(own_place / "page.html").title().startswith("spteproof: ")


def test_all_texts_have_contrast(page, browser):
    """At least 4.5 to 1 (WCAG 2, AA) against the ground, in light and dark."""
    for scheme in ("light", "dark"):
        tab = browser.new_page(color_scheme=scheme)
        tab.goto(page.as_uri())
        colours = tab.evaluate(
            "() => { const of = getComputedStyle(document.documentElement); return Object.fromEntries("
            "['ground','text','dim','panel','good','bad','doubt','mark','link'].map(n => [n, of.getPropertyValue('--' + n).trim()])); }"
        )
        for front, back in [
            *[(name, "ground") for name in ("text", "dim", "good", "bad", "doubt", "link")],
            ("text", "mark"),
            ("text", "panel"),
        ]:
            assert contrast(colours[front], colours[back]) >= 4.5, (scheme, front, back)
        tab.close()


def contrast(front: str, back: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted([light(front), light(back)])
    return (bright + 0.05) / (dark + 0.05)


def test_what_is_printed_has_everything_unfolded(page, opened, tmp_path):
    tab = opened(page)
    tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false; })")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert tab.locator(".example table.steps").first.is_visible()
    assert not tab.locator("#filter").is_visible()


def test_without_scripts_the_browser_shows_the_listing(page, browser):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert tab.locator(".example table.steps").is_visible()
    assert tab.locator(".example .bits text").count() == 1
    assert not tab.locator("#filter").is_visible()
    context.close()


def test_the_script_for_the_picture_takes_it(page, browser, tmp_path):
    """In a process of its own: the driver runs in this one already."""
    script = ROOT / "docs" / "pictures" / "make_report.py"
    code = f"import runpy, pathlib; runpy.run_path({str(script)!r})['take'](*map(pathlib.Path, {[str(page), str(tmp_path / 'p.png')]}))"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
    picture = (tmp_path / "p.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n" and int.from_bytes(picture[16:20], "big") == 1040
    assert 300 < int.from_bytes(picture[20:24], "big") < 1600
