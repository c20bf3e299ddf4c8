"""`python -m tests.fuzzing`: coverage-guided fuzzing, by atheris.

    pip install -e '.[fuzz]'
    nice python -m tests.fuzzing --target check --seconds 300 --seed 1

A text that breaks a target is made small and kept in `tests/fuzzing/corpus/`, which the tests run. What is interesting is kept in `build/fuzzing/`, from
which the next run starts. Exit status 1: something broke.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .seeds import CORPUS, ROOT, dictionary, seeds

KEPT = ROOT / "build" / "fuzzing"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing")
    parser.add_argument("--target", choices=["check", "prove"], default="check")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--input-seconds", type=int, default=60, help="a text that takes longer is a finding")
    parser.add_argument("--memory", type=int, default=1500, help="MB; what takes more is a finding")
    options = parser.parse_args(arguments)
    try:
        import atheris  # noqa: F401
    except ImportError:
        parser.error("atheris is not installed: pip install -e '.[fuzz]'")
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    """Fuzzes in a process of its own, which the fuzzer ends as it likes, and tells what came of it."""
    corpus = KEPT / options.target
    corpus.mkdir(parents=True, exist_ok=True)
    for text in seeds():
        (corpus / hashlib.sha256(text.encode()).hexdigest()[:20]).write_text(text, encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "tests.fuzzing.inside", options.target),
            *(f"-max_total_time={options.seconds}", f"-seed={options.seed}", f"-timeout={options.input_seconds}"),
            *(
                f"-rss_limit_mb={options.memory}",
                f"-artifact_prefix={folder}/",
                "-print_final_stats=1",
                "-max_len=12000",
            ),
            *(f"-dict={_dictionary_file(Path(folder))}", str(corpus)),
        ]
        environment = {**os.environ, "SPTEPROOF_CACHE_DIR": "/dev/null/none"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace")
        print(_summary(done.stderr))
        broken = [path for path in Path(folder).iterdir() if re.match(r"crash-|timeout-|oom-", path.name)]
        for path in broken:
            print(f"{path.name}, kept as {_keep(path, options.target)}\n{done.stderr[-3000:]}")
        if done.returncode and not broken:
            print(done.stderr[-3000:])
    return int(done.returncode != 0)


def _dictionary_file(folder: Path) -> Path:
    path = folder / "words"
    lines = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in dictionary())
    path.write_text("".join(f'"{line}"\n' for line in lines), encoding="utf-8")
    return path


def _summary(errors: str) -> str:
    counts = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", errors)
    told = [f"{name}: {value}" for name, value in re.findall(r"stat::(\w+):\s+(\d+)", errors)]
    reached = "covered: {} edges, {} features; corpus: {} texts".format(*counts[-1]) if counts else "nothing was run"
    return "\n".join([reached, *told])


def _keep(path: Path, target: str) -> Path:
    """Makes the text small, each try in a process of its own, and puts it among those that the tests run."""
    from .minimising import minimised

    text = path.read_bytes().decode("utf-8", "replace")
    if path.name.startswith("crash-"):
        kind = _how_it_breaks(text, target)
        if kind is not None:
            text = minimised(text, lambda shorter: _how_it_breaks(shorter, target) == kind)
    kept = CORPUS / f"{path.name.split('-')[0]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.spte"
    kept.write_text(text, encoding="utf-8")
    return kept


def _how_it_breaks(text: str, target: str) -> str | None:
    from .targets import TARGETS, Broken

    try:
        TARGETS[target](text)
    except Broken as broken:
        return str(broken)[:12]
    except Exception as error:
        return type(error).__name__
    return None


if __name__ == "__main__":
    sys.exit(main())
