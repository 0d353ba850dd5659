"""Browsers, whose WebSockets carry as much in both directions at once, byte for byte, through compact TLS on both sides.

No page can have its browser exchange a key; the impatient proxy sees to it.
"""

import chromium
import firefox
import programs
import pytest
import stacks
from stacks import BYTES, FULL, SECONDS

pytestmark = pytest.mark.parametrize("start_proxy", ["impatient", "fairlead"] if FULL else ["impatient"], indirect=True)

# Calls the last argument with what `exchange` of noise.js comes to.
EXCHANGE = "exchange(arguments[0], arguments[1]).then(arguments[2], (error) => arguments[2](String(error)));"


@pytest.fixture
def backend(authority):
    argv = [stacks.PEERS / "browser_backend.js", *stacks.certificate(authority), "--bytes", BYTES]
    with programs.running(programs.Program("node", *argv, env=programs.NODE_ENV)) as program:
        program.address = program.await_line(r"^listening on (\S+)$").group(1)
        yield program


def expect_whole(told, proxy, backend):
    assert told.get("code") == 1000, f"{told}\n{proxy.output()}"
    backend.await_line("^closed 1000$")
    assert told["page"]["bytes"] >= BYTES
    assert told["page"]["wrong"] == 0
    assert told["page"] == told["backend"]
    assert proxy.access(upgrade="websocket")["tls_version"] == "TLSv1.3"


def test_chromium(start_proxy, backend, tmp_path):
    proxy = start_proxy(backend)
    with chromium.running(tmp_path / "profile", "--ignore-certificate-errors") as browser:
        browser.patience(SECONDS)
        browser.visit(proxy.url("/", "https"))
        told = browser.run(EXCHANGE, proxy.url("/", "wss"), BYTES)
        expect_whole(told, proxy, backend)


def test_firefox(start_proxy, backend, tmp_path):
    proxy = start_proxy(backend)
    with firefox.running(tmp_path / "firefox", SECONDS) as browser:
        browser.visit(proxy.url("/", "https"))
        told = browser.evaluate(f"exchange('{proxy.url('/', 'wss')}', {BYTES})")
        expect_whole(told, proxy, backend)
