"""Requests of clients who mean harm, or mean nothing at all: each of its own kind, the same for the same seed."""

import random
import string

import client

METHODS = ["GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"]
TOKEN = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"
# What a metrics page, a log line or a parser may stumble over.
NASTY = ['"', "\\", "\\n", "{", "}", ",", "=", "\t", "é", "\u2028", "%00", "%0d%0a", "\x7f", "\x01", "';--", "$(id)",
         'x"} 1\\nfairlead_evil{a="', "<script>", "../", "%2e%2e/", "#", "?", ";", " ", "  ", "\x00", "\xff"]


class Hostile:
    """Makes requests as bytes. Some are well-formed and only strange, most are not."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.kinds = [self.host, self.two_hosts, self.path, self.target, self.upgrade, self.handshake, self.header,
                      self.method, self.framing, self.noise, self.too_long]

    def request(self, number):
        return self.kinds[number % len(self.kinds)]()

    def word(self, longest=40):
        return "".join(self.random.choices(TOKEN, k=self.random.randint(1, longest)))

    def junk(self, longest=60):
        parts = [self.random.choice([self.random.choice(NASTY), self.word(8)]) for _ in range(longest // 8)]
        return "".join(parts)[:longest]

    def make(self, method="GET", target="/ws", host="chat.test", fields=()):
        """A request whose connection is not to be used again."""
        lines = [f"{method} {target} HTTP/1.1"]
        lines += [f"Host: {name}" for name in ([host] if isinstance(host, str) else host)]
        lines += [f"{name}: {value}" for name, value in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")

    def any_path(self):
        return self.random.choice(["/ws", "/any", "/plain", "/moved", f"/x/{self.word()}", f"/{self.word()}"])

    def shake(self, **changed):
        """The fields of a WebSocket handshake, Host aside, with some values replaced."""
        fields = {name: value for name, value in client.HANDSHAKE.items() if name != "Host"}
        fields.update({name.replace("_", "-"): value for name, value in changed.items()})
        return list(fields.items())

    def host(self):
        names = [f"{self.word()}.example", f"{self.word()}.chat.test", self.junk(), "chat.test:99999",
                 f"chat.test:{self.random.randint(1, 65535)}", "", "[::1]", "[::", self.word(300), "CHAT.TEST."]
        return self.make(target=self.any_path(), host=self.random.choice(names), fields=self.shake())

    def two_hosts(self):
        hosts = self.random.choice([[], ["chat.test", self.word()], [self.word(), self.word(), "chat.test"]])
        return self.make(host=hosts)

    def path(self):
        return self.make(target=f"{self.any_path()}/{self.junk()}?{self.junk()}", fields=self.random.choice(
            [self.shake(), []]))

    def target(self):
        targets = ["*", "", "http://chat.test/ws", f"http://{self.word()}/{self.word()}", f"{self.word()}:443",
                   "//ws", "/ws/../../etc", f"ftp://{self.junk()}/", self.junk(), "/%zz", "/ws#" + self.word()]
        return self.make(target=self.random.choice(targets), fields=self.shake())

    def upgrade(self):
        tokens = [self.word(), f"{self.word(8)}/{self.word(4)}", "h2c", "websocket, " + self.word(), "WebSocket",
                  ", ".join(self.word(6) for _ in range(20)), self.junk(), "", "*"]
        connection = self.random.choice(["Upgrade", "upgrade, " + self.word(), "keep-alive", self.junk()])
        fields = self.shake(Upgrade=self.random.choice(tokens), Connection=connection)
        return self.make(target=self.any_path(), fields=fields)

    def handshake(self):
        version = self.random.choice(["13", "8", "12", "", self.word(), self.junk()])
        key = self.random.choice(["", "short", self.word(), self.junk(), "dGhlIHNhbXBsZSBub25jZQ=="])
        return self.make(target=self.any_path(), method=self.random.choice(["GET", "POST"]), fields=self.shake(
            Sec_WebSocket_Version=version, Sec_WebSocket_Key=key))

    def header(self):
        names = ["X-Forwarded-For", "X-Request-Id", "Forwarded", "Via", "Cookie", "Origin", self.word(), self.junk(20)]
        fields = [(self.random.choice(names), self.junk()) for _ in range(self.random.randint(1, 30))]
        return self.make(target=self.any_path(), fields=[*self.shake(), *fields])

    def method(self):
        method = self.random.choice([*METHODS, self.word(), self.junk(10), "get", ""])
        return self.make(method=method, target=self.any_path(), fields=[("Content-Length", "0")])

    def framing(self):
        fields = self.random.choice([
            [("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
            [("Content-Length", "5"), ("Content-Length", "6")],
            [("Content-Length", "-1")],
            [("Content-Length", self.junk(12))],
            [("Transfer-Encoding", f"{self.word()}, chunked")],
            [("Transfer-Encoding", "chunked, gzip")],
            [("Expect", self.word())],
        ])
        return self.make(method="POST", target=self.any_path(), fields=fields)

    def noise(self):
        return self.random.choice([
            self.random.randbytes(self.random.randint(1, 200)) + b"\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + self.random.randbytes(100) + b"\r\n\r\n",
            f"GET {self.any_path()}\r\n\r\n".encode(),
            f"GET {self.any_path()} HTTP/{self.random.choice(['0.9', '2.0', '1.0', '9', self.word(4)])}\r\n\r\n".encode(),
        ])

    def too_long(self):
        return self.random.choice([
            self.make(target="/" + "a" * self.random.randint(8_000, 20_000)),
            self.make(fields=[(f"x-{i}", "y") for i in range(self.random.randint(150, 900))]),
            self.make(fields=[("x", "y" * self.random.randint(33_000, 60_000))]),
        ])
