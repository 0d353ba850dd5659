"""How the tunnels of a StayLoad (tests/bench) have ended, and when."""

import collections

TICK = 0.1  # seconds: the proxy closes what is due ten times a second


class Timeline:
    """What the load generator has written down: for each end the milliseconds since the epoch and the code of its Close,
    0 where there was none."""

    def __init__(self, path):
        self.ends = [tuple(map(int, line.split())) for line in path.read_text().splitlines()]

    def codes(self):
        """How many have ended with which code."""
        return dict(collections.Counter(code for _, code in self.ends))

    def seconds_since(self, began):
        """When each has ended, in seconds from `began` (seconds since the epoch), the first one first."""
        return sorted(at / 1000 - began for at, _ in self.ends)

    def busiest(self, began, width=1.0):
        """How many have ended in that one of the intervals of `width` seconds in which most have."""
        bins = collections.Counter(int(at / width) for at in self.seconds_since(began))
        return max(bins.values(), default=0)

    def rate(self, began):
        """Ends a second, from the first to the last. They come in ticks, and the last one's has its own length, too."""
        moments = self.seconds_since(began)
        return len(moments) / (moments[-1] - moments[0] + TICK)

    def curve(self, began, total, until):
        """How many of `total` are still open after so many seconds, as points of a curve."""
        points = [(0.0, total)]
        moments = self.seconds_since(began)
        step = max(1, len(moments) // 200)
        points += [(max(0.0, at), total - i - 1) for i, at in enumerate(moments) if i % step == step - 1]
        return [*points, (until, total - len(moments))]
