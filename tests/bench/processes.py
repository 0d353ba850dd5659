"""Starting, pinning, watching and ending the processes of a benchmark or a proof."""

import contextlib
import dataclasses
import os
import pathlib
import random
import resource
import signal
import socket
import subprocess
import time


# Of a process. Some programs, our own too, size their tables by it.
DESCRIPTORS = 20_000


class BenchError(Exception):
    """A benchmark that cannot be trusted is stopped, and says why."""


def limit_descriptors(at_most_what_there_is=False):
    """The same limit on every machine, for this process and those that it starts."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < DESCRIPTORS and not at_most_what_there_is:
        raise BenchError(f"{DESCRIPTORS} descriptors are needed, `ulimit -Hn` is {hard}")
    limit = min(hard, DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def free_port():
    """A free TCP port under the ephemeral range, where no outgoing connection can take it from us."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def start(command, core, log, **options):
    """Starts `command` pinned to `core`, or free where that is None; its standard error goes to the file `log`."""
    pinned = [] if core is None else ["taskset", "--cpu-list", core]
    with open(log, "ab") as errors:
        return subprocess.Popen([*map(str, [*pinned, *command])], stderr=errors, **options)


def go_first(pid):
    """It runs the moment it can, whoever else shares its core. What sends, answers and holds the clock is not to be kept
    waiting, or its own delays are measured; and it is no use that others stand back: a scheduler that shares a core
    among sessions first (autogroup) lets an idle thread of one hold up another for milliseconds."""
    try:
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError as error:
        raise BenchError("delays are measured by root: a load generator needs a real-time priority") from error


def stop(process):
    """Ends a process that we started, whatever state it is in."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)  # a second one ends a drain
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()


def await_listening(process, port, log):
    """Returns when something accepts on `port`."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise BenchError(f"nothing listens on {port}; {log} says:\n{pathlib.Path(log).read_text()}")


def family(pid):
    """`pid` and all its descendants: nginx does its work in a child."""
    pids = [pid]
    for parent in pids:  # grows while we walk it
        for task in os.listdir(f"/proc/{parent}/task"):
            children = pathlib.Path(f"/proc/{parent}/task/{task}/children").read_text()
            pids += map(int, children.split())
    return pids


@dataclasses.dataclass(frozen=True)
class Usage:
    """What the kernel's scheduler (/proc/PID/task/*/schedstat) has counted for a process so far."""

    on_cpu: int  # ns on a core, in user mode and in the kernel
    waited: int  # ns ready, while something else had the core
    turns: int  # times it was put on a core

    def since(self, before):
        return Usage(self.on_cpu - before.on_cpu, self.waited - before.waited, self.turns - before.turns)


def usage(pid):
    """The usage of all threads of a process and of its descendants."""
    sums = [0, 0, 0]
    for member in family(pid):
        for task in os.listdir(f"/proc/{member}/task"):
            fields = pathlib.Path(f"/proc/{member}/task/{task}/schedstat").read_text().split()
            sums = [total + int(field) for total, field in zip(sums, fields)]
    return Usage(*sums)


def anonymous_kib(pid):
    """RssAnon of a process and its descendants, exact: status' own figure may lag behind by some pages."""
    total = 0
    for member in family(pid):
        for line in pathlib.Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                total += int(line.split()[1])
    return total


def await_quiet(pid):
    """Returns the usage of a process once it has worked off what we gave it."""
    now = usage(pid)
    for _ in range(100):
        time.sleep(0.03)
        before, now = now, usage(pid)
        if now.since(before).on_cpu < 200_000:  # 0.7 % of a core
            return now
    raise BenchError(f"process {pid} does not come to rest")
