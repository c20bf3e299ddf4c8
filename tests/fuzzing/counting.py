"""How much work something is, counted and not timed: the same on every machine."""

import sys
from collections.abc import Callable
from types import FrameType


class TooMuch(BaseException):
    """More steps than were allowed. No `except Exception` keeps it from its caller."""


def steps(work: Callable[[], object], limit: int) -> int:
    """How many functions written in Python the work called. Raises TooMuch past the limit."""
    count = 0

    def see(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        if event == "call":
            count += 1
            if count > limit:
                raise TooMuch(f"more than {limit} calls")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
