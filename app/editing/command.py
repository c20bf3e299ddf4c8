"""`spteproof lsp`: starts the language server, or says what is missing for it."""

from importlib.util import find_spec

NEEDED = ("pygls", "lsprotocol")
MISSING = """\
the language server needs `pygls` and `lsprotocol`, which are not installed. Install them beside spteproof:
  pip install 'spteproof[lsp]'        or, in a checkout: pip install -e '.[lsp]'"""


class ServerMissing(Exception):
    """The server's libraries are not installed; the message says what to do."""


def serve() -> None:
    """Answers an editor over standard input and output until it leaves. Raises ServerMissing."""
    if any(find_spec(name) is None for name in NEEDED):
        raise ServerMissing(MISSING)
    from spteproof.editing.server import server

    server().start_io()
