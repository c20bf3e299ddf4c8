"""The process that fuzzes: `python -m tests.fuzzing.inside TARGET [libFuzzer's options]`."""

import random
import sys
from collections.abc import Sequence

import atheris

with atheris.instrument_imports(include=["spteproof"]):
    from .seeds import dictionary, seeds, words
    from .splicing import spliced
    from .targets import TARGETS


def main(target: str, options: Sequence[str]) -> None:
    """Does not return: the fuzzer ends the process."""
    texts = seeds()
    pieces, vocabulary = [words(each) for each in texts], dictionary()
    work = TARGETS[target]

    def test(data: bytes) -> None:
        work(data.decode("utf-8", "replace"))

    def change(data: bytes, most: int, number: int) -> bytes:
        draw = random.Random(number)
        if draw.random() < 0.2:
            return bytes(atheris.Mutate(data, most))
        base = draw.choice(texts) if draw.random() < 0.02 else data.decode("utf-8", "replace")
        return spliced(base, pieces, vocabulary, draw).encode("utf-8", "replace")[:most]

    atheris.Setup([sys.argv[0], *options], test, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
