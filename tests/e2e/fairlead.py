"""The program under test: started on free ports, talked to by signals, its ports and its output."""

import contextlib
import json
import os
import re
import signal
import urllib.error
import urllib.request

import programs

BINARY = os.environ.get("FAIRLEAD_BIN", "build/release/cmd/fairlead/fairlead")


def route(name="all", cluster="backend", prefix="/", **more):
    return {"name": name, "match": {"prefix": prefix}, "cluster": cluster, **more}


def cluster(*addresses, name="backend", **more):
    return {"name": name, "endpoints": [{"address": address} for address in addresses], **more}


def config(*backends, routes=None, clusters=None, **more):
    """A configuration as a test wants it: one listener, one host, everything to one cluster of `backends`.

    Ports are the kernel's choice and a drain takes no time; `more` adds sections or takes their place.
    """
    return {
        "telemetry": {"address": "127.0.0.1:0"},
        "admin": {"address": "127.0.0.1:0"},
        "workers": 2,
        "drain": {"delay": "0s", "window": "0s"},
        "listeners": [{"name": "web", "address": "127.0.0.1:0"}],
        "virtual_hosts": [{"name": "any", "domains": ["*"], "routes": routes or [route()]}],
        "clusters": clusters or [cluster(*backends)],
        **more,
    }


class Fairlead(programs.Program):
    """`fairlead run` with a configuration file of its own."""

    def __init__(self, file, configuration):
        self.file = file
        self.write(configuration)
        self.ports = [*(f"listener {listener['name']}" for listener in configuration["listeners"]), "telemetry", "admin"]
        if configuration.get("control", {}).get("address"):
            self.ports.append("control")
        self.addresses = {}
        super().__init__(BINARY, "run", "-c", file)

    def await_listening(self):
        for port in self.ports:
            self.addresses[port] = self.await_line(rf"\b{port}: listening on (\S+)").group(1)

    def write(self, configuration):
        """Puts a configuration into the file: JSON is YAML."""
        self.file.write_text(configuration if isinstance(configuration, str) else json.dumps(configuration, indent=1))

    def reload(self, configuration, expect):
        """Has the file read again; returns the match once a line says what is expected."""
        since = self.mark()
        self.write(configuration)
        self.signal(signal.SIGHUP)
        return self.await_line(expect, since)

    def address(self, listener="web"):
        return self.addresses[f"listener {listener}"]

    def url(self, path="/", scheme="http", listener="web"):
        return f"{scheme}://{self.address(listener)}{path}"

    def get(self, port, path):
        """Status and text of a page of the telemetry or the admin port."""
        try:
            with urllib.request.urlopen(f"http://{self.addresses[port]}{path}", timeout=programs.DEADLINE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def metric(self, name, **labels):
        """The sum over the samples of a metric that carry these labels; None when there is none."""
        _, text = self.get("telemetry", "/metrics")
        values = []
        for line in text.splitlines():
            match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)(?: \d+)?", line)
            if match and match[1] == name:
                carried = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
                if labels.items() <= carried.items():
                    values.append(float(match[3]))
        return sum(values) if values else None

    def access(self, since=0, **fields):
        """The first line of the access log from `since` on that has these fields."""
        parts = "".join(rf"(?=.*\"{name}\": ?{re.escape(json.dumps(value))}[,}}])" for name, value in fields.items())
        return json.loads(self.await_line(rf"^{parts}\{{.*\}}$", since).group(0))

    def terminate(self):
        """Asks it to go; returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.await_exit()


@contextlib.contextmanager
def proxies(directory):
    """Gives what starts proxies; at the end of `with` each one that still runs must drain and exit with 0."""
    running = []

    def start(configuration):
        proxy = Fairlead(directory / f"fairlead-{len(running)}.yaml", configuration)
        running.append(proxy)
        proxy.await_listening()
        return proxy

    try:
        yield start
        for proxy in running:
            if proxy.killed:
                continue
            code = proxy.process.poll()
            assert (proxy.terminate() if code is None else code) == 0, proxy.output()
    finally:
        for proxy in running:
            proxy.kill()


def check(file):
    """`fairlead check` on a file: exit code and output."""
    program = programs.Program(BINARY, "check", "-c", file)
    return program.await_exit(), program.output()
