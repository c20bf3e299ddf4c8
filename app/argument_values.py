"""What the command line's options may be: texts to values, and what is said of others."""

import argparse
import os

LEAST_MEGABYTES = 50


def positive(text: str) -> int:
    if not text.isdecimal() or len(text) > 6 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def megabytes(text: str) -> int:
    if not text.isdecimal() or not LEAST_MEGABYTES <= int(text[:9]) < 1 << 24:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of megabytes, {LEAST_MEGABYTES} at least")
    return int(text)


def seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError("must be more than 0 seconds and less than a million")
    return number


def word(text: str) -> int:
    try:
        number = int(text.rstrip("uUlL"), 0)
    except ValueError:
        bare = text.replace("_", "")
        hexadecimal = bare and all(letter in "0123456789abcdefABCDEF" for letter in bare)
        hint = f": did you mean `0x{text}`?" if hexadecimal else ""
        raise argparse.ArgumentTypeError(f"{text!r} is not a number{hint}") from None
    if not 0 <= number < 1 << 64:
        raise argparse.ArgumentTypeError(f"{text} does not fit 64 bits")
    return number


def word_or_path(text: str) -> int | str:
    """A number, where it is one; else a path, where there is such a file or it is written like one."""
    try:
        return word(text)
    except argparse.ArgumentTypeError as problem:
        if text == "-" or "/" in text or text.endswith(".spte") or os.path.exists(text):
            return text
        if text[:1].isdigit():
            raise
        raise argparse.ArgumentTypeError(f"{problem}; and there is no such file") from None
