"""Draws curves over the number of endpoints, both axes logarithmic, as SVG."""

from math import ceil, floor, log10

COLORS = ("#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#b07aa1", "#9c755f")
WIDTH, HEIGHT, LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT = 860, 380, 70, 40, 480, 290


def ticks(low, high):
    """1, 2 and 5 of each decade, or the decades alone where there are many."""
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    steps = (1,) if len(decades) > 4 else (1, 2, 5)
    return [step * 10.0 ** decade for decade in decades for step in steps]


def chart(title, curves, mark=None):
    values = [y for points in curves.values() for _, y in points if y > 0]
    low, high = min(values + ([mark] if mark else [])), max(values)
    marks = ticks(low, high)
    bottom = max([m for m in marks if m <= low * 1.0001], default=low)
    top = min([m for m in marks if m >= high], default=high)

    def x(count):
        return LEFT + PLOT_WIDTH * (log10(count) - 1) / 3

    def y(value):
        return TOP + PLOT_HEIGHT * (1 - (log10(value) - log10(bottom)) / (log10(top) - log10(bottom)))

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="white"/>',
             f'<text x="{LEFT}" y="22" font-size="15">{title}</text>']
    for value in (m for m in marks if bottom <= m <= top):
        parts.append(f'<path d="M{LEFT} {y(value):.1f}h{PLOT_WIDTH}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    for count in (10, 100, 1000, 10000):
        parts.append(f'<path d="M{x(count):.1f} {TOP}v{PLOT_HEIGHT}" stroke="#ddd"/>'
                     f'<text x="{x(count):.1f}" y="{TOP + PLOT_HEIGHT + 18}" text-anchor="middle">{count:,}</text>')
    parts.append(f'<text x="{LEFT + PLOT_WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">endpoints</text>')
    for i, (name, points) in enumerate(curves.items()):
        color = COLORS[i % len(COLORS)]
        dashes = ' stroke-dasharray="5 4"' if "paper" in name else ""
        line = " ".join(f"{x(count):.1f},{y(value):.1f}" for count, value in points if value > 0)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"{dashes}/>')
        at = TOP + 10 + 22 * i
        parts.append(f'<path d="M{LEFT + PLOT_WIDTH + 20} {at}h24" stroke="{color}" stroke-width="2"{dashes}/>'
                     f'<text x="{LEFT + PLOT_WIDTH + 50}" y="{at + 4}">{name}</text>')
    return "\n".join(parts) + "\n</svg>\n"
