"""Opens the extension inside of VS Code, looks whether what it promises is there, and takes docs/pictures/vscode.png.

python editors/vscode/picture.py FOLDER [--no-picture]

FOLDER is outside of the repository; `code-server.sh FOLDER` fetches VS Code's web server into it, and the extension.
Needs playwright and Chromium. Exit status 1: something is missing (FOLDER/missing-*.png shows what there was instead);
0: everything was seen, or no web server could be had, which is said.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PICTURE = ROOT / "docs/pictures/vscode.png"
BROWSER = os.environ.get("SPTEPROOF_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE_SECONDS = 60
SILENT = "sleep 86399"
AS_EXPECTED = "proved: as expected"
SETTINGS = {
    "spteproof.command": [sys.executable, "-m", "spteproof", "lsp"],
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Default Light Modern",
    "editor.minimap.enabled": False,
    "editor.inlayHints.enabled": "on",
    "editor.wordBasedSuggestions": "off",
    "telemetry.telemetryLevel": "off",
    "window.commandCenter": False,
    "files.autoSave": "off",
    "editor.autoClosingBrackets": "never",
    "editor.autoSurround": "never",
}


class Editor:
    """One text in VS Code, as a person sees it."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab

    def text(self) -> str:
        """The lines in view, with what the extension writes between and behind them."""
        return plain(self.tab.locator(".editor-instance .view-lines").first)

    def word(self, text: str) -> Locator:
        return self.tab.locator(".view-line span span", has_text=text).first

    def colours(self) -> dict[str, str]:
        """The colour of each word in view."""
        spans = "[...document.querySelectorAll('.view-line span span')]"
        pairs = self.tab.evaluate(f"{spans}.map(each => [each.textContent.trim(), getComputedStyle(each).color])")
        return dict(pairs)

    def hover(self, word: str) -> str:
        """What is shown where the pointer rests on a word."""
        self.tab.keyboard.press("Escape")
        self.tab.mouse.move(5, 5)
        self.word(word).hover()
        shown = self.tab.locator(".monaco-hover:visible .hover-contents")
        shown.first.wait_for(timeout=10_000)
        time.sleep(1)
        return "\n".join(plain(each) for each in shown.all())

    def write(self, line_with: str, text: str) -> None:
        """Puts a text in the place of a line."""
        self.word(line_with).click()
        for key in ("Home", "Shift+End"):
            self.tab.keyboard.press(key)
        self.tab.keyboard.insert_text(text)

    def command(self, name: str) -> None:
        self.tab.keyboard.press("F1")
        self.tab.keyboard.insert_text(name)
        self.tab.locator(".quick-input-list .monaco-list-row", has_text=name).first.click(timeout=10_000)

    def settings(self, chosen: dict[str, object]) -> None:
        """Writes and saves the settings of the machine that the server runs on, as a user does."""
        self.command("Preferences: Open Remote Settings (JSON)")
        self.tab.locator(".tabs-container .tab.active", has_text="settings.json").wait_for(timeout=20_000)
        self.tab.locator(".editor-instance .view-line").first.click()
        self.tab.keyboard.press("Control+A")
        self.tab.keyboard.insert_text(json.dumps(chosen, indent=0))
        self.tab.keyboard.press("Control+S")
        self.tab.locator(".tabs-container .tab", has_text="age.spte").click()

    def complaints(self) -> list[str]:
        """The errors and warnings that are shown."""
        each = ".notification-list-item:has(.codicon-error, .codicon-warning) .notification-list-item-message"
        return [one.replace("\xa0", " ") for one in self.tab.locator(each).all_inner_texts()]

    def complaints_soon(self) -> list[str]:
        until(lambda: len(self.complaints()) > 1, 30)
        return self.complaints()

    def list_of(self, selector: str) -> list[str]:
        self.tab.locator(selector).first.wait_for(timeout=20_000)
        return [plain(each) for each in self.tab.locator(selector).all()]


def plain(shown: Locator) -> str:
    return shown.inner_text().replace("\xa0", " ")


def until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether the condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


# What is looked at, in this order ----------------------------------------------------------------------------


def verdicts(editor: Editor) -> str:
    """a verdict stands beside the theorem and beside each property"""
    until(lambda: "not as expected" in editor.text())
    found = re.findall(r"(\d+ proved, \d+ refuted|refuted, \d+ not as expected)", editor.text())
    return f"{found}" if len(found) == 2 else ""


def highlighting(editor: Editor) -> str:
    """words are coloured by what they are"""
    colours = editor.colours()
    names = ("theorem", "cpu_walk", "READ_ONCE", "old", "shadow_accessed_mask")
    return f"{names}" if len({colours.get(name) for name in names} - {None}) == len(names) else ""


def lens(editor: Editor) -> str:
    """a lens stands above the theorem"""
    until(lambda: "prove again" in editor.list_of(".codelens-decoration"))  # an editor asks for lenses when it likes to
    return " ".join(each for each in editor.list_of(".codelens-decoration") if each == "prove again")


def diagnostics(editor: Editor) -> str:
    """the property that fails is underlined, and its counterexample is listed with the steps' own places"""
    editor.tab.locator(".squiggly-error").first.wait_for(timeout=20_000)
    said = editor.hover("preserves")
    steps = re.findall(r"\w+\.spte\(\d+, \d+\): \d+\. [^\n]*", said)
    return f"{steps}" if "refuted in npt, losing {W}" in said and len(steps) >= 3 else ""


def hover(editor: Editor) -> str:
    """the pointer on a mask shows its bits in every layout"""
    said = editor.hover("shadow_accessed_mask")
    return said.splitlines()[0] if re.search(r"bit 8\s+ept\b", said) and re.search(r"bit 5\s+.*\bnpt\b", said) else ""


def outline(editor: Editor) -> str:
    """go to symbol lists the theorem"""
    editor.tab.keyboard.press("Escape")
    editor.word("READ_ONCE").click()
    editor.tab.keyboard.press("Control+Shift+O")
    found = editor.list_of(".quick-input-list .monaco-list-row")
    editor.tab.keyboard.press("Escape")
    return " ".join(each for each in found if "age_writes_the_whole_value" in each)


def completion(editor: Editor) -> str:
    """completion offers what the grammar takes"""
    editor.word("except").click()
    editor.tab.keyboard.press("End")
    editor.tab.keyboard.press("ArrowLeft")
    editor.tab.keyboard.insert_text("    ")
    editor.tab.keyboard.press("Control+Space")
    found = editor.list_of(".suggest-widget .monaco-list-row")
    editor.tab.keyboard.press("Escape")
    for _ in range(4):
        editor.tab.keyboard.press("Backspace")
    return next((each for each in found if each.startswith("expect")), "")


def quick_fix(editor: Editor) -> str:
    """a misspelt mask is an error at once, and a quick fix mends it"""
    editor.write("WRITE_ONCE", "WRITE_ONCE(*sptep, old & ~shadow_acessed_mask);")
    editor.tab.locator(".squiggly-error").first.wait_for(timeout=20_000)
    helped = until(lambda: "did you mean `shadow_accessed_mask`?" in editor.hover("shadow_acessed_mask"), 30)
    shown = editor.tab.locator(".action-widget .monaco-list-row")
    for _ in range(3):  # an editor that has just asked for other actions may say that there are none
        editor.word("shadow_acessed_mask").click()
        editor.tab.keyboard.press("Control+.")
        if until(lambda: shown.count() > 0, 10):
            break
    found = editor.list_of(".action-widget .monaco-list-row")
    editor.tab.keyboard.press("Enter")
    mended = until(lambda: "~shadow_accessed_mask" in editor.text(), 10)
    return f"{found}" if helped and mended else ""


def formatting(editor: Editor) -> str:
    """format document puts the text into the house's style"""
    editor.write("WRITE_ONCE", "  WRITE_ONCE( *sptep,old&~shadow_accessed_mask );")
    editor.command("Format Document")
    wanted = "    WRITE_ONCE(*sptep, old & ~shadow_accessed_mask);"
    return wanted.strip() if until(lambda: wanted in editor.text(), 15) else ""


def new_verdict(editor: Editor) -> str:
    """an edit changes the verdict, without a save"""
    editor.write("WRITE_ONCE", "tdp_mmu_clear_spte_bits(old, shadow_accessed_mask, level);")
    proved = until(lambda: AS_EXPECTED in editor.text())
    gone = until(lambda: editor.tab.locator(".squiggly-error").count() == 0, 10)
    return AS_EXPECTED if proved and gone else ""


def definition(editor: Editor) -> str:
    """go to definition opens the library's own file"""
    editor.word("is_last_spte").click()
    editor.tab.keyboard.press("F12")
    tabs = editor.tab.locator(".tabs-container .tab")
    return plain(tabs.last) if until(lambda: tabs.count() == 2, 20) else ""


def restart(editor: Editor) -> str:
    """the command that restarts the server, and verdicts after it"""
    editor.tab.locator(".tabs-container .tab", has_text="age.spte").click()
    editor.command("spteproof: Restart the language server")
    gone = until(lambda: AS_EXPECTED not in editor.text(), 20)
    again = until(lambda: AS_EXPECTED in editor.text())
    return "verdicts went, and came again" if gone and again else ""


def no_complaint(editor: Editor) -> str:
    """until now nothing complained"""
    return "" if editor.complaints() else "no message"


def no_server(editor: Editor) -> str:
    """where there is no server, a message says what to do"""
    editor.settings(SETTINGS | {"spteproof.command": ["/no/spteproof", "lsp"]})
    wanted = "the language server does not start"
    return next((each for each in editor.complaints_soon() if wanted in each and "pip install" in each), "")


def silent_server(editor: Editor) -> str:
    """a server that never answers is given up with a message"""
    editor.settings(SETTINGS | {"spteproof.command": ["sh", "-c", f"exec {SILENT}"]})
    found: list[str] = []
    until(
        lambda: (
            found.extend(each for each in editor.complaints() if f"{SILENT}` gives no answer" in each) or bool(found)
        )
    )
    ended = until(lambda: subprocess.run(["pgrep", "-f", f"^{SILENT}$"], capture_output=True).returncode == 1, 20)
    return found[0] if found and ended else ""


def server_again(editor: Editor) -> str:
    """the setting put right, verdicts come without a restart of the editor"""
    editor.settings(SETTINGS)
    return AS_EXPECTED if until(lambda: AS_EXPECTED in editor.text()) else ""


LOOKS = (
    verdicts,
    highlighting,
    lens,
    diagnostics,
    hover,
    outline,
    completion,
    quick_fix,
    formatting,
    new_verdict,
    definition,
    restart,
    no_complaint,
    no_server,
    silent_server,
    server_again,
)


# Running it ----------------------------------------------------------------------------------------------------


def example() -> str:
    """The README's text `age.spte`."""
    found = re.search(r"```spte file=age\.spte\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@contextmanager
def served(folder: Path, home: Path) -> Iterator[str]:
    """VS Code's web server on this machine only, with what it writes in `home`. Its address."""
    for place in ("Machine", "User"):
        (home / "user" / place).mkdir(parents=True)
        (home / "user" / place / "settings.json").write_text(json.dumps(SETTINGS, indent=4), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = ["node", folder / "package/lib/vscode/out/server-main.js", "--host", "127.0.0.1", "--port", port]
    command += ["--without-connection-token", "--accept-server-license-terms", "--telemetry-level", "off"]
    command += ["--disable-workspace-trust", "--disable-update-check", "--disable-getting-started-override"]
    command += ["--user-data-dir", home / "user", "--server-data-dir", home / "data"]
    command += ["--extensions-dir", folder / "extensions"]
    environment = os.environ | {"SPTEPROOF_CACHE_DIR": str(home / "cache")}
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            assert until(lambda: is_up(port)), (home / "server.log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=20)


def is_up(port: str) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/version", timeout=2).close()
    except OSError:
        return False
    return True


def opened(tab: Page, address: str, folder: Path) -> Editor:
    tab.goto(f"{address}/?folder={folder}")
    tab.locator(".explorer-folders-view .monaco-list-row", has_text="age.spte").dblclick(timeout=60_000)
    tab.locator(".editor-instance .view-line").first.wait_for(timeout=60_000)
    return Editor(tab)


def look(editor: Editor, folder: Path, picture: Path | None) -> int:
    """Looks at everything and says what was seen. How much is missing."""
    missing = 0
    for each in LOOKS:
        try:
            seen = each(editor)
        except Error as error:
            seen, why = "", str(error).splitlines()[0]
        else:
            why = "not seen"
        if not seen:
            missing += 1
            editor.tab.screenshot(path=folder / f"missing-{each.__name__}.png")
        print(f"{'seen   ' if seen else 'MISSING'} {each.__doc__}: {seen or why}", flush=True)
        if each is hover and picture is not None:
            take(editor, picture)
    return missing


def take(editor: Editor, picture: Path) -> None:
    """The text with its verdicts, and the counterexample below the property that it breaks."""
    editor.tab.mouse.move(5, 5)
    editor.tab.keyboard.press("Control+B")
    editor.word("preserves").click()
    editor.tab.keyboard.press("Alt+F8")
    editor.tab.locator(".marker-widget").first.wait_for(timeout=10_000)
    time.sleep(2)
    editor.tab.screenshot(path=picture)
    editor.tab.keyboard.press("Escape")
    editor.tab.keyboard.press("Control+B")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--no-picture", action="store_true", help="look only")
    chosen = parser.parse_args()
    folder = chosen.folder.resolve()
    if BROWSER is None or subprocess.run([HERE / "code-server.sh", folder]).returncode != 0:
        print("SKIPPED: VS Code's web server, or Chromium, cannot be had here; nothing was looked at")
        return 0
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as driver:
        home = Path(temporary)
        (home / "work").mkdir()
        (home / "work/age.spte").write_text(example(), encoding="utf-8")
        with served(folder, home) as address:
            browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
            editor = opened(browser.new_page(viewport={"width": 1100, "height": 700}), address, home / "work")
            missing = look(editor, folder, None if chosen.no_picture else PICTURE)
            browser.close()
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
