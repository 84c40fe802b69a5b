"""The HTTP side: moto's application behind a quiet, threaded server on loopback."""

import threading
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server


class _Application(DomainDispatcherApplication):
    """moto's application, which otherwise lists its own source folder for every request."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backends: dict[str, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """Find the service that answers for *host*, once."""
        if host is None:
            return None
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


class _Handler(MotoRequestHandler):
    # Headers and body are two writes; waiting for the first one's receipt would cost 40 ms a call.
    disable_nagle_algorithm = True


class _QuietHandler(_Handler):
    def log(self, *_: Any) -> None:
        """Say nothing of requests."""


class HttpServer:
    """Serves moto on 127.0.0.1."""

    def __init__(self, port: int | None = None, *, verbose: bool = False) -> None:
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1",
            port or 0,
            _Application(),
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
