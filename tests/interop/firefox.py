"""A headless Firefox, driven by the WebDriver BiDi that it speaks itself."""

import asyncio
import contextlib
import json
import os
import shutil

import programs
import pytest
import websockets


class Browser:
    """A session, which believes every certificate."""

    def __init__(self, address, seconds):
        self.seconds = seconds
        self.loop = asyncio.new_event_loop()
        self.socket = self._run(self._open(f"ws://{address}/session"))
        self.number = 0
        self.call("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
        self.context = self.call("browsingContext.getTree")["contexts"][0]["context"]

    @staticmethod
    async def _open(url):
        return await websockets.connect(url, ping_interval=None, max_size=None)

    def _run(self, work):
        return self.loop.run_until_complete(asyncio.wait_for(work, self.seconds))

    def call(self, method, **parameters):
        self.number += 1
        self._run(self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters})))
        while True:
            answer = json.loads(self._run(self.socket.recv()))
            if answer.get("id") == self.number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def visit(self, url):
        self.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, expression):
        """What the promise comes to."""
        result = self.call("script.evaluate", target={"context": self.context}, awaitPromise=True,
                           expression=f"{expression}.then(JSON.stringify)")
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])

    def close(self):
        self._run(self.socket.close())
        self.loop.close()


@contextlib.contextmanager
def running(directory, seconds):
    """A browser for as long as `with` lasts."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("NOT RUN: Firefox is not installed (Debian's firefox-esr)")
    directory.mkdir()
    # Its home is its own, too: it keeps things outside of its profile.
    env = {**os.environ, "HOME": os.fspath(directory), "MOZ_HEADLESS": "1"}
    firefox = programs.Program(program, "--headless", "--no-remote", "--profile", directory, "--remote-debugging-port=0",
                               env=env)
    try:
        address = firefox.await_line(r"WebDriver BiDi listening on ws://(\S+)").group(1)
        browser = Browser(address, seconds)
        yield browser
        browser.close()
    finally:
        firefox.process.terminate()
        firefox.await_exit()
