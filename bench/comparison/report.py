"""What was measured as Markdown, CSV and SVG."""
import csv
import pathlib

from . import plots

FIXED = 20.0  # microseconds of the best peer below which a row measures fixed cost


def table(head, rows):
    out = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    out += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(out) + "\n"


def cell(row):
    return f"{row.mean:,.0f} / {row.median:,.0f} / {row.p99:,.0f}" if row else "–"


def ratios_of(search, command, kind, name):
    """The best peer's mean, median and p99, each over ours."""
    own = search.rows[command, kind, name]
    return [search.best_peer(command, kind, which)[0] / getattr(own, which)
            for which in ("mean", "median", "p99")]


def verdicts(search, command, kind, names):
    """A cell of ratios for each of our indexes, and whether the goal is reached by which."""
    if search.best_peer(command, kind, "mean")[0] is None:
        return ["no peer"] * len(names) + [""]
    cells, reached = [], []
    for name in names:
        ratios = ratios_of(search, command, kind, name)
        fine = ratios[0] >= (3 if command == "TOP_10" else 2)
        if command == "TOP_10":
            fine = fine and min(ratios[1:]) >= 1
        cells.append(" / ".join(f"{ratio:.2f}" for ratio in ratios))
        reached.append("reached" if fine else "not reached")
    note = reached[0] if len(set(reached)) == 1 else \
        ", ".join(f"{name} {word}" for name, word in zip(names, reached))
    if search.best_peer(command, kind, "mean")[0] < FIXED:
        note += "; fixed cost is measured"
    return cells + [note]


def search_tables(search, absent):
    out = [f"### {search.name}: {search.passages:,} passages\n"]
    names = [engine.name for engine in search.engines]
    labels = [engine.label for engine in search.engines] + [f"{a} (missing)" for a in absent]
    own = [engine for engine in search.engines if not engine.peer]
    hits = dict.fromkeys(search.classes(), 0)
    for (kind, _), count in zip(search.queries, search.counts):
        hits[kind] += count
    sizes = {kind: sum(1 for k, _ in search.queries if k == kind) for kind in hits}
    for command in dict.fromkeys(command for command, _, _ in search.rows):
        rows = []
        for kind in search.classes():
            if (command, kind, "ns") not in search.rows:
                continue
            rows.append([kind, sizes[kind], f"{hits[kind] / sizes[kind]:,.0f}"]
                        + [cell(search.rows.get((command, kind, name))) for name in names]
                        + ["–"] * len(absent)
                        + verdicts(search, command, kind, [engine.name for engine in own]))
        out.append(f"{command}, microseconds: mean / median / p99 over the queries' medians\n")
        out.append(table(["class", "queries", "mean hits"] + labels
                         + [f"best peer / {engine.label}" for engine in own] + ["goal"], rows))
    out.append("Agreement with ns: share of its top 10, largest difference of a score\n")
    rows = [[parameters] + ["{:.4f}, {:.2g}".format(*scores[name]) if name in scores
                            else "not to be set" for name in names]
            for parameters, scores in search.agreement.items()]
    out.append(table(["k1, b"] + labels[:len(names)], rows))
    out.append("Passes until warm: " + "; ".join(
        f"{command} " + ", ".join(f"{name} {passes}" for name, passes in took.items())
        for command, took in search.warmed.items()) + "\n")
    return "\n".join(out)


def write_csv(path, searches):
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["collection", "passages", "command", "class", "engine", "best_us",
                      "mean_us", "median_us", "p99_us"])
        for search in searches:
            for (command, kind, name), row in search.rows.items():
                out.writerow([search.name, search.passages, command, kind, name]
                             + [f"{value:.3f}" for value in row])


def write_figures_csv(path, sections):
    """Every table that is not of search, one line a cell."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["table", "row", "column", "value"])
        for title, head, rows in sections:
            for row in rows:
                for name, value in zip(head[1:], row[1:]):
                    out.writerow([title, row[0], name, value])


def plot_search(folder, search):
    labels = {engine.name: engine.label for engine in search.engines}
    for command in dict.fromkeys(command for command, _, _ in search.rows):
        groups = [(kind, {labels[name]: search.rows[command, kind, name].mean for name in labels
                          if (command, kind, name) in search.rows})
                  for kind in search.classes()]
        plots.bars(pathlib.Path(folder) / f"latency-{search.name}-{command.lower()}.svg",
                   f"{command}, {search.name}: mean", "µs", [g for g in groups if g[1]],
                   list(labels.values()), logarithmic=True)
