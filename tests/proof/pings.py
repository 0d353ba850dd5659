"""Tunnels in which nobody says a word stay open by pings, which cost next to nothing."""

import dataclasses
import time

import processes
import stayers


@dataclasses.dataclass(frozen=True)
class Size:
    tunnels: int
    interval: int  # seconds of silence before a ping
    seconds: int  # that are measured


WHOLE = Size(tunnels=9000, interval=30, seconds=60)
QUICK = Size(tunnels=300, interval=1, seconds=3)


def cpu(stage, size, verdict, keepalive):
    """Has so many tunnels be silent; returns the seconds of CPU that the proxy took, and how many pings were answered."""
    port = processes.free_port()
    configuration = stayers.configuration(port, {"echo": stage.revivable_backend()})
    configuration["workers"] = 1
    configuration["virtual_hosts"][0]["routes"][0] |= {"keepalive": keepalive, "timeouts": {"idle": "1h"}}
    proxy = stage.proxy(configuration)
    clients = stayers.Stayers(stage, port, size.tunnels, again=-1, interval=0)
    processes.await_quiet(proxy.process.pid)
    before, began = processes.usage(proxy.process.pid), time.monotonic()
    time.sleep(size.seconds)
    spent = processes.usage(proxy.process.pid).since(before).on_cpu / 1e9
    share = spent / (time.monotonic() - began)
    answered = proxy.metric("fairlead_websocket_ping_rtt_seconds_count") or 0
    figures, _ = clients.finish()
    verdict.require("  tunnels that ended meanwhile", figures["ends"], 0)
    verdict.note("  percent of a core", f"{share * 100:.3f}")
    stage.end(proxy, verdict)
    return spent, answered


def prove(stage, size, verdict):
    verdict.note("silent tunnels without pings", size.tunnels)
    silent, none = cpu(stage, size, verdict, {"interval": "0s"})
    verdict.require("  pings answered", none, 0)
    verdict.note(f"silent tunnels with a ping every {size.interval} s", size.tunnels)
    pinging, answered = cpu(stage, size, verdict, {"interval": f"{size.interval}s", "timeout": f"{size.interval}s"})
    rounds = size.seconds // size.interval
    verdict.note("  pings answered", f"{answered:.0f}")
    verdict.require("  about each tunnel's, every time", answered >= size.tunnels * (rounds - 1), True)
    verdict.note("  microseconds of CPU for each", f"{(pinging - silent) / answered * 1e6:.1f}")
    if size is WHOLE:
        verdict.require("  at most half a percent of a core for all", pinging / size.seconds <= 0.005, True)
