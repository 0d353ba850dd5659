"""The Autobahn test suite through the proxy, in both directions: each case must end as it does without the proxy."""

import contextlib
import os
import pathlib

import autobahn
import certificates
import fairlead
import programs
import pytest

LONG = os.environ.get("FAIRLEAD_CONFORMANCE") == "full"
CASES = autobahn.LONG if LONG else autobahn.CORE
AT_LEAST = 300 if LONG else 247
SECONDS = 1800 if LONG else 100
PEERS = pathlib.Path(__file__).parent / "peers"
# A way to go through the proxy: listener, scheme and path.
WAYS = {"relaxed": ("web", "ws", ""), "strict": ("web", "ws", "/strict"), "tls": ("secure", "wss", "")}

pytestmark = pytest.mark.skipif(
    not autobahn.installed(),
    reason="NOT RUN: the Autobahn suite is not installed, it needs a CPython 2.7 and PyPI "
           "(tests/conformance/websocket/autobahn.py install)")


def peer(script, *arguments):
    return programs.Program("node", PEERS / script, *arguments, env=programs.NODE_ENV)


def configuration(backend, authority, **limits):
    tls = {"certificates": [certificates.settings(authority, "proxy")]}
    relaxed = fairlead.route("relaxed", websocket=limits)
    strict = fairlead.route("strict", prefix="/strict", rewrite={"prefix": "/"}, websocket={"strict": True})
    return fairlead.config(backend, routes=[relaxed, strict], listeners=[
        {"name": "web", "address": "127.0.0.1:0"}, {"name": "secure", "address": "127.0.0.1:0", "tls": tls}])


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = certificates.Authority(tmp_path_factory.mktemp("authority"))
    made.issue("proxy", "DNS:localhost,IP:127.0.0.1")
    return made


@contextlib.contextmanager
def echo_server():
    server = peer("echo_server.js")
    try:
        yield server.await_line(r"^listening on (\S+)$").group(1)
    finally:
        server.kill()


def ask_servers(directory, urls, cases, seconds=SECONDS):
    """Lets the suite's client loose on each of the servers, all at once. The results by name."""
    suites = {name: autobahn.Suite("fuzzingclient", directory / name, servers=[{"agent": name, "url": url}],
                                   cases=cases) for name, url in urls.items()}
    try:
        for suite in suites.values():
            suite.await_exit(seconds)
    finally:
        for suite in suites.values():
            suite.stop()
    return {name: suite.results()[name] for name, suite in suites.items()}


@pytest.fixture(scope="module")
def servers(tmp_path_factory, authority):
    directory = tmp_path_factory.mktemp("servers")
    with echo_server() as backend, fairlead.proxies(directory) as start:
        proxy = start(configuration(backend, authority))
        urls = {name: proxy.url(path, scheme, listener) for name, (listener, scheme, path) in WAYS.items()}
        yield ask_servers(directory, {"direct": f"ws://{backend}", **urls}, CASES)


@pytest.fixture(scope="module")
def clients(tmp_path_factory, authority):
    """Lets a client loose on the suite's server, without the proxy and in each way through it, all at once."""
    directory = tmp_path_factory.mktemp("clients")
    port = fairlead.free_port()
    suite = autobahn.Suite("fuzzingserver", directory / "suite", url=f"ws://127.0.0.1:{port}", cases=CASES)
    running = []
    try:
        fairlead.await_port(port)
        with fairlead.proxies(directory) as start:
            proxy = start(configuration(f"127.0.0.1:{port}", authority))
            urls = {name: proxy.url(path, scheme, listener) for name, (listener, scheme, path) in WAYS.items()}
            for name, url in {"direct": f"ws://127.0.0.1:{port}", **urls}.items():
                running.append(peer("echo_client.js", url, name))
            for client in running:
                assert client.await_exit(SECONDS) == 0, client.output()
            yield suite.results()
    finally:
        suite.stop()
        for client in running:
            client.kill()


def expect_good(cases):
    assert len(cases) >= AT_LEAST
    bad = {case: told for case, told in cases.items() if told[0] not in ("OK", "NON-STRICT", "INFORMATIONAL")}
    assert not bad


def test_a_server_passes_without_the_proxy(servers):
    expect_good(servers["direct"])


def test_a_client_passes_without_the_proxy(clients):
    expect_good(clients["direct"])


@pytest.mark.parametrize("way", ["relaxed", "tls"])
def test_a_server_is_the_same_behind_the_proxy(way, servers):
    assert not autobahn.differences(servers["direct"], servers[way])


@pytest.mark.parametrize("way", ["relaxed", "tls"])
def test_a_client_is_the_same_behind_the_proxy(way, clients):
    assert not autobahn.differences(clients["direct"], clients[way])


def test_a_server_is_as_good_behind_a_strict_route(servers):
    assert not autobahn.differences(servers["direct"], servers["strict"])


def test_a_client_is_as_good_behind_a_strict_route(clients):
    assert not autobahn.differences(clients["direct"], clients["strict"])


def test_a_proxy_that_meddles_is_noticed(tmp_path, authority):
    with echo_server() as backend, fairlead.proxies(tmp_path) as start:
        proxy = start(configuration(backend, authority, max_message_bytes=200))
        results = ask_servers(tmp_path, {"direct": f"ws://{backend}", "cut": proxy.url("", "ws")}, ["1.1.*"])
    told = autobahn.differences(results["direct"], results["cut"])
    # The cases with larger messages, and no others.
    assert [line.partition(":")[0] for line in told] == ["1.1.4", "1.1.5", "1.1.6", "1.1.7", "1.1.8"]
