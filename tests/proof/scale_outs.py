"""A fifth backend comes beside four: the tunnels that belong to it, or are its part, move there at the pace that was
asked for, and no other one is touched."""

import dataclasses
import time

import processes
import programs
import pushes
import stayers


@dataclasses.dataclass(frozen=True)
class Size:
    tunnels: int
    rate: int  # tunnels a second


WHOLE = Size(tunnels=5000, rate=200)
QUICK = Size(tunnels=400, rate=100)

NAMES = [f"backend-{i}" for i in range(5)]
AGAIN = 500  # a client comes again within so many milliseconds
TARGET = 1.05  # max/mean of a rebalance
POLICIES = {
    "MAGLEV": {"load_balancing": {"policy": "MAGLEV", "hash_key": [{"query": "user"}]}, "misplaced": "MOVE"},
    "LEAST_CONNECTIONS": {"load_balancing": {"policy": "LEAST_CONNECTIONS"},
                          "rebalance": {"target": TARGET, "min_age": "0s", "cooldown": "1s"}},
}


class Scene:
    """Four backends that hold all tunnels, and a fifth that nobody knows of yet."""

    def __init__(self, stage, control, size, policy):
        self.policy = policy
        self.size = size
        self.port = processes.free_port()
        socket = stage.directory / f"{policy}.sock"
        self.backends = {name: stage.revivable_backend(grace=0) for name in NAMES}
        self.more = {"control": {"address": f"unix:{socket}"}}
        self.proxy = stage.proxy(self.configuration(NAMES[:4]))
        self.api = control.connect(socket)
        self.clients = stayers.Stayers(stage, self.port, size.tunnels, again=AGAIN)

    def configuration(self, names):
        made = stayers.configuration(self.port, {name: self.backends[name] for name in names}, drain={"rate": self.size.rate},
                                      **self.more)
        made["clusters"][0] |= POLICIES[self.policy]
        return made

    def tunnels(self):
        """All that are open now, by id."""
        request = self.api.stubs.tunnels.ListTunnelsRequest(page_size=10_000)
        return {tunnel.id: tunnel for tunnel in self.api.tunnels.ListTunnels(request, timeout=programs.DEADLINE).tunnels}

    def drains_under_way(self):
        drains = self.api.tunnels.ListDrains(self.api.stubs.tunnels.ListDrainsRequest(), timeout=programs.DEADLINE).drains
        return sum(drain.state == self.api.stubs.drain.DRAIN_STATE_RUNNING for drain in drains)

    def scale_out(self, stage):
        """Returns the tunnels before and after, the clients' figures and ends, and when it was begun."""
        before = self.tunnels()
        began = time.time()
        self.proxy.reload(self.configuration(NAMES), "configuration applied")
        stage.eventually(lambda: self.drains_under_way() > 0, True)
        # A rebalance that has left something to do goes on after its cool-down.
        for _ in range(2):
            stage.eventually(self.drains_under_way, 0, self.size.tunnels / self.size.rate + 30)
            stage.eventually(lambda: self.proxy.metric("fairlead_open_tunnels"), self.size.tunnels)
            time.sleep(1.5)
        after = self.tunnels()
        figures, ends = self.clients.finish()
        return before, after, figures, ends, began


def held(tunnels):
    """How many each endpoint has, those that have none too."""
    counts = dict.fromkeys(NAMES, 0)
    for tunnel in tunnels.values():
        counts[tunnel.endpoint] += 1
    return counts


def report(scene, verdict, before, after, figures, ends, began):
    size, moved = scene.size, len(set(before) - set(after))
    verdict.note(f"{scene.policy}, a fifth backend comes: tunnels, allowed a second", f"{size.tunnels} {size.rate}")
    verdict.note("  moved, of all", f"{moved} {moved / size.tunnels:.3f}")
    verdict.require("  the codes that the clients saw", ends.codes(), {1012: moved})
    verdict.note("  seconds from the change to the last", f"{ends.seconds_since(began)[-1]:.1f}")
    verdict.note("  closed a second, from first to last", f"{ends.rate(began):.0f}")
    verdict.require("  not faster than allowed, but a tenth", ends.rate(began) <= size.rate * 1.1, True)
    verdict.require("  open in the end", len(after), size.tunnels)
    verdict.note("  what each holds", " ".join(str(count) for count in held(after).values()))
    stayers.heard(verdict, figures, scene.backends.values())
    return moved


def hashed(stage, control, size, verdict):
    scene = Scene(stage, control, size, "MAGLEV")
    before, after, *rest = scene.scale_out(stage)
    moved = report(scene, verdict, before, after, *rest)
    was = {tunnel.key: tunnel.endpoint for tunnel in before.values()}
    movers = [tunnel for tunnel in after.values() if tunnel.id not in before]
    home = scene.api.stubs.tunnels.PLACEMENT_HOME
    verdict.require("  moved to where they had been", sum(was[tunnel.key] == tunnel.endpoint for tunnel in movers), 0)
    verdict.require("  moved elsewhere than to the newcomer, at most one in ten",
                    sum(tunnel.endpoint != NAMES[4] for tunnel in movers) <= moved / 10, True)
    verdict.require("  not where their key belongs", sum(tunnel.placement != home for tunnel in after.values()), 0)
    verdict.note("  max/mean", f"{max(held(after).values()) * len(NAMES) / size.tunnels:.3f}")
    stage.end(scene.proxy, verdict)


def levelled(stage, control, size, verdict):
    scene = Scene(stage, control, size, "LEAST_CONNECTIONS")
    before, after, *rest = scene.scale_out(stage)
    moved = report(scene, verdict, before, after, *rest)
    verdict.require("  moved, at most a fifth of all", moved <= size.tunnels / 5, True)
    highest = max(held(after).values()) * len(NAMES) / size.tunnels
    verdict.note("  max/mean", f"{highest:.3f}")
    verdict.require(f"  at most {TARGET}", highest <= TARGET, True)
    stage.end(scene.proxy, verdict)


def prove(stage, size, verdict):
    control = pushes.Control(stage)
    hashed(stage, control, size, verdict)
    levelled(stage, control, size, verdict)
