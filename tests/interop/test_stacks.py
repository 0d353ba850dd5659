"""Streams in both directions at once between clients and backends in TLS stacks that others wrote, through compact TLS
on both sides, byte for byte, with key updates from every side in the midst of it."""

import signal
import time

import programs
import pytest
import stacks
from stacks import BYTES

# How often a peer exchanges its key in a stream; every second time it asks for one of ours. GnuTLS breaks off where it
# gets more than 8 in a second.
UPDATES = {"openssl": 40, "gnutls": 2}
# Each with itself, and each with another.
PAIRS = [(stack, stack) for stack in stacks.STACKS] + [
    ("openssl", "gnutls"), ("gnutls", "node"), ("node", "go"), ("go", "openssl")]
SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]


def flags(stack, *more):
    own = ["--update-every", BYTES // (UPDATES[stack] + 1), *more] if stack in UPDATES else []
    return ["--bytes", BYTES, *own]


def expect_the_same(ours, theirs):
    for sender, receiver in (ours, theirs), (theirs, ours):
        assert sender["sent"] == receiver["received"]
        assert sender["sent"][0] == BYTES
        assert receiver["orderly"]


def expect_updates(stack, outcome):
    if stack in UPDATES:
        assert outcome["updates_sent"] >= UPDATES[stack]
        # Several that ask may get one answer, but not none.
        assert outcome["updates_seen"] >= 1


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_streams_arrive_whole(ours, theirs, start_proxy, authority):
    with programs.running(stacks.backend(theirs, authority, *flags(theirs))) as backend:
        proxy = start_proxy(backend)
        with programs.running(stacks.client(ours, authority, proxy, *flags(ours))) as client:
            outcomes = client.outcome(proxy), backend.outcome(proxy)
        expect_the_same(*outcomes)
        for stack, outcome in zip((ours, theirs), outcomes):
            expect_updates(stack, outcome)
        ended = proxy.access(upgrade="bulk")
        assert (ended["reason"], ended["bytes_received"], ended["bytes_sent"]) == ("client_closed", BYTES, BYTES)


@pytest.mark.parametrize("start_proxy", ["fairlead"], indirect=True)
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(("ours", "theirs"), [("openssl", "gnutls"), ("gnutls", "openssl")])
def test_streams_arrive_whole_with_every_suite(suite, ours, theirs, start_proxy, authority):
    with programs.running(stacks.backend(theirs, authority, *flags(theirs, "--suite", suite))) as backend:
        proxy = start_proxy(backend)
        with programs.running(stacks.client(ours, authority, proxy, *flags(ours, "--suite", suite))) as client:
            expect_the_same(client.outcome(proxy), backend.outcome(proxy))
        assert proxy.access(upgrade="bulk")["tls_cipher"] == suite


def await_metric(proxy, true_of, name, **labels):
    end = time.monotonic() + programs.DEADLINE
    while not true_of(proxy.metric(name, **labels) or 0):
        assert time.monotonic() < end, f"{name} is {proxy.metric(name, **labels)}"


@pytest.mark.parametrize("stalled", ["client", "backend"])
@pytest.mark.parametrize(("ours", "theirs"), [("openssl", "openssl"), ("gnutls", "gnutls")])
def test_keys_are_exchanged_while_the_proxy_cannot_write(ours, theirs, stalled, start_proxy, authority):
    """One side reads nothing until all it has to send is gone, and the second half of that, with key updates in it, goes
    when the proxy is left with bytes that nobody takes."""
    stall = {"client": [], "backend": [], stalled: ["--stalls"]}
    with programs.running(stacks.backend(theirs, authority, *flags(theirs, *stall["backend"]))) as backend:
        proxy = start_proxy(backend)
        with programs.running(stacks.client(ours, authority, proxy, *flags(ours, *stall["client"]))) as client:
            sleeper = {"client": client, "backend": backend}[stalled]
            sleeper.await_line("^stalls$")
            await_metric(proxy, lambda waiting: waiting > 0, "fairlead_buffered_bytes")
            assert proxy.metric("fairlead_tls_open_connections", records="compact") == 2
            sleeper.signal(signal.SIGUSR1)
            outcomes = client.outcome(proxy), backend.outcome(proxy)
        expect_the_same(*outcomes)
        for stack, outcome in zip((ours, theirs), outcomes):
            expect_updates(stack, outcome)
