"""A client of a few lines: sockets that do what is asked of them, well-formed or not."""

import os
import re
import socket
import struct

PATIENCE = 30  # seconds for any one answer
HANDSHAKE = {
    "Host": "chat.test",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Client:
    """A connection to a port of 127.0.0.1."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)

    def ask(self, path, fields):
        """Sends a GET; returns the status of the answer, whose head has been read. Answers here have no body."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        return self.status()

    def status(self):
        """The status of the answer that comes next; None when the connection ends instead."""
        head = b""
        while b"\r\n\r\n" not in head:
            try:
                received = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not received:
                return None
            head += received
        return int(re.match(rb"HTTP/1\.[01] (\d{3}) ", head)[1])

    def say(self, text):
        """Sends a masked text frame (RFC 6455 §5.2) of at most 125 bytes, and takes its echo."""
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(text))
        self.socket.sendall(bytes([0x81, 0x80 | len(text)]) + mask + masked)
        echo = b""
        while len(echo) < 2 + len(text):
            echo += self.socket.recv(2 + len(text) - len(echo)) or b"?" * 256
        if echo[2:] != text:
            raise ConnectionError("a tunnel brought something else than its echo")

    def await_end(self):
        """Returns once the other side has ended, in whatever way."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def leave(self):
        """Ends its side, and waits for the other."""
        self.socket.shutdown(socket.SHUT_WR)
        self.await_end()
        self.socket.close()


def open_tunnel(port):
    client = Client(port)
    status = client.ask("/ws", HANDSHAKE)
    if status != 101:
        raise ConnectionError(f"no tunnel: {status}")
    return client
