"""Clients that vanish without a word, as behind a cable that is pulled: in a network of their own, which is cut off."""

import os
import shutil
import signal
import subprocess
import time

import fairlead
import programs
import pytest

INTERVAL = TIMEOUT = 1  # seconds, of the pings


def ip(*words, check=True):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=check)


class Network:
    """A network namespace, joined to ours by a pair of virtual interfaces."""

    OURS, THEIRS = "198.18.77.1", "198.18.77.2"

    def __init__(self):
        self.name = f"fairlead-{os.getpid()}"
        self.link = f"fl{os.getpid()}"

    def __enter__(self):
        made = ip("netns", "add", self.name, check=False)
        if made.returncode != 0:
            pytest.skip(f"NOT RUN: no network namespace can be made here: {made.stderr.strip()}")
        try:
            ip("link", "add", self.link, "type", "veth", "peer", "name", "out", "netns", self.name)
            ip("address", "add", f"{self.OURS}/30", "dev", self.link)
            ip("link", "set", self.link, "up")
            ip("-n", self.name, "address", "add", f"{self.THEIRS}/30", "dev", "out")
            ip("-n", self.name, "link", "set", "out", "up")
        except subprocess.CalledProcessError as error:
            self.__exit__()
            pytest.skip(f"NOT RUN: no virtual interfaces can be made here: {error.stderr.strip()}")
        return self

    def __exit__(self, *_):
        # Its interface goes with it, and ours with that.
        ip("netns", "delete", self.name)

    def client(self, *arguments):
        """Node's client of peers/, in there."""
        return programs.Program("ip", "netns", "exec", self.name, "node", programs.PEERS / "websocket_client.js",
                                *arguments, env=programs.NODE_ENV)

    def cut_off(self):
        """From now on every packet of either side is dropped, and nobody is told."""
        ip("-n", self.name, "link", "set", "out", "down")


@pytest.fixture
def network():
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("NOT RUN: a dead client needs a network namespace: root, and Debian's iproute2")
    with Network() as made:
        yield made


def test_a_client_that_was_cut_off_is_found_by_its_pings_and_one_that_is_idle_stays(
        network, node_websocket_server, start_fairlead):
    keepalive = {"interval": f"{INTERVAL}s", "timeout": f"{TIMEOUT}s"}
    proxy = start_fairlead(fairlead.config(
        node_websocket_server.address, routes=[fairlead.route(keepalive=keepalive)],
        listeners=[{"name": "web", "address": "127.0.0.1:0"}, {"name": "outside", "address": f"{network.OURS}:0"}]))
    url = proxy.url("/chat", "ws", "outside")
    since = node_websocket_server.mark()
    with programs.running(programs.peer("websocket_client.js", "is_told", proxy.url("/chat", "ws"))) as idle, \
            programs.running(network.client("is_told", url)) as dead:
        idle.await_line("^open$")
        dead.await_line("^open$")
        began = time.monotonic()
        network.cut_off()
        node_websocket_server.await_line("closed 1001 the client answers no pings", since)
        seconds = time.monotonic() - began
        # Its last sign of life is up to an interval old; a wheel's tick comes on top, and what a loaded machine takes.
        assert TIMEOUT * 0.9 < seconds < INTERVAL + TIMEOUT + 3
        ended = proxy.access(listener="outside")
        assert (ended["reason"], ended["close_code"], ended["close_initiator"]) == ("dead_peer", 1001, "proxy")
        assert proxy.metric("fairlead_tunnels_closed_total", reason="dead_peer") == 1
        assert not proxy.metric("fairlead_idle_timeouts_total")
        # The other one, as silent and answering, is still there after as many pings again.
        asked = proxy.metric("fairlead_websocket_ping_rtt_seconds_count", peer="client")
        end = time.monotonic() + programs.DEADLINE
        while proxy.metric("fairlead_websocket_ping_rtt_seconds_count", peer="client") < asked + 3:
            assert time.monotonic() < end
        assert proxy.metric("fairlead_open_tunnels", upgrade="websocket") == 1
        proxy.signal(signal.SIGTERM)
        idle.await_line("^told 1001 shutting down$")
