"""Where a bit lies and what it is called must not matter: no verdict moves under other positions or other names."""

import random
import re
from collections.abc import Callable
from pathlib import Path

from spteproof.grammar.modules import load
from spteproof.running.pipeline import Report, prove_loaded
from spteproof.solver.results import Budget

QUICK = Budget(shortest_seconds=0.0)
MOVED = "mail"
SHIFT = "SHADOW_ACC_TRACK_SAVED_BITS_SHIFT = "
READABLE, EXECUTABLE, SAVED_SHIFT = 0, 2, 54
PLACEMENTS = re.compile(r", (?:anywhere|ad_on_anywhere|ept_no_ad_anywhere)\b(?=[ {\n])")


def verdicts(report: Report) -> list[tuple[str, str, bool]]:
    """Those on the texts about the mail, in the order of the texts, whatever else was proved."""
    moved = [
        each for each in report.results if is_fixed(each.layout) and Path(each.place.source.name).parent.name == MOVED
    ]
    moved.sort(key=lambda each: (Path(each.place.source.name).name, each.place.line, each.layout))
    return [(each.layout, each.verdict, each.ok) for each in moved]


def is_fixed(layout: str) -> bool:
    """A layout of KVM in which every bit has its place."""
    return not layout.endswith("_anywhere") and layout != "counter"


def proved_again(folder: Path, file: str = MOVED) -> list[tuple[str, str, bool]]:
    return verdicts(prove_loaded(load([folder / file], library_root=folder), budget=QUICK))


def rewritten(library: Path, folder: Path, rewrite: Callable[[str], str]) -> Path:
    """A copy of the library's texts about KVM, each rewritten, without the layouts that are every placement already."""
    for path in library.rglob("*.spte"):
        if path.parent.name != "limits":
            target = folder / path.relative_to(library)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(rewrite(PLACEMENTS.sub("", path.read_text(encoding="utf-8"))), encoding="utf-8")
    return folder


def permutation(seed: int) -> tuple[list[int], int]:
    """New positions for all 64 bits, and the new distance between R and X and where they are saved."""
    dice = random.Random(seed)
    while True:
        to = dice.sample(range(64), 64)
        distance = dice.randrange(1, 63)
        readable, executable = to[READABLE], to[EXECUTABLE]
        saved = readable + distance, executable + distance
        if max(saved) < 64 and not {readable, executable} & set(saved):
            for bit, position in zip((READABLE + SAVED_SHIFT, EXECUTABLE + SAVED_SHIFT), saved, strict=True):
                other = to.index(position)
                to[bit], to[other] = to[other], to[bit]
            if (to[READABLE], to[EXECUTABLE]) == (readable, executable):
                return to, distance


def permuted(seed: int) -> Callable[[str], str]:
    to, distance = permutation(seed)

    def bits(numbers: list[int]) -> str:
        return "(" + " | ".join(f"BIT_ULL({to[number]})" for number in numbers) + ")"

    def rewrite(text: str) -> str:
        text = re.sub(r"//.*", "", text)
        text = re.sub(r"\bBIT_ULL\((\d+)\)", lambda match: f"BIT_ULL({to[int(match[1])]})", text)
        text = re.sub(r"\bbit (\d+)", lambda match: f"bit {to[int(match[1])]}", text)
        text = re.sub(
            r"GENMASK_ULL\((\d+), (\d+)\)", lambda match: bits([*range(int(match[2]), int(match[1]) + 1)]), text
        )
        text = re.sub(
            r"\b0x([0-9a-f]+)ULL", lambda match: bits([bit for bit in range(64) if int(match[1], 16) >> bit & 1]), text
        )
        return re.sub(rf"{SHIFT}\d+", f"{SHIFT}{distance}", text)

    return rewrite


def names_of_layouts(library: Path) -> set[str]:
    """Every name that a layout gives: masks, values, constants and aliases."""
    texts = "\n".join(re.sub(r"//.*", "", path.read_text(encoding="utf-8")) for path in library.rglob("*.spte"))
    bodies = "\n".join(re.findall(r"^layout [^{]*\{(.*?)\}$", texts, re.DOTALL | re.MULTILINE))
    given = set(re.findall(r"^ +(?:value +)?(\w+) +=[^=]", bodies, re.MULTILINE))
    aliases = [pair for line in re.findall(r"alias ([^;]*);", bodies) for pair in re.findall(r"(\w+) =", line)]
    return given | set(aliases)


def renamed(library: Path) -> Callable[[str], str]:
    words = {name: f"n{number}_{name[::-1]}" for number, name in enumerate(sorted(names_of_layouts(library)))}
    pattern = re.compile(rf"\b({'|'.join(sorted(words, key=len, reverse=True))})\b")
    return lambda text: pattern.sub(lambda match: words[match[1]], re.sub(r"//.*", "", text))


def test_a_permutation_keeps_what_the_layouts_rely_on():
    for seed in range(20):
        to, distance = permutation(seed)
        assert sorted(to) == list(range(64))
        assert to[READABLE + SAVED_SHIFT] - to[READABLE] == to[EXECUTABLE + SAVED_SHIFT] - to[EXECUTABLE] == distance


def test_no_verdict_moves_when_the_bits_do(library, report, tmp_path):
    assert proved_again(rewritten(library, tmp_path, permuted(1))) == verdicts(report)


def test_no_verdict_moves_when_bits_and_names_do(library, report, tmp_path):
    move, rename = permuted(2), renamed(library)
    assert len(names_of_layouts(library)) > 50
    assert proved_again(rewritten(library, tmp_path, lambda text: rename(move(text)))) == verdicts(report)


def test_verdicts_do_move_when_the_meaning_does(library, tmp_path):
    swapped = {"shadow_accessed_mask": "shadow_dirty_mask", "shadow_dirty_mask": "shadow_accessed_mask"}

    def confused(text: str) -> str:
        before, predicate, after = text.partition("predicate spte_has_volatile_bits")
        return (
            before + predicate + re.sub("|".join(swapped), lambda match: swapped[match[0]], after)
            if predicate
            else text
        )

    again = proved_again(rewritten(library, tmp_path, confused), "mail/clear_one_bit.spte")
    assert again and not all(ok for _, _, ok in again)
