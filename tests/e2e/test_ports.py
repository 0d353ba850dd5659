"""The telemetry and the admin port."""

import json
import socket

import fairlead
import programs
import pytest


@pytest.fixture
def proxy(start_fairlead):
    return start_fairlead(fairlead.config("127.0.0.1:1"))


def test_probes(proxy):
    assert proxy.get("telemetry", "/livez")[0] == 200
    assert proxy.get("telemetry", "/readyz")[0] == 200


def test_metrics_are_described(proxy):
    status, text = proxy.get("telemetry", "/metrics")
    assert status == 200
    for family, kind in [("fairlead_open_connections", "gauge"), ("fairlead_connections_accepted_total", "counter"),
                         ("fairlead_build_info", "gauge"), ("process_open_fds", "gauge")]:
        assert f"# TYPE {family} {kind}" in text
        assert f"# HELP {family} " in text


def test_there_is_nothing_else(proxy):
    assert proxy.get("telemetry", "/config")[0] == 404
    assert proxy.get("admin", "/metrics")[0] == 404


def test_shows_the_configuration_in_force_with_its_defaults(proxy):
    status, text = proxy.get("admin", "/config")
    assert status == 200
    shown = json.loads(text)
    assert shown["clusters"][0]["endpoints"][0]["address"] == "127.0.0.1:1"
    assert shown["virtual_hosts"][0]["routes"][0]["timeouts"]["response"]
    assert shown["virtual_hosts"][0]["routes"][0]["keepalive"] == {
        "interval": "30s", "timeout": "20s", "send_to": "CLIENT"}


def test_nothing_that_a_client_says_becomes_a_label(proxy):
    def say(word):
        host, _, port = proxy.address().rpartition(":")
        with socket.create_connection((host, int(port)), programs.DEADLINE) as client:
            client.sendall(f"M{word} /{word}?{word}={word} HTTP/1.1\r\nHost: {word}.example\r\nUpgrade: {word}\r\n"
                           f"Connection: upgrade, close\r\nSec-WebSocket-Protocol: {word}\r\n\r\n".encode())
            assert client.makefile("rb").read().startswith(b"HTTP/1.1 502 ")

    def series():
        lines = proxy.get("telemetry", "/metrics")[1].splitlines()
        return {line.rpartition(" ")[0] for line in lines if not line.startswith("#")}

    say("first")
    before = series()
    for number in range(50):
        say(f"word{number}")
    assert series() == before
    assert proxy.metric("fairlead_requests_total", code="502") == 51
