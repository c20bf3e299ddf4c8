"""Takes docs/pictures/report.png: the HTML report on the README's example, in Chromium, at the step that loses W.

python docs/pictures/make_report.py           needs playwright and Chromium (apt-get install chromium)
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
README = HERE.parents[1] / "README.md"
BROWSER = os.environ.get("SPTEPROOF_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def example() -> str:
    """The README's text `age.spte`."""
    found = re.search(r"```spte file=age\.spte\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def take(page: Path, picture: Path) -> None:
    """Opens the page, steps to the end of the first counterexample, and takes its picture."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1040, "height": 900})
        tab.goto(page.as_uri())
        first = tab.locator(".example").first
        first.focus()
        tab.keyboard.press("End")
        tab.evaluate("document.activeElement.blur()")
        top = tab.locator("details.theorem").first.bounding_box()
        end = first.bounding_box()
        assert top is not None and end is not None
        tab.evaluate("document.getElementById('filter').hidden = true")
        tab.set_viewport_size({"width": 1040, "height": int(end["y"] + end["height"] - top["y"]) + 200})
        tab.evaluate("document.querySelector('details.theorem').scrollIntoView()")
        tab.screenshot(path=picture, clip=_around(tab))
        browser.close()


def _around(tab):
    """The first theorem up to the end of its first counterexample."""
    top, end = tab.locator("details.theorem").first.bounding_box(), tab.locator(".example").first.bounding_box()
    return {"x": 0, "y": max(top["y"], 0), "width": 1040, "height": end["y"] + end["height"] - max(top["y"], 0) + 8}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "age.spte").write_text(example(), encoding="utf-8")
        command = [sys.executable, "-m", "spteproof", "prove", "age.spte", "--format", "html", "--output", "age.html"]
        ran = subprocess.run(command, cwd=folder)
        assert ran.returncode == 1, "the example is refuted against expectation"
        take(Path(folder) / "age.html", HERE / "report.png")


if __name__ == "__main__":
    main()
