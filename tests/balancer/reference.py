"""A second implementation of the hashing policies, slow and obvious: what a policy is, without what makes it fast.

Every number is a whole one: another language must come to the same answers.
"""

from bisect import bisect_left
from functools import lru_cache
from math import isqrt

from xxh3 import M64, xxh3_64

WHOLE = 65536  # a whole share
GOLDEN = 0x9E3779B97F4A7C15


def mix(n):
    """The finalizer of SplitMix64."""
    n = (n ^ n >> 30) * 0xBF58476D1CE4E5B9 & M64
    n = (n ^ n >> 27) * 0x94D049BB133111EB & M64
    return n ^ n >> 31


def key_draw(key, host):
    return mix(mix(key) + host.id & M64)


class Host:
    def __init__(self, hash_id, weight=1, load=0, share=WHOLE, out=False, newcomer=False, full=False, priority=0,
                 elsewhere=False):
        self.hash_id, self.weight, self.load, self.share = hash_id.encode(), weight, load, share
        self.out, self.newcomer, self.full = out, newcomer, full
        self.priority, self.elsewhere = priority, elsewhere
        self.id = xxh3_64(self.hash_id)


def each_once(hosts, count):
    """A walk over `count` hosts, without its returns to those that it has come to before."""
    seen = set()
    for host in hosts:
        if host not in seen:
            seen.add(host)
            yield host
            if len(seen) == count:
                return


class RingHash:
    """Points on a ring; a key's candidates are the owners of the points from the key on."""

    def __init__(self, hosts, _size):
        self.weighted = weighted = [h for h in hosts if h.weight]
        total = sum(h.weight for h in weighted)
        self.points = []
        for host in weighted:
            count = max(1, (160 * len(weighted) * host.weight + total // 2) // total)
            self.points += [(mix(host.id + n * GOLDEN & M64), host.id, host) for n in range(1, count + 1)]
        self.points.sort(key=lambda point: point[:2])

    def candidates(self, key):
        start = bisect_left(self.points, key, key=lambda point: point[0])
        walk = (self.points[(start + i) % len(self.points)][2] for i in range(len(self.points)))
        return each_once(walk, len(self.weighted))

    def as_before(self, key):
        return []


class Maglev:
    """A table of slots; a key's candidates are the owners of the slots that it comes to, its own first."""

    def __init__(self, hosts, size):
        self.weighted = [h for h in hosts if h.weight]
        self.table = self.fill(self.weighted, size)
        self.placed = len(set(self.table))
        self.settled = []
        if any(h.newcomer for h in hosts):
            self.settled = self.fill([h for h in hosts if h.weight and not h.newcomer], size)
        self.settlers = len(set(self.settled))

    @staticmethod
    def fill(hosts, size):
        if not hosts:
            return []
        hosts = sorted(hosts, key=lambda h: h.hash_id)
        total = sum(h.weight for h in hosts)
        turn = 1 << (total // len(hosts)).bit_length() - 1
        slot = {h: h.id % size for h in hosts}
        step = {h: xxh3_64(h.hash_id, 1) % (size - 1) + 1 for h in hosts}
        room, credit = {}, {h: 0 for h in hosts}
        for h in hosts:
            fair = size * h.weight // total
            room[h] = fair + max(1, isqrt(4 * (size - fair) * fair // (25 * size)))
        table = [None] * size
        free = size
        while free:
            hosts = [h for h in hosts if room[h]]
            # Rounds in which nobody has a turn are passed over.
            idle = min(max(0, (turn - credit[h] - 1) // h.weight) for h in hosts)
            for h in hosts:
                credit[h] += (idle + 1) * h.weight
                while credit[h] >= turn:
                    credit[h] -= turn
                    if not room[h] or not free:
                        continue
                    if table[slot[h]] is None:
                        table[slot[h]] = h
                        room[h] -= 1
                        free -= 1
                    slot[h] = (slot[h] + step[h]) % size
        return table

    @staticmethod
    def walk(table, key):
        """From the key's slot by 64 hops, and then on from slot to slot."""
        if not table:
            return
        for hop in range(65):
            draw = mix(key + hop * GOLDEN & M64) if hop else key
            slot = (draw >> 32) * len(table) >> 32
            yield table[slot]
        for i in range(1, len(table)):
            yield table[(slot + i) % len(table)]

    def candidates(self, key):
        yield from each_once(self.walk(self.table, key), self.placed)
        yield from sorted((h for h in self.weighted if h not in self.table), key=lambda h: key_draw(key, h))

    def as_before(self, key):
        return each_once(self.walk(self.settled, key), self.settlers)


@lru_cache(None)
def fraction_of_log2(i):
    """That of 1 + i/256, 32 binary places."""
    number, digits = (256 + i) << 23, 0
    for _ in range(32):
        number = number * number >> 31
        one = number >> 32
        digits, number = digits * 2 + one, number >> one
    return digits if i < 256 else 1 << 32


def negative_log2(draw):
    """-log2(draw / 2**64), 32 binary places, straight lines between 256 places."""
    if draw == 0:
        return 64 << 32
    leading = 64 - draw.bit_length()
    digits = draw << leading + 1 & M64
    place, between = digits >> 56, digits >> 32 & 0xFFFFFF
    low, high = fraction_of_log2(place), fraction_of_log2(place + 1)
    return (leading + 1 << 32) - (low + ((high - low) * between >> 24))


class Rendezvous:
    """A key's candidates are all hosts, by the least logarithm of a draw over the weight."""

    def __init__(self, hosts, _size):
        self.hosts = [h for h in hosts if h.weight]
        self.scale = 1
        for weight in {h.weight for h in self.hosts}:
            self.scale *= weight

    def candidates(self, key):
        def rank(host):
            draw = key_draw(key + 0x5CA1AB1E & M64, host)
            return negative_log2(draw) * (self.scale // host.weight), -draw, host.id
        return sorted(self.hosts, key=rank)

    def as_before(self, key):
        return []


POLICIES = {"RING_HASH": RingHash, "MAGLEV": Maglev, "RENDEZVOUS": Rendezvous}


PRIORITY_SALT = int.from_bytes(b"priority", "big")
ZONE_SALT = int.from_bytes(b"zone", "big")


class Level:
    """The hosts of one priority, in one group or in the zone's and the others', and how they stand."""

    def __init__(self, make, hosts, settings):
        self.weight = sum(h.weight for h in hosts)
        here = [h for h in hosts if not h.elsewhere]
        self.zone_weight = sum(h.weight for h in here)
        self.groups = [hosts]
        if settings["prefer_same_zone"] and 0 < self.zone_weight < self.weight:
            self.groups = [here, [h for h in hosts if h.elsewhere]]
        self.policies = [make(group) for group in self.groups]
        self.all = [h for h in hosts if h.weight]
        self.healthy = [h for h in self.all if not h.out]
        self.failover = settings["failover_percent"]
        self.capacity = self.part_of(sum(h.weight for h in self.healthy), self.weight)
        self.too_few = sum(h.weight for h in self.healthy) * 100 < self.weight * settings["panic_percent"]

    def part_of(self, available, weight):
        """How much of all it takes, of WHOLE."""
        return min(WHOLE, available * WHOLE * 100 // (weight * self.failover)) if weight else 0

    def stand(self, panic):
        self.panic = panic
        available = self.all if panic else self.healthy
        self.parts = sum(h.weight * h.share for h in available)
        self.load = sum(h.load for h in available)
        self.most = max((h.share for h in available), default=1)
        self.zone_cut = WHOLE
        if len(self.groups) > 1 and any(h.elsewhere for h in available):
            self.zone_cut = self.part_of(sum(h.weight for h in available if not h.elsewhere), self.zone_weight)


class Selector:
    def __init__(self, policy, hosts, table_size=65537, bounded_load_permille=0, prefer_same_zone=0,
                 failover_percent=70, panic_percent=0):
        settings = {"prefer_same_zone": prefer_same_zone, "failover_percent": failover_percent,
                    "panic_percent": panic_percent}
        self.hosts, self.bound = hosts, bounded_load_permille
        self.levels = [Level(lambda group: POLICIES[policy](group, table_size),
                             [h for h in hosts if h.priority == priority], settings)
                       for priority in sorted({h.priority for h in hosts})]
        enough = sum(level.capacity for level in self.levels) >= WHOLE
        for level in self.levels:
            level.stand(level.too_few and not enough)
        left, takes = WHOLE, []
        for level in self.levels:
            takes.append(min(level.capacity, left))
            left -= takes[-1]
        for i, level in enumerate(self.levels):
            if sum(takes):
                level.cut = sum(takes[:i + 1]) * WHOLE // sum(takes)
            else:
                level.cut = WHOLE if level.parts else 0

    def fits(self, host, level, bound):
        if host.full or host.out and not level.panic:
            return False
        return not bound or host.load * 1000 * level.parts < bound * (level.load + 1) * host.weight * host.share

    @staticmethod
    def ramped(host, level, key):
        share = max(1, host.share * WHOLE // level.most)
        return key_draw(key, host) >> 48 < share

    def pick(self, key):
        draw = mix(key + PRIORITY_SALT & M64) >> 48
        chosen = next((level for level in self.levels if draw < level.cut), self.levels[0])
        for bound, slow_start in (self.bound, True), (self.bound, False), (0, False):
            for level in [chosen] + [level for level in self.levels if level is not chosen]:
                host = self.pick_in(level, key, bound, slow_start)
                if host:
                    return self.hosts.index(host)
        return None

    def pick_in(self, level, key, bound, slow_start):
        if not level.parts:
            return None
        policies = level.policies
        if mix(key + ZONE_SALT & M64) >> 48 >= level.zone_cut:
            policies = policies[::-1]
        for policy in policies:
            host = self.pick_by(policy, level, key, bound, slow_start)
            if host:
                return host
        return None

    def pick_by(self, policy, level, key, bound, slow_start):
        def takes(host):
            return self.fits(host, level, bound) and (not slow_start or self.ramped(host, level, key))
        for place, host in enumerate(policy.candidates(key)):
            if takes(host):
                return host
            if place == 0 and host.newcomer and self.fits(host, level, bound):
                for other in policy.as_before(key):
                    if takes(other):
                        return other
        return None
