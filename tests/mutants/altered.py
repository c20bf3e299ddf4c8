"""Modules of the solver as they would be with other code: in this process alone, never on the disk."""

import ast
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType

SOLVER = Path(__file__).resolve().parent.parent.parent / "solver"
PACKAGE = "spteproof.solver"
HOOK = "__reached__"


class Altered(MetaPathFinder, Loader):
    """Finds the modules that it has code for, before anything else does."""

    def __init__(self, codes: Mapping[str, CodeType], extras: Mapping[str, object]) -> None:
        self.codes = {f"{PACKAGE}.{name}": code for name, code in codes.items()}
        self.extras = dict(extras)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self.codes:
            return None
        return spec_from_loader(fullname, self, origin=self.codes[fullname].co_filename)

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self.extras)
        exec(self.codes[module.__name__], vars(module))


def put_in_place(codes: Mapping[str, CodeType], **extras: object) -> None:
    """From now on the solver's modules are imported with this code. Raises AssertionError where it is too late."""
    loaded = [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]
    assert not loaded, f"imported already: {loaded}"
    sys.meta_path.insert(0, Altered(codes, extras))


def module_of(path: Path) -> str:
    """As `terms` or `finding.quick`."""
    return ".".join(path.relative_to(SOLVER).with_suffix("").parts) if path.is_relative_to(SOLVER) else path.stem


def path_of(module: str) -> Path:
    return SOLVER / f"{module.replace('.', '/')}.py"


def instrumented(path: Path) -> CodeType:
    """The module's code, in which each statement of a function first tells its line to HOOK."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        _instrument(function, module_of(path))
    return compile(ast.fix_missing_locations(tree), str(path), "exec")


def _instrument(node: ast.AST, module: str) -> None:
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(node, field, None)
        if isinstance(statements, list):
            told: list[ast.stmt] = []
            for each in statements:
                if not isinstance(each, ast.FunctionDef):
                    _instrument(each, module)
                docstring = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
                told += [each] if docstring or isinstance(each, ast.Nonlocal) else [_tell(each, module), each]
            setattr(node, field, told)
    for each in [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]:
        _instrument(each, module)


def _tell(statement: ast.stmt, module: str) -> ast.stmt:
    (call,) = ast.parse(f"{HOOK}(({module!r}, {statement.lineno}))").body
    for node in ast.walk(call):
        ast.copy_location(node, statement)
    return call
