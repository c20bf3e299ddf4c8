"""The entry point, `spteproof` and `python -m spteproof`: whatever is imported may be interrupted."""

import gc
import sys

COLLECT_EVERY = 200_000
"""Trees, results and terms live as long as the process: to look seldom for what does not saves a fifth of the time."""


def main() -> int:
    """Carries out the call of the process and gives the exit status."""
    gc.set_threshold(COLLECT_EVERY, 50, 100)
    stopping = None
    try:
        try:
            from spteproof.standard_streams import hold_standard_files
            from spteproof.stopping import Stopping, asked_within

            stopping = Stopping()
            stopping.hear()
            hold_standard_files()
            from spteproof.cli import main as carry_out

            return carry_out()
        finally:
            if stopping is not None:
                stopping.over()
    except BaseException as error:
        stop = error if stopping is None else asked_within(error)
        if not isinstance(stop, KeyboardInterrupt):
            raise
        if sys.stderr is not None:
            sys.stderr.write("spteproof: stopped\n")
        return 128 + getattr(stop, "number", 2)


if __name__ == "__main__":
    sys.exit(main())
