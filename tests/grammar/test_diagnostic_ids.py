"""Every id has an example, and every id that is produced has a meaning."""

import re
from pathlib import Path

from spteproof.grammar.diagnostic_ids import MEANINGS

HERE = Path(__file__).parent


def test_every_id_is_expected_by_an_example(all_wrong):
    expected = {id for case in all_wrong for _, id in case.expected}
    elsewhere = set()
    for name in ("test_modules.py", "test_limits.py", "test_strangers.py"):
        elsewhere |= set(re.findall(r'"((?:file|limit|name)\.[a-z_]+:[a-z0-9_]+)"', (HERE / name).read_text()))
    deep = {"limit.nesting:tree"}  # told apart from brackets by the length of what is nested
    assert expected | elsewhere | deep == set(MEANINGS)


def test_every_id_has_a_page():
    pages = (HERE.parents[1] / "app" / "pages").glob("*.md")
    written = {id for page in pages for id in re.findall(r"^## (\S+:\S+)$", page.read_text(), re.MULTILINE)}
    assert written == set(MEANINGS)


def test_an_id_says_what_and_why():
    assert [id for id in MEANINGS if not re.fullmatch(r"[a-z]+\.[a-z_0-9]+:[a-z_0-9]+", id)] == []


def test_a_meaning_is_one_line():
    assert [
        id for id, meaning in MEANINGS.items() if "\n" in meaning or meaning.endswith(".") or len(meaning) > 110
    ] == []
