"""The plugin for pytest: a theorem is a test."""

import ast
import tomllib

import lark.exceptions  # noqa: F401  before pytester, which forgets what is first imported in a run of its own
import pytest

import spteproof.solver.proof  # noqa: F401  (Z3 is loaded once, outside of the runs in this process)

from .conftest import LARGE, ROOT, SMALL

pytest_plugins = ["pytester"]

WRONG = SMALL.replace("losing {D}", "losing {W}")


@pytest.fixture
def run(pytester):
    def call(text, *words):
        (pytester.path / "age.spte").write_text(text)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *words)

    return call


def test_nothing_is_collected_unasked(run):
    result = run(SMALL)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert run(SMALL, "age.spte").ret == pytest.ExitCode.USAGE_ERROR


def test_a_test_for_each_theorem_and_each_layout_with_asserts(run):
    result = run(SMALL, "--spteproof", "--collect-only", "-q")
    assert [line for line in result.outlines if "::" in line] == [
        "age.spte::layout small",
        "age.spte::layout no_dirty",
        "age.spte::age_stores",
        "age.spte::age_clears",
    ]


@pytest.mark.parametrize("words", [("--spteproof",), ("-o", "spteproof=true"), ("--spteproof", "age.spte::age_stores")])
def test_verdicts_as_expected_pass(run, words):
    result = run(SMALL, *words)
    assert result.ret == 0
    result.assert_outcomes(passed=1 if "::" in words[-1] else 4)


def test_the_configuration_may_ask_for_it(run, pytester):
    pytester.makeini("[pytest]\nspteproof = true\n")
    run(SMALL).assert_outcomes(passed=4)


def test_a_failure_shows_the_report(run):
    result = run(WRONG, "--spteproof")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        [
            "0 proved, 1 refuted in * s: 1 not as expected",
            "age_stores*",
            "*refuted  small losing D",
            "*expected refuted losing {W}",
            "*CPU 0 (theorem) *CPU 1 (agents) *entry",
            "*cpu.set_dirty *+A +D",
            "FAILED age.spte::age_stores - 0 proved, 1 refuted*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.usefixtures("few_nodes")
def test_an_unknown_fails_with_its_reason(run):
    result = run(LARGE, "--spteproof")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*unknown *", "*the environment's closure is too large"])


def test_an_internal_error_is_no_verdict(run, monkeypatch):
    def broken(*given):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("spteproof.running.pipeline.prove_task", broken)
    result = run(SMALL, "--spteproof", "-k", "age_clears")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(["*broken on purpose*"])


def test_k_and_x_choose_as_of_any_test(run):
    run(WRONG, "--spteproof", "-k", "age_clears").assert_outcomes(passed=1, deselected=3)
    two = WRONG.replace("prove preserves W | D;", "prove preserves W expect refuted;")
    run(two, "--spteproof").assert_outcomes(passed=2, failed=2)
    run(two, "--spteproof", "-x").assert_outcomes(passed=2, failed=1)


def test_lf_runs_what_failed_last(pytester):
    (pytester.path / "age.spte").write_text(WRONG)
    pytester.runpytest_inprocess("--spteproof").assert_outcomes(passed=3, failed=1)
    pytester.runpytest_inprocess("--spteproof", "--lf").assert_outcomes(failed=1)


def test_an_instance_with_nothing_to_decide_is_skipped(run):
    text = (
        "layout small { W = bit 1; D = none; }\ntheorem t(u64 mask in {D}) for layout in small {\n"
        "    atomic64_and(~mask, sptep);\n    prove preserves W;\n}\n"
    )
    result = run(text, "--spteproof", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*`D` is none in `small`*"])


def test_bad_input_is_an_error_with_its_diagnostics(run):
    result = run(SMALL.replace("old & ~A", "old & ~AA"), "--spteproof")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["error[[]name.*", "*--> age.spte:*", "*ERROR age.spte*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_verdicts_are_kept_for_the_next_run_and_for_the_command(run, spteproof, monkeypatch):
    run(SMALL, "--spteproof").assert_outcomes(passed=4)

    def never(*given):
        raise AssertionError("proved again")

    monkeypatch.setattr("spteproof.running.pipeline.prove_task", never)
    monkeypatch.setattr("spteproof.running.runs.run", never)
    run(SMALL, "--spteproof").assert_outcomes(passed=4)
    assert spteproof("prove", "age.spte").status == 0
    run(SMALL, "--spteproof", "--spteproof-no-cache").assert_outcomes(failed=4)
    run("\n" + SMALL, "--spteproof").assert_outcomes(passed=4)
    run(SMALL.replace("bit 1;", "bit 2;"), "--spteproof").assert_outcomes(failed=4)


@pytest.mark.parametrize("wish", ["0", "-1", "many", "1e9"])
def test_a_timeout_must_be_a_number_of_seconds(run, wish):
    assert run(SMALL, "--spteproof", f"--spteproof-timeout={wish}").ret == pytest.ExitCode.USAGE_ERROR


def test_a_theorem_of_the_mail(pytester, monkeypatch):
    path = ROOT / "spec" / "mail" / "without_dirty.spte"
    result = pytester.runpytest_inprocess("--spteproof", path, "-k", "not layout")
    assert result.ret == 0 and result.parseoutcomes()["passed"] >= 1


def test_nothing_else_needs_pytest():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert not any(each.startswith("pytest") for each in project["dependencies"])
    for part in ("app", "grammar", "solver"):
        for path in (ROOT / part).rglob("*.py"):
            nodes = list(ast.walk(ast.parse(path.read_text())))
            names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
            names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
            assert "pytest" not in names or path.name == "pytest_plugin.py", path


def test_the_plugin_imports_nothing_until_it_is_asked():
    tree = ast.parse((ROOT / "app" / "pytest_plugin.py").read_text())
    names = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not any(name.startswith("spteproof") for name in names)
