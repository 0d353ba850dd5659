"""Clients that stay, leave when told and come again, and a proxy for them."""

import dataclasses

import processes
import timeline

INTERVAL = 1000  # milliseconds from one message of a tunnel to its next
AGAIN = 2000  # a client comes again within so many milliseconds


@dataclasses.dataclass(frozen=True)
class At:
    """A backend of which only the address is known."""

    address: str


class Stayers:
    """Clients that stay, leave when told, and come again; with what became of them."""

    def __init__(self, stage, port, tunnels, again=AGAIN, interval=INTERVAL):
        self.file = stage.directory / f"timeline-{port}"
        self.tunnels = tunnels
        self.load = stage.load(port, "stay", "--tunnels", tunnels, "--interval", interval, "--again", again,
                               "--timeline", self.file)
        self.load.begin()

    def finish(self):
        """Stops them all; returns their figures, and their ends."""
        figures = self.load.finish()
        processes.stop(self.load.process)
        return figures, timeline.Timeline(self.file)


def configuration(port, backends, leaving=(), drain=None, **more):
    endpoints = [{"id": name, "address": backend.address, "state": "DRAINING" if name in leaving else "ACTIVE"}
                 for name, backend in backends.items()]
    return {
        "telemetry": {"address": "127.0.0.1:0"},
        "admin": {"address": "127.0.0.1:0"},
        "workers": 2,
        "access_log": {"mode": "DISABLED"},
        "drain": {"delay": "0s", "window": "0s"},
        "listeners": [{"name": "web", "address": f"127.0.0.1:{port}"}],
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"name": "all", "match": {"prefix": "/"}, "cluster": "echo"}]}],
        "clusters": [{"name": "echo", "endpoints": endpoints, **({"drain": drain} if drain else {})}],
        **more,
    }


def heard(verdict, figures, backends):
    """Whether the backends have got every message that the clients have sent; ends them, and returns what each has seen."""
    seen = [backend.seen() for backend in backends]
    verdict.require("  messages that no backend has got", figures["sent"] - sum(one["messages"] for one in seen), 0)
    verdict.require("  bytes that came and should not have", figures["wrong"], 0)
    return seen
