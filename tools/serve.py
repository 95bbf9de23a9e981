"""Show the built site in a browser: ``python -m tools.serve [PORT [ADDRESS]]``, what ``make serve`` runs.

Without a port the first free one from 8000 is taken. Only this machine can look, unless another address is named.
"""

import errno
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path("book/_build/html")
FIRST, TRIES = 8000, 50


class Handler(SimpleHTTPRequestHandler):
    """Serves files, and writes a line only for what fails."""

    def log_request(self, code="-", size="-") -> None:
        """Keep quiet about what went well."""
        if not str(getattr(code, "value", code)).startswith(("2", "3")):
            super().log_request(code, size)


def listen(port: int | None, address: str, folder: Path = SITE) -> ThreadingHTTPServer:
    """Open a server.

    Parameters
    ----------
    port
        The port, or None for the first free one from 8000.
    address
        Whose requests are answered: `127.0.0.1` for this machine, `0.0.0.0` for all.
    folder
        What is shown.

    Raises
    ------
    OSError
        If the port, or every one that was tried, is in use, or not allowed.
    """
    handler = partial(Handler, directory=folder)
    ports = range(FIRST, FIRST + TRIES) if port is None else [port]
    for each in ports:
        try:
            return ThreadingHTTPServer((address, each), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or each == ports[-1]:
                raise
    raise AssertionError("there is at least one port")


def opened(number: str, address: str, folder: Path = SITE, command: str = "make serve") -> ThreadingHTTPServer:
    """Open a server as the command line asks for it, "" for what it leaves open.

    Raises
    ------
    ValueError, OSError
        If that is no port, or it cannot be had; the message says what to do.
    """
    if number and not (number.isdecimal() and 0 < int(number) < 65536):
        raise ValueError(f"PORT={number}: a port is a number from 1 to 65535.")
    try:
        return listen(int(number) if number else None, address or "127.0.0.1", folder)
    except OSError as error:
        where = f"port {number}" if number else f"ports {FIRST} to {FIRST + TRIES - 1}"
        message = f"Cannot serve at {where}: {error.strerror}. Name another one: {command} PORT=8765"
        raise OSError(message) from error


def main(arguments: list[str]) -> int:
    """Serve until Ctrl-C; return the exit status."""
    number, address = [*arguments, "", ""][:2]
    try:
        server = opened(number, address)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 1
    with server:
        try:
            print(f"http://localhost:{server.server_port} (stop with Ctrl-C)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
