"""Tunnels that talk, and newcomers, while membership and policy are pushed again and again: nobody loses anything, and
nobody is kept waiting."""

import concurrent.futures
import dataclasses
import os
import pathlib
import statistics
import threading
import time

import changes
import control_api
import control_stubs
import processes
import reloads


@dataclasses.dataclass(frozen=True)
class Size:
    tunnels: int
    interval: int  # milliseconds from one message of a tunnel to its next
    pushes: int
    spacing: float  # seconds from one push to the next, at least
    newcomers: int  # in a second
    crowd: int  # endpoints of a cluster that is changed, too
    rounds: int  # in which delays are measured, quiet and under pushes; 0 = not
    seconds: float  # that each lasts, twice
    arrivals: int  # pushes that are followed to the workers; 0 = none


WHOLE = Size(tunnels=5000, interval=1500, pushes=1000, spacing=0.06, newcomers=200, crowd=1000, rounds=5, seconds=6, arrivals=200)
QUICK = Size(tunnels=300, interval=500, pushes=90, spacing=0.05, newcomers=200, crowd=1000, rounds=0, seconds=0, arrivals=0)

# Of the tunnels whose delays are measured: 5,000 messages a second.
MEASURED = ["--tunnels", 500, "--interval", 100]
LARGE_CROWD = 10_000


class Control:
    """The control API of a proxy on the stage."""

    def __init__(self, stage):
        directory = stage.directory / "stubs"
        directory.mkdir()
        self.stubs = control_stubs.generate(directory)
        self.stack = stage.stack

    def connect(self, socket):
        api = control_api.ControlApi(self.stubs, socket)
        self.stack.callback(api.close)
        return api


def survivors(backends):
    return [{"id": f"survivor-{i}", "address": address, "weight": 1} for i, address in enumerate(backends)]


def scene(stage, control, backends, crowd, workers):
    """A proxy, what makes its changes, and the port of its traffic."""
    number = len(list(stage.directory.glob("scene-*")))
    directory = stage.directory / f"scene-{number}"
    directory.mkdir()
    ports = {name: processes.free_port() for name in (changes.MAIN, changes.GUEST)}
    socket = directory / "control.sock"
    proxy = stage.proxy(changes.configuration(ports, survivors(backends), crowd, directory / "access.log", socket, workers))
    api = control.connect(socket)
    return proxy, changes.Changes(api, ports, survivors(backends), crowd, backends), ports[changes.MAIN]


def push_all(size, made):
    """Pushes one after the other; returns how many seconds each took, from the request to the answer, and the revision
    that each answer named."""
    seconds, revisions = [], []
    for _ in range(size.pushes):
        began = time.monotonic()
        revisions.append(made.push())
        seconds.append(time.monotonic() - began)
        time.sleep(max(0.0, began + size.spacing - time.monotonic()))
    return seconds, revisions


def lose_nothing(stage, control, size, verdict):
    backends = [stage.backend(), stage.backend()]
    proxy, made, port = scene(stage, control, backends, size.crowd, workers=2)
    access_log = sorted(stage.directory.glob("scene-*/access.log"))[-1]
    chat = stage.load(port, "chat", "--tunnels", size.tunnels, "--interval", size.interval)
    newcomers = stage.load(port, "visit", "--rate", size.newcomers)
    began = time.monotonic()
    chat.begin()
    newcomers.begin()
    seconds, revisions = push_all(size, made)
    visits = newcomers.finish()
    talk = chat.finish()
    verdict.note("seconds", f"{time.monotonic() - began:.0f}")
    report(verdict, size, talk, visits, made, seconds)
    status = made.api.status()
    # One that says what is so already makes none.
    verdict.note("revisions made", len(set(revisions) - {1}))
    verdict.require("the order of the revisions", revisions == sorted(revisions), True)
    verdict.require("its newest revision, as the last answer named it", status.revision, revisions[-1])
    verdict.require("the revision that every worker runs", stage.eventually(
        lambda: made.api.status().installed_revision, status.revision), status.revision)
    verdict.require("the proxy's count of open tunnels", stage.eventually(
        lambda: proxy.metric("fairlead_open_tunnels"), size.tunnels), size.tunnels)
    verdict.require("its count of refused pushes", proxy.metric("fairlead_config_rejected_total"), 0)
    processes.stop(chat.process)
    stage.end(proxy, verdict)
    verdict.require("the ends in its access log", reloads.ends_in(access_log),
                    {"101 client_closed": size.tunnels + visits["visits"]})


def report(verdict, size, talk, visits, made, seconds):
    verdict.note("tunnels at once", size.tunnels)
    verdict.require("tunnels lost", talk["lost_tunnels"], 0)
    verdict.note("messages sent", talk["sent"])
    verdict.require("messages lost", talk["sent"] - talk["echoed"], 0)
    delays = [f"{talk[name] / 1000:.1f}" for name in ("median_us", "p99_us", "slowest_us")]
    verdict.note("ms to the echo: median, 99th percentile, slowest", " ".join(delays))
    verdict.note("new upgrades", visits["visits"])
    verdict.require("new upgrades without a 101", visits["without_101"], 0)
    verdict.require("new upgrades without their echo", visits["unanswered"], 0)
    verdict.require("new upgrades without an end in order", visits["cut"], 0)
    verdict.note("pushes by kind", ", ".join(f"{name}: {count}" for name, count in made.counts.items()))
    verdict.note("ms from a push to its answer: median, 99th percentile",
                 f"{statistics.median(seconds) * 1000:.0f} {statistics.quantiles(seconds, n=100)[-1] * 1000:.0f}")


def on_cpu(pid):
    """Nanoseconds on a core so far, by thread."""
    return {int(task): int(pathlib.Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
            for task in os.listdir(f"/proc/{pid}/task")}


def pin(pid, worker, cores):
    """Gives the worker the second core to itself; what is not measured stands back."""
    for task in on_cpu(pid):
        os.sched_setaffinity(task, {cores[1] if task == worker else cores[0]})
        if task != worker:
            stand_back(task)


def stand_back(task):
    """It runs when nobody else wants to, and gives way at once."""
    os.sched_setscheduler(task, os.SCHED_IDLE, os.sched_param(0))


def find_worker(pid, stage, port):
    """The thread that does the work of a proxy with one worker."""
    before = on_cpu(pid)
    load = stage.load(port, "chat", *MEASURED)
    load.begin()
    time.sleep(1)
    load.finish()
    processes.stop(load.process)
    return max(on_cpu(pid).items(), key=lambda item: item[1] - before.get(item[0], 0))[0]


class Pusher:
    """Pushes on a thread of its own, which stands back; the load generators that we start meanwhile do not."""

    def __init__(self, made):
        self.made = made
        self.pushes = 0
        self.stopping = threading.Event()
        self.pool = concurrent.futures.ThreadPoolExecutor(max_workers=1)
        self.pool.submit(stand_back, 0).result()

    def __enter__(self):
        self.stopping.clear()
        self.done = self.pool.submit(self._push)

    def __exit__(self, *_):
        self.stopping.set()
        self.done.result()

    def _push(self):
        while not self.stopping.is_set():
            self.made.push()
            self.pushes += 1


def delay(stage, port, core, seconds):
    """The 99th percentile of the delays, in milliseconds."""
    load = stage.load(port, "chat", *MEASURED, core=core, real_time=True)
    load.begin()
    time.sleep(seconds)
    figures = load.finish()
    processes.stop(load.process)
    if figures["lost_tunnels"] or figures["sent"] != figures["echoed"]:
        raise processes.BenchError(f"tunnels or messages were lost: {figures}")
    return figures["p99_us"] / 1000


def arrive_soon(stage, control, size, verdict):
    """One of 10,000 endpoints: from the request to every worker running the new table, the disk included."""
    proxy, made, _ = scene(stage, control, [stage.backend()], LARGE_CROWD, workers=2)
    seconds = []
    for _ in range(size.arrivals):
        began = time.monotonic()
        revision = made.reweigh_in_the_crowd().revision
        while made.api.status().installed_revision < revision:
            pass
        seconds.append(time.monotonic() - began)
    median, slow = statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=100)[-1] * 1000
    verdict.note("ms from a push, one of 10,000 endpoints, to every worker: median, 99th percentile",
                 f"{median:.0f} {slow:.0f}")
    verdict.require("a median under 50 ms", median < 50, True)
    stage.end(proxy, verdict)


def keep_nobody_waiting(stage, control, size, verdict):
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise processes.BenchError("delays are measured with a core for the worker alone, and there is only one")
    backend = stage.backend(core=cores[0], real_time=True)
    proxy, made, port = scene(stage, control, [backend], LARGE_CROWD, workers=1)
    pin(proxy.process.pid, find_worker(proxy.process.pid, stage, port), cores)
    for task in on_cpu(os.getpid()):  # gRPC's of ours
        os.sched_setaffinity(task, {cores[0]})
        if task != os.getpid():
            stand_back(task)
    pusher = Pusher(made)
    delays = {"quiet": [], "pushed": []}
    for _ in range(size.rounds):
        delays["quiet"].append(delay(stage, port, cores[0], size.seconds))
        with pusher:
            delays["pushed"].append(delay(stage, port, cores[0], size.seconds))
    quiet, pushed = (statistics.median(delays[name]) for name in ("quiet", "pushed"))
    verdict.note("pushes while delays were measured, one after the other", pusher.pushes)
    for name, all_of_them in delays.items():
        verdict.note(f"ms to the echo, 99th percentile, {name}", " ".join(f"{one:.2f}" for one in all_of_them))
    bound = max(1.5 * quiet, quiet + 1)
    verdict.note("their medians: quiet, pushed, and what is allowed", f"{quiet:.2f} {pushed:.2f} {bound:.2f}")
    verdict.require("the allowed is kept", pushed <= bound, True)
    stage.end(proxy, verdict)


def prove(stage, size, verdict):
    control = Control(stage)
    lose_nothing(stage, control, size, verdict)
    if size.arrivals:
        arrive_soon(stage, control, size, verdict)
    if size.rounds:
        keep_nobody_waiting(stage, control, size, verdict)
