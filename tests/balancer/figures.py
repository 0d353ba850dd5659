"""Measures the balancing policies and writes docs/balancing.md with its plots: `./dev bench balancing`.

    figures.py PROGRAM                    PROGRAM is build/release/tests/balancer/balancing_figures; a few minutes
    figures.py --results FILE             from what PROGRAM printed before
"""

import json
import subprocess
import sys
from pathlib import Path

import svg

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
COUNTS = (10, 100, 1000, 10000)
HASHING = ("RING_HASH", "MAGLEV, 65537 slots", "MAGLEV, 1000003 slots", "RENDEZVOUS")
POLICIES = ("ROUND_ROBIN", "LEAST_CONNECTIONS", "RANDOM_TWO_CHOICES") + HASHING
PAPER = ("Maglev as in the paper, 65537 slots", "Maglev as in the paper, 1000003 slots")


def number(value):
    if value is None:
        return "–"
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def size(value):
    for unit in ("B", "KiB", "MiB"):
        if value < 1024 or unit == "MiB":
            return f"{number(value)} {unit}"
        value /= 1024


def percent(value):
    return "–" if value is None else f"{100 * value:.3g} %"


class Results:
    def __init__(self, lines):
        rows = [json.loads(line) for line in lines if line.strip()]
        self.rows = {(row["policy"], row["endpoints"], row["weighted"]): row for row in rows}

    def get(self, policy, count, weighted, field):
        return self.rows.get((policy, count, weighted), {}).get(field)

    def ratio(self, policy, count, weighted, field):
        moved = self.get(policy, count, weighted, field)
        return None if moved is None else moved / self.get(policy, count, weighted, "ideal")

    def table(self, policies, cell):
        """A row for each policy, for each number of endpoints a cell with equal weights and one with weights."""
        head = "| | " + " | ".join(f"{count:,}" for count in COUNTS) + " |"
        rows = [head, "| --- |" + " --- |" * len(COUNTS)]
        for policy in policies:
            cells = []
            for count in COUNTS:
                both = [cell(policy, count, weighted) for weighted in (False, True)]
                cells.append(" / ".join(one for one in both if one != "–") or "–")
            rows.append(f"| {policy} | " + " | ".join(cells) + " |")
        return "\n".join(rows)

    def curves(self, policies, value):
        curves = {}
        for policy in policies:
            points = [(count, value(policy, count)) for count in COUNTS]
            curves[policy] = [point for point in points if point[1] is not None]
        return curves


def plots(results):
    moved = results.curves(PAPER + HASHING, lambda p, n: results.ratio(p, n, False, "moved"))
    spread = results.curves(PAPER + HASHING[:3], lambda p, n: results.get(p, n, False, "most"))
    pick = results.curves(POLICIES, lambda p, n: results.get(p, n, False, "pick_ns"))
    build = results.curves(POLICIES, lambda p, n: results.get(p, n, False, "build_ms"))
    return {
        "balancing_moved.svg": svg.chart("Keys moved when one endpoint leaves, as a multiple of its own", moved, 1),
        "balancing_spread.svg": svg.chart("Largest share of keys, as a multiple of the mean", spread, 1),
        "balancing_pick.svg": svg.chart("Time of a pick, ns", pick),
        "balancing_build.svg": svg.chart("Time to build, ms", build),
    }


def tables(results):
    def field(name, text):
        def cell(policy, count, weighted):
            value = results.get(policy, count, weighted, name)
            return "–" if value is None else text(value)
        return cell

    def moved(name):
        def cell(policy, count, weighted):
            ratio = results.ratio(policy, count, weighted, name)
            if ratio is None:
                return "–"
            return f"{percent(results.get(policy, count, weighted, name))} ({ratio:.2f} ×)"
        return cell

    return {
        "pick": results.table(POLICIES, field("pick_ns", number)),
        "build": results.table(POLICIES, field("build_ms", number)),
        "bytes": results.table(POLICIES, field("bytes", size)),
        "spread": results.table(HASHING[:3] + PAPER, field("most", lambda v: f"{v:.3f}")),
        "least": results.table(HASHING[:3] + PAPER, field("least", lambda v: f"{v:.3f}")),
        "moved": results.table(HASHING + PAPER, moved("moved")),
        "bounded": results.table(HASHING, moved("bounded_moved")),
    }


def main():
    if sys.argv[1] == "--results":
        lines = Path(sys.argv[2]).read_text().splitlines()
    else:
        lines = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout.splitlines()
    results = Results(lines)
    for name, text in plots(results).items():
        (DOCS / name).write_text(text)
    text = (Path(__file__).parent / "balancing.md.in").read_text()
    for name, table in tables(results).items():
        text = text.replace("{{" + name + "}}", table)
    (DOCS / "balancing.md").write_text(text)
    print(f"wrote docs/balancing.md from {len(results.rows)} measurements")


if __name__ == "__main__":
    main()
