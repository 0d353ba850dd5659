"""What is measured. A work gives one figure for a batch of one peer; batches of the peers alternate."""

import dataclasses
import time

import processes


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    title: str
    unit: str
    kind: str  # "echo", "upgrade", "idle" or "memory": a function of this file
    tunnels: int = 1
    bytes: int = 64
    window: int = 1
    messages: int = 0  # of a batch, all tunnels together
    rounds: int = 9
    per: float = 1.0  # units of work in a message
    settle: float = 0.0  # seconds of nothing before the measurement
    seconds: float = 0.0  # of nothing that are measured
    fresh: bool = False  # a new process for every batch
    tls: str = ""  # the version that clients speak; nothing: none
    as_ratio: bool = True  # whether a multiple of the floor says more than the figure

    def quick(self):
        """The same, small enough to prove that everything works and too small to mean anything."""
        return dataclasses.replace(
            self,
            rounds=1,
            tunnels=min(self.tunnels, 200),
            messages=self.messages // 20,
            settle=0,
            seconds=min(self.seconds, 0.5),
        )


WORKS = [
    Work("small", "CPU per 64 B message, 100 tunnels", "µs", "echo", tunnels=100, messages=20_000),
    Work("active", "CPU per 128 B message, 1,000 tunnels, all active", "µs", "echo",
         tunnels=1000, bytes=128, messages=30_000),
    Work("bulk", "CPU per KiB, 16 KiB messages, 8 in flight", "ns", "echo",
         bytes=16 << 10, window=8, messages=8_000, per=16),
    Work("huge", "CPU per KiB, 1 MiB messages, 2 in flight", "ns", "echo",
         bytes=1 << 20, window=2, messages=200, per=1024),
    Work("memory", "user memory per idle tunnel, fresh process", "KiB", "memory",
         tunnels=4500, rounds=3, fresh=True, as_ratio=False),
    Work("upgrade", "CPU per upgrade (open, upgrade, close)", "µs", "upgrade", tunnels=16, messages=1000),
    Work("idle", "CPU of 9,000 idle tunnels", "% of a core", "idle",
         tunnels=9000, rounds=1, settle=6, seconds=10, fresh=True, as_ratio=False),
    Work("tls-small", "TLS 1.3: CPU per 64 B message, 100 tunnels", "µs", "echo",
         tunnels=100, messages=20_000, tls="1.3"),
    Work("tls-bulk", "TLS 1.3: CPU per KiB, 16 KiB messages, 8 in flight", "ns", "echo",
         bytes=16 << 10, window=8, messages=8_000, per=16, tls="1.3"),
    Work("tls-memory", "TLS 1.3: user memory per idle tunnel, fresh process", "KiB", "memory",
         tunnels=4500, rounds=3, fresh=True, as_ratio=False, tls="1.3"),
    Work("tls12-memory", "TLS 1.2: user memory per idle tunnel, fresh process", "KiB", "memory",
         tunnels=4500, rounds=3, fresh=True, as_ratio=False, tls="1.2"),
    Work("tls-upgrade", "TLS 1.3: CPU per upgrade, RSA-2048, no resumption", "µs", "upgrade",
         tunnels=16, messages=1000, tls="1.3"),
]

NANOSECONDS_IN = {"µs": 1e3, "ns": 1.0}


@dataclasses.dataclass(frozen=True)
class Figure:
    value: float
    # How it came about, where the figure is CPU time. Both change what a message costs.
    turns: float = 0.0  # times the proxy was put on its core, per message or tunnel: how it was fed
    waited: float = 0.0  # time it waited for its core, as a share of the time it had it: the noise


def echo(work, load, pid):
    options = ["--tunnels", work.tunnels, "--bytes", work.bytes, "--window", work.window]
    per_tunnel = max(1, work.messages // work.tunnels)
    with load("echo", *options, "--messages", per_tunnel) as steps:
        return cpu_of_step(work, steps, pid, per_tunnel * work.tunnels)


def upgrade(work, load, pid):
    with load("upgrade", "--count", work.messages, "--concurrency", work.tunnels) as steps:
        return cpu_of_step(work, steps, pid, work.messages)


def cpu_of_step(work, steps, pid, count):
    before = processes.await_quiet(pid)
    steps.go()
    spent = processes.await_quiet(pid).since(before)
    each = spent.on_cpu / count / work.per / NANOSECONDS_IN[work.unit]
    return Figure(each, spent.turns / count, spent.waited / spent.on_cpu)


def memory(work, load, pid):
    before = processes.anonymous_kib(pid)
    with load("echo", "--tunnels", work.tunnels, "--messages", 1) as steps:
        processes.await_quiet(pid)
        after = processes.anonymous_kib(pid)
        steps.go()  # all of them still work
    return Figure((after - before) / work.tunnels)


def idle(work, load, pid):
    with load("echo", "--tunnels", work.tunnels, "--messages", 1) as steps:
        time.sleep(work.settle)  # timers of the opening, which some proxies cancel only when they run out
        before = processes.await_quiet(pid)
        time.sleep(work.seconds)
        spent = processes.usage(pid).since(before)
        steps.go()  # all of them still work
    return Figure(spent.on_cpu / work.seconds / 1e7)


KINDS = {"echo": echo, "upgrade": upgrade, "memory": memory, "idle": idle}


def measure(work, load, pid):
    """The figure of one batch. `load` starts the load generator against the peer whose process is `pid`."""
    return KINDS[work.kind](work, load, pid)
