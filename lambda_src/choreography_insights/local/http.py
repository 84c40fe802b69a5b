"""The HTTP side: moto's application behind a quiet, threaded server on loopback."""

import threading
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server


class _Handler(MotoRequestHandler):
    # Connections are kept: a function makes several calls, and Step Functions many.
    protocol_version = "HTTP/1.1"
    # Headers and body are two writes; waiting for the first one's receipt would cost 40 ms a call.
    disable_nagle_algorithm = True


class _QuietHandler(_Handler):
    def log(self, *_: Any) -> None:
        """Say nothing of requests."""


class HttpServer:
    """Serves moto on 127.0.0.1."""

    def __init__(self, port: int | None = None, *, verbose: bool = False) -> None:
        application = DomainDispatcherApplication(create_backend_app)
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1",
            port or 0,
            application,  # type: ignore[arg-type]
            threaded=True,
            request_handler=_Handler if verbose else _QuietHandler,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.port

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def end(self) -> None:
        """Answer no more requests."""
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()
