"""Runs of the Autobahn test suite, and how two results are compared."""

import json
import os

import autobahn
import programs

# The suite's program. A site directory, and not PYTHONPATH, for the sake of its namespace packages; and nothing of it
# listens but on loopback.
PROGRAM = """
import site, sys
site.addsitedir(sys.argv.pop(1))
from twisted.internet import reactor
listen_anywhere = reactor.listenTCP
def listen(port, factory, backlog=50, interface=""):
    print("listening on 127.0.0.1:%d" % port)
    sys.stdout.flush()
    return listen_anywhere(port, factory, backlog, "127.0.0.1")
reactor.listenTCP = listen
from autobahntestsuite.wstest import run
run()
"""

CORE = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
LONG = ["9.*", "12.*", "13.*"]


class Suite:
    """One run of the suite's program in a directory of its own; the reports are read once it is over."""

    def __init__(self, mode, directory, **specification):
        self.reports = directory / "reports"
        directory.mkdir()
        file = directory / "specification.json"
        file.write_text(json.dumps({"outdir": os.fspath(self.reports), "exclude-cases": [], "exclude-agent-cases": {},
                                    **specification}))
        self.program = programs.Program(autobahn.python(), "-c", PROGRAM, autobahn.HOME / "site", "-u", "0", "-m", mode,
                                        "-s", file)

    def results(self):
        """By agent: of each case how the peer behaved, how it closed, and with which code."""
        index = json.loads((self.reports / "index.json").read_text())
        return {agent: {case: (told["behavior"], told["behaviorClose"], told["remoteCloseCode"])
                        for case, told in cases.items()} for agent, cases in index.items()}


def differences(direct, through):
    """The cases that one saw end otherwise than the other: how without the proxy, and how with it."""
    return {case: (direct.get(case), through.get(case)) for case in sorted({*direct, *through})
            if direct.get(case) != through.get(case)}


def sooner_or_later(cases):
    """The cases without what tells OK from NON-STRICT: whether a frame that is none was noticed after or before what
    came ahead of it was echoed."""
    return {case: ("OK" if how == "NON-STRICT" else how, *close) for case, (how, *close) in cases.items()}


def failed(cases):
    """Those that did not pass."""
    return {case: told for case, told in cases.items() if told[0] not in ("OK", "NON-STRICT", "INFORMATIONAL")}
