"""The seed theorem by other means, as whole processes: what each needs, and whether its answers are right.

A peer is a list of commands per variant (as it is; broken); its verdict comes from what it prints. Spin has a
bounded number of CPUs, the others any."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import generated
from measurement import Plan, prove
from processes import Run, Sample, interleaved, run
from table import Table, ratios, spread

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """`missing` says what has to be installed first, or is empty; `cpus` is how many other CPUs it covers."""

    name: str
    cpus: str
    missing: str = ""
    script: str = ""
    spin_cpus: int = 0


def peers() -> list[Peer]:
    """All of them, those that cannot run here too."""
    scripts = [
        Peer(name="z3py by hand, closure by hand", cpus="any", missing=without("z3"), script="seed_z3.py"),
        Peer(name="SMT-LIB by hand, cvc5", cpus="any", missing=without("cvc5"), script="run_cvc5.py"),
        Peer(name="SMT-LIB by hand, Bitwuzla", cpus="any", missing=without("bitwuzla"), script="run_bitwuzla.py"),
    ]
    absent = [tool for tool in ("spin", "gcc") if shutil.which(tool) is None]
    spins = [
        Peer(name="Spin, Promela by hand", cpus=str(cpus), missing=" and ".join(absent), spin_cpus=cpus)
        for cpus in range(1, 5)
    ]
    return scripts + spins


def without(module: str) -> str:
    return "" if find_spec(module) else f"the Python package `{module}`"


def decide(peer: Peer, *, broken: bool) -> tuple[str, float]:
    """Its verdict (`proved`, `refuted`, or what went wrong) and the seconds of the whole way to it."""
    if peer.spin_cpus:
        with tempfile.TemporaryDirectory(prefix="spin-") as folder:
            return spin_verdict(Path(folder), peer.spin_cpus, broken)
    done = run([sys.executable, str(PEERS / peer.script), *(["--broken"] if broken else [])])
    return script_verdict(done), done.seconds


def script_verdict(done: Run) -> str:
    answers = done.output.split()
    if done.status != 0:
        return f"failed: {done.output.strip() or done.last_error}"
    if answers in (["proved"], ["refuted"]):
        return answers[0]
    if answers[:-1] == ["sat"] * 2 + ["unsat"] * 3:
        return {"unsat": "proved", "sat": "refuted"}.get(answers[-1], "failed: unknown")
    return f"failed: {done.output.strip()!r}"


def spin_verdict(folder: Path, cpus: int, broken: bool) -> tuple[str, float]:
    """Model to C, C to a checker, the checker's search: all three are what the user waits for."""
    shell_steps: Sequence[Sequence[str]] = (
        ["spin", f"-DCPUS={cpus}", *(["-DBROKEN"] if broken else []), "-a", str(PEERS / "seed.pml")],
        ["gcc", "-O2", "-w", "-DSAFETY", "-o", "pan", "pan.c"],
        ["./pan", "-E", "-m10000"],
    )
    seconds = 0.0
    for command in shell_steps:
        done = run(command, folder=folder)
        seconds += done.seconds
        if done.status != 0:
            return f"failed: {done.last_error}", seconds
    if "max search depth too small" in done.output:
        return "failed: search cut short", seconds
    if "errors: 0" in done.output:
        return "proved", seconds
    return ("refuted" if "assertion violated" in done.output else "failed: no verdict"), seconds


def tool_verdict(path: str, plan: Plan) -> tuple[str, float]:
    """spteproof over one text without its cache; `refuted` if any of its properties is."""
    done = run([*prove(path), "--format", "json", "--no-cache", "--jobs", "1"], environment=plan.environment)
    if done.status != 0:
        return f"failed: {done.last_error}", done.seconds
    verdicts = {result["verdict"] for result in json.loads(done.output)["results"]}
    return ("refuted" if "refuted" in verdicts else "proved" if verdicts == {"proved"} else "failed"), done.seconds


def peer_tables(plan: Plan, with_tool: bool) -> list[Table]:
    """Every peer against spteproof, pair by pair, with both answers of both checked."""
    texts = {
        broken: plan.written(f"seed_{'broken' if broken else 'right'}", generated.seed("ept", broken=broken))
        for broken in (False, True)
    }
    rows: list[tuple[str, ...]] = []
    wrong: list[str] = []
    if with_tool:
        wrong += [f"spteproof: {fault}" for fault in faults(lambda broken: tool_verdict(texts[broken], plan)[0])]
    for peer in peers():
        if peer.missing:
            rows.append((peer.name, peer.cpus, f"not here: install {peer.missing}", "-", "-", "-"))
            continue
        wrong += [f"{peer.name}: {fault}" for fault in faults(partial(verdict_of, peer))]
        rows.append(compared(peer, plan, texts[False] if with_tool else None))
    return [
        Table(
            title="The seed theorem by other means (EPT with A/D, every mask, whole processes)",
            columns=("peer", "other CPUs", "peer", "spteproof, no cache", "spteproof / peer", "broken twin"),
            rows=rows,
            notes=(
                "spteproof is for any number of CPUs, derives the closure, and names the lost bit; the peers by hand"
                " got their closure from their author; Spin's time is translation, C compiler and search together. The"
                " broken twin leaves `W && !D` out of the predicate and must be refuted.",
            ),
            wrong=tuple(wrong),
        )
    ]


def verdict_of(peer: Peer, broken: bool) -> str:
    return decide(peer, broken=broken)[0]


def faults(verdict: Callable[[bool], str]) -> list[str]:
    """What it answers wrongly about the theorem and its broken twin."""
    expected = {False: "proved", True: "refuted"}
    return [
        f"{'broken twin' if broken else 'theorem'} {got}, not {right}"
        for broken, right in expected.items()
        if (got := verdict(broken)) != right
    ]


def compared(peer: Peer, plan: Plan, path: str | None) -> tuple[str, ...]:
    """A row of the table; without the tool only the peer's own time."""
    broken = verdict_of(peer, True)
    if path is None:
        own = Sample(values=tuple(decide(peer, broken=False)[1] for _ in range(plan.pairs)))
        return (peer.name, peer.cpus, spread(own), "not here", "-", broken)
    own, tool, ratio = interleaved(
        lambda: decide(peer, broken=False)[1], lambda: tool_verdict(path, plan)[1], plan.pairs
    )
    return (peer.name, peer.cpus, spread(own), spread(tool), ratios(ratio), broken)
