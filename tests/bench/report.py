"""Tables, and the page docs/benchmarks.md."""

import datetime
import os
import pathlib
import platform
import statistics

PAGE = """\
# Benchmarks

Written by `./dev bench`, which measures everything on this page in one run. Machines are noisy: trust the
ratios more than the figures, and run it on yours.

{table}
The floor's column has units; a bare number is a multiple of the floor. The floor speaks no TLS: there nginx's column
has units, and a bare number is a multiple of nginx. Lower is better.

## How to read it

- **CPU** is the time the proxy's threads were on a core, in user mode and in the kernel, as the scheduler
  counts it (`/proc/PID/task/*/schedstat`, nginx's master included), divided by the work done. What the kernel
  does for a loopback socket is mostly charged to the sender, so it is in the figure.
- **A message** goes from the client through the proxy to the backend, and its echo comes back: two reads and
  two writes for a relay. **KiB** counts the payload once, though it passes twice.
- **In flight**: messages that a tunnel has sent and not yet got back; one where nothing is said. One tunnel
  where no number of tunnels is said.
- **floor** is `tests/bench/floor.cc`: `epoll_wait`, `read` into 64 KiB, `write`; no parsing, no timers; a write
  that would block is tried again at once. It is no proxy, and no limit of what is possible: a proxy that is
  woken less often, or reads more at a time, can be below 1.
- **An upgrade**: the client connects, gets its 101, ends its side, and waits for the proxy to end the other;
  {upgrades} at a time.
- **User memory**: growth of the proxy's anonymous memory (`smaps_rollup`) from a fresh process that has served
  one upgrade to the same with all tunnels open, one 64 B message echoed in each. The kernel's sockets are not
  in it. The floor's table of descriptors is there from the start.
- **TLS** is between client and proxy, with AES-128-GCM, X25519 and an RSA key of 2,048 bits: the client offers nothing
  else. No session is resumed.
- **Idle tunnels** carry nothing, from {settle} s after they were opened, for {seconds} s.
- Echoes are compared byte by byte, sequence numbers included; one wrong byte or one lost tunnel stops the run.
  Idle tunnels have to echo once more when they have been measured.
- The proxy has one worker and one core; load generator and backend share another. Proxies of one work run side
  by side, and batches take turns (floor, nginx, …, floor, nginx, …). A figure is the median of the rounds; a
  ratio is the median of the rounds' ratios.
- A round in which a proxy had to wait for its core (see *waited*, below) for more than {calm:.0%} of its time is
  made again, until there are enough or, after three times as many, the calmest must do. What the proxies spent
  plays no part in that.

## Where it falls short, and why

- **An upgrade** costs more than the floor's and nginx's. Nine tenths of its time are the kernel's (of the floor's, all
  of it), and each makes 24 system calls where the floor makes 14: four `epoll_ctl` more (libuv watches otherwise after the
  connect, and no more at each end), two socket options more towards the backend, a read that finds the end, `ioctl` and
  `getsockopt` of libuv's, and a `shutdown` that carries the client's end across; the backend's own end is then waited
  for, which is one sleep more than nginx's, who closes both sides at the first. `strace -c -f -p PID` under
  `bench_load upgrade` counts them.
- **1 MiB messages** have not been profiled. The floor, which tries again at once when a peer is full, spares itself the
  wait that a proxy with other tunnels to serve must make.

## This run

| | |
| --- | --- |
{machine}
## Every figure

{details}
*turns*: how often the proxy was put on its core, per message or upgrade. Near 0 it never slept, because there
was always work; near 1 and above it was woken for each message, and pays for that.
*waited*: how long it was ready while something else had its core, in percent of the time it had it: the noise
of the machine.

## What to know about the peers

Their whole configuration is in `tests/bench/peers.py`. All log nothing and have limits beyond the work; all
else is their default.
- nginx relays through `proxy_buffer_size`, 4 KiB here. A bigger one makes bulk cheaper, and each tunnel bigger
  by up to two of them.
- HAProxy takes a 16 KiB buffer (`tune.bufsize`) for as long as it holds bytes. When many tunnels are ready at
  once, glibc hands that memory back to the kernel again and again, which is about a tenth of its CPU time per
  small message here; `MALLOC_TRIM_THRESHOLD_` in its environment avoids that.
"""


def number(value):
    """Three significant digits, never in exponent form."""
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}"


def median(figures, field="value"):
    return statistics.median(getattr(figure, field) for figure in figures)


def ratio(figures, bases):
    """The median over the rounds of a peer's figure divided by the base's figure of the same round."""
    return statistics.median(peer.value / base.value for peer, base in zip(figures, bases))


def markdown(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def cell(work, name, figures):
    if name not in figures:
        return "–"
    base = "nginx" if work.tls else "floor"
    if work.as_ratio and name != base and base in figures:
        return f"{ratio(figures[name], figures[base]):.2f}"
    return f"{number(median(figures[name]))} {work.unit}"


def table(results):
    """The short table: the floor in units, the others as multiples of it where that says more."""
    names = list(dict.fromkeys(name for _, figures in results for name in figures))
    rows = [[work.title, *(cell(work, name, figures) for name in names)] for work, figures in results]
    return markdown(["", *names], rows)


def details(results):
    """Every figure with its spread over the rounds, and how it came about."""
    rows = []
    for work, figures in results:
        for name, of_peer in figures.items():
            values = [figure.value for figure in of_peer]
            of_cpu = work.kind in ("echo", "upgrade")
            rows.append([
                work.name,
                name,
                f"{number(median(of_peer))} {work.unit}",
                f"{number(min(values))} – {number(max(values))}",
                str(len(values)),
                f"{median(of_peer, 'turns'):.2f}" if of_cpu else "",
                f"{median(of_peer, 'waited'):.1%}" if of_cpu else "",
            ])
    return markdown(["work", "proxy", "median", "lowest – highest", "rounds", "turns", "waited"], rows)


def machine(chosen):
    cpu = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    rows = [
        ("date", datetime.date.today().isoformat()),
        ("CPU", f"{cpu}, {len(os.sched_getaffinity(0))} cores for the run"),
        ("kernel", f"{platform.system()} {platform.release()}"),
        ("distribution", platform.freedesktop_os_release()["PRETTY_NAME"]),
        ("command", "`./dev bench`"),
        *((peer.name, peer.version()) for peer in chosen if peer.version_flag),
    ]
    return "".join(f"| {name} | {value} |\n" for name, value in rows)


def document(results, chosen, calm):
    by_name = {work.name: work for work, _ in results}
    return PAGE.format(
        table=table(results),
        details=details(results),
        machine=machine(chosen),
        calm=calm,
        upgrades=by_name["upgrade"].tunnels,
        settle=round(by_name["idle"].settle),
        seconds=round(by_name["idle"].seconds),
    )
