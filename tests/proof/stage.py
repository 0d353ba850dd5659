"""What a proof plays on: echo backends, a proxy, load generators; each is ended when the stage is."""

import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# The programs of the benchmark and the proxy of the end-to-end tests serve here, too.
sys.path[:0] = [str(HERE.parent / "bench"), str(HERE.parent / "e2e")]

import fairlead  # noqa: E402
import processes  # noqa: E402
import steps  # noqa: E402


class Backend:
    """An echo backend on a port of its own, that can be killed, and started again. With `grace` it lives so many seconds
    more, at most, when it is told to end, and then says what it has seen."""

    def __init__(self, program, core, log, grace=None):
        self.program = program
        self.grace = grace
        self.port = processes.free_port()
        self.core = core
        self.log = log
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        command = [self.program, self.port]
        told = {}
        if self.grace is not None:
            command.append(self.grace)
            told = {"stdout": subprocess.PIPE, "text": True}
        self.process = processes.start(command, self.core, self.log, **told)
        processes.await_listening(self.process, self.port, self.log)

    def stop(self):
        processes.stop(self.process)

    def terminate(self):
        """Tells it to end; it may live on for its grace."""
        self.process.send_signal(signal.SIGTERM)

    def seen(self):
        """Ends it; returns what it has seen, by name."""
        self.terminate()
        said, _ = self.process.communicate(timeout=self.grace + 10)
        return {name: int(value) for name, value in (word.split("=") for word in said.split())}

    def kill(self):
        self.process.kill()
        self.process.wait()


class Stage:
    """All of it listens on 127.0.0.1. `stack` ends what was started, `directory` holds its files."""

    def __init__(self, build_dir, directory, stack, time_limit):
        self.programs = pathlib.Path(build_dir).resolve() / "tests/bench"
        self.directory = pathlib.Path(directory)
        self.stack = stack
        self.time_limit = time_limit  # seconds for a load generator
        fairlead.BINARY = os.fspath(pathlib.Path(build_dir).resolve() / "cmd/fairlead/fairlead")

    def backend(self, core=None, real_time=False):
        """Starts an echo backend, on any core where none is named; returns its address. One of real time goes first on
        its core."""
        backend = self.revivable_backend(core)
        if real_time:
            processes.go_first(backend.process.pid)
        return backend.address

    def revivable_backend(self, core=None, grace=None):
        """The same, as a Backend."""
        backend = Backend(self.programs / "bench_backend", core, self.directory / "backend.stderr", grace)
        backend.start()
        self.stack.callback(backend.stop)
        return backend

    def proxy(self, configuration):
        """A proxy that runs with this configuration."""
        number = len(list(self.directory.glob("fairlead-*.yaml")))
        proxy = fairlead.Fairlead(self.directory / f"fairlead-{number}.yaml", configuration)
        self.stack.callback(proxy.kill)
        proxy.await_listening()
        return proxy

    @classmethod
    def end(cls, proxy, verdict):
        """Has a proxy whose clients have left drain and exit, as it must, with 0."""
        verdict.require("tunnels open in the end", cls.eventually(lambda: proxy.metric("fairlead_open_tunnels") or 0, 0), 0)
        code = proxy.terminate()
        verdict.require("the proxy's exit code", code, 0)
        if code != 0:
            sys.stderr.write(proxy.output() + "\n")

    def load(self, port, *arguments, core=None, real_time=False):
        """A load generator, ready for its next step, on any core where none is named. One of real time goes first on its
        core."""
        log = self.directory / "load.stderr"
        command = [self.programs / "bench_load", "--port", port, "--time-limit", self.time_limit, *arguments]
        process = processes.start(command, core, log, **steps.PIPES)
        self.stack.callback(processes.stop, process)
        if real_time:
            processes.go_first(process.pid)
        return steps.Steps(process, log)

    @staticmethod
    def eventually(read, wanted, patience=30):
        """What `read` returns once it is what is wanted, or when patience (seconds) has run out."""
        end = time.monotonic() + patience
        while True:
            value = read()
            if value == wanted or time.monotonic() > end:
                return value
            time.sleep(0.02)

    def complaints(self):
        """What load generators and backends have said went wrong."""
        return "".join(path.read_text() for path in sorted(self.directory.glob("*.stderr")))
