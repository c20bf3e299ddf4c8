"""Kernel source that is at hand, and the pieces of it that speak of entries. Nothing of it is kept."""

import os
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "SPTEPROOF_KERNEL_SOURCE"
PACKAGES = Path("/usr/src")
WANTED = ("arch/x86/kvm/", "arch/x86/include/asm/vmx.h")
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(?!include|error)\w+(?:.*\\\n)*.*$|^static_assert\((?:[^;]*)\);", re.MULTILINE)


@dataclass(frozen=True)
class Tree:
    """An unpacked kernel, or the part of one that matters here."""

    root: Path

    def text(self, path: str) -> str:
        """A file without its comments."""
        return re.sub(r"/\*.*?\*/", " ", (self.root / path).read_text(encoding="utf-8"), flags=re.DOTALL)

    def directives(self, path: str, prefix: str = "") -> str:
        """The preprocessor's lines and the static asserts of a file, in their order; or its macros of one prefix."""
        found = [each[0] for each in DIRECTIVE.finditer(self.text(path))]
        return "\n".join(each for each in found if not prefix or re.match(rf"\s*#\s*define\s+{prefix}", each))

    def function(self, path: str, name: str) -> str | None:
        """A function's text, from the line that names it to the brace in the first column."""
        match = re.search(rf"^[a-z][\w \t*]*[ \t*]{name}\([^;{{]*?\)\n\{{\n.*?^\}}\n", self.text(path), re.M | re.S)
        return match[0] if match else None

    def variables(self, path: str) -> list[str]:
        """The masks and values that are set when the module is loaded."""
        return re.findall(r"^u64 __read_mostly (\w+);", self.text(path), re.MULTILINE)


def unpacked(archive: Path, folder: Path) -> Tree:
    """What of a source package matters, unpacked into a folder: one pass over the archive."""
    name = archive.name.removesuffix(".tar.xz")
    with tarfile.open(archive, mode="r|xz") as package:
        for member in package:
            if member.isfile() and member.name.removeprefix(f"{name}/").startswith(WANTED):
                package.extract(member, folder, filter="data")
    return Tree(folder / name)


def named() -> list[Path]:
    """The trees that the environment variable names, with `:` between them."""
    return [Path(each) for each in os.environ.get(VARIABLE, "").split(os.pathsep) if each]


def archives() -> list[Path]:
    return sorted(PACKAGES.glob("linux-source-*.tar.xz"))
