"""Configurations for a proxy that is reloaded again and again: no two alike, every third one invalid."""

import json
import random

MAIN = "main"  # the listener that stays
GUEST = "guest"  # the one that comes and goes

# The load generator asks for this path.
PATH = "/bench"
MAX_AT_ONCE = 3  # routes that one revision inserts or removes


def unknown_key(config):
    config["listen"] = []


def unknown_cluster(config):
    config["virtual_hosts"][0]["routes"][0]["cluster"] = "nowhere"


def twice_the_same_name(config):
    config["listeners"].append({"name": MAIN, "address": "127.0.0.1:1"})


def bad_duration(config):
    config["virtual_hosts"][0]["routes"][-1]["timeouts"]["idle"] = "five minutes"


def bad_address(config):
    config["clusters"][0]["endpoints"][0]["address"] = "nonsense"


def bad_expression(config):
    config["virtual_hosts"][0]["routes"].insert(0, {"name": "bad", "match": {"regex": "("}, "cluster": "blue"})


def address_in_use(config):
    backend = config["clusters"][0]["endpoints"][0]["address"]
    config["listeners"].append({"name": "taken", "address": backend})


def cut_short(config):
    text = json.dumps(config)
    return text[: len(text) // 2]


def empty(_config):
    return ""


# Each spoils a configuration, or returns what is in the file instead.
FAULTS = [unknown_key, cut_short, unknown_cluster, address_in_use, twice_the_same_name, bad_duration, bad_address,
          bad_expression, empty]


class Revisions:
    """One change after the other: routes come and go before all others, a listener comes and goes, backends
    change places. `ports` has one for each listener, `backends` two addresses."""

    def __init__(self, ports, backends, access_log):
        self.random = random.Random(2)
        self.ports = ports
        self.backends = backends
        self.access_log = access_log
        self.made = 0
        self.named = 0
        self.routes = []
        self.guest = False
        self.insert_routes()

    def insert_routes(self):
        for _ in range(self.random.randint(1, MAX_AT_ONCE)):
            self.named += 1
            self.routes.insert(0, {
                "name": f"front-{self.named}",
                "match": self.random.choice([{"prefix": PATH}, {"exact": PATH}, {"regex": "/.*nch"}]),
                "cluster": self.random.choice(["blue", "green"]),
                "request_headers": {"set": {"x-route": f"{self.named}"}},
            })

    def remove_routes(self):
        del self.routes[: self.random.randint(1, MAX_AT_ONCE)]

    def first(self):
        """What the proxy starts with. Tunnels that open now take a route that will go."""
        return self.configuration()

    def next(self):
        """The text of the next file, and whether it is valid."""
        self.made += 1
        valid = self.made % 3 != 0
        return f"# revision {self.made}\n{self.changed() if valid else self.spoiled()}", valid

    def changed(self):
        self.guest = not self.guest
        if self.random.random() < 0.5:
            self.insert_routes()
        else:
            self.remove_routes()
        self.backends.reverse()
        return json.dumps(self.configuration())

    def spoiled(self):
        """What would change much, were it not for one fault."""
        fault = FAULTS[self.made // 3 % len(FAULTS)]
        config = self.configuration()
        config["listeners"] = config["listeners"][:1]
        config["virtual_hosts"][0]["routes"] = config["virtual_hosts"][0]["routes"][-1:]
        text = fault(config)
        return json.dumps(config) if text is None else text

    def configuration(self):
        listeners = [{"name": MAIN, "address": f"127.0.0.1:{self.ports[MAIN]}"}]
        if self.guest:
            listeners.append({"name": GUEST, "address": f"127.0.0.1:{self.ports[GUEST]}"})
        everything = {"name": "rest", "match": {"prefix": "/"}, "cluster": "blue",
                      "timeouts": {"idle": f"{600 + self.made}s"}}
        return {
            "telemetry": {"address": "127.0.0.1:0"},
            "admin": {"address": "127.0.0.1:0"},
            "access_log": {"path": str(self.access_log)},
            "workers": 2,
            "drain": {"delay": "0s", "window": "1s"},
            "listeners": listeners,
            "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [*self.routes, everything]}],
            "clusters": [
                {"name": "blue", "endpoints": [{"address": self.backends[0]}]},
                {"name": "green", "endpoints": [{"id": f"green-{self.made}", "address": self.backends[1]}]},
            ],
        }
