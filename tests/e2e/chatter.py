"""Traffic that goes on while something else happens: a tunnel whose every message must come back in its turn, and
newcomers beside it."""

import asyncio
import threading

import programs
import websockets


class Chatter:
    """Talks from the moment it is made; `finish` fails unless nothing was lost. Use it in a `with`."""

    def __init__(self, url):
        self.url = url
        self.messages = self.newcomers = 0
        self.wrong = None
        self.opened = threading.Event()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        assert self.opened.wait(programs.DEADLINE), "no tunnel"
        return self

    def __exit__(self, kind, _value, _trace):
        self.stopping.set()
        self.thread.join()
        if kind is None:
            assert self.wrong is None, f"after {self.messages} messages: {self.wrong!r}"
            assert self.messages > 1 and self.newcomers > 0

    def _run(self):
        try:
            asyncio.run(self._talk())
        except Exception as error:
            self.wrong = error
        self.opened.set()

    def _open(self):
        return websockets.connect(self.url, ping_interval=None, open_timeout=programs.DEADLINE)

    async def _echo(self, tunnel, text):
        await tunnel.send(text)
        echo = await asyncio.wait_for(tunnel.recv(), programs.DEADLINE)
        assert echo == text, f"{echo} instead of {text}"

    async def _talk(self):
        async with self._open() as tunnel:
            self.opened.set()
            last = False
            while not last:
                last = self.stopping.is_set()  # what comes after the end counts, too
                await self._echo(tunnel, str(self.messages))
                self.messages += 1
                if self.messages % 10 == 1:
                    async with self._open() as newcomer:
                        await self._echo(newcomer, "new")
                    self.newcomers += 1
