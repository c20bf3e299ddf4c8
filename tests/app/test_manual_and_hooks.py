"""The manual page is in step with the command line; the action and the hooks parse, and what they run works."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from spteproof.arguments import parser

ROOT = Path(__file__).resolve().parents[2]


def test_the_manual_page_is_in_step_with_the_command_line():
    made = subprocess.run([sys.executable, ROOT / "docs/make_manual.py", "--check"], timeout=60)
    assert made.returncode == 0, "run: python docs/make_manual.py"


def test_the_help_of_watch_says_what_it_watches():
    (commands,) = [each for each in parser()._actions if isinstance(each.choices, dict)]
    (paths,) = [each for each in commands.choices["watch"]._actions if each.dest == "paths"]
    assert "this folder" in paths.help and "standard input" not in paths.help


def test_the_manual_page_has_every_command_and_option():
    page = (ROOT / "docs/spteproof.1").read_text().replace("\\-", "-")
    (commands,) = [each for each in parser()._actions if hasattr(each, "choices") and isinstance(each.choices, dict)]
    for name, command in commands.choices.items():
        assert f".SS spteproof {name}" in page
        for action in command._actions:
            assert all(rf"\fB{option}\fR" in page for option in action.option_strings)


def test_no_line_of_the_manual_page_is_a_request_by_mistake():
    known = {".TH", ".SH", ".SS", ".TP", ".P", ".B", ".I", ".nf", ".fi"}
    lines = (ROOT / "docs/spteproof.1").read_text().splitlines()
    assert {line.split()[0] for line in lines if line[:1] in (".", "'")} <= known


def test_the_manual_page_comes_with_the_package():
    files = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["data-files"]
    assert files == {"share/man/man1": ["docs/spteproof.1"]}


def named(hook, path):
    """The files that pre-commit names to a hook."""
    return [path] if hook.get("pass_filenames", True) else []


def test_the_hooks_do_what_they_say(spteproof, small):
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [each["id"] for each in hooks] == ["spteproof-fmt", "spteproof-check", "spteproof"]
    for hook in hooks:
        assert re.search(hook["files"], str(small))
        assert hook["language"] == "python"
        assert spteproof(*shlex.split(hook["entry"])[1:], *named(hook, small)).status == 0
    small.write_text(small.read_text().replace("expect refuted losing {D}", ""))
    assert spteproof(*shlex.split(hooks[-1]["entry"])[1:], *named(hooks[-1], small)).status == 1


def test_the_hook_that_proves_proves_what_uses_the_text_that_changed(spteproof, own_place):
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[-1]
    (own_place / "used.spte").write_text("layout one { W = bit 1; }\nhelper clear() { atomic64_and(~W, sptep); }\n")
    (own_place / "t.spte").write_text("use used;\ntheorem t against nobody { clear(); prove preserves W; }\n")
    answer = spteproof(*shlex.split(hook["entry"])[1:], *named(hook, own_place / "used.spte"))
    assert answer.status == 1 and "refuted  one losing W" in answer.out


@pytest.mark.parametrize("text, status", [("right", 0), ("wrong", 1)])
def test_the_action_proves_and_its_status_is_the_runs(small, own_place, tmp_path, text, status):
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    if text == "wrong":
        small.write_text(small.read_text().replace("expect refuted losing {D}", ""))
    prove = action["runs"]["steps"][-1]
    inputs = {name: each.get("default", "") for name, each in action["inputs"].items()}
    inputs |= {"paths": "small.spte", "arguments": "--layout small --jobs 1", "html": "report.html"}
    given = {key: inputs[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)[1]] for key, value in prove["env"].items()}
    tools = tmp_path / "spteproof" / "bin"
    tools.mkdir(parents=True)
    (tools / "spteproof").write_text(f'#!/bin/sh\nexec {sys.executable} -m spteproof "$@"\n')
    (tools / "spteproof").chmod(0o755)
    ran = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", prove["run"]],
        env={**os.environ, **given, "RUNNER_TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    assert "::notice" in ran.stdout and ("::error file=" in ran.stdout) == (status == 1)
    assert Path("report.html").read_text().startswith("<!DOCTYPE html>")


def test_inputs_of_the_action_reach_the_shell_as_variables_only():
    """What somebody writes into an input is never part of a script."""
    for step in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]:
        assert "${{" not in step["run"]
