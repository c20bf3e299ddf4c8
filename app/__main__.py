"""The entry point, `spteproof` and `python -m spteproof`: whatever is imported may be interrupted."""

import sys


def main() -> int:
    """Carries out the call of the process and gives the exit status."""
    try:
        from spteproof.cli import main as carry_out

        return carry_out()
    except KeyboardInterrupt:
        sys.stderr.write("spteproof: stopped\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
