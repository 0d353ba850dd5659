"""What it costs to see the frames of a WebSocket: instructions in user mode for a relayed message, counted by valgrind's
callgrind, beside those of a tunnel that does not look. The count is nearly the same whatever else the machine does: only
threads that wait for each other at the start may spin."""

import dataclasses
import json
import re
import socket
import threading

import client
import fairlead
import processes
import programs
import stayers


@dataclasses.dataclass(frozen=True)
class Size:
    messages: int


WHOLE = Size(messages=8000)
QUICK = Size(messages=200)

RUNS = 2  # of each kind; the least counts

ALLOWED = {64: 1.03, 16 << 10: 1.03}  # bytes of a payload, and the multiple that its message may cost


def frame(size, masked):
    """A binary message. A key of zeros masks, and changes nothing."""
    bit = 0x80 if masked else 0
    length = bytes([bit | size]) if size < 126 else bytes([bit | 126]) + size.to_bytes(2, "big")
    return b"\x82" + length + bytes(4 if masked else 0) + bytes(size)


def take(peer, count):
    while count > 0:
        count -= len(peer.recv(count)) or count + 1
    if count < 0:
        raise ConnectionError("it ended in the middle of a message")


class Answerer:
    """A backend for one tunnel of any protocol: whenever a client's message has come, it says a server's."""

    def __init__(self, size):
        self.size = size
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:{}".format(self.listener.getsockname()[1])
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        peer, _ = self.listener.accept()
        with peer, self.listener:
            head = b""
            while b"\r\n\r\n" not in head:
                head += peer.recv(65536)
            token = re.search(rb"(?im)^upgrade: *(\S+)", head)[1]
            peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + token +
                         b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
            while True:
                try:
                    take(peer, len(frame(self.size, masked=True)))
                except ConnectionError:
                    return
                peer.sendall(frame(self.size, masked=False))


class Counted(programs.Program):
    """A proxy whose instructions are counted."""

    def __init__(self, directory, configuration):
        file = directory / "counted.yaml"
        file.write_text(json.dumps(configuration))
        super().__init__("valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/callgrind.out",
                         fairlead.BINARY, "run", "-c", file)

    def instructions(self):
        """Ends it; returns how many it has taken."""
        self.terminate()
        return int(re.search(r"Collected : (\d+)", self.output())[1])

    def terminate(self):
        self.signal(15)
        return self.await_exit()


def instructions(stage, token, size, messages):
    """Of a whole run, in which so many messages go there and as many back."""
    port, backend = processes.free_port(), Answerer(size)
    configuration = stayers.configuration(port, {"echo": backend}) | {"workers": 1}
    configuration["virtual_hosts"][0]["routes"][0]["upgrades"] = ["*"]
    proxy = Counted(stage.directory, configuration)
    stage.stack.callback(proxy.kill)
    proxy.await_line(r"listener web: listening")
    one = client.Client(port)
    one.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    one.ask("/", client.HANDSHAKE | {"Upgrade": token})
    for _ in range(messages):
        one.socket.sendall(frame(size, masked=True))
        take(one.socket, len(frame(size, masked=False)))
    one.close()
    return proxy.instructions()


def each(stage, token, size, messages):
    """What a message costs: what three times as many cost more."""
    few, many = (min(instructions(stage, token, size, count) for _ in range(RUNS)) for count in (messages, 3 * messages))
    return (many - few) / (4 * messages)


def prove(stage, size, verdict):
    for payload, allowed in ALLOWED.items():
        raw, seen = (each(stage, token, payload, size.messages) for token in ("raw", "websocket"))
        verdict.note(f"instructions for a message of {payload:,} bytes, not looked at", f"{raw:.0f}")
        verdict.note("  and as a frame", f"{seen:.0f}, {seen / raw:.3f} ×")
        verdict.require(f"  at most {allowed} ×", seen <= allowed * raw, True)
