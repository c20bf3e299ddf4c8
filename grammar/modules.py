"""Loads modules and what they use, and checks them: the one way into this package."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spteproof.grammar import surface as s
from spteproof.grammar.checked import Library
from spteproof.grammar.checking import checked, named
from spteproof.grammar.diagnostics import Diagnostic, Findings
from spteproof.grammar.files import SIZE_LIMIT, decoded, files_named
from spteproof.grammar.known import Known
from spteproof.grammar.names import Module, Names
from spteproof.grammar.ordering import dependencies_first
from spteproof.grammar.origins import Disk, Memory, Origin
from spteproof.grammar.reading import read_module
from spteproof.grammar.shelf import with_use
from spteproof.grammar.source import Place, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """`library` is None where some diagnostic is an error. `sources` are all texts read, those that were named
    first; `seen` gives for each, by name, what its text may speak of: itself and all that it uses, at once or through
    others. `names` and `modules`, in the order of `sources`, are there whatever is wrong."""

    library: Library | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]
    seen: Mapping[str, tuple[Source, ...]]
    names: Names
    modules: tuple[Module, ...]


def load(
    paths: Sequence[Path],
    *,
    library_root: Path,
    open_texts: Mapping[str, str] | None = None,
    known: Known | None = None,
) -> Loaded:
    """Reads files, and all `*.spte` below folders, with everything that they use. `open_texts` are texts, by
    `file_key`, that stand for what is saved. Nothing that is wrong raises. What is `known` of the same paths is not
    checked again."""
    loader = _Loader(library_root, Disk(open_texts))
    for path in files_named(paths, loader.findings):
        loader.read(path, str(path), None, asked=True)
    return loader.finish(known)


def load_open(text: str, *, name: str, path: Path | None, library_root: Path, open_texts: Mapping[str, str]) -> Loaded:
    """Reads a text that is being written, with everything that it uses. `path` is where it would be saved (None:
    nowhere yet); `open_texts` are texts, by `file_key`, that stand for what is saved of other files."""
    return _open(text, name, path, library_root, open_texts).finish()


def read_open(
    text: str, *, name: str, path: Path | None, library_root: Path, open_texts: Mapping[str, str]
) -> tuple[Names, Module]:
    """Only what the names mean in such a text, and its module: a fraction of the time of `load_open`."""
    loader = _open(text, name, path, library_root, open_texts)
    first = loader.first()
    modules = loader.followed()
    return named(_used_first(modules), Findings())[0], first


def _open(text: str, name: str, path: Path | None, library_root: Path, open_texts: Mapping[str, str]) -> "_Loader":
    loader = _Loader(library_root, Disk(open_texts))
    known = decoded(text[: SIZE_LIMIT + 1].encode("utf-8", "surrogatepass"), name, None, loader.findings)
    source = Source(name=name, text=known or "", path=path)
    module = loader.take(source, asked=True, keeps=False)
    if path is not None:
        loader.remember(path, module)
    return loader


def load_held(held: Memory, asked: Sequence[Path], *, library_root: Path) -> Loaded:
    """Reads the texts that are asked for with everything that they use, from those that are held: no file is looked
    at. `library_root` is the path of the library among them."""
    loader = _Loader(library_root, held)
    for path in asked:
        loader.read(path, str(path), None, asked=True)
    return loader.finish()


def load_text(text: str, *, name: str, library_root: Path) -> Loaded:
    """Reads one text, which a person is shown as `name`, with everything that it uses from the library."""
    loader = _Loader(library_root)
    known = decoded(text[: SIZE_LIMIT + 1].encode("utf-8", "surrogatepass"), name, None, loader.findings)
    if known is not None:
        loader.take(Source(name=name, text=known), asked=True)
    return loader.finish()


class _Loader:
    """Reads each module once, whoever uses it; cycles of `use` are fine."""

    def __init__(self, library_root: Path, origin: Origin | None = None) -> None:
        self._root = library_root
        self._origin = origin or Disk()
        self._modules: dict[str, Module | None] = {}
        self._pending: list[Module] = []
        self._found: dict[tuple[Path, str], Module | None] = {}
        self.findings = Findings()

    def read(self, path: Path, shown: str, used_at: Place | None, *, asked: bool = False) -> Module | None:
        """The module of a file; None, reported, where it cannot be read."""
        key = self._origin.key(path)
        if key not in self._modules:
            text = self._origin.text(path, shown, used_at, self.findings)
            self._modules[key] = None
            if text is not None:
                source = Source(name=shown, text=text, path=path)
                self._modules[key] = self.take(source, asked=asked, keeps=self._origin.is_kept(path))
        return self._modules[key]

    def remember(self, path: Path, module: Module) -> None:
        """The module is the one of this file."""
        self._modules[self._origin.key(path)] = module

    def first(self) -> Module:
        return self._pending[0]

    def take(self, source: Source, *, asked: bool = False, keeps: bool = True) -> Module:
        module = read_module(source, self.findings, keeps=keeps)
        module.asked = asked
        module.dotted = self._dotted(source.path)
        if source.path is None:
            self._modules[source.name] = module
        if not module.items and not self.findings.has_errors():
            self.findings.warning("file.empty:text", None, f"`{source.name}` declares nothing")
        self._pending.append(module)
        return module

    def _dotted(self, path: Path | None) -> str | None:
        """What `use` calls a module of the library."""
        root = self._origin.key(self._root)
        key = "" if path is None else self._origin.key(path)
        if not key.startswith(f"{root}{os.sep}"):
            return None
        return ".".join(Path(key[len(root) + 1 :]).with_suffix("").parts)

    def followed(self) -> list[Module]:
        """All modules, with what they use."""
        while self._pending:
            self._follow(self._pending.pop(0))
        return [module for module in self._modules.values() if module is not None]

    def finish(self, known: Known | None = None) -> Loaded:
        modules = self.followed()
        library, names, diagnostics = checked(_used_first(modules), known)
        self.findings.extend(diagnostics)
        return Loaded(
            library=None if self.findings.has_errors() else library,
            diagnostics=tuple(with_use(each, self._root) for each in self.findings.all()),
            sources=tuple(module.source for module in modules),
            seen={module.source.name: tuple(each.source for each in module.seen) for module in modules},
            names=names,
            modules=tuple(modules),
        )

    def _follow(self, module: Module) -> None:
        """Reads what a module uses: first beside it, then from the library."""
        for use in [item for item in module.items if isinstance(item, s.Use)]:
            for word in use.modules:
                used = self._find(module, word)
                if used is None:
                    module.open = True
                else:
                    used.dotted = used.dotted or word.text
                    module.uses.append(used)

    def _find(self, module: Module, word: s.Word) -> Module | None:
        relative = Path(*word.text.split(".")).with_suffix(".spte")
        own = module.source.path
        folders = [folder for folder in (own.parent if own is not None else None, self._root) if folder is not None]
        if (folders[0], word.text) in self._found:
            return self._found[folders[0], word.text]
        for folder in folders:
            candidate = self._origin.where(folder / relative)
            if self._origin.holds(candidate):
                shown = shown_path(candidate, self._root)
                if not self._origin.stays_inside(candidate, folder, shown, module.place(word), self.findings):
                    return None
                found = self._found[folders[0], word.text] = self.read(candidate, shown, module.place(word))
                return found
        self.findings.error(
            "use.unknown:module",
            module.place(word),
            f"there is no module `{word.text}`",
            label="not found",
            help=f"looked for `{relative}` beside this file and in the library",
        )
        return None


def _used_first(modules: Sequence[Module]) -> list[Module]:
    """The modules, each after those that it uses, so that of two declarations of a name the user's own is the
    second."""
    by_key = {str(number): module for number, module in enumerate(modules)}
    keys = {id(module): key for key, module in by_key.items()}
    order, _ = dependencies_first({key: [keys[id(used)] for used in module.uses] for key, module in by_key.items()})
    return [by_key[key] for key in order]


def shown_path(path: Path, root: Path) -> str:
    """A path as a person would write it here; from elsewhere, a library's text by its place in the library."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return str(path)
    if not relative.startswith(os.pardir):
        return relative
    inside = os.path.relpath(path, root)
    return str(path) if inside.startswith(os.pardir) else f"<library>/{inside}"
