"""The entry point, `spteproof` and `python -m spteproof`: whatever is imported may be interrupted."""

import gc
import sys

COLLECT_EVERY = 200_000
"""Trees, results and terms live as long as the process: to look seldom for what does not saves a fifth of the time."""


def main() -> int:
    """Carries out the call of the process and gives the exit status."""
    gc.set_threshold(COLLECT_EVERY, 50, 100)
    try:
        from spteproof.cli import main as carry_out

        return carry_out()
    except KeyboardInterrupt:
        sys.stderr.write("spteproof: stopped\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
