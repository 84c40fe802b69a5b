"""The HTTP side: moto's application behind a quiet, threaded server on loopback, and the control of its clock."""

import io
import json
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import InternalServerError
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import run_wsgi_app

from choreography_insights.local.clock import clock

#: GET tells what the embedded AWS's clock shows. POST of ``{"turn": SECONDS}`` turns it forward, of
#: ``{"rest": SECONDS}`` waits until nothing moves, no longer than that, and tells when something is due. Of both it is
#: turned first.
CLOCK = "/embedded-aws/clock"

_WITHOUT_BODY = (204, 304)


class _Application(DomainDispatcherApplication):
    """moto's application, which otherwise lists its own source folder for every request."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backends: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request: moto does, but for the clock."""
        if environ["PATH_INFO"] != CLOCK:
            return super().__call__(environ, start_response)  # type: ignore[no-any-return]
        status, answer = _clock(environ)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def get_backend_for_host(self, host: str | None) -> Any:
        """Find the service that answers for *host*, once."""
        if host is None:
            return None
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


def _clock(environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    told: dict[str, Any] = {}
    if environ["REQUEST_METHOD"] == "POST":
        try:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            asked = {_COMMANDS[command]: float(seconds) for command, seconds in json.loads(body).items()}
            first, *then = (command for command in _COMMANDS.values() if command in asked)  # one at least
            for command in (first, *then):
                told |= command(asked[command])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            sought = '{"turn": SECONDS}, {"rest": SECONDS} or both'
            return "400 Bad Request", {"error": f"send {sought}, not below nought: {error}"}
    return "200 OK", {"now": clock.time(), "ahead": clock.ahead, **told}


def _turn(seconds: float) -> dict[str, Any]:
    clock.turn(seconds)
    return {}


def _rest(seconds: float) -> dict[str, Any]:
    return {"rests": clock.rest(seconds), "due": clock.seconds_until_due()}


_COMMANDS = {"turn": _turn, "rest": _rest}


class _Handler(MotoRequestHandler):
    """Answers one request after the other on a connection; werkzeug's own makes a thread and a connection for each."""

    # Where an answer is more than one write, the next would wait 40 ms for the receipt of the first.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer the request that was read; its body is read to the end, as the next request begins there."""
        if "Transfer-Encoding" in self.headers:
            super().run_wsgi()  # reads chunks, and closes the connection
            return
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))
        try:
            pieces, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except Exception:  # noqa: BLE001  # a fault of moto's is an answer, too
            self.server.log("error", "%s", traceback.format_exc())
            pieces, status, headers = run_wsgi_app(InternalServerError(), environ, buffered=True)
        body = b"".join(pieces)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        if self.command != "HEAD" and int(code) not in _WITHOUT_BODY:
            headers["Content-Length"] = str(len(body))
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers:
            self.send_header(name, value)
        self._headers_buffer += [b"\r\n", body]  # type: ignore[attr-defined]  # so that both are one write
        self.flush_headers()


class _QuietHandler(_Handler):
    def log_request(self, *_: Any) -> None:
        """Say nothing of requests."""

    def log(self, *_: Any) -> None:
        """Say nothing of what is no request."""


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
