"""Serves the console on loopback until it is ended."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime
from socket import create_server, socket
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from choreography_insights.console.application import Application
from choreography_insights.console.function import Function
from choreography_insights.console.guard import Guard, Secrets

_HOST = "127.0.0.1"
USUAL_PORT = 41230
"""Tried first, so that addresses stay what they were."""


class _QuietHandler(WSGIRequestHandler):
    """Says nothing of requests, and does not say what serves them."""

    disable_nagle_algorithm = True

    def log(self, *_: Any) -> None:
        """Say nothing."""

    def version_string(self) -> str:
        """Return what the header `Server` says."""
        return "choreography-console"


class Server:
    """A console that listens on 127.0.0.1."""

    def __init__(self, function: Function, port: int | None = None, now: Callable[[], datetime] | None = None) -> None:
        """Listen on *port*, on the usual one, or on one that is free; raise OSError where *port* is taken."""
        self._secrets = Secrets.new()
        with _listening(port) as listener:
            self._port = listener.getsockname()[1]
            application = Application(function, Guard(self._port, self._secrets), now or _now)
            # Given a port that is taken, it would end the program.
            self._server = make_server(
                _HOST, self._port, application, threaded=True, request_handler=_QuietHandler, fd=listener.fileno()
            )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{_HOST}:{self._port}"

    @property
    def entrance(self) -> str:
        """The address that lets a browser in."""
        return f"{self.url}/?token={self._secrets.token}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def end(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()


def until_ended() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()


def _listening(port: int | None) -> socket:
    try:
        return create_server((_HOST, USUAL_PORT if port is None else port))
    except OSError:
        if port is not None:
            raise
        return create_server((_HOST, 0))


def _now() -> datetime:
    return datetime.now().astimezone()
