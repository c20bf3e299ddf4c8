"""Runs `seed.smt2` through Bitwuzla, which prints its answers, one a line. Usage: python run_bitwuzla.py [--broken]"""

import sys
from pathlib import Path

import bitwuzla


def main() -> None:
    text = (Path(__file__).parent / "seed.smt2").read_text()
    if "--broken" in sys.argv[1:]:
        text = text.replace("(define-fun broken () Bool false)", "(define-fun broken () Bool true)")
    parser = bitwuzla.Parser(bitwuzla.TermManager(), bitwuzla.Options())
    parser.parse(text, parse_only=False, parse_file=False)


if __name__ == "__main__":
    main()
