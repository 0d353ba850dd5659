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
import suites

LONG = os.environ.get("FAIRLEAD_CONFORMANCE") == "full"
CASES = suites.LONG if LONG else suites.CORE
AT_LEAST = 270 if LONG else 247
SECONDS = 7200 if LONG else 100
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
    # The suite's server refuses a Host that is not its own.
    relaxed = fairlead.route("relaxed", rewrite={"host": backend}, websocket=limits)
    strict = fairlead.route("strict", prefix="/strict/", rewrite={"prefix": "/", "host": backend},
                            websocket={"strict": True})
    return fairlead.config(backend, routes=[relaxed, strict], listeners=[
        {"name": "web", "address": "127.0.0.1:0"}, {"name": "secure", "address": "127.0.0.1:0", "tls": tls}])


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = certificates.Authority(tmp_path_factory.mktemp("authority"))
    made.issue("proxy", "DNS:localhost,IP:127.0.0.1")
    return made


@contextlib.contextmanager
def echo_server():
    with programs.running(peer("echo_server.js")) as server:
        yield server.await_line(r"^listening on (\S+)$").group(1)


def ask_servers(directory, urls, cases, seconds=SECONDS):
    """Lets the suite's client loose on each of the servers, all at once. The results by name."""
    with contextlib.ExitStack() as stack:
        running = {name: suites.Suite("fuzzingclient", directory / name, servers=[{"agent": name, "url": url}],
                                      cases=cases) for name, url in urls.items()}
        for suite in running.values():
            stack.enter_context(programs.running(suite.program))
        for suite in running.values():
            assert suite.program.await_exit(seconds) == 0, suite.program.output()
    return {name: suite.results()[name] for name, suite in running.items()}


def ways(proxy):
    return {name: proxy.url(path, scheme, listener) for name, (listener, scheme, path) in WAYS.items()}


@contextlib.contextmanager
def clients_at_work(directory, authority, cases):
    """Lets clients loose on the suite's server, all at once; gives what waits for the results, by name."""
    address = f"127.0.0.1:{processes.free_port()}"
    suite = suites.Suite("fuzzingserver", directory, url=f"ws://{address}", cases=cases)
    with contextlib.ExitStack() as stack:
        stack.enter_context(programs.running(suite.program))
        suite.program.await_line(f"^listening on {address}$")
        proxy = stack.enter_context(fairlead.proxies(directory))(configuration(address, authority))
        clients = [stack.enter_context(programs.running(peer("echo_client.js", url, name)))
                   for name, url in {"direct": f"ws://{address}", **ways(proxy)}.items()]

        def finish():
            for client in clients:
                assert client.await_exit(SECONDS) == 0, client.output()
            return suite.results()

        yield finish


def play(directory, authority, cases):
    """What became of servers and of clients: without the proxy ("direct") and in each way through it."""
    with clients_at_work(directory / "clients", authority, cases) as finish, echo_server() as backend, \
            fairlead.proxies(directory) as start:
        proxy = start(configuration(backend, authority))
        urls = {name: f"{url}/" for name, url in {"direct": f"ws://{backend}", **ways(proxy)}.items()}
        return {"servers": ask_servers(directory, urls, cases), "clients": finish()}


def doubtful(results):
    """The cases that some test below would fail for."""
    found = set()
    for told in results.values():
        found.update(suites.failed(told["direct"]))
        for way in WAYS:
            plain = suites.sooner_or_later if way == "strict" else dict
            found.update(suites.differences(plain(told["direct"]), plain(told[way])))
    return sorted(found)


@pytest.fixture(scope="module")
def results(tmp_path_factory, authority):
    """Some cases have a second or less by the suite's own clock, too little for a machine that is busy just then: what
    is in doubt is played twice more, and the last time counts."""
    got = play(tmp_path_factory.mktemp("all"), authority, CASES)
    for _ in range(2):
        cases = doubtful(got)
        if cases and len(cases) < 20:
            again = play(tmp_path_factory.mktemp("again"), authority, cases)
            for who, told in again.items():
                for name in told:
                    got[who][name].update(told[name])
    return got


@pytest.fixture(params=["servers", "clients"])
def who(request, results):
    return results[request.param]


def test_passes_without_the_proxy(who):
    assert len(who["direct"]) >= AT_LEAST
    assert not suites.failed(who["direct"])


@pytest.mark.parametrize("way", ["relaxed", "tls"])
def test_is_the_same_behind_the_proxy(way, who):
    assert not suites.differences(who["direct"], who[way])


def test_is_as_good_behind_a_strict_route(who):
    # Which closes at the first frame that is none, and lets what is on its way back be late.
    assert not suites.differences(*map(suites.sooner_or_later, (who["direct"], who["strict"])))


def test_a_proxy_that_meddles_is_noticed(tmp_path, authority):
    with echo_server() as backend, fairlead.proxies(tmp_path) as start:
        proxy = start(configuration(backend, authority, max_message_bytes=200))
        results = ask_servers(tmp_path, {"direct": f"ws://{backend}", "cut": proxy.url("", "ws")}, ["1.1.*"])
    # The cases with larger messages, and no others.
    assert list(suites.differences(results["direct"], results["cut"])) == ["1.1.6", "1.1.7", "1.1.8"]
