"""A load generator (load.cc) that waits for us between its steps."""

import pathlib
import signal
import subprocess

import processes

PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}


class Steps:
    """A process that was started with PIPES, its standard error in the file `log`. Ready once this is made."""

    def __init__(self, process, log):
        self.process = process
        self.log = log
        self.expect("ready")

    def expect(self, word):
        """The rest of a line that begins with `word`."""
        line = self.process.stdout.readline().split()
        if not line or line[0] != word:
            status = self.process.wait()
            why = "it took too long" if status == -signal.SIGALRM else pathlib.Path(self.log).read_text()
            raise processes.BenchError(f"the load generator failed: {why}")
        return line[1:]

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def go(self):
        """Has the work done that the load generator was started for."""
        self.say("go")
        self.expect("done")

    def begin(self):
        """Has it work until finish()."""
        self.say("go")

    def finish(self):
        """Ends what begin() has begun; returns the figures by name."""
        self.say("stop")
        return {name: int(value) for name, value in (word.split("=") for word in self.expect("done"))}
