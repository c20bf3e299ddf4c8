"""The report as JUnit XML, as Jenkins (xUnit plugin) and most other servers read it: a suite for each text, a case for
each property of each instance."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

from spteproof import __version__
from spteproof.grammar.source import Place
from spteproof.reports.json import solver_version
from spteproof.reports.result_words import (
    Lost,
    drawn,
    expected,
    instance,
    is_wrong,
    judged,
    kind_of,
    project_path,
    project_root,
    scope_lines,
)
from spteproof.running.pipeline import Report
from spteproof.solver.results import UNKNOWN, Result, Skipped

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, even escaped (section 2.2)."""


def junit_report(report: Report, *, seconds: float, lost: Sequence[Lost] = ()) -> str:
    """The whole report. Not as expected is a failure, unknown an error; `seconds` is the run's wall time. ASCII only,
    so that it may be written in any encoding."""
    root = project_root()
    suites: dict[str, list[tuple[float, ET.Element]]] = {}
    for result in report.results:
        suites.setdefault(project_path(result.place, root), []).append((result.seconds, _case(result, root)))
    for skipped in report.skipped:
        suites.setdefault(project_path(skipped.place, root), []).append((0.0, _skipped(skipped, root)))
    for each in lost:
        suites.setdefault(project_path(each.place, root), []).append((0.0, _lost(each, root)))
    whole = ET.Element("testsuites", {"name": "spteproof", **_totals(report, lost), "time": f"{seconds:.3f}"})
    solver = solver_version(report)
    for name, cases in suites.items():
        whole.append(_suite(name, cases, solver))
    ET.indent(whole, " ")
    text = ET.tostring(whole, encoding="us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _totals(report: Report, lost: Sequence[Lost]) -> dict[str, str]:
    return {
        "tests": str(len(report.results) + len(report.skipped) + len(lost)),
        "failures": str(sum(is_wrong(each) for each in report.results)),
        "errors": str(sum(each.verdict == UNKNOWN for each in report.results) + len(lost)),
    }


def _suite(name: str, cases: Sequence[tuple[float, ET.Element]], solver: str | None) -> ET.Element:
    counts = {
        word: str(sum(case.find(tag) is not None for _, case in cases))
        for word, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    time = f"{sum(seconds for seconds, _ in cases):.3f}"
    suite = ET.Element("testsuite", {"name": _clean(name), "tests": str(len(cases)), **counts, "time": time})
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", {"name": "spteproof", "value": __version__})
    if solver is not None:
        ET.SubElement(properties, "property", {"name": "z3", "value": solver})
    suite.extend(case for _, case in cases)
    return suite


def _open(place: Place, root: Path, theorem: str, name: str, seconds: float) -> ET.Element:
    """A case; its class is the text and the theorem, with dots, so that servers group by them."""
    path = PurePosixPath(project_path(place, root)).with_suffix("")
    inner = [part.replace(".", "_") for part in path.parts if part != "/"]
    return ET.Element(
        "testcase",
        {"classname": _clean(".".join([*inner, theorem])), "name": _clean(name), "time": f"{seconds:.3f}"},
    )


def _case(result: Result, root: Path) -> ET.Element:
    case = _open(result.place, root, result.theorem, f"{result.property} in {instance(result)}", result.seconds)
    if result.ok:
        output = ET.SubElement(case, "system-out")
        output.text = _clean(judged(result))
        return case
    tag = "error" if result.verdict == UNKNOWN else "failure"
    kind = f"{kind_of(result)}.{result.verdict}"
    failed = ET.SubElement(case, tag, {"type": kind, "message": _clean(judged(result))})
    place = f"{project_path(result.place, root)}:{result.place.line}:{result.place.column}"
    lines = [place, f"{result.verdict}, expected {expected(result)}", *scope_lines([result])]
    picture = drawn(result)
    failed.text = _clean("\n".join([*lines, *(["", picture] if picture else [])]) + "\n")
    return case


def _skipped(skipped: Skipped, root: Path) -> ET.Element:
    case = _open(skipped.place, root, skipped.theorem, f"all properties in {instance(skipped)}", 0.0)
    ET.SubElement(case, "skipped", {"message": _clean(skipped.reason)})
    return case


def _lost(lost: Lost, root: Path) -> ET.Element:
    case = _open(lost.place, root, lost.name, "all properties", 0.0)
    ET.SubElement(case, "error", {"type": "lost", "message": _clean(str(lost))})
    return case


def _clean(text: str) -> str:
    """Without what XML cannot hold, which is written as Python would."""
    return FORBIDDEN.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)
