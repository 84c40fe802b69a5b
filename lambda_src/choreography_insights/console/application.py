"""What the console answers: a function from requests to responses, but for the calls of the widget's function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from choreography_insights.console import actions, answers, pages, view
from choreography_insights.console.actions import Action, BadAction
from choreography_insights.console.function import Function
from choreography_insights.console.guard import Guard
from choreography_insights.console.markup import ACTION, Markup, marked_up
from choreography_insights.console.objects import written
from choreography_insights.console.trouble import Trouble
from choreography_insights.console.view import BadAddress, View, Window

_CONFIRMED = "cwdb-confirmed"
_OWN_FIELDS = frozenset([pages.TOKEN, pages.VIEW, ACTION, _CONFIRMED])
_MOST_BYTES = 4_000_000
"""A form that is larger would not fit into a call of Lambda, which takes 6 MB."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would not name the origin of a form either
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _policy(nonce: str) -> str:
    """Let the page's script run, and nothing of the widget's; let nothing be fetched from elsewhere."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@dataclass(frozen=True, slots=True)
class Application:
    """The console of *function*, for werkzeug's server."""

    function: Function
    guard: Guard
    now: Callable[[], datetime]
    """The time, in the viewer's timezone."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer a request of the server."""
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = _MOST_BYTES
        return self.respond(request)(environ, start_response)

    def respond(self, request: Request) -> Response:
        """Answer *request*."""
        nonce = token_urlsafe(16)
        response = self._response(request, nonce)
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = _policy(nonce)
        return response

    def _response(self, request: Request, nonce: str) -> Response:
        headers = dict(request.headers)
        if refusal := self.guard.refusal_of_host(headers):
            return pages.refused(refusal, 421)
        token = request.args.get("token")
        if request.method == "GET" and request.path == "/" and self.guard.knows(token):
            return self._let_in(request)
        if refusal := self.guard.refusal(headers, request.cookies):
            asked = parse_qsl(_query(request), keep_blank_values=True)
            return pages.refused(refusal, 403, [(name, value) for name, value in asked if name != "token"])
        try:
            return self._routed(request, nonce)
        except BadAddress as error:
            return pages.message(nonce, 400, "This address says nothing", str(error))
        except BadAction as error:
            return pages.message(nonce, 400, "This form has no action of a widget in it", str(error))
        except HTTPException as error:
            return pages.message(nonce, error.code or 400, error.name, error.description or "")

    def _routed(self, request: Request, nonce: str) -> Response:
        match request.method, request.path:
            case "GET", "/":
                return self._view(request, nonce)
            case "GET", "/widget":
                return self._fragment(request)
            case "GET", "/describe":
                return self._description(request, nonce)
            case "POST", "/call":
                return self._called(request, nonce)
            case "GET", "/call":
                return Response(status=303, headers={"Location": "/"})
            case (("GET" | "POST"), _):
                return pages.message(nonce, 404, "There is no such page", f"{request.path} is none of the console's.")
            case _:
                return pages.message(nonce, 405, "This cannot be done", "The console knows GET and POST.")

    def _let_in(self, request: Request) -> Response:
        """Put the token of the printed address into a cookie, and out of the address."""
        asked = [(name, value) for name, value in parse_qsl(_query(request), keep_blank_values=True) if name != "token"]
        response = Response(status=303, headers={"Location": f"/?{urlencode(asked)}" if asked else "/"})
        response.set_cookie(self.guard.cookie, self.guard.secrets.session, httponly=True, samesite="Strict")
        return response

    def _view(self, request: Request, nonce: str) -> Response:
        here = self._read(_query(request))
        if here.query != _query(request):
            return Response(status=303, headers={"Location": here.address})
        window = self._window(request)
        try:
            shown = self._markup(self._ask(here, window), here)
        except Trouble as trouble:
            return self._page(nonce, here, window, trouble=trouble, status=502)
        return self._page(nonce, here, window, shown)

    def _fragment(self, request: Request) -> Response:
        """Answer the page's script, which refreshes the widget."""
        here = self._read(_query(request))
        window = self._window(request)
        try:
            shown = self._markup(self._ask(here, window), here)
        except Trouble as trouble:
            return _json({"trouble": str(trouble)}, 502)
        return _json({"html": shown.html, "at": self._time(), "window": str(window)})

    def _description(self, request: Request, nonce: str) -> Response:
        """Show what the function says of itself: CloudWatch asks for it where a widget is added."""
        here = self._read(_query(request))
        window = self._window(request)
        try:
            answer = self.function.call({"describe": True})
        except Trouble as trouble:
            return self._page(nonce, here, window, trouble=trouble, status=502, is_view=False)
        html = answers.from_markdown(answer) if isinstance(answer, str) else answers.html_of(answer)
        return self._page(nonce, here, window, self._markup(html, here), is_view=False, back=here.address)

    def _called(self, request: Request, nonce: str) -> Response:
        """Do what a `cwdb-action` says."""
        form = request.form
        if refusal := self.guard.refusal_of_post(dict(request.headers), form.get(pages.TOKEN)):
            return pages.refused(refusal, 403)
        here, window = self._read(form.get(pages.VIEW, "")), self._window(request)
        fields = {name: value for name, value in form.items() if name not in _OWN_FIELDS}
        if ACTION not in form:  # Enter in a field, without JavaScript
            return Response(status=303, headers={"Location": here.at(here.params, fields).address})
        action = actions.read(form[ACTION])
        if not self.function.is_at(action.endpoint):
            return self._answer_of_call(request, nonce, here, window, self._not_ours(action))
        there = here.at(action.params or {}, fields)
        if action.is_step:
            return Response(status=303, headers={"Location": there.address})
        if action.confirmation and _CONFIRMED not in form:
            return pages.confirmation(nonce, action.confirmation, list(form.items()), _CONFIRMED, here.address)
        try:
            shown = self._markup(self._ask(there, window), here)
        except Trouble as trouble:
            return self._answer_of_call(request, nonce, here, window, trouble)
        return self._answer_of_call(request, nonce, here, window, shown)

    def _answer_of_call(
        self, request: Request, nonce: str, here: View, window: Window, answer: Markup | Trouble
    ) -> Response:
        """Show an answer that has no address: to the page's script, or as a page from which one goes back."""
        trouble = answer if isinstance(answer, Trouble) else None
        shown = answer if isinstance(answer, Markup) else None
        status = 502 if trouble else 200
        if request.accept_mimetypes.best == "application/json":
            return _json({"html": shown.html} if shown else {"trouble": str(trouble)}, status)
        return self._page(nonce, here, window, shown, trouble=trouble, status=status, is_view=False, back=here.address)

    def _not_ours(self, action: Action) -> Trouble:
        called = action.endpoint or "no function: a call needs an endpoint, the function's ARN"
        return Trouble(
            f"This action calls {called}.",
            f"console of {self.function.name} in {self.function.region}",
            "it calls no other function with your credentials; start another console for it, with --function",
        )

    def _ask(self, there: View, window: Window) -> str:
        now = self.now()
        return answers.html_of(self.function.call(there.event(now, window, self.function.name)))

    def _markup(self, html: str, here: View) -> Markup:
        def address(params: Mapping[str, Any]) -> str:
            return here.at(params).address

        return marked_up(html, address, is_ours=self.function.is_at)

    def _page(
        self,
        nonce: str,
        here: View,
        window: Window,
        shown: Markup | None = None,
        *,
        trouble: Trouble | None = None,
        status: int = 200,
        is_view: bool = True,
        back: str | None = None,
    ) -> Response:
        frame = pages.Frame(
            nonce=nonce,
            function=self.function.name,
            region=self.function.region,
            form_token=self.guard.secrets.form,
            window_cookie=self.guard.window_cookie,
            now=self.now(),
        )
        return pages.widget(frame, here, window, shown, trouble=trouble, status=status, is_view=is_view, back=back)

    def _read(self, query: str) -> View:
        return view.read(query, self.now().tzinfo or UTC)

    def _window(self, request: Request) -> Window:
        return Window.told(request.cookies.get(self.guard.window_cookie))

    def _time(self) -> str:
        return f"{self.now():%H:%M:%S}"


def _query(request: Request) -> str:
    return request.query_string.decode(errors="replace")


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(written(value), status=status, content_type="application/json")
