"""WebSocket clients and servers that others wrote, each with each, through the proxy."""

import fairlead
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
                                      "subprotocol", "deflate", "server_closes"])
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
