"""What only a process of its own shows: signals, pipes, encodings, workers."""

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from .conftest import SMALL

LINUX = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks into /proc")


def listen():
    """Undoes what `nohup` and shells do to what they start in the background: it is deaf to these."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start(*words, **options):
    if os.name == "posix":
        options.setdefault("preexec_fn", listen)
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


def hears(process):
    """Whether a process has got so far that it catches SIGTERM."""
    with open(f"/proc/{process}/status") as file:
        caught = next(int(line.split()[1], 16) for line in file if line.startswith("SigCgt:"))
    return bool(caught >> signal.SIGTERM - 1 & 1)


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
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_who_asks_a_run_to_end_is_heard_as_control_c_is(slow_run, name):
    number = getattr(signal, name)
    slow_run.send_signal(number)
    out, err = slow_run.communicate(timeout=60)
    assert (slow_run.returncode, out, err) == (128 + number, "", "spteproof: stopped\n")
    assert living(slow_run.pid) == []


@LINUX
def test_a_second_control_c_does_not_disturb_what_the_first_began(slow_run):
    for _ in range(20):
        slow_run.send_signal(signal.SIGINT)
    out, err = slow_run.communicate(timeout=60)
    assert (slow_run.returncode, out, err) == (130, "", "spteproof: stopped\n")
    assert living(slow_run.pid) == []


def test_what_a_run_was_told_to_ignore_it_ignores(small):
    """As `nohup` does."""

    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with start("prove", "small.spte", "--jobs", "1", preexec_fn=ignore) as process:
        for _ in range(20):
            time.sleep(0.02)
            process.send_signal(signal.SIGHUP)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "") and out.endswith("all as expected\n")


def test_an_interrupt_that_a_destructor_swallows_is_heard_again(small):
    code = """
import os, runpy, signal, sys
class Swallowing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
import spteproof.grammar.modules as modules
real = modules.load
def load(*words, **more):
    Swallowing()
    return real(*words, **more)
modules.load = load
sys.argv = ["spteproof", "prove", "small.spte"]
runpy.run_module("spteproof", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "spteproof: stopped\n")


def test_an_interrupt_while_a_class_is_made_is_no_error_of_the_tool(small):
    code = """
import os, runpy, signal, sys
class Named:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), signal.SIGINT)
import spteproof.grammar.modules as modules
real = modules.load
def load(*words, **more):
    class Made:
        value = Named()
    return real(*words, **more)
modules.load = load
sys.argv = ["spteproof", "prove", "small.spte"]
runpy.run_module("spteproof", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "spteproof: stopped\n")


@LINUX
def test_a_run_that_is_stopped_at_any_moment_leaves_nothing_behind(small, own_place):
    """A few moments; `python -m tests.faults` takes many. The run after it goes on with what was kept."""
    for milliseconds in (0, 100, 200, 350, 500):
        words = ("prove", "small.spte", "--jobs", "2", "--output", "out.json", "--format", "json")
        with start(*words, start_new_session=True) as process:
            wait_until(lambda: hears(process.pid))
            time.sleep(milliseconds / 1000)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) in [(130, "", "spteproof: stopped\n"), (0, "", "")]
        assert living(process.pid) == []
        assert set(os.listdir(".")) <= {"small.spte", "out.json"}
        assert not list((own_place.parent / "cache").glob("writing-*"))
        if os.path.exists("out.json"):
            with open("out.json") as file:
                assert json.load(file)["summary"]["proved"] == 4
    assert run("prove", "small.spte")[0] == 0


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


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="closes files by number")
@pytest.mark.parametrize("closed, status", [("0<&-", 0), ("1>&-", 2), ("2>&-", 0), ("0<&- 1>&- 2>&-", 0)])
def test_standard_files_that_are_closed(small, own_place, closed, status):
    """What is opened next does not take their place: nothing is written into the database that is not meant for it."""
    line = f"{shlex.quote(sys.executable)} -m spteproof prove small.spte {closed}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=50)
    said = "spteproof: cannot write standard output: it is closed\n" if status else ""
    assert (done.returncode, done.stderr) == (status, said)
    with sqlite3.connect(own_place.parent / "cache" / "verdicts.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def full_disk():
    """No file may grow beyond 3,000 bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


@LINUX
def test_a_disk_that_fills_up_loses_no_verdict_of_this_run(small, own_place):
    _, undisturbed, _ = run("prove", "small.spte", "--no-cache")
    status, out, err = run("prove", "small.spte", preexec_fn=full_disk)
    assert (status, out.splitlines()[:-1], err) == (0, undisturbed.splitlines()[:-1], "")
    status, out, err = run("prove", "small.spte", "--output", "out.json", "--format", "json", preexec_fn=full_disk)
    assert (status, out, err) == (2, "", "spteproof: cannot write out.json: File too large\n")
    assert os.listdir(".") == ["small.spte"]
    assert not [name for name in os.listdir(own_place.parent / "cache") if name.startswith("writing-")]
    assert run("prove", "small.spte")[0] == 0


def test_details_of_an_error_that_cannot_be_written_are_no_second_error(small, monkeypatch):
    from spteproof.running.details import kept_details

    monkeypatch.setattr("tempfile.tempdir", "/dev/null")
    assert kept_details(ValueError("x")) == "no file (Not a directory)"


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
