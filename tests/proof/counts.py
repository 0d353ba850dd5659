"""The metrics: connections as the kernel counts them, idle timeouts one by one, and no series of a client's making."""

import collections
import contextlib
import dataclasses
import random
import selectors
import subprocess
import time

import client
import hostile
import processes


@dataclasses.dataclass(frozen=True)
class Size:
    steps: int  # at which connections come or go
    at_once: int  # connections that come in a step, at most
    idle: int  # tunnels that are left alone
    others: int  # tunnels on the same route that end in each other way
    familiar: int  # hostile requests before the series are noted
    strange: int  # and after


WHOLE = Size(steps=100, at_once=100, idle=300, others=20, familiar=5000, strange=10000)
QUICK = WHOLE  # it is quick as it is

WEB = "web"
BRIEF = "brief"  # where tunnels may be idle for a second only
SCRAPES = 3  # in a row, at every step


def configuration(ports, backend, access_log):
    def route(name, prefix, **more):
        return {"name": name, "match": {"prefix": prefix}, "cluster": "echo", **more}

    def host(name, listener, routes):
        return {"name": name, "listeners": [listener], "domains": ["chat.test", "*.chat.test"], "routes": routes}

    return {
        "telemetry": {"address": "127.0.0.1:0"},
        "admin": {"address": "127.0.0.1:0"},
        "access_log": {"path": str(access_log)},
        "workers": 2,
        "drain": {"delay": "0s", "window": "0s"},
        # Connections that say nothing are part of the play.
        "listeners": [{"name": name, "address": f"127.0.0.1:{port}", "limits": {"handshake_timeout": "1h"}}
                      for name, port in ports.items()],
        "virtual_hosts": [
            host("web", WEB, [
                route("ws", "/ws"),
                route("any", "/any", upgrades=["*"]),
                route("plain", "/plain", upgrades=[]),
                {"name": "moved", "match": {"prefix": "/moved"}, "redirect": {"scheme": "https"}},
                {"name": "odd", "match": {"regex": "/x/.*"}, "cluster": "echo"},
            ]),
            host("brief", BRIEF, [route("brief", "/", timeouts={"idle": "1s"})]),
        ],
        "clusters": [{"name": "echo", "endpoints": [{"id": "echo-0", "address": backend}]}],
    }


def established(port):
    """How many established connections the kernel has on a port of ours."""
    command = ["ss", "-Htn", "state", "established", f"sport = :{port}"]
    return len(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())


class Connections:
    """Connections of every kind that come and go."""

    def __init__(self, port):
        self.random = random.Random(3)
        self.port = port
        self.open = []

    def connect(self):
        kind = self.random.choice(["silent", "plain", "tunnel"])
        if kind == "tunnel":
            return client.open_tunnel(self.port)
        connection = client.Client(self.port)
        if kind == "plain":  # and kept alive
            connection.ask("/plain", {"Host": "chat.test"})
        return connection

    def step(self, at_once):
        """Some come, or some go in one of the ways there are."""
        count = self.random.randint(1, at_once)
        if self.random.random() < 0.55 or not self.open:
            self.open += [self.connect() for _ in range(count)]
            return
        self.random.shuffle(self.open)
        end = self.random.choice([client.Client.close, client.Client.reset, client.Client.leave])
        for _ in range(min(count, len(self.open))):
            end(self.open.pop())


def count_connections(stage, size, verdict, proxy, port):
    """fairlead_open_connections beside what ss says."""
    connections = Connections(port)
    wrong = []
    most = 0

    def look():
        return established(port), proxy.metric("fairlead_open_connections", listener=WEB)

    for _ in range(size.steps):
        connections.step(size.at_once)
        wanted = len(connections.open)
        most = max(most, wanted)
        # The first look waits until both have settled; those after it must say the same.
        looks = [stage.eventually(look, (wanted, wanted)), *(look() for _ in range(SCRAPES - 1))]
        wrong += [(wanted, *seen) for seen in looks if seen != (wanted, wanted)]
    verdict.note("steps at which connections came or went", size.steps)
    verdict.note("connections at once, at most", most)
    verdict.note("scrapes compared with ss", size.steps * SCRAPES)
    verdict.require("scrapes that differed (what is open, ss, the metric)", wrong, [])
    for connection in connections.open:
        connection.close()


def leave_idle(size, port):
    """Opens tunnels and leaves them alone until the proxy has ended them; beside them, others that end in other
    ways. Returns how many there were in all."""
    idle = [client.open_tunnel(port) for _ in range(size.idle)]
    talkers = [client.open_tunnel(port) for _ in range(size.others)]
    for end in (client.Client.close, client.Client.reset, client.Client.leave):
        for _ in range(size.others):
            end(client.open_tunnel(port))
    with selectors.DefaultSelector() as selector:
        for tunnel in idle:
            selector.register(tunnel.socket, selectors.EVENT_READ, tunnel)
        deadline = time.monotonic() + client.PATIENCE
        while selector.get_map() and time.monotonic() < deadline:
            for talker in talkers:
                talker.say(b"still here")
            for key, _ in selector.select(timeout=0.1):
                selector.unregister(key.fileobj)
                key.data.await_end()
                key.data.close()
    for talker in talkers:
        talker.leave()
    return size.idle + 4 * size.others


def count_idle_timeouts(stage, size, verdict, proxy, port):
    """fairlead_idle_timeouts_total beside the number of tunnels that were left alone."""
    tunnels = leave_idle(size, port)
    verdict.note("tunnels, left alone or not", tunnels)
    closed = stage.eventually(lambda: proxy.metric("fairlead_tunnels_closed_total", route="brief"), tunnels)
    verdict.require("fairlead_tunnels_closed_total, all reasons", closed, tunnels)
    verdict.require("fairlead_tunnels_closed_total, idle_timeout",
                    proxy.metric("fairlead_tunnels_closed_total", reason="idle_timeout"), size.idle)
    verdict.require("fairlead_idle_timeouts_total", proxy.metric("fairlead_idle_timeouts_total"), size.idle)


def series(proxy):
    """The names of all series, labels included."""
    _, text = proxy.get("telemetry", "/metrics")
    return {line.rpartition(" ")[0] for line in text.splitlines() if line and not line.startswith("#")}


def harass(port, seed, count):
    """Sends hostile requests; returns which statuses they got, and how many each. None: no answer at all."""
    requests = hostile.Hostile(seed)
    statuses = collections.Counter()
    for number in range(count):
        request = requests.request(number)
        connection = client.Client(port)
        with contextlib.closing(connection.socket):
            try:
                connection.socket.sendall(request)
                statuses[connection.status()] += 1
            except (ConnectionError, TimeoutError):
                statuses[None] += 1
    return dict(statuses.most_common())


def try_to_add_series(size, verdict, proxy, port):
    """The names of all series before and after clients have sent whatever came into their minds."""
    harass(port, 4, size.familiar)
    before = series(proxy)
    statuses = harass(port, 5, size.strange)
    after = series(proxy)
    verdict.note("hostile requests", size.strange)
    verdict.note("the statuses they got", ", ".join(f"{status}: {count}" for status, count in statuses.items()))
    verdict.note("series", len(after))
    verdict.require("series added by them", sorted(after - before), [])


def prove(stage, size, verdict):
    ports = {WEB: processes.free_port(), BRIEF: processes.free_port()}
    proxy = stage.proxy(configuration(ports, stage.backend(), stage.directory / "access.log"))
    count_connections(stage, size, verdict, proxy, ports[WEB])
    count_idle_timeouts(stage, size, verdict, proxy, ports[BRIEF])
    try_to_add_series(size, verdict, proxy, ports[WEB])
    nothing = stage.eventually(lambda: proxy.metric("fairlead_open_connections"), 0)
    verdict.require("connections that are open at the end", nothing, 0)
    stage.end(proxy, verdict)
