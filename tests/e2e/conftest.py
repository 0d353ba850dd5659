"""What the tests are given: proxies and peers, each ended when its test is over."""

import chatter
import control_api
import control_stubs
import fairlead
import fleet_plane
import programs
import pytest
import tunnel


@pytest.fixture
def start_fairlead(tmp_path):
    with fairlead.proxies(tmp_path) as start:
        yield start


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


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    return control_stubs.generate(tmp_path_factory.mktemp("stubs"))


@pytest.fixture
def connect(stubs, tmp_path):
    """Connects to the control socket of this test's proxy (control_section)."""
    connected = []

    def connect_one():
        connected.append(control_api.ControlApi(stubs, tmp_path / "control" / "control.sock"))
        return connected[-1]

    yield connect_one
    for api in connected:
        api.close()


@pytest.fixture
def control_section(tmp_path):
    """Makes the `control` section of a configuration: a socket and a state directory of the test's own."""
    def make(owner, **more):
        return {"owner": owner, "address": f"unix:{tmp_path}/control/control.sock", "state_dir": f"{tmp_path}/state",
                **more}

    return make


@pytest.fixture
def start_plane(stubs):
    """Starts control planes, and stops them at the end of the test."""
    running = []

    def start(address="127.0.0.1:0", **options):
        running.append(fleet_plane.Plane(stubs, address, **options))
        return running[-1]

    yield start
    for plane in running:
        plane.stop()


@pytest.fixture
def chat():
    """Has traffic go on beside what `with` does."""
    return lambda proxy: chatter.Chatter(proxy.url("/chat", "ws"))
