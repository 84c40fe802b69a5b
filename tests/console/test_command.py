"""`choreography console`: how it starts, what it says, how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from choreography_insights.cli.main import main
from choreography_insights.console import server as server_module
from choreography_insights.console.function import Function
from choreography_insights.console.server import Server
from devtools.places import ROOT

_AWS = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


@contextmanager
def running(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "choreography_insights", "console", "--no-browser", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | _AWS | {"PYTHONPATH": str(ROOT / "lambda_src")},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_lets_one_in_and_ends_cleanly(number: signal.Signals) -> None:
    with running("--prefix", "shop", "--port", "0") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(r"The console of shop-insights is at (http://127\.0\.0\.1:\d+/\?token=[\w-]{32})\n", line)
        assert found, line
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with pytest.raises(urllib.error.HTTPError) as answer:  # nobody listens where its AWS should be
            browser.open(found[1])
        assert answer.value.code == 502
        assert b"AWS cannot be reached." in answer.value.read()
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == "Ctrl-C ends it.\n"
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with taken_port() as port:
        assert main(["console", "--port", str(port), "--no-browser"]) == 1
    assert capsys.readouterr().err == f"port {port}: Address already in use; name another one, or leave --port out\n"


def test_without_a_port_the_usual_one_is_taken_and_another_where_it_is_not_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    function = Function("shop-insights", "eu-west-1", lambda _: "")
    with taken_port() as port:
        monkeypatch.setattr(server_module, "USUAL_PORT", port)
        other = Server(function)
        other.start()
        assert not other.url.endswith(f":{port}")
        other.end()
    usual = Server(function)
    usual.start()
    assert usual.url == f"http://127.0.0.1:{port}"
    usual.end()


def test_a_region_that_is_missing_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    assert main(["console", "--prefix", "shop", "--no-browser"]) == 1
    assert (
        capsys.readouterr().err == "shop-insights: You must specify a region. Name them with --profile and --region.\n"
    )
    assert main(["console", "--profile", "none", "--no-browser"]) == 1
    assert "choreography-insights: The config profile (none) could not be found" in capsys.readouterr().err


def test_it_names_the_extra_that_it_comes_with(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if ".console." in name and name.startswith("choreography_insights")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nh3", None)
    assert main(["console"]) == 1
    assert capsys.readouterr().err == (
        "the console needs nh3, which comes with the extra 'console'; run: "
        "pip install 'choreography-insights[console]'\n"
    )


@pytest.mark.parametrize("opens", [True, False])
def test_it_opens_a_browser_or_says_that_it_could_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, opens: bool
) -> None:
    opened: list[str] = []

    def open_browser(url: str) -> bool:
        opened.append(url)
        return opens

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr(webbrowser, "open", open_browser)
    monkeypatch.setattr(server_module, "until_ended", lambda: None)
    assert main(["console", "--function", "mine", "--port", "0"]) == 0
    said = capsys.readouterr()
    assert said.out == f"The console of mine is at {opened[0]}\nCtrl-C ends it.\n"
    assert said.err == ("" if opens else "No browser could be opened; open the address in one.\n")
