"""A headless Chromium, driven through ChromeDriver."""

import contextlib
import json
import urllib.error
import urllib.request

import programs

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]


class Browser:
    """A session of a headless Chromium, by the WebDriver protocol."""

    def __init__(self, driver, profile, *flags):
        self.seconds = programs.DEADLINE
        port = driver.await_line(r"started successfully on port (\d+)").group(1)
        self.base = f"http://127.0.0.1:{port}/session"
        options = {"args": [*FLAGS, *flags, f"--user-data-dir={profile}"]}
        session = self.post("", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.base += f"/{session['sessionId']}"
        self.patience(programs.DEADLINE)

    def patience(self, seconds):
        """How long a script may take."""
        self.seconds = seconds
        self.post("/timeouts", {"script": seconds * 1000})

    def post(self, path, body):
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=2 * self.seconds) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refusal:
            raise AssertionError(json.load(refusal)["value"]["message"]) from None

    def visit(self, url):
        self.post("/url", {"url": url})

    def run(self, script, *arguments):
        """What the script calls its last argument with."""
        return self.post("/execute/async", {"script": script, "args": list(arguments)})

    def quit(self):
        urllib.request.urlopen(urllib.request.Request(self.base, method="DELETE"), timeout=programs.DEADLINE).close()


@contextlib.contextmanager
def running(profile, *flags):
    """A browser for as long as `with` lasts."""
    driver = programs.Program("chromedriver", "--port=0")
    try:
        opened = Browser(driver, profile, *flags)
        yield opened
        opened.quit()
    finally:
        driver.kill()
