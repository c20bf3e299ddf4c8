"""Writes docs/mutants.md from reports of `spteproof mutate --format json`.

python docs/make_mutants_table.py mail.json facts.json ...
"""

import json
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEAD = """# Changes of the library, theorem by theorem

Written by `docs/make_mutants_table.py` from reports of `spteproof mutate FOLDER --format json`;
[trust.md](trust.md) says when they were made. A change is shown to one theorem after the other until one
notices it, so that a theorem behind others in its text sees only what they let through; one that would have
refuted nothing is then shown what they refuted. *Unnoticed* are the changes of a theorem's own text that no
theorem notices, declared equivalences apart.
"""
FATES = ("killed", "survived", "undecided", "meaningless")


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def folder_of(mutant: dict[str, object]) -> str:
    return Path(str(mutant["file"])).parent.name


def totals(mutants: list[dict[str, object]]) -> list[str]:
    """A row for each folder."""
    lines = [row("folder", "changes", *FATES, "declared equivalent, proved"), row(*["---"] * 7)]
    for folder in [*sorted({folder_of(each) for each in mutants}), None]:
        own = [each for each in mutants if folder in (None, folder_of(each))]
        apart = [each for each in own if each["declared_equivalent"]]
        fates = Counter(each["fate"] for each in own if not each["declared_equivalent"])
        proved = sum(each["declared_equivalent"]["proved"] for each in apart)
        lines.append(row(folder or "all", len(own), *(fates[each] for each in FATES), proved))
    return lines


def theorems(reports: list[dict[str, object]]) -> list[str]:
    """A table for each report."""
    lines: list[str] = []
    for report in reports:
        mutants = report["mutants"]
        unnoticed = Counter(
            each["item"] for each in mutants if each["fate"] == "survived" and not each["declared_equivalent"]
        )
        folders = sorted({folder_of(each) for each in mutants})
        lines += [
            "",
            f"## {', '.join(folders)}",
            "",
            row("theorem", "shown", "refuted", "unnoticed"),
            row(*["---"] * 4),
        ]
        for each in sorted(report["theorems"], key=lambda each: each["theorem"]):
            lines.append(row(f"`{each['theorem']}`", each["shown"], each["refuted"], unnoticed[each["theorem"]]))
    return lines


def main() -> None:
    reports = [json.loads(Path(each).read_text(encoding="utf-8")) for each in sys.argv[1:]]
    lines = [HEAD, *totals([each for report in reports for each in report["mutants"]]), *theorems(reports)]
    (HERE / "mutants.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
