"""Everything but search: size, build speed, threads, memory, whole processes, growth. Each returns
(title, head, rows) for a table."""
import os
import pathlib
import shutil
import statistics
import subprocess
import time

from . import data as shared
from . import timing
from .search import Search, indexed


def scratch(work, name):
    return pathlib.Path(work) / "index" / f"scratch.{name}"


def drop(path):
    shutil.rmtree(path, ignore_errors=True)
    if pathlib.Path(path).is_file():
        pathlib.Path(path).unlink()


def sizes(engines, sources, work):
    """Bytes of a byte of text, with positions and without stored text."""
    rows = []
    for source in sources:
        directories = indexed(engines, source, work)
        row = [f"{source.name}: {source.count:,} records, {source.bytes / 1e6:.1f} MB"]
        for engine in engines:
            size = engine.index_bytes(directories[engine.name])
            row.append(f"{size:,} ({size / source.bytes:.4f})")
        rows.append(row)
    return "Index with positions, no stored text: bytes (of the text)", \
        ["collection"] + [engine.label for engine in engines], rows


def builds(engines, source, raw, work, repeats):
    """MB of input a processor second, the best of so many; size of the index."""
    rows = []
    for engine in engines:
        for text, analyzer in ((source, "whitespace"), (raw, "standard")):
            if analyzer == "standard" and not engine.threads:
                continue
            for store in engine.stores:
                if store != "none" and analyzer == "standard":
                    continue
                rows.append(build_row(engine, text, analyzer, store, work, repeats))
    return ("Building: records to one committed, merged segment",
            ["engine", "input", "stored text", "MB a CPU second", "CPU seconds", "seconds",
             "index bytes"], rows)


def build_row(engine, text, analyzer, store, work, repeats):
    print(f"  building {engine.label}, {text.name}, stored text {store}", flush=True)
    directory, best = scratch(work, engine.name), None
    for _ in range(repeats):
        drop(directory)
        took = engine.build(text, directory, analyzer, store)
        best = took if best is None or took.cpu < best.cpu else best
    size = engine.index_bytes(directory, store) if engine.name == "ns" else \
        engine.index_bytes(directory)
    drop(directory)
    return [engine.label, f"{text.name}, {analyzer}", store, f"{text.bytes / 1e6 / best.cpu:.1f}",
            f"{best.cpu:.2f}", f"{best.wall:.2f}", f"{size:,}"]


def threads(engines, source, work, search, repeats, passes):
    """The clock's time of one thread over that of two."""
    rows = []
    for engine in engines:
        if not engine.threads or engine.name.endswith("-bp"):
            continue
        directory, wall = scratch(work, engine.name), {1: [], 2: []}
        for _ in range(repeats):
            for count in (1, 2):
                drop(directory)
                wall[count].append(engine.build(source, directory, threads=count).wall)
        drop(directory)
        rows.append([f"build, {engine.label}", f"{min(wall[1]):.2f} s", f"{min(wall[2]):.2f} s",
                     f"{min(wall[1]) / min(wall[2]):.2f}"])
    search.cpu, kept = None, search.cpu
    server = next(s for s in search.open(engines=[e for e in search.engines if e.name == "ns"]))
    search.cpu = kept
    rates = {1: [], 2: []}
    server.ask(f"threads 1 {passes}")
    for _ in range(repeats):
        for count in (1, 2):
            rates[count].append(float(server.ask(f"threads {count} {passes}")))
    server.close()
    rows.append(["queries a second, ns, TOP_10", f"{max(rates[1]):,.0f}", f"{max(rates[2]):,.0f}",
                 f"{max(rates[2]) / max(rates[1]):.2f}"])
    return "Two threads against one", ["what", "1 thread", "2 threads", "gain"], rows


def memory(search):
    rows = [[engine.label, f"{search.anonymous[engine.name] / 1e6:.1f}"]
            for engine in search.engines]
    return f"RssAnon after all queries of {search.name}, MB", ["engine", "MB"], rows


# ---- Whole processes ----

def fts_query(query):
    """As fts5.c asks; here of the words and operators of the development queries alone."""
    must, should, no = [], [], []
    rest = query.strip()
    while rest:
        kind = must if rest[0] == "+" else no if rest[0] == "-" else should
        rest = rest.lstrip("+-")
        quoted = rest.startswith('"')
        word, _, rest = rest[1:].partition('"') if quoted else rest.partition(" ")
        kind.append(f'"{word}"')
        rest = rest.strip()
    text = " AND ".join(must) if must else "(" + " OR ".join(should) + ")"
    if must and should:
        text += f" AND ({must[0]} OR {' OR '.join(should)})"
    return f"({text}) NOT ({' OR '.join(no)})" if no else text


def process_argv(work, directories):
    binary = pathlib.Path(work) / "bin"
    sql = "SELECT rowid, body FROM t WHERE t MATCH '{}' ORDER BY rank LIMIT 10"
    kinds = {
        "/bin/true": lambda query: ["/bin/true"],
        "ns query": lambda query: [str(binary / "ns"), "query", "--index", directories["ns"], "--",
                                   query]}
    if "fts5" in directories:
        kinds["sqlite3"] = lambda query: ["sqlite3", "-readonly", directories["fts5"],
                                          sql.format(fts_query(query))]
    if "xapian" in directories:
        kinds["quest"] = lambda query: ["quest", "--db=" + directories["xapian"], "--msize=10",
                                        "--stemmer=none", "--default-op=or", "--flags=default",
                                        query]
    return kinds


def one_process(argv):
    start = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    _, status = os.waitpid(pid, 0)
    took = (time.perf_counter() - start) * 1e3
    if os.waitstatus_to_exitcode(status) > 1:
        raise SystemExit(f"{argv}: exit {os.waitstatus_to_exitcode(status)}")
    return took


def processes(engines, source, queries, work, passes):
    """Milliseconds from spawn to exit, ten results with their text, mean of the queries' medians,
    less /bin/true. The slow peers answer a tenth of the queries; ns is told for both."""
    directories, sample = {}, set(shared.tenth(queries))
    for engine in engines:
        if engine.name in ("ns", "fts5", "xapian"):
            directories[engine.name] = str(scratch(work, f"process.{engine.name}"))
            if not pathlib.Path(directories[engine.name]).exists():
                print(f"  building {engine.label} with text on {source.name}", flush=True)
                engine.build(source, directories[engine.name], store="text")
    kinds = process_argv(work, directories)
    times = {(kind, query): [] for kind in kinds for query in queries
             if kind in ("ns query", "/bin/true") or query in sample}
    for _ in range(passes + 1):
        for query in queries:
            for kind, argv in kinds.items():
                if (kind, query) in times:
                    times[kind, query].append(one_process(argv(query[1])))
    medians = {key: statistics.median(runs[1:]) for key, runs in times.items()}

    def mean(kind, chosen):
        return statistics.mean(medians[kind, query] for query in chosen)

    rows = []
    for kind in kinds:
        if kind == "/bin/true":
            continue
        some = sorted(sample)
        tenth = mean(kind, some) - mean("/bin/true", some)
        every = f"{mean(kind, queries) - mean('/bin/true', queries):.2f}" if kind == "ns query" \
            else "–"
        rows.append([kind, f"{tenth:.2f}", every])
    for directory in directories.values():
        drop(directory)
    return (f"Whole processes on {source.name}, ms less /bin/true",
            ["process", f"mean of {len(sample)} queries", f"mean of all {len(queries)}"], rows)


# ---- Growth, and whether the made text is like the real one ----

def likeness(engine, real, made, queries, work, cpu):
    """Hits and blocks decoded of the made text at the size of the real one, over the real ones."""
    figures = []
    for source in (real, made):
        search = Search(source, [engine], queries, indexed([engine], source, work), cpu, work)
        server = search.open()[0]
        work_done = [pair.split(":") for pair in server.ask("work").split()]
        figures.append((server.passages, server.counts(), [int(pair[0]) for pair in work_done]))
        server.close()
    rows, fine = [], True
    for kind in dict.fromkeys(kind for kind, _ in queries):
        chosen = [i for i, (k, _) in enumerate(queries) if k == kind]
        hits = [sum(counts[i] for i in chosen) / passages for passages, counts, _ in figures]
        blocks = [sum(done[i] for i in chosen) for _, _, done in figures]
        ratios = [hits[1] / hits[0] if hits[0] else 1, blocks[1] / blocks[0] if blocks[0] else 1]
        within = all(0.75 <= ratio <= 1.25 for ratio in ratios)
        fine = fine and within
        rows.append([kind, f"{ratios[0]:.2f}", f"{ratios[1]:.2f}", "yes" if within else "NO"])
    return (f"Made text against real text, {real.count:,} passages each",
            ["class", "hits", "blocks decoded (TOP_10)", "within 25 %"], rows), fine


def growth(engine, sources, queries, work, cpu, passes):
    """Mean TOP_10 microseconds by passages, over all queries. The sizes take turns, so that a slow
    moment of the machine meets all; what is large is dropped as soon as it is not needed."""
    servers, sizes_of, large = [], {}, []
    for source in sources:
        search = Search(source, [engine], queries, indexed([engine], source, work), cpu, work)
        directory = search.directories[engine.name]
        if source.count > 1_000_000:
            source.drop()
            large.append(directory)
        servers.append(search.open()[0])
        servers[-1].name = source.name
        sizes_of[source.name] = engine.index_bytes(directory)
    timing.warm(servers, "TOP_10", 10)
    times = timing.measure(servers, "TOP_10", passes)
    rows, points = [], []
    for server in servers:
        mean = statistics.mean(statistics.median(runs) for runs in times[server.name]) / 1e3
        points.append((server.passages, mean))
        counts = sum(server.counts()) / len(queries) / server.passages
        rows.append([f"{server.passages:,}", f"{mean:.1f}", f"{mean / points[0][1]:.2f}",
                     f"{100 * counts:.3f} %", f"{sizes_of[server.name] / 1e6:.1f}"])
        server.close()
    for directory in large:
        drop(directory)
    return ("Growth: ns, TOP_10, all queries",
            ["passages", "mean µs", "× the first", "mean hits of the passages", "index MB"],
            rows), points
