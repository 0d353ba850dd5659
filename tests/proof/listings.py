"""All open tunnels listed again and again: each list is there at once, and no message waits for it."""

import dataclasses
import os
import statistics
import time

import processes
import programs
import pushes
import stayers


@dataclasses.dataclass(frozen=True)
class Size:
    tunnels: int
    interval: int  # milliseconds from one message of a tunnel to its next
    lists: int
    real_time: bool  # whether the load goes first on its core, as delays need it


WHOLE = Size(tunnels=9000, interval=9000, lists=60, real_time=True)
QUICK = Size(tunnels=300, interval=500, lists=20, real_time=False)

PATIENCE = 0.100  # seconds for a list
SPACING = 0.1  # seconds from one list to the next
DELAY = 1000  # microseconds that a message may wait longer


def chat(stage, port, size, lists):
    """Tunnels that talk while `lists` runs; returns their figures, and what it returns."""
    core = {"core": 0, "real_time": True} if size.real_time else {}
    load = stage.load(port, "chat", "--tunnels", size.tunnels, "--interval", size.interval, **core)
    load.begin()
    made = lists()
    figures = load.finish()
    processes.stop(load.process)
    return figures, made


def alone(stage, proxy, port):
    """Gives the proxy's only worker a core to itself, so that what a message waits for is what a list does to it."""
    cores = sorted(os.sched_getaffinity(0))
    pushes.pin(proxy.process.pid, pushes.find_worker(proxy.process.pid, stage, port), cores)


def prove(stage, size, verdict):
    control = pushes.Control(stage)
    port, socket = processes.free_port(), stage.directory / "control.sock"
    backend = stage.backend(0, size.real_time) if size.real_time else stage.backend()
    configuration = stayers.configuration(port, {"echo": stayers.At(backend)}, control={"address": f"unix:{socket}"})
    proxy = stage.proxy(configuration | {"workers": 1 if size.real_time else 2})
    if size.real_time:
        alone(stage, proxy, port)
    api = control.connect(socket)
    request = api.stubs.tunnels.ListTunnelsRequest(page_size=10_000)
    # The bytes as they come: to make objects of them is the client's own affair.
    ask = api.channel.unary_unary("/fairlead.control.v1.TunnelService/ListTunnels",
                                  request_serializer=lambda message: message.SerializeToString())

    def list_all():
        seconds = []
        for _ in range(size.lists):
            began = time.monotonic()
            answer = ask(request, timeout=programs.DEADLINE)
            seconds.append(time.monotonic() - began)
            time.sleep(SPACING)
        return seconds, len(api.stubs.tunnels.ListTunnelsResponse.FromString(answer).tunnels)

    quiet, _ = chat(stage, port, size, lambda: time.sleep(size.lists * SPACING * 1.5))
    stage.eventually(lambda: proxy.metric("fairlead_open_tunnels"), 0)
    busy, (seconds, listed) = chat(stage, port, size, list_all)
    verdict.require("tunnels listed", listed, size.tunnels)
    verdict.note("  ms for a list: median, slowest", f"{statistics.median(seconds) * 1000:.0f} {max(seconds) * 1000:.0f}")
    verdict.require("  median within 100 ms", statistics.median(seconds) <= PATIENCE, True)
    verdict.require("tunnels lost", quiet["lost_tunnels"] + busy["lost_tunnels"], 0)
    for name, figures in (("quiet", quiet), ("under lists", busy)):
        delays = [f"{figures[one] / 1000:.2f}" for one in ("median_us", "p99_us", "slowest_us")]
        verdict.note(f"ms to the echo, {name}: median, 99th percentile, slowest", " ".join(delays))
    if size.real_time:
        verdict.require("  no message waits longer, but a millisecond", busy["p99_us"] <= quiet["p99_us"] + DELAY, True)
    stage.end(proxy, verdict)
