"""Plots as SVG, without any library: bars in groups, and lines."""
import html
import math

COLOURS = ("#0b5cad", "#58a4e0", "#c2410c", "#f2a65a", "#4d7c0f", "#7c3aed", "#6b7280")
WIDTH, LEFT, TOP, BOTTOM = 900, 90, 46, 110


def ticks(low, high, logarithmic):
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        return [10.0 ** e for e in range(first, last + 1)]
    step = 10 ** math.floor(math.log10(high))
    step = next(step * f for f in (0.2, 0.5, 1, 2) if high / (step * f) <= 6)
    return [step * i for i in range(int(high / step) + 2)]


def words(x, y, text, anchor="middle", size=12, turn=None):
    rotate = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{rotate}>'
            f"{html.escape(str(text))}</text>")


class Frame:
    """Axes, title and legend of a plot of `height` pixels."""

    def __init__(self, title, unit, names, low, high, logarithmic, height=420):
        self.marks = ticks(low, high, logarithmic)
        self.low, self.high = self.marks[0], self.marks[-1]
        self.log, self.height = logarithmic, height
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
                      'font-family="sans-serif">',
                      f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
                      words(LEFT, 18, f"{title} ({unit})", "start", 15)]
        for mark in self.marks:
            y = self.y(mark)
            self.parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" '
                              'stroke="#ddd"/>')
            self.parts.append(words(LEFT - 6, y + 4, f"{mark:,.6g}", "end"))
        x = LEFT
        for i, name in enumerate(names):
            self.parts.append(f'<rect x="{x}" y="27" width="11" height="11" '
                              f'fill="{COLOURS[i % len(COLOURS)]}"/>')
            self.parts.append(words(x + 15, 37, name, "start"))
            x += 32 + 7 * len(name)

    def y(self, value):
        bottom = self.height - BOTTOM
        if self.log:
            value = max(value, self.low)
            share = math.log10(value / self.low) / math.log10(self.high / self.low)
        else:
            share = value / self.high
        return bottom - share * (bottom - TOP)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(self.parts + ["</svg>"]) + "\n")


def bars(path, title, unit, groups, names, logarithmic=False):
    """groups: [(label, {name: value})]; a name that is missing leaves a gap."""
    values = [v for _, row in groups for v in row.values() if v > 0]
    if not values:
        return
    frame = Frame(title, unit, names, min(values), max(values), logarithmic)
    room = (WIDTH - LEFT - 10) / len(groups)
    wide = min(40, room * 0.84 / len(names))
    turned = any(7 * len(label) > room for label, _ in groups)
    for g, (label, row) in enumerate(groups):
        start = LEFT + room * g + (room - wide * len(names)) / 2
        for i, name in enumerate(names):
            if name in row:
                y = frame.y(row[name])
                frame.parts.append(
                    f'<rect x="{start + wide * i:.1f}" y="{y:.1f}" width="{wide * 0.92:.1f}" '
                    f'height="{frame.height - BOTTOM - y:.1f}" fill="{COLOURS[i % len(COLOURS)]}">'
                    f"<title>{html.escape(label)}, {html.escape(name)}: {row[name]:.4g}</title>"
                    "</rect>")
        x, y = LEFT + room * (g + 0.5), frame.height - BOTTOM + 16
        frame.parts.append(words(x, y, label, "end" if turned else "middle",
                                 turn=-35 if turned else None))
    frame.save(path)


def lines(path, title, unit, across, series):
    """series: {name: [(x, y)]}; both axes in powers."""
    points = [p for row in series.values() for p in row]
    if not points:
        return
    frame = Frame(title, unit, list(series), min(y for _, y in points),
                  max(y for _, y in points), True)
    low, high = min(x for x, _ in points), max(x for x, _ in points)

    def place(x):
        share = math.log(x / low) / math.log(high / low) if high > low else 0.5
        return LEFT + 30 + share * (WIDTH - LEFT - 80)

    for i, row in enumerate(series.values()):
        colour = COLOURS[i % len(COLOURS)]
        path_points = " ".join(f"{place(x):.1f},{frame.y(y):.1f}" for x, y in row)
        frame.parts.append(f'<polyline points="{path_points}" fill="none" stroke="{colour}" '
                           'stroke-width="2"/>')
        frame.parts += [f'<circle cx="{place(x):.1f}" cy="{frame.y(y):.1f}" r="4" '
                        f'fill="{colour}"/>' for x, y in row]
    for x in sorted({x for x, _ in points}):
        frame.parts.append(words(place(x), frame.height - BOTTOM + 18, f"{x:,}"))
    frame.parts.append(words(WIDTH / 2, frame.height - 20, across))
    frame.save(path)
