"""Child processes whose lines of output are events that a test waits for."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

PEERS = pathlib.Path(__file__).parent / "peers"
# Where Debian's node-* packages live; a Node.js from elsewhere does not look there by itself.
NODE_ENV = {**os.environ, "NODE_PATH": "/usr/share/nodejs"}
# How long anything may take before a test gives up: only a failure ever waits this long.
DEADLINE = 30


class Program:
    """A running program. Its stdout and stderr are gathered line by line, in the order in which they came."""

    def __init__(self, *argv, env=None):
        self.name = str(argv[0]).rpartition("/")[2]
        self.lines = []
        self.killed = False
        self.changed = threading.Condition()
        self.process = subprocess.Popen([str(word) for word in argv], env=env, stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace")
        self.readers = [threading.Thread(target=self._gather, args=(pipe,))
                        for pipe in (self.process.stdout, self.process.stderr)]
        for reader in self.readers:
            reader.start()

    def _gather(self, pipe):
        with pipe:
            for line in pipe:
                with self.changed:
                    self.lines.append(line.rstrip("\n"))
                    self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def mark(self):
        """A place in the output, for await_line to search from."""
        with self.changed:
            return len(self.lines)

    def await_line(self, pattern, since=0):
        """The match in the first line from `since` on that `pattern` is found in; fails once none can come."""
        end = time.monotonic() + DEADLINE
        with self.changed:
            while True:
                for line in self.lines[since:]:
                    match = re.search(pattern, line)
                    if match:
                        return match
                left = end - time.monotonic()
                over = not any(reader.is_alive() for reader in self.readers)
                assert left > 0 and not over, f"{self.name} never said '{pattern}'; it said:\n{self.output()}"
                self.changed.wait(min(left, 1))

    def output(self):
        return "\n".join(self.lines)

    def signal(self, number):
        self.process.send_signal(number)

    def await_exit(self, seconds=DEADLINE):
        """The exit code, once all output is there."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} does not end; it said:\n{self.output()}") from None
        for reader in self.readers:
            reader.join(DEADLINE)
        return code

    def kill(self):
        """Ends it however it is; for programs whose end nobody looks at."""
        self.killed = True
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for reader in self.readers:
            reader.join(DEADLINE)


def peer(script, *arguments):
    """Starts a script from peers/."""
    interpreter = "node" if script.endswith(".js") else "/usr/bin/python3"
    return Program(interpreter, PEERS / script, *arguments, env=NODE_ENV)


@contextlib.contextmanager
def running(program):
    """Ends it when `with` is over, however it is."""
    try:
        yield program
    finally:
        program.kill()


@contextlib.contextmanager
def server(script):
    """A peer that others connect to, for as long as `with` lasts; `address` is where."""
    with running(peer(script)) as program:
        program.address = program.await_line(r"^listening on (\S+)$").group(1)
        yield program
