"""The Autobahn test suite through the proxy, in both directions: each case must end as it does without the proxy."""

import contextlib
import os
import pathlib

import autobahn
import certificates
import fairlead
import processes
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


def ways(proxy):
    return {name: proxy.url(path, scheme, listener) for name, (listener, scheme, path) in WAYS.items()}


@contextlib.contextmanager
def clients_at_work(directory, authority):
    """Lets clients loose on the suite's server, all at once; gives what waits for the results, by name."""
    port = processes.free_port()
    suite = autobahn.Suite("fuzzingserver", directory / "suite", url=f"ws://127.0.0.1:{port}", cases=CASES)
    running = []

    def finish():
        for client in running:
            assert client.await_exit(SECONDS) == 0, client.output()
        return suite.results()

    try:
        processes.await_listening(suite.process, port, suite.log)
        with fairlead.proxies(directory) as start:
            proxy = start(configuration(f"127.0.0.1:{port}", authority))
            for name, url in {"direct": f"ws://127.0.0.1:{port}", **ways(proxy)}.items():
                running.append(peer("echo_client.js", url, name))
            yield finish
    finally:
        suite.stop()
        for client in running:
            client.kill()


@pytest.fixture(scope="module")
def results(tmp_path_factory, authority):
    """Of servers and of clients: without the proxy ("direct") and in each way through it."""
    directory = tmp_path_factory.mktemp("servers")
    with clients_at_work(tmp_path_factory.mktemp("clients"), authority) as finish, echo_server() as backend, \
            fairlead.proxies(directory) as start:
        urls = {"direct": f"ws://{backend}", **ways(start(configuration(backend, authority)))}
        return {"servers": ask_servers(directory, urls, CASES), "clients": finish()}


def expect_good(cases):
    assert len(cases) >= AT_LEAST
    assert {how for how, _, _ in cases.values()} <= {"OK", "NON-STRICT", "INFORMATIONAL"}


def sooner_or_later(cases):
    """The cases without what tells OK from NON-STRICT: whether a frame that is none was noticed after or before what
    came ahead of it was echoed."""
    return {case: ("OK" if how == "NON-STRICT" else how, *close) for case, (how, *close) in cases.items()}


@pytest.fixture(params=["servers", "clients"])
def who(request, results):
    return results[request.param]


def test_passes_without_the_proxy(who):
    expect_good(who["direct"])


@pytest.mark.parametrize("way", ["relaxed", "tls"])
def test_is_the_same_behind_the_proxy(way, who):
    assert not autobahn.differences(who["direct"], who[way])


def test_is_as_good_behind_a_strict_route(who):
    # Which closes at the first frame that is none, and lets what is on its way back be late.
    expect_good(who["strict"])
    assert not autobahn.differences(sooner_or_later(who["direct"]), sooner_or_later(who["strict"]))


def test_a_proxy_that_meddles_is_noticed(tmp_path, authority):
    with echo_server() as backend, fairlead.proxies(tmp_path) as start:
        proxy = start(configuration(backend, authority, max_message_bytes=200))
        results = ask_servers(tmp_path, {"direct": f"ws://{backend}", "cut": proxy.url("", "ws")}, ["1.1.*"])
    told = autobahn.differences(results["direct"], results["cut"])
    # The cases with larger messages, and no others.
    assert [line.partition(":")[0] for line in told] == ["1.1.6", "1.1.7", "1.1.8"]
