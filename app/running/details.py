"""What went wrong inside the tool, kept in a file that a report can carry."""

import tempfile
import traceback


def kept_details(error: BaseException) -> str:
    """The name of a new file that holds the error with its traceback."""
    with tempfile.NamedTemporaryFile("w", prefix="spteproof-", suffix=".txt", delete=False) as report:
        traceback.print_exception(error, file=report)
    return report.name
