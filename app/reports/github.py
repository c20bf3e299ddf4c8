"""The report as workflow commands of GitHub Actions: annotations at the properties' lines.

The form is that of GitHub's own toolkit, packages/core/src/command.ts: `::name key=value,key=value::message`.
"""

from collections.abc import Sequence
from pathlib import Path

from spteproof.colour import Paint
from spteproof.grammar.source import Place
from spteproof.reports.human import summary_line
from spteproof.reports.result_words import Lost, drawn, end_of, instance, is_wrong, judged, project_path, project_root
from spteproof.running.pipeline import Report
from spteproof.solver.results import UNKNOWN, Result


def github_report(report: Report, *, seconds: float, lost: Sequence[Lost] = ()) -> str:
    """An `error` for each result that is not as expected, a `warning` for each unknown, and a `notice` that counts."""
    root = project_root()
    wrong = [("error", each) for each in report.results if is_wrong(each)]
    unknown = [("warning", each) for each in report.results if each.verdict == UNKNOWN]
    lines = [_command(name, each.place, root, _title(each), _message(each)) for name, each in [*wrong, *unknown]]
    for gone in lost:
        lines.append(_command("warning", gone.place, root, f"{gone.name}: lost", str(gone)))
    summary = summary_line(report, seconds, Paint(), len(lost))
    return "\n".join([*lines, f"::notice title=spteproof::{_data(summary)}"]) + "\n"


def _title(result: Result) -> str:
    return f"{result.theorem}: {result.verdict} in {instance(result)}"


def _message(result: Result) -> str:
    picture = drawn(result)
    return f"{result.property}\n{judged(result)}" + (f"\n\n{picture}" if picture else "")


def _command(name: str, place: Place, root: Path, title: str, message: str) -> str:
    """Columns only where the place is on one line: GitHub takes no others."""
    where = {"file": project_path(place, root), "line": str(place.line)}
    line, column = end_of(place)
    if line == place.line:
        where |= {"col": str(place.column), "endColumn": str(column)}
    else:
        where |= {"endLine": str(line)}
    parts = ",".join(f"{key}={_property(value)}" for key, value in {**where, "title": title}.items())
    return f"::{name} {parts}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
