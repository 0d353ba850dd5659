"""WebSocket clients and servers that others wrote, each with each, through the proxy."""

import signal
import time

import fairlead
import fairleadctl
import programs
import pytest

SERVERS = ["node", "python"]
CLIENTS = ["websocket_client.js", "websocket_client.py"]


@pytest.fixture(params=SERVERS)
def server(request):
    return request.getfixturevalue(f"{request.param}_websocket_server")


@pytest.fixture(params=CLIENTS, ids=SERVERS)
def through(request, server, start_fairlead):
    """Plays a scenario of the client to its good end; returns the proxy."""

    def play(scenario):
        proxy = start_fairlead(fairlead.config(server.address))
        client = programs.peer(request.param, scenario, proxy.url("/chat", "ws"))
        assert client.await_exit() == 0, client.output()
        return proxy

    return play


@pytest.mark.parametrize("scenario", ["text", "binary", "large", "burst", "client_pings", "server_pings",
                                      "subprotocol", "deflate", "fragments", "compressed_fragments",
                                      "server_closes"])
def test_passes(scenario, through):
    through(scenario)


@pytest.mark.parametrize(("scenario", "seen"), [("client_closes", "closed 4001 client is done"),
                                                ("client_vanishes", "closed 1006")])
def test_shows_the_server_how_the_client_left(scenario, seen, server, through):
    since = server.mark()
    through(scenario)
    server.await_line(seen, since)


def test_shows_the_client_that_the_server_vanished(through):
    through("server_vanishes")


def test_counts_what_passed(server, start_fairlead):
    proxy = start_fairlead(fairlead.config(server.address))
    client = programs.peer(CLIENTS[0], "large", proxy.url("/chat", "ws"))
    assert client.await_exit() == 0, client.output()
    ended = proxy.access(upgrade="websocket")
    assert ended["path"] == "/chat"
    assert ended["route"] == "all"
    assert ended["status"] == 101
    assert proxy.metric("fairlead_upgrades_total", route="all", code="101") == 1
    assert proxy.metric("fairlead_open_tunnels", route="all", upgrade="websocket") == 0
    assert proxy.metric("fairlead_bytes_total", route="all") > 2 * (1 << 20)


def await_metric(proxy, name, at_least, **labels):
    end = time.monotonic() + programs.DEADLINE
    while (proxy.metric(name, **labels) or 0) < at_least:
        assert time.monotonic() < end, f"{name} never reaches {at_least}"


@pytest.fixture(params=CLIENTS, ids=SERVERS)
def told(request, server, start_fairlead):
    """Opens a tunnel; returns the proxy and the client, which says how it was closed."""

    def start(**more):
        proxy = start_fairlead(fairlead.config(server.address, **more))
        client = programs.peer(request.param, "is_told", proxy.url("/chat", "ws"))
        client.await_line("^open$")
        return proxy, client

    return start


def test_a_drain_closes_both_sides_in_order(told, server):
    since = server.mark()
    proxy, client = told(drain={"delay": "0s", "window": "5s", "close_code": 1012})
    proxy.signal(signal.SIGTERM)
    client.await_line("^told 1012 shutting down$")
    client.await_line("^clean true$")
    server.await_line("closed 1012", since)
    assert client.await_exit() == 0
    assert proxy.await_exit() == 0
    ended = proxy.access(upgrade="websocket")
    assert (ended["reason"], ended["close_code"], ended["close_initiator"]) == ("drained", 1012, "proxy")
    assert (ended["messages_received"], ended["messages_sent"]) == (1, 1)


def test_a_drain_without_a_window_is_no_1006_either(told):
    proxy, client = told()
    proxy.signal(signal.SIGTERM)
    client.await_line("^told 1001 shutting down$")
    client.await_line("^clean true$")
    assert proxy.await_exit() == 0


def leaving(server, **state):
    return fairlead.cluster(drain={"rate": 0}, endpoints=[{"id": "app", "address": server.address, **state}])


def expect_told_to_go_elsewhere(proxy, client, server, since):
    client.await_line("^told 1012 the backend is going away$")
    client.await_line("^clean true$")
    server.await_line("closed 1012", since)
    assert client.await_exit() == 0
    ended = proxy.access(upgrade="websocket")
    assert (ended["reason"], ended["close_code"], ended["close_initiator"]) == ("endpoint_drained", 1012, "proxy")


def test_a_file_that_drains_an_endpoint_closes_both_sides_in_order(told, server):
    since = server.mark()
    proxy, client = told(clusters=[leaving(server)])
    proxy.reload(fairlead.config(clusters=[leaving(server, state="DRAINING")]), "configuration applied")
    expect_told_to_go_elsewhere(proxy, client, server, since)


def test_fairleadctl_drains_an_endpoint_and_both_sides_close_in_order(told, server, control_section):
    since = server.mark()
    control = control_section("PUSH")
    proxy, client = told(clusters=[leaving(server)], control=control)
    fairleadctl.Ctl(control["address"])("endpoints", "drain", "backend", "app")
    expect_told_to_go_elsewhere(proxy, client, server, since)


def test_pings_of_the_proxy_are_answered_and_seen_by_nobody(told):
    keepalive = {"interval": "100ms", "timeout": "20s", "send_to": "BOTH"}
    proxy, client = told(routes=[fairlead.route(keepalive=keepalive)])
    for peer in ("client", "backend"):
        await_metric(proxy, "fairlead_websocket_ping_rtt_seconds_count", 3, peer=peer)
    assert proxy.metric("fairlead_websocket_messages_total", opcode="pong") is None
    proxy.signal(signal.SIGTERM)
    client.await_line("^told 1001 shutting down$")
    assert proxy.await_exit() == 0


def test_a_client_that_sends_too_much_is_told(server, start_fairlead):
    proxy = start_fairlead(fairlead.config(
        server.address, routes=[fairlead.route(websocket={"max_message_bytes": 3})]))
    client = programs.peer(CLIENTS[0], "is_too_long", proxy.url("/chat", "ws"))
    client.await_line("^told 1009 message too big$")
