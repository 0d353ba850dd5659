"""What a real browser sees, driven through ChromeDriver."""

import signal

import chromium
import fairlead
import fairleadctl
import programs
import pytest

# Calls back once the text of an element fits: at once, or when the page changes.
AWAIT_TEXT = """
const [id, pattern, done] = arguments;
const look = () => {
  const text = document.getElementById(id)?.textContent ?? '';
  if (new RegExp(pattern).test(text)) { observer.disconnect(); done(text); }
};
const observer = new MutationObserver(look);
observer.observe(document, {subtree: true, childList: true, characterData: true});
look();
"""

# Calls back once a WebSocket is open; `ended` then waits for its CloseEvent.
OPEN = """
const [url, done] = arguments;
const socket = new WebSocket(url);
window.ended = new Promise((resolve) => socket.onclose = ({code, reason, wasClean}) => resolve([code, reason, wasClean]));
socket.onopen = () => done('open');
ended.then(done);
"""
AWAIT_CLOSED = "ended.then(arguments[0]);"


@pytest.fixture
def browser(tmp_path):
    with chromium.running(tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
def demo():
    program = programs.Program(fairlead.BINARY, "demo")
    yield program
    try:
        program.signal(15)
        assert program.await_exit() == 0, program.output()
    finally:
        program.kill()


def test_the_demo_page_talks_to_a_backend_through_the_proxy(demo, browser):
    demo.await_line(r"listener \w+: listening on 127\.0\.0\.1:8080")
    browser.visit("http://127.0.0.1:8080/")
    assert "connected" in browser.run(AWAIT_TEXT, "status", "connected").lower()
    browser.run(AWAIT_TEXT, "backend", r"\S")
    browser.run(AWAIT_TEXT, "rtt", r"\d")
    browser.run(AWAIT_TEXT, "tunnels", r"\d")


@pytest.fixture
def close_event(browser, node_websocket_server):
    """Opens a WebSocket in a page; gives what waits for its CloseEvent, once the backend has seen its Close, too."""
    since = node_websocket_server.mark()

    def open_one(proxy):
        # From a page of the loopback's own, if only a 426: no other may connect there unasked.
        browser.visit(proxy.url("/"))
        assert browser.run(OPEN, proxy.url("/chat", "ws")) == "open"

        def await_event():
            event = browser.run(AWAIT_CLOSED)
            node_websocket_server.await_line(f"closed {event[0]}", since)
            return event

        return await_event

    return open_one


def test_a_close_event_has_the_code_and_the_reason_of_a_drain(close_event, node_websocket_server, start_fairlead):
    proxy = start_fairlead(fairlead.config(node_websocket_server.address,
                                           drain={"delay": "0s", "window": "5s", "close_code": 1012}))
    await_event = close_event(proxy)
    proxy.signal(signal.SIGTERM)
    assert await_event() == [1012, "shutting down", True]
    assert proxy.await_exit() == 0


def test_a_close_event_says_that_the_proxy_goes(close_event, node_websocket_server, start_fairlead):
    proxy = start_fairlead(fairlead.config(node_websocket_server.address, drain={"delay": "0s", "window": "1s"}))
    await_event = close_event(proxy)
    proxy.signal(signal.SIGTERM)
    assert await_event() == [1001, "shutting down", True]
    assert proxy.await_exit() == 0


def test_a_close_event_says_that_the_endpoint_goes(
        close_event, node_websocket_server, start_fairlead, control_section):
    control = control_section("PUSH")
    proxy = start_fairlead(fairlead.config(control=control, clusters=[fairlead.cluster(
        drain={}, endpoints=[{"id": "app", "address": node_websocket_server.address}])]))
    await_event = close_event(proxy)
    fairleadctl.Ctl(control["address"])("endpoints", "drain", "backend", "app")
    assert await_event() == [1012, "the backend is going away", True]
