"""What the tests are given: proxies and peers, each ended when its test is over."""

import fairlead
import programs
import pytest
import tunnel


@pytest.fixture
def start_fairlead(tmp_path):
    """Starts proxies; at the end of the test each one that still runs must drain and exit with 0."""
    running = []

    def start(configuration):
        proxy = fairlead.Fairlead(tmp_path / f"fairlead-{len(running)}.yaml", configuration)
        running.append(proxy)
        proxy.await_listening()
        return proxy

    yield start
    try:
        for proxy in running:
            code = proxy.process.poll()
            assert (proxy.terminate() if code is None else code) == 0, proxy.output()
    finally:
        for proxy in running:
            proxy.kill()


@pytest.fixture
def open_tunnel():
    """Opens tunnels, and closes them at the end of the test."""
    tunnels = []

    def open_one(*arguments):
        tunnels.append(tunnel.Tunnel(*arguments))
        return tunnels[-1]

    yield open_one
    for opened in tunnels:
        opened.close()


@pytest.fixture(scope="session")
def node_websocket_server():
    with programs.server("websocket_server.js") as program:
        yield program


@pytest.fixture(scope="session")
def python_websocket_server():
    with programs.server("websocket_server.py") as program:
        yield program


@pytest.fixture(scope="session")
def node_http_server():
    with programs.server("http_server.js") as program:
        yield program
