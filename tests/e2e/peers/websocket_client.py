"""A WebSocket client on python3-websockets: websocket_client.py SCENARIO URL. Exits with 0 when all went well."""

import asyncio
import struct
import sys

import websockets


def connect(url, **options):
    return websockets.connect(url, **{"compression": None, "max_size": None, "ping_interval": None, **options})


async def exchange(socket, message):
    await socket.send(message)
    return await socket.recv()


async def expect_echo(url, message, **options):
    async with connect(url, **options) as socket:
        assert await exchange(socket, message) == message


async def text(url):
    await expect_echo(url, "grüß dich, 世界")


async def binary(url):
    await expect_echo(url, bytes(range(256)))


async def large(url):
    await expect_echo(url, struct.pack("<262144I", *range(262144)))


async def burst(url):
    async with connect(url) as socket:
        for number in range(1000):
            await socket.send(str(number))
        assert [int(await socket.recv()) for _ in range(1000)] == list(range(1000))


async def client_pings(url):
    async with connect(url) as socket:
        await (await socket.ping("abc"))


async def server_pings(url):
    async with connect(url) as socket:
        assert await exchange(socket, "!ping abc") == "pong abc"


async def subprotocol(url):
    async with connect(url, subprotocols=["unknown", "chat.v2"]) as socket:
        assert socket.subprotocol == "chat.v2"


async def deflate(url):
    async with connect(url, compression="deflate") as socket:
        assert [extension.name for extension in socket.extensions] == ["permessage-deflate"]
        message = "compress me " * 10000
        assert await exchange(socket, message) == message


async def fragments(url):
    async with connect(url) as socket:
        assert await exchange(socket, ["in ", "", "many ", "pieces"]) == "in many pieces"
        assert await exchange(socket, "!pieces in many pieces") == "inmanypieces"


async def compressed_fragments(url):
    async with connect(url, compression="deflate") as socket:
        piece = "compress me " * 5000
        assert await exchange(socket, [piece, piece]) == piece + piece


async def client_closes(url):
    async with connect(url) as socket:
        await socket.close(4001, "client is done")
        assert socket.close_code == 4001


async def server_closes(url):
    async with connect(url) as socket:
        await socket.send("!close 4002 server is done")
        await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == (4002, "server is done")


async def is_told(url):
    async with connect(url) as socket:
        assert await exchange(socket, "here") == "here"
        print("open", flush=True)
        try:
            await socket.recv()
        except websockets.ConnectionClosed as end:
            print("told", socket.close_code, socket.close_reason, flush=True)
            # What browsers call clean: a Close each way, the other side's first.
            clean = end.rcvd is not None and end.sent is not None and end.rcvd_then_sent
            print("clean", str(clean).lower(), flush=True)


async def client_vanishes(url):
    socket = await connect(url)
    await exchange(socket, "here")
    socket.transport.abort()


async def server_vanishes(url):
    async with connect(url) as socket:
        await socket.send("!terminate")
        await socket.wait_closed()
        assert socket.close_code == 1006


asyncio.run(globals()[sys.argv[1]](sys.argv[2]))
