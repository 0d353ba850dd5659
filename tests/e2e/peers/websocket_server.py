"""A WebSocket server on python3-websockets. Echoes messages; a text that starts with ! is an order to the server."""

import asyncio

import websockets


def say(*words):
    print(*words, flush=True)


async def obey(socket, order, argument="", *rest):
    if order == "!close":
        await socket.close(int(argument), " ".join(rest))
    elif order == "!terminate":
        socket.transport.abort()
    elif order == "!pieces":
        await socket.send([argument, *rest])
    elif order == "!ping":
        await (await socket.ping(argument))
        await socket.send(f"pong {argument}")


async def serve(socket):
    say("opened", socket.path)
    orders = []
    try:
        async for message in socket:
            if isinstance(message, str) and message.startswith("!"):
                # Not awaited here: a pong is only seen while messages are read.
                orders.append(asyncio.ensure_future(obey(socket, *message.split(" "))))
            else:
                await socket.send(message)
    except websockets.ConnectionClosedError:
        pass
    await socket.wait_closed()
    say("closed", socket.close_code, socket.close_reason)


async def main():
    async with websockets.serve(serve, "127.0.0.1", 0, max_size=None, subprotocols=["chat.v1", "chat.v2"],
                                ping_interval=None) as server:
        say(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await asyncio.Future()


asyncio.run(main())
