"""Tunnels that are let go at a pace: none loses a byte, none sees its connection cut, and nobody stampedes."""

import dataclasses
import pathlib
import string
import time

import curve
import neighbours
import processes
import stayers


@dataclasses.dataclass(frozen=True)
class Size:
    tunnels: int
    rate: int  # tunnels a second
    neighbours: bool


WHOLE = Size(tunnels=5000, rate=200, neighbours=True)
QUICK = Size(tunnels=300, rate=100, neighbours=False)

SHOWN = 40  # seconds of the chart
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
TEMPLATE = pathlib.Path(__file__).with_name("draining.md.in")


def endpoint_leaves(stage, size, verdict):
    """One of two backends is DRAINING; returns the curve of the tunnels that it still has."""
    port = processes.free_port()
    first, second = stage.revivable_backend(grace=0), stage.revivable_backend(grace=0)
    drain = {"rate": size.rate, "deadline": "5m"}
    proxy = stage.proxy(stayers.configuration(port, {"first": first}, drain=drain))
    clients = stayers.Stayers(stage, port, size.tunnels)
    began = time.time()
    proxy.reload(stayers.configuration(port, {"first": first, "second": second}, ["first"], drain), "configuration applied")

    def held(name):
        return proxy.metric("fairlead_endpoint_open_tunnels", endpoint=name)

    verdict.note("an endpoint leaves: tunnels, allowed a second", f"{size.tunnels} {size.rate}")
    verdict.require("  in the end it holds", stage.eventually(lambda: held("first"), 0, size.tunnels / size.rate + 30), 0)
    verdict.require("  and the other one", stage.eventually(lambda: held("second"), size.tunnels), size.tunnels)
    figures, ends = clients.finish()
    verdict.require("  the codes that the clients saw", ends.codes(), {1012: size.tunnels})
    rate = ends.rate(began)
    verdict.note("  tunnels closed a second, from first to last", f"{rate:.1f}")
    verdict.require("  within a tenth of what is allowed", abs(rate - size.rate) <= size.rate / 10, True)
    verdict.note("  most in one second", ends.busiest(began))
    verdict.require("  refused when they came again", figures["refused"], 0)
    stayers.heard(verdict, figures, [first, second])
    stage.end(proxy, verdict)
    return ends, began


def process_leaves(stage, size, verdict, backends_go):
    """SIGTERM: everybody is told within the window."""
    window = 10
    port = processes.free_port()
    backends = [stage.revivable_backend(grace=30) for _ in range(2)]
    shutdown = {"delay": "0s", "window": f"{window}s"}
    proxy = stage.proxy(stayers.configuration(port, dict(zip("ab", backends)), drain=None) | {"drain": shutdown})
    clients = stayers.Stayers(stage, port, size.tunnels, again=-1)
    time.sleep(1)
    began = time.time()
    for backend in backends if backends_go else []:
        backend.terminate()
    code = proxy.terminate()
    seconds = time.time() - began
    figures, ends = clients.finish()
    verdict.note("SIGTERM" + (", the backends get it, too" if backends_go else ""), f"{size.tunnels} tunnels")
    verdict.require("  exit code", code, 0)
    verdict.note("  seconds until it had ended", f"{seconds:.1f}")
    verdict.require("  within the window", seconds <= window + 1, True)
    verdict.require("  the codes that the clients saw", ends.codes(), {1001: size.tunnels})
    mean = size.tunnels / window
    verdict.note("  most in one second, as a multiple of the mean", f"{ends.busiest(began) / mean:.2f}")
    verdict.require("  at most twice the mean", ends.busiest(began) <= 2 * mean, True)
    seen = stayers.heard(verdict, figures, backends)
    verdict.require("  tunnels that the backends saw end without a Close", sum(one["without_close"] for one in seen), 0)
    return ends, began


def beside_neighbours(stage, size, verdict, ends, began):
    """The same work for nginx and HAProxy, and the page about it."""
    rows = [("Fairlead, endpoint DRAINING", ends, began)]
    for neighbour in neighbours.ALL:
        rows.append((neighbour.title, *neighbour(stage, size.tunnels, SHOWN)))
    curves = {title: ends_of.curve(since, size.tunnels, SHOWN) for title, ends_of, since in rows}
    table = ["| who, and how | clients sent away | of these cut without a Close | most in a tenth of a second |", "| --- | ---: | ---: | ---: |"]
    for title, ends_of, since in rows:
        codes = ends_of.codes()
        table.append(f"| {title} | {len(ends_of.ends):,} | {codes.get(0, 0):,} | {ends_of.busiest(since, 0.1):,} |")
    for line in table[2:]:
        verdict.note("beside neighbours", line)
    (DOCS / "draining.svg").write_text(curve.chart(
        f"{size.tunnels:,} tunnels of a backend that is to go", "seconds", "tunnels that it still has", curves))
    text = string.Template(TEMPLATE.read_text()).substitute(table="\n".join(table), tunnels=f"{size.tunnels:,}", rate=size.rate)
    (DOCS / "draining.md").write_text(text)


def prove(stage, size, verdict):
    ends, began = endpoint_leaves(stage, size, verdict)
    process_leaves(stage, size, verdict, backends_go=False)
    process_leaves(stage, size, verdict, backends_go=True)
    if size.neighbours:
        beside_neighbours(stage, size, verdict, ends, began)
