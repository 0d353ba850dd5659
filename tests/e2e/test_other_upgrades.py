"""A real Upgrade that is not WebSocket: Node's http on both ends, and a raw socket where the bytes matter."""

import socket

import fairlead
import programs
import pytest

HEAD = "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\nUpgrade: {token}\r\n\r\n"


def upgrade(path="/custom", token="custom/1", connection="Upgrade"):
    return HEAD.format(path=path, token=token, connection=connection).encode()


@pytest.fixture
def proxy(node_http_server, start_fairlead):
    return start_fairlead(fairlead.config(node_http_server.address, routes=[
        fairlead.route("websocket-only", prefix="/plain"),
        fairlead.route("custom", upgrades=["custom/1"]),
    ]))


class Raw:
    """A plain TCP connection to the proxy."""

    def __init__(self, proxy):
        host, _, port = proxy.address().rpartition(":")
        self.socket = socket.create_connection((host, int(port)), programs.DEADLINE)
        self.reader = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.reader.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def end(self):
        self.socket.shutdown(socket.SHUT_WR)

    def head(self):
        """The status and the headers of the next answer."""
        status = int(self.reader.readline().split()[1])
        headers = {}
        while (line := self.reader.readline().strip()):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers


def test_joins_a_client_and_a_server_that_others_wrote(proxy):
    client = programs.peer("upgrade_client.js", proxy.url("/custom"))
    assert client.await_exit() == 0, client.output()
    assert proxy.access(upgrade="custom/1")["status"] == 101


def test_carries_a_half_close_across(proxy):
    with Raw(proxy) as client:
        client.send(upgrade())
        status, headers = client.head()
        assert (status, headers["upgrade"].lower(), headers["connection"].lower()) == (101, "custom/1", "upgrade")
        assert client.reader.readline() == b"hello\n"
        client.send(b"one\n")
        assert client.reader.readline() == b"one\n"
        client.end()
        assert client.reader.read() == b"goodbye\n"


def test_delivers_what_the_client_sent_behind_its_head(proxy):
    with Raw(proxy) as client:
        client.send(upgrade() + b"early\n")
        assert client.head()[0] == 101
        assert client.reader.readline() == b"hello\n"
        assert client.reader.readline() == b"early\n"


def test_relays_a_refusal_and_keeps_the_connection(proxy):
    with Raw(proxy) as client:
        client.send(upgrade("/refused"))
        status, headers = client.head()
        assert (status, client.reader.read(int(headers["content-length"]))) == (403, b"no")
        client.send(b"GET /length HTTP/1.1\r\nHost: a\r\n\r\n")
        status, headers = client.head()
        assert (status, client.reader.read(int(headers["content-length"]))) == (200, b"hello")


def test_makes_a_plain_request_of_a_token_that_the_route_does_not_allow(proxy):
    with Raw(proxy) as client:
        client.send(upgrade("/plain"))
        assert client.head()[0] == 404
    ended = proxy.access(path="/plain")
    assert ended["status"] == 404


def test_counts_it_as_another_upgrade(proxy):
    with Raw(proxy) as client:
        client.send(upgrade())
        assert client.head()[0] == 101
        assert client.reader.readline() == b"hello\n"
        assert proxy.metric("fairlead_open_tunnels", route="custom", upgrade="other") == 1
        client.end()
        assert client.reader.read() == b"goodbye\n"
    proxy.access(path="/custom")
    assert proxy.metric("fairlead_open_tunnels", route="custom", upgrade="other") == 0
