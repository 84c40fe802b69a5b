"""Who is let in: the browser of whoever started the console, on pages of the console.

Whoever runs a program on this machine, and any page that a browser shows, can send requests to a port on loopback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Literal

Refusal = Literal["host", "stranger", "site", "origin", "form"]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made anew whenever a console begins."""

    token: str
    """In the address that the console prints."""
    session: str
    """In the cookie."""
    form: str
    """In the console's forms."""

    @classmethod
    def new(cls) -> "Secrets":
        """Make three that nobody can guess."""
        return cls(token_urlsafe(24), token_urlsafe(24), token_urlsafe(24))


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules for the console on *port*."""

    port: int
    secrets: Secrets

    @property
    def cookie(self) -> str:
        """The cookie's name: browsers keep cookies by host, and another console has another port."""
        return f"choreography-console-{self.port}"

    @property
    def window_cookie(self) -> str:
        """The name of the cookie in which the page's script tells of the window; it holds no secret."""
        return f"choreography-window-{self.port}"

    @property
    def hosts(self) -> tuple[str, str]:
        """The names under which a browser reaches it; any other is of a page that had its name point here."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    def knows(self, token: str | None) -> bool:
        """Whether this is the token of the printed address."""
        return _same(token, self.secrets.token)

    def refusal_of_host(self, headers: Mapping[str, str]) -> Refusal | None:
        """Say what is wrong with the name that the console was asked for by."""
        return None if headers.get("Host") in self.hosts else "host"

    def refusal(self, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Refusal | None:
        """Say why a request may not see anything; None where it may."""
        if headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
            return "site"
        return None if _same(cookies.get(self.cookie), self.secrets.session) else "stranger"

    def refusal_of_post(self, headers: Mapping[str, str], form_token: str | None) -> Refusal | None:
        """Say why a request that may see things may not do any; None where it may."""
        if headers.get("Origin") != f"http://{headers.get('Host')}":
            return "origin"
        return None if _same(form_token, self.secrets.form) else "form"


def _same(one: str | None, other: str) -> bool:
    return compare_digest((one or "").encode(), other.encode())
