"""What keeps every other test off real accounts and off the network."""

import os
import socket

import pytest

from support.isolation import NetworkGuard, is_this_machine, isolate

ELSEWHERE = "192.0.2.1"  # reserved for documentation, nobody's address (RFC 5737)


def test_a_connection_that_leaves_this_machine_is_refused_and_remembered(network_guard: NetworkGuard) -> None:
    with socket.socket() as client, pytest.raises(ConnectionRefusedError, match=ELSEWHERE):
        client.connect((ELSEWHERE, 443))
    assert network_guard.take() == [f"socket.connect {ELSEWHERE}"]


def test_a_datagram_that_leaves_this_machine_is_refused_and_remembered(network_guard: NetworkGuard) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(ConnectionRefusedError):
        client.sendto(b"", (ELSEWHERE, 53))
    assert network_guard.take() == [f"socket.sendto {ELSEWHERE}"]


def test_the_look_up_of_a_name_elsewhere_is_refused_and_remembered(network_guard: NetworkGuard) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("dynamodb.eu-west-1.amazonaws.com", 443))
    assert network_guard.take() == ["socket.getaddrinfo dynamodb.eu-west-1.amazonaws.com"]


def test_a_connection_to_this_machine_is_let_through(network_guard: NetworkGuard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    assert network_guard.take() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "", "0.0.0.0", "::", b"127.0.0.1"])
def test_names_and_addresses_of_this_machine(host: str | bytes) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", [ELSEWHERE, "10.0.0.1", "169.254.169.254", "2001:db8::1", "localhost.example"])
def test_names_and_addresses_elsewhere(host: str) -> None:
    assert not is_this_machine(host)


def test_isolation_takes_away_whatever_leads_to_a_real_account() -> None:
    environment = {"PATH": "p", "AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "real", "HTTPS_PROXY": "proxy"}

    isolate(environment)

    assert environment == {
        "PATH": "p",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def test_this_very_test_run_is_isolated() -> None:
    assert {name for name in os.environ if name.lower().endswith("_proxy")} == set()
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
