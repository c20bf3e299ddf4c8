"""Every highlighter knows every word of the grammar, and each of them works where its editor is installed."""

import importlib.util
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Error, Keyword, Name, Number

from spteproof import highlighting as h
from spteproof.grammar.bodies import BUILT_IN, ENTRY_WORDS
from spteproof.grammar.memory_operations import SIGNATURES
from spteproof.grammar.parsing import item_parser

ROOT = Path(__file__).resolve().parents[3]
EDITORS = ROOT / "editors"
GROUPS = (h.ITEMS, h.CLAUSES, h.STATEMENTS, h.PROPERTIES, h.CONSTANTS, h.VERDICTS, h.SORTS)
LIBRARY = sorted((ROOT / "spec").rglob("*.spte"))


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("generate", EDITORS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_groups_are_the_grammars_own_words():
    words = {each for each in item_parser().words.values() if each[0].isalpha()}
    assert {word for group in GROUPS for word in group} == words
    called = {name for name in SIGNATURES if not name.startswith("plain_")} | set(BUILT_IN)
    assert set(h.OPERATIONS) == called
    assert set(h.INSTANTS) == ENTRY_WORDS | {"sptep"}


def test_no_word_is_in_two_groups():
    counts = Counter(word for group in (*GROUPS, h.OPERATIONS, h.INSTANTS) for word in group)
    assert [word for word, count in counts.items() if count > 1] == []


def test_what_editors_read_is_what_is_generated(generate):
    for path, text in generate.FILES.items():
        assert path.read_text(encoding="utf-8") == text(), f"run: python {EDITORS / 'generate.py'}"


def test_each_operator_is_one_for_the_highlighters():
    marks = {each for each in item_parser().words.values() if not each[0].isalnum()} - set("{}(),;.")
    assert [each for each in marks if not re.fullmatch(h.OPERATOR, each)] == []


# Pygments ------------------------------------------------------------------------------------------------


def test_pygments_finds_the_lexer_by_name_and_by_file():
    assert type(get_lexer_by_name("spte")) is type(get_lexer_for_filename("age.spte"))


@pytest.mark.parametrize("path", LIBRARY[::5], ids=lambda path: path.stem)
def test_pygments_reads_the_library_whole_and_without_errors(path):
    text = path.read_text(encoding="utf-8")
    found = list(get_lexer_by_name("spte").get_tokens(text))
    assert "".join(value for _, value in found) == text
    assert [value for kind, value in found if kind is Error] == []


def test_pygments_tells_the_groups_apart():
    text = "theorem t(u64 m in {W}) { u64 a = xchg(sptep, 0x5ULL); prove that p(a) expect refuted; }"
    found = {value: kind for kind, value in get_lexer_by_name("spte").get_tokens(text)}
    assert found["theorem"] is Keyword.Declaration
    assert found["t"] is Name.Function
    assert found["u64"] is Keyword.Type
    assert found["in"] is found["prove"] is found["that"] is Keyword
    assert found["xchg"] is Name.Builtin
    assert found["sptep"] is Name.Builtin.Pseudo
    assert found["0x5ULL"] is Number
    assert found["refuted"] is Keyword.Constant
    assert found["p"] is Name.Function
    assert found["W"] is Name


# TextMate ------------------------------------------------------------------------------------------------


def scope_of(grammar, text):
    """The scope that the first pattern that matches a whole text gives it, as TextMate chooses."""
    for pattern in grammar["patterns"]:
        if "match" in pattern and "name" in pattern and re.fullmatch(pattern["match"], text):
            return pattern["name"]
    return None


def test_text_mate_has_a_scope_for_each_word(generate):
    import json

    grammar = json.loads(generate.text_mate())
    for word in [*(each for group in GROUPS for each in group), *h.OPERATIONS, *h.INSTANTS]:
        assert scope_of(grammar, word) is not None, word
    assert scope_of(grammar, "is_last_spte") is None
    assert scope_of(grammar, "// x") == "comment.line.double-slash.spte"
    assert scope_of(grammar, "12ULL") == "constant.numeric.spte"


# Vim and Emacs -------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
def test_vim_colours_each_word(tmp_path):
    words = [*(each for group in GROUPS for each in group), *h.OPERATIONS, *h.INSTANTS, "is_last_spte"]
    (tmp_path / "all.spte").write_text("\n".join(words) + "\n// x\n/* y */\n0x1fULL\n")
    script = tmp_path / "ask.vim"
    script.write_text(
        f"set nocompatible\nset runtimepath^={EDITORS / 'vim'}\nfiletype plugin on\nsyntax on\n"
        f"edit {tmp_path / 'all.spte'}\n"
        "let found = [&filetype]\n"
        "for line in range(1, line('$'))\n  call add(found, synIDattr(synID(line, 1, 1), 'name'))\nendfor\n"
        f"call writefile(found, '{tmp_path / 'said'}')\nqall!\n"
    )
    subprocess.run(["vim", "-N", "-u", "NONE", "-es", "-S", str(script)], timeout=60, stdin=subprocess.DEVNULL)
    kind, *names = (tmp_path / "said").read_text().splitlines()
    assert kind == "spte"
    assert [word for word, name in zip(words, names, strict=False) if not name] == ["is_last_spte"]
    assert names[len(words) :] == ["spteComment", "spteComment", "spteNumber"]


@pytest.mark.skipif(shutil.which("emacs") is None, reason="emacs is not installed")
def test_emacs_colours_indents_and_knows_the_server(tmp_path):
    (tmp_path / "one.spte").write_text("theorem t {\nprove that W; // x\n}\n")
    ask = (
        '(progn (find-file "one.spte") (font-lock-ensure) (indent-region (point-min) (point-max))'
        " (unless (require 'eglot nil t) (setq eglot-server-programs nil) (provide 'eglot))"
        ' (princ (format "%s|%s|%s|%s" major-mode (get-text-property 1 \'face)'
        " (buffer-substring-no-properties (point-min) (point-max)) (cdr (assq 'spte-mode eglot-server-programs)))))"
    )
    call = ["emacs", "-Q", "--batch", "-L", str(EDITORS / "emacs"), "-l", "spte-mode", "--eval", ask]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    mode, face, text, program = done.stdout.split("|")
    assert (mode, face) == ("spte-mode", "font-lock-keyword-face")
    assert text == "theorem t {\n    prove that W; // x\n}\n"
    assert program.startswith("(spteproof lsp")


# VS Code -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    shutil.which("npm") is None or shutil.which("node") is None, reason="node and npm are not installed"
)
def test_the_extension_is_packed_with_what_it_needs_and_nothing_else(tmp_path):
    done = subprocess.run(
        [str(EDITORS / "vscode" / "pack.sh"), str(tmp_path / "build")], capture_output=True, text=True, timeout=300
    )
    if done.returncode and any(each in done.stderr for each in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT")):
        pytest.skip("npm has no registry here")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "build" / "spteproof.vsix") as pack:
        assert sorted(pack.namelist()) == [
            "[Content_Types].xml",
            "extension.vsixmanifest",
            "extension/dist/extension.js",
            "extension/language-configuration.json",
            "extension/package.json",
            "extension/readme.md",
            "extension/syntaxes/spte.tmLanguage.json",
        ]
        bundle = pack.read("extension/dist/extension.js").decode()
    assert "needsStop" in bundle
    assert not re.search(r"applicationinsights|telemetryReporter|vscode-extension-telemetry", bundle, re.IGNORECASE)
