#!/usr/bin/python3
"""Runs the floor, nginx, HAProxy and Fairlead in turn on the same work and prints what each one spends.

A whole run writes docs/benchmarks.md as well, which also says what each figure means.
"""

import argparse
import contextlib
import functools
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import peers
import processes
import report
import steps
import works

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIME_LIMIT = 120  # seconds for one batch
CALM = 0.05  # of its time on a core, a proxy may wait for it
MAX_ATTEMPTS = 3  # rounds made for a round wanted


def disturbance(figures):
    """How long the proxy that waited longest in a round waited, as a share of its time on a core."""
    return max(figure.waited for figure in figures.values())


def count_calm(rounds):
    return sum(disturbance(figures) <= CALM for figures in rounds)


class Bench:
    """The backend, and the proxies under test, for as long as `with` lasts."""

    def __init__(self, arguments, directory, cores, stack):
        self.programs = pathlib.Path(arguments.build_dir).resolve() / "tests/bench"
        self.directory = directory
        self.load_core, self.proxy_core = cores
        self.pair = peers.make_pair(directory)
        self.backend = processes.free_port()
        process = self.start([self.programs / "bench_backend", self.backend], self.load_core, "backend", stack)
        processes.await_listening(process, self.backend, self.log("backend"))

    def log(self, name):
        return f"{self.directory}/{name}.stderr"

    def start(self, command, core, name, stack, **options):
        process = processes.start(command, core, self.log(name), **options)
        stack.callback(processes.stop, process)
        return process

    @contextlib.contextmanager
    def proxy(self, peer, tls):
        """A running proxy: its process id and port. `tls`: the version that its clients speak, if any."""
        with contextlib.ExitStack() as stack:
            port = processes.free_port()
            command = peer.command(peer.program, self.directory, port, self.backend, self.pair if tls else None)
            process = self.start(command, self.proxy_core, peer.name, stack, stdout=subprocess.DEVNULL)
            processes.await_listening(process, port, self.log(peer.name))
            # The first request is the start-up's business, not the first tunnel's.
            with self.load(port, tls, "upgrade", "--count", 1):
                pass
            processes.await_quiet(process.pid)
            yield process.pid, port

    @contextlib.contextmanager
    def load(self, port, tls, *arguments):
        """A load generator, ready for its next step. What it has opened is closed at the end."""
        options = ["--port", port, "--time-limit", TIME_LIMIT, *(["--tls", tls] if tls else [])]
        command = [self.programs / "bench_load", *options, *arguments]
        with contextlib.ExitStack() as stack:
            process = self.start(command, self.load_core, "load", stack, **steps.PIPES)
            yield steps.Steps(process, self.log("load"))

    def run(self, work, chosen):
        """The figures of every peer, round by round. Rounds that the machine has disturbed are repeated."""
        rounds = []
        chosen = [peer for peer in chosen if peer.speaks_tls or not work.tls]
        with contextlib.ExitStack() as stack:
            running = {}
            if not work.fresh:
                running = {peer.name: stack.enter_context(self.proxy(peer, work.tls)) for peer in chosen}
            while len(rounds) < MAX_ATTEMPTS * work.rounds and count_calm(rounds) < work.rounds:
                rounds.append({peer.name: self.batch(work, peer, running.get(peer.name)) for peer in chosen})
        calmest = sorted(rounds, key=disturbance)[: work.rounds]
        if count_calm(calmest) < work.rounds:
            print(f"{work.name}: other work on this machine has disturbed these figures", file=sys.stderr)
        return {peer.name: [figures[peer.name] for figures in calmest] for peer in chosen}

    def batch(self, work, peer, running):
        """The figure of one peer, from a fresh process where none is running."""
        with contextlib.nullcontext(running) if running else self.proxy(peer, work.tls) as (pid, port):
            return works.measure(work, functools.partial(self.load, port, work.tls), pid)


def choose(arguments):
    """The peers and works asked for. A peer that is not there is left out, aloud."""
    all_peers = peers.all_peers(arguments.build_dir)
    chosen = []
    for peer in all_peers:
        if arguments.only and peer.name.lower() not in map(str.lower, arguments.only):
            continue
        if peer.program and os.path.exists(peer.program):
            chosen.append(peer)
        else:
            print(f"{peer.name} is not there and is left out", file=sys.stderr)
    if not chosen:
        raise processes.BenchError("nobody is there to be measured")
    chosen_works = [work for work in works.WORKS if not arguments.work or work.name in arguments.work]
    whole = len(chosen) == len(all_peers) and chosen_works == works.WORKS and not arguments.quick
    if arguments.quick:
        chosen_works = [work.quick() for work in chosen_works]
    return chosen, chosen_works, whole


def choose_cores(quick):
    """The core for everything else and the core for the proxy."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 and not quick:
        raise processes.BenchError("two cores are needed: one for the proxy, one for everything else")
    return cores[0], cores[-1]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", default=ROOT / "build/release", help="where the programs were built")
    parser.add_argument("--quick", action="store_true", help="prove that it works; the figures mean nothing")
    parser.add_argument("--only", action="append", metavar="NAME", help="this peer (can be repeated)")
    parser.add_argument("--work", action="append", metavar="NAME", choices=[work.name for work in works.WORKS],
                        help="this work (can be repeated): %(choices)s")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    processes.limit_descriptors(at_most_what_there_is=arguments.quick)
    chosen, chosen_works, whole = choose(arguments)
    results = []
    with contextlib.ExitStack() as stack:
        # nginx's worker, which gives up root, has to get at its files.
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="fairlead-bench-"))
        os.chmod(directory, 0o755)
        bench = Bench(arguments, directory, choose_cores(arguments.quick), stack)
        for work in chosen_works:
            print(f"{work.name}: {work.title}", file=sys.stderr, flush=True)
            results.append((work, bench.run(work, chosen)))
    if arguments.quick:
        print("a quick run: smaller works, once each; the figures mean nothing")
    print(report.table(results))
    print(report.details(results))
    if whole:
        path = ROOT / "docs/benchmarks.md"
        path.write_text(report.document(results, chosen, CALM))
        print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except (processes.BenchError, OSError) as error:
        sys.exit(f"bench: {error}")
