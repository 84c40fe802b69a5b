"""Tests meet no real AWS: dummy credentials, no settings of the developer's own, no connection off this machine."""

import ipaddress
import os
import sys
from collections.abc import MutableMapping
from typing import Any

REGION = "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


def isolate(environment: MutableMapping[str, str]) -> None:
    """Take everything out of *environment* that leads to a real account or a proxy; put dummy credentials in."""
    for name in list(environment):
        if name.startswith("AWS_") or name.lower() in _PROXIES:
            del environment[name]
    environment.update(CREDENTIALS)
    environment["AWS_DEFAULT_REGION"] = REGION
    environment["AWS_EC2_METADATA_DISABLED"] = "true"
    environment["AWS_CONFIG_FILE"] = os.devnull
    environment["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


class NetworkGuard:
    """Refuses every connection and look-up that leaves this machine, and remembers it.

    It remembers because code under test may catch the refusal; `take` then fails the test all the same. It listens
    to the interpreter's audit events, so that no library can pass it by.
    """

    def __init__(self) -> None:
        self._refused: list[str] = []

    def install(self) -> None:
        """Watch this process from now on; an audit hook cannot be taken out again."""
        sys.addaudithook(self._audit)

    def take(self) -> list[str]:
        """Return what was refused since the last time."""
        refused, self._refused = self._refused, []
        return refused

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            _, address = arguments
            host = address[0] if isinstance(address, tuple) else None  # text: a Unix socket; None: already connected
        elif event == "socket.getaddrinfo":
            host = arguments[0]
        else:
            return
        if host is not None and not is_this_machine(host):
            self._refused.append(f"{event} {host}")
            raise ConnectionRefusedError(f"a test may connect to this machine only, not to {host}")


def is_this_machine(host: str | bytes) -> bool:
    """Say whether *host* is a loopback address or a name for one; no address at all means any of this machine's."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
