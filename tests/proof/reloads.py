"""Tunnels that talk, and newcomers, while the configuration is changed again and again: nobody loses anything."""

import collections
import dataclasses
import json
import statistics
import time

import processes
import revisions


@dataclasses.dataclass(frozen=True)
class Size:
    tunnels: int
    interval: int  # milliseconds from one message of a tunnel to its next
    reloads: int
    spacing: float  # seconds from one reload to the next, at least
    newcomers: int  # in a second
    guests: int  # tunnels through the listener that comes and goes, each time


WHOLE = Size(tunnels=9000, interval=1500, reloads=100, spacing=0.5, newcomers=200, guests=20)
QUICK = Size(tunnels=300, interval=500, reloads=12, spacing=0.2, newcomers=200, guests=5)


class Guests:
    """Tunnels through the listener that comes and goes: they stay when it goes, until it has come back."""

    def __init__(self, stage, size, port):
        self.stage = stage
        self.size = size
        self.port = port
        self.load = None
        self.tunnels = 0
        self.figures = collections.Counter()

    def arrive(self):
        self.leave()
        self.load = self.stage.load(self.port, "chat", "--tunnels", self.size.guests, "--interval", self.size.interval)
        self.load.begin()
        self.tunnels += self.size.guests

    def leave(self):
        if self.load:
            self.figures.update(self.load.finish())
            processes.stop(self.load.process)
        self.load = None


class Reloads:
    """What became of the reloads."""

    def __init__(self):
        self.applied = 0
        self.refused = 0
        self.wrong = 0  # applied though invalid, or the other way round
        self.seconds = []  # that each took

    def run(self, proxy, changes, size, guests):
        """Reloads one after the other; guests arrive whenever their listener does."""
        for _ in range(size.reloads):
            text, valid = changes.next()
            began = time.monotonic()
            outcome = proxy.reload(text, "configuration (applied|refused)").group(1)
            self.seconds.append(time.monotonic() - began)
            self.applied += outcome == "applied"
            self.refused += outcome == "refused"
            self.wrong += valid != (outcome == "applied")
            if valid and changes.guest:
                guests.arrive()
            time.sleep(max(0.0, began + size.spacing - time.monotonic()))


def ends_in(access_log):
    """How the tunnels and requests in an access log have ended: how many in which way."""
    lines = map(json.loads, access_log.read_text().splitlines())
    return dict(collections.Counter(f"{line.get('status')} {line.get('reason')}" for line in lines))


def prove(stage, size, verdict):
    access_log = stage.directory / "access.log"
    ports = {name: processes.free_port() for name in (revisions.MAIN, revisions.GUEST)}
    changes = revisions.Revisions(ports, [stage.backend(), stage.backend()], access_log)
    proxy = stage.proxy(changes.first())

    chat = stage.load(ports[revisions.MAIN], "chat", "--tunnels", size.tunnels, "--interval", size.interval)
    newcomers = stage.load(ports[revisions.MAIN], "visit", "--rate", size.newcomers)
    guests = Guests(stage, size, ports[revisions.GUEST])
    reloads = Reloads()
    began = time.monotonic()
    chat.begin()
    newcomers.begin()
    reloads.run(proxy, changes, size, guests)
    guests.leave()
    visits = newcomers.finish()
    talk = chat.finish()
    seconds = time.monotonic() - began

    verdict.note("seconds", f"{seconds:.0f}")
    report_tunnels(verdict, size, talk, guests, visits)
    report_reloads(verdict, size, reloads)
    verdict.require("the proxy's count of open tunnels", stage.eventually(
        lambda: proxy.metric("fairlead_open_tunnels"), size.tunnels), size.tunnels)
    verdict.require("its count of applied reloads", proxy.metric("fairlead_config_revision") - 1, reloads.applied)
    verdict.require("its count of refused reloads", proxy.metric("fairlead_config_rejected_total"), reloads.refused)
    processes.stop(chat.process)
    stage.end(proxy, verdict)
    tunnels = size.tunnels + guests.tunnels + visits["visits"]
    verdict.require("the ends in its access log", ends_in(access_log), {"101 client_closed": tunnels})


def report_tunnels(verdict, size, talk, guests, visits):
    figures = collections.Counter(talk)
    figures.update(guests.figures)
    verdict.note("tunnels at once", size.tunnels)
    verdict.note("tunnels through the listener that comes and goes", guests.tunnels)
    verdict.require("tunnels lost", figures["lost_tunnels"], 0)
    verdict.note("messages sent", figures["sent"])
    verdict.require("messages lost", figures["sent"] - figures["echoed"], 0)
    verdict.note("turns skipped, the echo before still under way", figures["skipped"])
    delays = [f"{talk[name] / 1000:.1f}" for name in ("median_us", "p99_us", "slowest_us")]
    verdict.note("ms to the echo: median, 99th percentile, slowest", " ".join(delays))
    verdict.note("new upgrades", visits["visits"])
    verdict.require("new upgrades without a 101", visits["without_101"], 0)
    verdict.require("new upgrades without their echo", visits["unanswered"], 0)
    verdict.require("new upgrades without an end in order", visits["cut"], 0)


def report_reloads(verdict, size, reloads):
    refused = size.reloads // 3
    verdict.require("reloads applied", reloads.applied, size.reloads - refused)
    verdict.require("reloads refused", reloads.refused, refused)
    verdict.require("reloads that should have been the other", reloads.wrong, 0)
    verdict.note("ms from SIGHUP to the outcome: median, slowest",
                 f"{statistics.median(reloads.seconds) * 1000:.0f} {max(reloads.seconds) * 1000:.0f}")
