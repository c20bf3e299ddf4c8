"""A pool of worker processes that nobody waits for any more."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def drop(pool: ProcessPoolExecutor) -> None:
    """Ends the workers of a pool at once, whatever they are at. They are killed: one that is told to end may take the
    signal for an error of the work at hand, or hold the lock of the queue that another one waits for."""
    pool.shutdown(wait=False, cancel_futures=True)
    for child in multiprocessing.active_children():
        child.kill()
