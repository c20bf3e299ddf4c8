"""`spteproof explain`: a page for each diagnostic and each kind of verdict.

The pages lie in `pages/`, several in a file: `## ID`, what it means, then examples in fences. A fence says how its text
is read, `spte` or `console`, and what it shows. In an example of several files each begins with `//// NAME`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources

from spteproof.colour import Paint
from spteproof.grammar.diagnostic_ids import MEANINGS
from spteproof.solver.doubts import KINDS

VERDICTS: Mapping[str, str] = {
    "proved": "no execution violates the property",
    "refuted": "an execution violates the property, and was replayed",
    "vacuous": "nothing was shown: what the property speaks about cannot happen",
    "unknown": "the tool could not decide; never a pass",
    **KINDS,
}
"""The kinds of verdict and the families of reasons, each with its meaning in one line."""

_PAGE = re.compile(r"^## (\S+)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^```(\w+) (\w+)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


class NothingToExplain(Exception):
    """There is no page of this name; the message says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """`language` is "spte" or "console"; `shows` is "wrong" or "right" for a diagnostic, "example" or "repaired" for a
    verdict."""

    language: str
    shows: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one id means: `meaning` in a line, `text` in full."""

    id: str
    meaning: str
    text: str
    examples: tuple[Example, ...]


def pages() -> dict[str, Page]:
    """All pages, diagnostics first, in the order of their ids' lists. Raises KeyError where one is missing."""
    found = dict(_written())
    meanings = {**MEANINGS, **VERDICTS}
    return {id: _page(id, meaning, found[id]) for id, meaning in meanings.items()}


def _written() -> Iterator[tuple[str, str]]:
    for file in resources.files("spteproof").joinpath("pages").iterdir():
        for page in _PAGE.finditer(file.read_text(encoding="utf-8")):
            yield page[1], page[2]


def _page(id: str, meaning: str, written: str) -> Page:
    fences = _FENCE.finditer(written)
    examples = tuple(Example(language=each[1], shows=each[2], text=each[3]) for each in fences)
    return Page(id=id, meaning=meaning, text=_FENCE.sub("", written).strip(), examples=examples)


def known_ids() -> list[str]:
    """Every id that has a page."""
    return [*MEANINGS, *VERDICTS]


def is_id(id: str | None) -> bool:
    """Whether this can only be an id, or how some begin: the name of a theorem has no `.`, no `:` and no `*`."""
    return id is None or re.search(r"\W", id) is not None or any(each.split(".")[0] == id for each in known_ids())


def explain(id: str | None, paint: Paint) -> str:
    """The page of an id, a list of those that begin so, or a list of all. Raises NothingToExplain."""
    known = pages()
    if id in known:
        kinds = [page for page in known.values() if page.id.startswith(f"{id}.")]
        return "\n".join([*_drawn(known[id], paint), *(["", *_listed(kinds)] if kinds else [])])
    listed = [page for page in known.values() if id is None or re.match(rf"{re.escape(id)}[.:]", page.id)]
    if listed:
        return "\n".join(_listed(listed))
    near = get_close_matches(id or "", known, 1)
    hint = f": did you mean `{near[0]}`?" if near else "; `spteproof explain` lists them all"
    raise NothingToExplain(f"no diagnostic and no verdict is called `{id}`{hint}")


def _listed(shown: Sequence[Page]) -> Iterator[str]:
    width = max(len(page.id) for page in shown)
    return (f"{page.id:<{width}}  {page.meaning}" for page in shown)


def _drawn(page: Page, paint: Paint) -> Iterator[str]:
    yield f"{paint.bold(page.id)}: {page.meaning}"
    yield from ("", page.text)
    for example in page.examples:
        yield from ("", f"{example.shows}:")
        prompt = "$ " if example.language == "console" else ""
        yield from (f"    {prompt}{line}".rstrip() for line in example.text.splitlines())
