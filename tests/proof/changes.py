"""Changes of membership and policy, pushed over the control API one after the other, no two alike."""

import random

MAIN = "main"  # the listener that stays
GUEST = "guest"  # the one that comes and goes
CHAT = "chat"  # the cluster that all traffic goes to
CROWD = "crowd"  # one with many endpoints, and no traffic

MAX_PASSING = 20  # endpoints of CHAT that come and go, at once


def configuration(ports, survivors, crowd, access_log, control_socket, workers):
    """What the proxy starts with. `survivors` are the endpoints of CHAT that nobody removes, `crowd` is how many
    endpoints CROWD has."""
    return {
        "telemetry": {"address": "127.0.0.1:0"},
        "admin": {"address": "127.0.0.1:0"},
        "access_log": {"path": str(access_log)},
        "control": {"owner": "PUSH", "address": f"unix:{control_socket}", "state_dir": f"{access_log.parent}/state"},
        "workers": workers,
        "drain": {"delay": "0s", "window": "1s"},
        "listeners": [{"name": MAIN, "address": f"127.0.0.1:{ports[MAIN]}"}],
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"name": "rest", "match": {"prefix": "/"}, "cluster": CHAT}]}],
        "clusters": [
            {"name": CHAT, "load_balancing": {"policy": "MAGLEV"}, "endpoints": survivors},
            {"name": CROWD, "load_balancing": {"policy": "MAGLEV"}, "endpoints": [crowd_member(i) for i in range(crowd)]},
        ],
    }


def crowd_member(number, weight=1):
    return {"id": f"crowd-{number}", "address": f"127.1.{number // 250}.{number % 250 + 1}:9", "weight": weight}


def hash_keys(message):
    """One of each kind that the protocol knows."""
    for field in message.DESCRIPTOR.oneofs_by_name["key"].fields:
        if field.message_type is None:
            yield {field.name: "x-user"}
        else:
            yield {field.name: {"name": "x-user"} if "name" in field.message_type.fields_by_name else {}}


class Changes:
    """Pushes through a control_api.ControlApi; each call of `push` is one change, and awaits its answer. All
    endpoints that come are at `backends`, and work."""

    def __init__(self, api, ports, survivors, crowd, backends):
        self.api = api
        self.ports = ports
        self.survivors = survivors
        self.crowd = crowd
        self.backends = backends
        self.random = random.Random(3)
        self.made = 0
        self.passing = []  # ids
        self.policies = api.stubs.config.LoadBalancingPolicy.values()[1:]
        self.maglev = api.stubs.config.LOAD_BALANCING_POLICY_MAGLEV
        self.keys = list(hash_keys(api.stubs.config.HashKey))
        self.kinds = [self.add, self.remove, self.reweigh, self.set_all, self.change_policy, self.change_hash_key,
                      self.change_routes, self.change_listeners, self.reweigh_in_the_crowd]
        self.counts = {kind.__name__: 0 for kind in self.kinds}

    def push(self):
        """Returns the revision that has the change."""
        kind = self.kinds[self.made % len(self.kinds)]
        self.made += 1
        self.counts[kind.__name__] += 1
        return kind().revision

    def newcomer(self):
        # An id that was never there; and its own place in the table, since others have the same address.
        name = f"passing-{self.made}-{self.random.randrange(10**9)}"
        return {"id": name, "hash_id": name, "address": self.random.choice(self.backends),
                "weight": self.random.randint(1, 5)}

    def add(self):
        new = [self.newcomer() for _ in range(self.random.randint(1, 3))]
        old, self.passing = self.passing, (self.passing + [one["id"] for one in new])[-MAX_PASSING:]
        return self.api.patch(CHAT, new, [name for name in old if name not in self.passing])

    def remove(self):
        if len(self.passing) < 2:
            return self.add()
        gone = self.random.sample(self.passing, self.random.randint(1, len(self.passing) // 2))
        self.passing = [name for name in self.passing if name not in gone]
        return self.api.patch(CHAT, remove=gone)

    def reweigh(self):
        for one in self.survivors:
            one["weight"] = one.get("weight", 1) % 7 + 1
        return self.api.patch(CHAT, self.survivors)

    def set_all(self):
        new = [self.newcomer() for _ in range(self.random.randint(1, 3))]
        self.passing = [one["id"] for one in new]
        return self.api.set_endpoints(CHAT, [*self.survivors, *new])

    def change_policy(self):
        """To one that does not hash."""
        others = [policy for policy in self.policies if policy != self.maglev]
        return self._balance(policy=others[self.counts["change_policy"] % len(others)])

    def change_hash_key(self):
        """Back to one that does, by one of the keys there are."""
        return self._balance(policy=self.maglev, hash_key=[self.keys[self.counts["change_hash_key"] % len(self.keys)]])

    def _balance(self, **load_balancing):
        cluster = self.api.stubs.config.Cluster(name=CHAT, load_balancing=load_balancing)
        return self.api.update_cluster(cluster, ["load_balancing.policy", "load_balancing.hash_key"])

    def change_routes(self):
        """One more in front of all others, or the oldest of those gone."""
        state = self.api.get()
        routes = state.config.virtual_hosts[0].routes
        if len(routes) > 5:
            del routes[-2]
        else:
            front = self.api.stubs.config.Route(name=f"front-{self.made}")
            front.CopyFrom(routes[0])
            front.name = f"front-{self.made}"
            front.timeouts.idle.seconds = 600 + self.made
            routes.insert(0, front)
        return self.api.apply(state.config, etag=state.etag)

    def change_listeners(self):
        state = self.api.get()
        if len(state.config.listeners) > 1:
            del state.config.listeners[1]
        else:
            state.config.listeners.add(name=GUEST, address=f"127.0.0.1:{self.ports[GUEST]}")
        return self.api.apply(state.config, etag=state.etag)

    def reweigh_in_the_crowd(self):
        return self.api.patch(CROWD, [crowd_member(self.random.randrange(self.crowd), self.made % 9 + 2)])
