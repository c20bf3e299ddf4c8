"""What only a process of its own shows: signals, pipes, encodings, workers."""

import os
import signal
import subprocess
import sys
import time

import pytest

from .conftest import SMALL

LINUX = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks into /proc")


def start(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "spteproof", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="surrogateescape",
        **options,
    )


def run(*words, **options):
    with start(*words, **options) as process:
        out, err = process.communicate(timeout=50)
    return process.returncode, out, err


def living(session):
    """The processes of a session that have not ended."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    state, _, _, of = file.read().rpartition(") ")[2].split()[:4]
            except OSError:
                continue
            if int(of) == session and state != "Z":
                found.append(int(name))
    return found


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


SLOW = "layout wide { W = bit 1; }\n" + "".join(
    f"agent a{number} lockless {{ step s: {{ spte = spte * spte * {number}ULL + (spte >> 7); }} }}\n"
    f"theorem t{number}() for layout in wide against any number of a{number}\n"
    "{ atomic64_and(1, sptep); prove preserves W; }\n"
    for number in range(3, 40, 2)
)
"""Environments that are followed for longer than a test waits."""


@pytest.fixture
def slow_run(own_place):
    """A run whose two workers are at work."""
    (own_place / "slow.spte").write_text(SLOW)
    with start("prove", "slow.spte", "--jobs", "2", "--no-cache", start_new_session=True) as process:
        wait_until(lambda: len(living(process.pid)) >= 3)
        yield process
        if process.poll() is None:
            process.kill()


@LINUX
def test_control_c_ends_the_run_and_its_workers(slow_run):
    os.killpg(slow_run.pid, signal.SIGINT)
    out, err = slow_run.communicate(timeout=60)
    assert (slow_run.returncode, out, err) == (130, "", "spteproof: stopped\n")
    wait_until(lambda: not living(slow_run.pid), seconds=30)


HARD = """layout wide { W = bit 1; }
theorem factors(u64 x, u64 y) for layout in wide {
    assume x > 1 && y > 1 && x < BIT_ULL(31) && y < BIT_ULL(31);
    prove that x * y != 2305843027467304993ULL;
}
"""
"""One check that takes the solver far longer than a test waits."""


@LINUX
def test_control_c_ends_a_run_of_one_process(own_place):
    (own_place / "slow.spte").write_text(HARD)
    words = ("prove", "slow.spte", "--jobs", "1", "--no-cache", "--timeout", "3")
    with start(*words, start_new_session=True) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "spteproof: stopped\n")


def test_control_c_during_the_imports_is_told_as_ever():
    code = """
import os, runpy, signal, sys
class Finder:
    def find_spec(name, path=None, target=None):
        if name == "spteproof.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder)
sys.argv = ["spteproof", "check"]
runpy.run_module("spteproof", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "spteproof: stopped\n")


@LINUX
def test_workers_end_when_the_run_is_killed(slow_run):
    slow_run.kill()
    slow_run.communicate(timeout=60)
    wait_until(lambda: not living(slow_run.pid), seconds=30)


@pytest.mark.parametrize(
    "words", ["prove small.spte", "prove small.spte --format json", "check small.spte", "show ept"]
)
def test_a_reader_who_leaves_is_no_error(small, words):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "spteproof", *words.split()], stdout=pipe, stderr=subprocess.PIPE, timeout=50
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_told(small):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "spteproof", "check", "small.spte"], stdout=full, stderr=subprocess.PIPE, timeout=50
        )
    assert done.returncode == 2
    assert done.stderr == b"spteproof: cannot write standard output: No space left on device\n"


def test_names_beyond_the_encoding_are_escaped(own_place):
    (own_place / "\u00e9.spte").write_text(SMALL)
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    status, out, _ = run("prove", "\u00e9.spte", env=environment)
    assert status == 0 and "\\xe9.spte:21" in out


def test_standard_input_and_two_workers_give_the_same_as_one(small):
    status, one, _ = run("prove", "small.spte", "--jobs", "1", "--no-cache")
    with open(small) as file:
        other_status, two, _ = run("prove", "-", "--jobs", "2", "--no-cache", stdin=file)
    assert status == other_status == 0
    assert two.replace("<stdin>", "small.spte").splitlines()[:-1] == one.splitlines()[:-1]


def test_check_does_not_load_the_solver(small):
    script = "import sys; from spteproof.cli import main; main(['check', 'small.spte']); sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], stdout=subprocess.DEVNULL, timeout=50).returncode == 0


def test_a_plain_call_imports_no_other_report(small):
    code = (
        "import sys; from spteproof.cli import main; main(['prove', 'small.spte', '--jobs', '1']); "
        "others = ('junit_report', 'sarif_report', 'github_report', 'markdown_report', 'pytest_plugin'); "
        "sys.exit([name for name in sys.modules if name.endswith(others) or name.startswith(('xml', 'pytest'))] or 0)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)
    assert (found.returncode, found.stderr) == (0, "")
