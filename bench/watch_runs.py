"""`spteproof watch`, from the save of a file to what it says: python bench/watch_runs.py [--edits N] [FOLDER ...]

One theorem in six layouts, as in `bench/run.py --only edit`: saved so that it holds, then so that it is refuted where
it is expected to be proved. Told are the milliseconds to the first line that says so, to the first line of the
interleaving, and to the summary. Each FOLDER holds a package `spteproof` of some version; all take turns, and the one
that is installed is among them.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from generated import seed

UNEXPECTED = re.compile(r"\s+expect refuted[^;]*;")
MARKS = {
    "first line of the verdict": re.compile(rb" -> refuted"),
    "first line of the interleaving": re.compile(rb"\n\S+: refuted in "),
    "summary": re.compile(rb"\d+ refuted[^\n]* in [\d.]+ s: "),
}
MOST_SECONDS = 60


@dataclass(slots=True)
class Watch:
    """One watch that runs: its file, and the seconds it took, by mark."""

    name: str
    text: Path
    process: subprocess.Popen[bytes]
    seconds: dict[str, list[float]] = field(default_factory=lambda: {mark: [] for mark in MARKS})

    def save(self, text: str, marks: Sequence[str]) -> dict[str, float]:
        """The seconds from the save to each mark. Raises TimeoutError."""
        other = self.text.with_suffix(".new")
        other.write_text(text)
        start, heard, found = time.perf_counter(), b"\n", dict[str, float]()
        os.replace(other, self.text)
        assert self.process.stdout is not None
        while len(found) < len(marks):
            if time.perf_counter() - start > MOST_SECONDS or self.process.poll() is not None:
                raise TimeoutError(f"{self.name} said only: {heard.decode()}")
            heard += self.process.stdout.read() or b""
            now = time.perf_counter() - start
            found.update({mark: now for mark in marks if mark not in found and MARKS[mark].search(heard)})
            time.sleep(0.001)
        return found


@contextmanager
def watching(name: str, folder: Path, package: str | None, jobs: int) -> Iterator[Watch]:
    """A watch of a new text that holds, and that has been proved once."""
    text = folder / f"{name}.spte"
    text.write_text(seed("all_layouts"))
    environment = {**os.environ, "SPTEPROOF_CACHE_DIR": str(folder / "cache"), "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    if package is not None:
        environment["PYTHONPATH"] = package
    command = [sys.executable, "-m", "spteproof", "watch", str(text), "--jobs", str(jobs), "--no-cache"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=folder) as process:
        try:
            assert process.stdout is not None
            os.set_blocking(process.stdout.fileno(), False)
            watch = Watch(name, text, process)
            time.sleep(5)
            yield watch
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", metavar="FOLDER")
    parser.add_argument("--edits", type=int, default=10, metavar="N")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        packages = [
            ("installed", None),
            *((f"package{n}", str(Path(each).resolve())) for n, each in enumerate(options.packages, 1)),
        ]
        watches = []
        for name, package in packages:
            (folder / name).mkdir()
            watches.append(stack.enter_context(watching(name, folder / name, package, options.jobs)))
        for number in range(1, options.edits + 1):
            for watch in watches:
                watch.save(seed("all_layouts", edit=number), ["summary"])
                broken = UNEXPECTED.sub(";", seed("all_layouts", broken=True, edit=number))
                for mark, seconds in watch.save(broken, list(MARKS)).items():
                    watch.seconds[mark].append(1000 * seconds)
        for watch in watches:
            for mark, found in watch.seconds.items():
                least, most = min(found), max(found)
                print(f"{watch.name}: {mark}: median {statistics.median(found):.0f} ms, {least:.0f} to {most:.0f}")


if __name__ == "__main__":
    main()
