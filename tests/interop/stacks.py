"""The TLS stacks that others wrote, as programs that speak as clients or as backends."""

import functools
import json
import os
import pathlib
import shutil
import subprocess

import programs
import pytest

HERE = pathlib.Path(__file__).parent
PEERS = HERE / "peers"
FULL = os.environ.get("FAIRLEAD_CONFORMANCE") == "full"
# In each direction.
BYTES = 1 << 30 if FULL else 8 << 20
SECONDS = 600 if FULL else programs.DEADLINE
BINARIES = pathlib.Path(os.environ.get("INTEROP_BIN_DIR", "build/release/tests/interop"))


@functools.cache
def go_peer():
    go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if go is None:
        pytest.skip("NOT RUN: Go is not installed (go on the PATH, or /usr/local/go)")
    # Its own toolchain and library, and nothing from elsewhere.
    offline = {**os.environ, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": ""}
    program = BINARIES.absolute() / "interop_go_peer"
    subprocess.run([go, "build", "-o", program, "peer.go"], check=True, cwd=PEERS, env=offline)
    return [program]


STACKS = {
    "openssl": lambda: [BINARIES / "interop_peer", "openssl"],
    "gnutls": lambda: [BINARIES / "interop_peer", "gnutls"],
    "node": lambda: ["node", PEERS / "peer.js"],
    "go": go_peer,
}


class Peer(programs.Program):
    """One of them, running."""

    def __init__(self, stack, *flags):
        super().__init__(*STACKS[stack](), *flags)

    def outcome(self, proxy):
        """What it says in the end."""
        assert self.await_exit(SECONDS) == 0, f"{self.output()}\n{proxy.output()}"
        return json.loads(self.lines[-1])


def certificate(authority):
    return ["--cert", authority.file("backend.pem"), "--key", authority.file("backend.key")]


def backend(stack, authority, *flags):
    """A backend that takes one connection; `address` is where."""
    started = Peer(stack, "--server", *certificate(authority), *flags)
    started.address = started.await_line(r"^listening on (\S+)$").group(1)
    return started


def client(stack, authority, proxy, *flags):
    port = proxy.address().rpartition(":")[2]
    return Peer(stack, "--port", port, "--ca", authority.file("ca.pem"), "--name", "interop.test", *flags)
