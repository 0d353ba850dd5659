"""What a real browser sees, driven through ChromeDriver."""

import json
import signal
import urllib.error
import urllib.request

import fairlead
import fairleadctl
import programs
import pytest

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
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


class Browser:
    """A session of a headless Chromium, by the WebDriver protocol."""

    def __init__(self, driver, profile):
        port = driver.await_line(r"started successfully on port (\d+)").group(1)
        self.base = f"http://127.0.0.1:{port}/session"
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        session = self.post("", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.base += f"/{session['sessionId']}"
        self.post("/timeouts", {"script": programs.DEADLINE * 1000})

    def post(self, path, body):
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=2 * programs.DEADLINE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refusal:
            raise AssertionError(json.load(refusal)["value"]["message"]) from None

    def visit(self, url):
        self.post("/url", {"url": url})

    def await_text(self, element, pattern):
        return self.post("/execute/async", {"script": AWAIT_TEXT, "args": [element, pattern]})

    def quit(self):
        urllib.request.urlopen(urllib.request.Request(self.base, method="DELETE"), timeout=programs.DEADLINE).close()


@pytest.fixture
def browser(tmp_path):
    driver = programs.Program("chromedriver", "--port=0")
    try:
        opened = Browser(driver, tmp_path / "profile")
        yield opened
        opened.quit()
    finally:
        driver.kill()


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
    assert "connected" in browser.await_text("status", "connected").lower()
    browser.await_text("backend", r"\S")
    browser.await_text("rtt", r"\d")
    browser.await_text("tunnels", r"\d")


@pytest.fixture
def close_event(browser, node_websocket_server):
    """Opens a WebSocket in a page; gives what waits for its CloseEvent, once the backend has seen its Close, too."""
    since = node_websocket_server.mark()

    def open_one(proxy):
        # From a page of the loopback's own, if only a 426: no other may connect there unasked.
        browser.visit(proxy.url("/"))
        assert browser.post("/execute/async", {"script": OPEN, "args": [proxy.url("/chat", "ws")]}) == "open"

        def await_event():
            event = browser.post("/execute/async", {"script": AWAIT_CLOSED, "args": []})
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
