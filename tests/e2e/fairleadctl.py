"""fairleadctl as a person or a script runs it."""

import json
import os
import subprocess

import programs

BINARY = os.environ.get("FAIRLEADCTL_BIN", "build/release/cmd/fairleadctl/fairleadctl")

# The exit codes.
DONE, REFUSED, USAGE, UNREACHABLE = range(4)


class Ctl:
    """Runs commands against one address."""

    def __init__(self, address, *flags):
        self.argv = [BINARY, "--address", address, *map(str, flags)]

    def run(self, *arguments, code=DONE, stdin=None):
        """The finished process, which must end with `code`."""
        done = subprocess.run([*self.argv, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              timeout=programs.DEADLINE, check=False)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def __call__(self, *arguments, **more):
        """What it prints."""
        return self.run(*arguments, **more).stdout

    def json(self, *arguments, **more):
        return json.loads(self(*arguments, "-o", "json", **more))

    def refused(self, *arguments, code=REFUSED):
        """What it prints on standard error as it refuses."""
        done = self.run(*arguments, code=code)
        assert done.stdout == ""
        return done.stderr

    def start(self, *arguments):
        """A command that goes on."""
        return programs.Program(*self.argv, *arguments)
