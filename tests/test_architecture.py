"""The few rules of the house that matter, checked on the source."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = {"app": ROOT / "app", "grammar": ROOT / "grammar", "solver": ROOT / "solver"}
ORDER = ("grammar", "solver", "app")


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *[f"{node.module}.{alias.name}" for alias in node.names]}
    return found


def part_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] != "spteproof":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in ("grammar", "solver", "spec") else "app"


def modules():
    return [(name, path) for name, folder in PARTS.items() for path in sorted(folder.glob("**/*.py"))]


@pytest.mark.parametrize("part, path", modules(), ids=lambda each: getattr(each, "name", each))
def test_imports_point_one_way(part, path):
    allowed = {*ORDER[: ORDER.index(part) + 1], "spec", None}
    assert {part_of(module) for module in imports(path)} <= allowed


def test_z3_is_imported_in_one_module():
    users = [path.name for _, path in modules() if any(name.split(".")[0] == "z3" for name in imports(path))]
    assert users == ["z3_solver.py"]


def test_only_the_face_prints():
    for part, path in modules():
        if part != "app":
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            assert not any(isinstance(node.func, ast.Name) and node.func.id == "print" for node in calls), path


def closure_of(module: str) -> set[str]:
    """All modules of the solver that a module imports, itself or through others."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = ROOT / "solver" / f"{name}.py"
        if name in seen or not path.exists():
            continue
        seen.add(name)
        waiting += [each.split(".")[2] for each in imports(path) if each.startswith("spteproof.solver.")]
    return seen


def test_interpreter_and_translator_share_the_operations_and_nothing_else():
    concrete = closure_of("interpretation") - {"interpretation"}
    symbolic = closure_of("translation") - {"translation"}
    names_and_sites = {"setting"}
    integers = {"integers"}
    assert concrete & symbolic == {"operations"} | names_and_sites | integers
    assert "terms" not in concrete


def test_the_judge_of_a_replay_knows_no_properties_over_terms():
    assert "properties" not in closure_of("judgement")


def test_the_checker_of_refutations_imports_nothing():
    assert not list(imports(ROOT / "solver" / "certificates" / "checking.py"))


TRUSTED = {"solver.bitwise", "solver.operations", "solver.integers"} | {
    f"solver.certificates.{name}" for name in ("checking", "circuits", "judging", "reading")
}


def test_what_judges_certificates_rests_on_the_files_that_are_trusted_only():
    waiting, seen = ["solver.certificates.judging"], set()
    while waiting:
        name = waiting.pop()
        path = ROOT / f"{name.replace('.', '/')}.py"
        if name not in seen and path.exists():
            seen.add(name)
            found = imports(path)
            waiting += [each.removeprefix("spteproof.") for each in found if each.startswith("spteproof.")]
    assert seen == TRUSTED


def test_the_differential_test_shares_no_code():
    for path in sorted((ROOT / "tests" / "differential").glob("*.py")):
        assert not any(part_of(name) in ("grammar", "solver") for name in imports(path)), path


def test_every_package_is_listed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    setuptools = project["tool"]["setuptools"]
    found = set()
    for package, folder in setuptools["package-dir"].items():
        for init in (ROOT / folder).glob("**/__init__.py"):
            inner = init.parent.relative_to(ROOT / folder).parts
            found.add(".".join([package, *inner]))
    assert found == set(setuptools["packages"])


TREES = {"checked.py", "surface.py"}
"""A tree's classes stand together, however many they are."""


def test_files_hold_one_idea():
    long = {path.name: count for _, path in modules() if (count := len(path.read_text().splitlines())) > 420}
    assert set(long) <= TREES
