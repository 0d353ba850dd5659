"""Backends that die and come under load: newcomers do not hear of it, or only until it is found out; never is more left
alone than may be; and who comes gets its share little by little."""

import collections
import contextlib
import dataclasses
import datetime
import json
import pathlib
import threading
import time

import client
import curve
import processes


@dataclasses.dataclass(frozen=True)
class Size:
    newcomers: int  # in a second
    seconds: float  # before a death, and after
    slow_start: int  # seconds


WHOLE = Size(newcomers=400, seconds=4, slow_start=20)
QUICK = Size(newcomers=200, seconds=1, slow_start=0)

BACKENDS = 4
CLUSTER = "echo"
TUNNELS = 1200  # open before one more endpoint comes
ARRIVALS = 60  # tunnels in a second after that
SETTLED = 5  # seconds after slow start
CURVE = pathlib.Path(__file__).resolve().parents[2] / "docs/balancing_slow_start.svg"


class Cast:
    """Backends that can be killed and come back, behind a proxy of their own."""

    def __init__(self, stage, number=BACKENDS, **cluster):
        self.stage = stage
        self.backends = {f"backend-{i}": stage.revivable_backend() for i in range(number)}
        directory = stage.directory / f"cast-{len(list(stage.directory.glob('cast-*')))}"
        directory.mkdir()
        self.access_log = directory / "access.log"
        self.port = processes.free_port()
        self.cluster = cluster
        self.proxy = stage.proxy(self.configuration(self.backends))

    def configuration(self, names):
        endpoints = [{"id": name, "address": self.backends[name].address} for name in names]
        return {
            "telemetry": {"address": "127.0.0.1:0"},
            "admin": {"address": "127.0.0.1:0"},
            "access_log": {"path": str(self.access_log)},
            "workers": 2,
            "drain": {"delay": "0s", "window": "0s"},
            "listeners": [{"name": "web", "address": f"127.0.0.1:{self.port}"}],
            "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
                {"name": "rest", "match": {"prefix": "/"}, "cluster": CLUSTER}]}],
            "clusters": [{"name": CLUSTER, "endpoints": endpoints, **self.cluster}],
        }

    def away(self):
        """How many endpoints get no newcomers, by the metrics."""
        healthy = [self.proxy.metric("fairlead_endpoint_healthy", endpoint=name) for name in self.backends]
        return healthy.count(0.0)

    def visits(self, rate):
        load = self.stage.load(self.port, "visit", "--rate", rate)
        load.begin()
        return load

    def entries(self):
        """What the access log has of each visit; `began` is when, in seconds since the epoch."""
        found = [json.loads(line) for line in self.access_log.read_text().splitlines()]
        for entry in found:
            ended = datetime.datetime.fromisoformat(entry["time"]).timestamp()
            entry["began"] = ended - entry["duration_ms"] / 1000
        return found


class Watch:
    """Asks for the metrics again and again on a thread; remembers when somebody was away first, and how many at most."""

    def __init__(self, cast):
        self.cast = cast
        self.most = 0
        self.first = None  # seconds since the epoch
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def _run(self):
        while not self.stopping.is_set():
            away = self.cast.away()
            self.most = max(self.most, away)
            if away and self.first is None:
                self.first = time.time()


def kill_under_load(cast, size, victims):
    """Kills them at once while newcomers come; returns the load's figures and what was watched."""
    load = cast.visits(size.newcomers)
    time.sleep(size.seconds)
    with Watch(cast) as watch:
        for name in victims:
            cast.backends[name].kill()
        time.sleep(size.seconds)
    return load.finish(), watch


def failed(cast):
    return [entry for entry in cast.entries() if entry.get("status") != 101]


def with_retries(stage, size, verdict):
    cast = Cast(stage, outlier={"ejection": "1m"})
    figures, _ = kill_under_load(cast, size, ["backend-0"])
    verdict.note("one of four is killed, retries: new upgrades", figures["visits"])
    verdict.require("  without a 101", figures["without_101"], 0)
    verdict.require("  endpoints left alone", cast.away(), 1)
    stage.end(cast.proxy, verdict)


def without_retries(stage, size, verdict, how, **cluster):
    cast = Cast(stage, retries={"attempts": 1}, **cluster)
    figures, watch = kill_under_load(cast, size, ["backend-0"])
    late = [entry for entry in failed(cast) if entry["began"] > watch.first]
    verdict.note(f"one of four is killed, no retries, {how}: new upgrades", figures["visits"])
    verdict.note("  without a 101, until it was found out", figures["without_101"])
    verdict.require("  without a 101, after that", len(late), 0)
    stage.end(cast.proxy, verdict)


def most_are_dead(stage, size, verdict):
    cast = Cast(stage, outlier={"ejection": "1m", "max_ejected_percent": 50}, retries={"attempts": 4, "budget_percent": 100})
    figures, watch = kill_under_load(cast, size, ["backend-0", "backend-1", "backend-2"])
    verdict.note("three of four are killed, retries: new upgrades", figures["visits"])
    verdict.require("  without a 101", figures["without_101"], 0)
    verdict.require("  left alone at most (max_ejected_percent: 50)", watch.most, 2)
    stage.end(cast.proxy, verdict)


def all_are_sick(stage, size, verdict):
    """Checks that nobody passes: with all of them sick, all of them are used."""
    cast = Cast(stage, health_check={"http": {"path": "/"}, "interval": "100ms", "unknown_interval": "100ms", "timeout": "1s"})
    sick = stage.eventually(cast.away, BACKENDS)
    load = cast.visits(size.newcomers)
    time.sleep(size.seconds)
    figures = load.finish()
    verdict.require("endpoints that their check calls sick", sick, BACKENDS)
    verdict.note("  new upgrades, in panic", figures["visits"])
    verdict.require("  without a 101", figures["without_101"], 0)
    verdict.require("  endpoints that they went to", len({entry["endpoint"] for entry in cast.entries()}), BACKENDS)
    stage.end(cast.proxy, verdict)


def all_come_back(stage, size, verdict):
    cast = Cast(stage, health_check={"tcp": {}, "interval": "100ms", "timeout": "1s"}, outlier={"ejection": "100ms", "max_ejection": "1s"})
    kill_under_load(cast, size, list(cast.backends))
    verdict.require("all are killed: endpoints that are away", stage.eventually(cast.away, BACKENDS), BACKENDS)
    for backend in cast.backends.values():
        backend.start()
    verdict.require("  and after they have come back", stage.eventually(cast.away, 0), 0)
    load = cast.visits(size.newcomers)
    time.sleep(size.seconds)
    figures = load.finish()
    verdict.require("  new upgrades without a 101", figures["without_101"], 0)
    stage.end(cast.proxy, verdict)


class Ramp:
    """What an endpoint that has just come has, second by second, as a multiple of what each other one has."""

    def __init__(self, stage, size, policy):
        self.size = size
        self.cast = Cast(stage, BACKENDS + 1, load_balancing={"policy": policy, "slow_start": f"{size.slow_start}s"})
        self.newcomer = f"backend-{BACKENDS}"
        self.let_in([name for name in self.cast.backends if name != self.newcomer])

    def let_in(self, names):
        self.cast.proxy.reload(self.cast.configuration(names), "configuration applied")

    def of_visits(self):
        """Newcomers that leave at once: how many of them it got in each second."""
        load = self.cast.visits(self.size.newcomers)
        time.sleep(1)
        self.let_in(self.cast.backends)
        began = time.time()
        time.sleep(self.size.slow_start + SETTLED)
        figures = load.finish()
        its, all_of_them = collections.Counter(), collections.Counter()
        for entry in self.cast.entries():
            second = int(entry["began"] - began)
            all_of_them[second] += 1
            its[second] += entry["endpoint"] == self.newcomer
        seconds = range(self.size.slow_start + SETTLED)
        return figures["without_101"], [
            (second + 0.5, its[second] * BACKENDS / (all_of_them[second] - its[second])) for second in seconds]

    def of_tunnels(self):
        """Newcomers that stay: how many tunnels it holds after each second."""
        tunnels = contextlib.ExitStack()
        refused, points = 0, []
        with tunnels:
            refused += self.open(tunnels, TUNNELS)
            self.let_in(self.cast.backends)
            began = time.monotonic()
            for second in range(1, self.size.slow_start + SETTLED + 1):
                refused += self.open(tunnels, ARRIVALS)
                time.sleep(max(0.0, began + second - time.monotonic()))
                held = [self.cast.proxy.metric("fairlead_endpoint_open_tunnels", endpoint=name) for name in self.cast.backends]
                points.append((second, held[-1] * BACKENDS / sum(held[:-1])))
        return refused, points

    def open(self, tunnels, number):
        """Opens so many tunnels more; returns how many got no 101."""
        refused = 0
        for _ in range(number):
            one = client.Client(self.cast.port)
            tunnels.callback(one.socket.close)
            refused += one.ask("/", client.HANDSHAKE) != 101
        return refused


def come_slowly(stage, size, verdict):
    """One more endpoint: what it gets, or holds, grows as straight as slow start says."""
    curves = {"as it should be": [(0, 0), (size.slow_start, 1), (size.slow_start + SETTLED, 1)]}
    for policy, measure in (("ROUND_ROBIN", Ramp.of_visits), ("LEAST_CONNECTIONS", Ramp.of_tunnels),
                            ("RANDOM_TWO_CHOICES", Ramp.of_tunnels)):
        ramp = Ramp(stage, size, policy)
        refused, points = measure(ramp)
        verdict.require(f"{policy}, one more comes: new upgrades without a 101", refused, 0)
        verdict.note("  what it has each second, in percent of another's", " ".join(f"{part * 100:.0f}" for _, part in points))
        furthest = max(abs(part - min(1, at / size.slow_start)) for at, part in points)
        verdict.note("  furthest from its ramp, in points of a percent", f"{furthest * 100:.0f}")
        verdict.require("  within 20", furthest <= 0.2, True)
        curves[policy] = points
        stage.end(ramp.cast.proxy, verdict)
    CURVE.write_text(curve.chart("An endpoint that has just come, slow_start: 20s", "seconds",
                                 "new tunnels (ROUND_ROBIN) or open tunnels (the others), as a multiple of another endpoint's",
                                 curves))


def prove(stage, size, verdict):
    with_retries(stage, size, verdict)
    without_retries(stage, size, verdict, "outlier", outlier={"ejection": "1m"})
    without_retries(stage, size, verdict, "health_check",
                    health_check={"tcp": {}, "interval": "100ms", "timeout": "1s", "unhealthy_threshold": 2})
    most_are_dead(stage, size, verdict)
    all_are_sick(stage, size, verdict)
    all_come_back(stage, size, verdict)
    if size.slow_start:
        come_slowly(stage, size, verdict)
