"""Ctrl-C and its like: the run ends at once, says so once, and leaves nothing behind."""

import signal
import sys
import time
from types import FrameType
from typing import Any

from spteproof.grammar.uninterrupted import ENDING

REPEAT_SECONDS = 2.0
"""A second Ctrl-C so soon does not disturb what the first began."""

AGAIN_SECONDS = 0.01


class Stopped(KeyboardInterrupt):
    """The process was asked to end, by the signal of this `number`."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def number_of(stop: KeyboardInterrupt) -> int:
    """The signal that asked for the end."""
    return stop.number if isinstance(stop, Stopped) else int(signal.SIGINT)


def asked_within(error: BaseException) -> KeyboardInterrupt | None:
    """The wish to end that became this error: until 3.12 Python wraps what is raised while a class is made."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__cause__
    return cause


class Stopping:
    """Turns the first signal into Stopped; `asked_at` is when it came, on a clock that does not jump."""

    def __init__(self) -> None:
        self.asked_at: float | None = None
        self.number = int(signal.SIGINT)

    def hear(self) -> None:
        """From now on. What this process was told to ignore (`nohup`, `&`) stays ignored."""
        for each in ENDING:
            if signal.getsignal(each) not in (signal.SIG_IGN, None):
                signal.signal(each, self._heard)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda number, frame: self._heard(self.number, frame))
            sys.unraisablehook = self._swallowed

    def _heard(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.asked_at is None or now - self.asked_at > REPEAT_SECONDS:
            self.asked_at, self.number = now, number
            raise Stopped(number)

    def _swallowed(self, what: Any) -> None:
        """Where nothing may be raised (a destructor, a callback of the import system) the wish comes again soon."""
        if isinstance(what.exc_value, KeyboardInterrupt):
            self.asked_at = None
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        else:
            sys.__unraisablehook__(what)

    def over(self) -> None:
        """The work is done: what comes now does not disturb the end of the process."""
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)
