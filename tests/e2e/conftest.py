"""What the tests are given: proxies and peers, each ended when its test is over."""

import contextlib
import os
import pathlib

import fairlead
import programs
import pytest

PEERS = pathlib.Path(__file__).parent / "peers"
# Where Debian's node-* packages live; a Node.js from elsewhere does not look there by itself.
NODE_ENV = {**os.environ, "NODE_PATH": "/usr/share/nodejs"}


def peer(script, *arguments):
    """Starts a script from peers/."""
    interpreter = "node" if script.endswith(".js") else "/usr/bin/python3"
    return programs.Program(interpreter, PEERS / script, *arguments, env=NODE_ENV)


@contextlib.contextmanager
def server(script, *arguments):
    """A peer that others connect to: `address` is where."""
    program = peer(script, *arguments)
    try:
        program.address = program.await_line(r"^listening on (\S+)$").group(1)
        yield program
    finally:
        program.kill()


@pytest.fixture
def start_fairlead(tmp_path):
    """Starts proxies; at the end of the test each one that still runs must drain and exit with 0."""
    running = []

    def start(configuration):
        proxy = fairlead.Fairlead(tmp_path / f"fairlead-{len(running)}.yaml", configuration)
        running.append(proxy)
        return proxy

    yield start
    try:
        for proxy in running:
            code = proxy.process.poll()
            assert (proxy.terminate() if code is None else code) == 0, proxy.output()
    finally:
        for proxy in running:
            proxy.kill()


@pytest.fixture(scope="session")
def node_websocket_server():
    with server("websocket_server.js") as program:
        yield program


@pytest.fixture(scope="session")
def python_websocket_server():
    with server("websocket_server.py") as program:
        yield program


@pytest.fixture(scope="session")
def node_http_server():
    with server("http_server.js") as program:
        yield program
