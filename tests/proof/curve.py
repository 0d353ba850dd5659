"""Draws curves over time as SVG, both axes from 0."""

COLORS = ("#999999", "#4e79a7", "#f28e2b", "#e15759", "#59a14f", "#b07aa1")
WIDTH, HEIGHT, LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT = 860, 360, 70, 40, 520, 260


def step(top):
    """The distance of some five marks up to `top`, of 1, 2 or 5 of a decade."""
    size = 1.0
    while size * 5 < top:
        size *= 10
    while size * 5 > top * 1.01:
        size /= 10
    return size * next(factor for factor in (1, 2, 5, 10) if size * factor * 6 >= top)


def chart(title, across, upwards, curves):
    """`curves` are lists of (x, y) by name; the first is drawn in gray, as what the others are held against."""
    right = max(x for points in curves.values() for x, _ in points)
    top = max(y for points in curves.values() for _, y in points) * 1.1

    def place(x, y):
        return LEFT + PLOT_WIDTH * x / right, TOP + PLOT_HEIGHT * (1 - y / top)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="white"/>',
             f'<text x="{LEFT}" y="22" font-size="15">{title}</text>']
    for i in range(int(top / step(top)) + 1):
        _, at = place(0, i * step(top))
        parts.append(f'<path d="M{LEFT} {at:.1f}h{PLOT_WIDTH}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{i * step(top):g}</text>')
    for i in range(int(right / step(right)) + 1):
        at, _ = place(i * step(right), 0)
        parts.append(f'<path d="M{at:.1f} {TOP}v{PLOT_HEIGHT}" stroke="#ddd"/>'
                     f'<text x="{at:.1f}" y="{TOP + PLOT_HEIGHT + 18}" text-anchor="middle">{i * step(right):g}</text>')
    parts.append(f'<text x="{LEFT + PLOT_WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">{across}</text>')
    parts.append(f'<text x="{LEFT}" y="{TOP - 4}">{upwards}</text>')
    for i, (name, points) in enumerate(curves.items()):
        color = COLORS[i % len(COLORS)]
        line = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        at = TOP + 10 + 22 * i
        parts.append(f'<path d="M{LEFT + PLOT_WIDTH + 20} {at}h24" stroke="{color}" stroke-width="2"/>'
                     f'<text x="{LEFT + PLOT_WIDTH + 50}" y="{at + 4}">{name}</text>')
    return "\n".join(parts) + "\n</svg>\n"
