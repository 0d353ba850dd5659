"""The Autobahn test suite: where it is, how it is put there, how it is run, how two of its results are compared.

    autobahn.py install    puts it into build/autobahn, where there is a CPython 2.7 and PyPI can be reached

It needs a CPython 2.7: `python2.7`, or one of pyenv's. Who has neither is told so, and goes without.
"""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
HOME = HERE.parents[2] / "build" / "autobahn"
REQUIREMENTS = HERE / "requirements.txt"
# The suite's program. A site directory, and not PYTHONPATH, for the sake of its namespace packages; and nothing of it
# listens but on loopback.
PROGRAM = """
import site, sys
site.addsitedir(sys.argv.pop(1))
from twisted.internet import reactor
listen = reactor.listenTCP
reactor.listenTCP = lambda port, factory, backlog=50, interface="": listen(port, factory, backlog, "127.0.0.1")
from autobahntestsuite.wstest import run
run()
"""

CORE = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
LONG = ["9.*", "12.*", "13.*"]


@functools.cache
def python():
    """A CPython 2.7, or None."""
    candidates = [shutil.which("python2.7")]
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True).stdout.strip()
        candidates += sorted(pathlib.Path(root).glob("versions/2.7.*/bin/python2.7"))
    # One of pyenv's stand-ins is there although what it stands for is not.
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return os.fspath(candidate)
    return None


def installed():
    """Whether the suite is there, as the requirements have it."""
    mark = HOME / "installed.txt"
    return python() is not None and mark.exists() and mark.read_text() == REQUIREMENTS.read_text()


def install():
    if installed():
        return
    interpreter = python()
    if interpreter is None:
        sys.exit("there is no CPython 2.7 (python2.7, or pyenv install 2.7.18)")
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    pip = [interpreter, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--target", HOME / "site", "-r", REQUIREMENTS], check=True)
    shutil.copy(REQUIREMENTS, HOME / "installed.txt")


class Suite:
    """One run of the suite's program in a directory of its own; the reports are read once it is over."""

    def __init__(self, mode, directory, **specification):
        self.reports = directory / "reports"
        directory.mkdir()
        file = directory / "specification.json"
        file.write_text(json.dumps({"outdir": os.fspath(self.reports), "exclude-cases": [], "exclude-agent-cases": {},
                                    **specification}))
        self.log = directory / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([python(), "-c", PROGRAM, HOME / "site", "-u", "0", "-m", mode, "-s",
                                             file],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def await_exit(self, seconds):
        code = self.process.wait(seconds)
        assert code == 0, self.log.read_text()[-2000:]

    def stop(self):
        self.process.kill()
        self.process.wait()

    def results(self):
        """By agent: of each case how the peer behaved, how it closed, and with which code."""
        index = json.loads((self.reports / "index.json").read_text())
        return {agent: {case: (told["behavior"], told["behaviorClose"], told["remoteCloseCode"])
                        for case, told in cases.items()} for agent, cases in index.items()}


def differences(direct, through):
    """What one saw and the other did not, a line for each case."""
    return [f"{case}: {direct.get(case)} without the proxy, {through.get(case)} with it"
            for case in sorted({*direct, *through}) if direct.get(case) != through.get(case)]


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        sys.exit(__doc__)
    try:
        install()
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"it cannot be installed: {error}")
