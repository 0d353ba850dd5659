"""A WebSocket through the proxy that a test holds open."""

import asyncio

import programs
import websockets


class Tunnel:
    """An open WebSocket through the proxy, held by python3-websockets."""

    def __init__(self, proxy, listener="web"):
        self.loop = asyncio.new_event_loop()
        self.socket = self.run(self._open(proxy.url("/chat", "ws", listener)))

    @staticmethod
    async def _open(url):
        # Connects on the loop that it is awaited on.
        return await websockets.connect(url, ping_interval=None)

    def run(self, work):
        return self.loop.run_until_complete(asyncio.wait_for(work, programs.DEADLINE))

    def echo(self, text):
        self.run(self.socket.send(text))
        return self.run(self.socket.recv())

    def await_close(self):
        self.run(self.socket.wait_closed())
        return self.socket.close_code

    def close(self):
        self.run(self.socket.close())
        self.loop.close()
