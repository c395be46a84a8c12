"""Search, measured: counts compared, results compared, times taken."""
import pathlib

from . import data as shared
from . import timing
from .serve import Server


def indexed(engines, source, work, built=None):
    """Builds what is missing; {engine name: directory}."""
    out = {}
    for engine in engines:
        directory = pathlib.Path(work) / "index" / f"{source.name}.{engine.name}"
        if not directory.exists():
            print(f"  building {engine.label} on {source.name}", flush=True)
            took = engine.build(source, directory)
            if built is not None:
                built[source.name, engine.name] = took
        out[engine.name] = directory
    return out


def compare_counts(servers, queries):
    """Any difference ends the run."""
    counts = {server.name: server.counts() for server in servers}
    first = servers[0].name
    for name, own in counts.items():
        for (kind, query), expected, got in zip(queries, counts[first], own):
            if expected != got:
                raise SystemExit(f"COUNT differs: {kind} {query!r}: {first} {expected}, "
                                 f"{name} {got}")
    return counts[first]


def agreement(servers, queries, limit=10):
    """{"words" or "phrases": {engine: (mean share of ns's top 10 that it has too, largest
    difference of a score)}}. Apart, because the peers score a phrase as one word of its own and ns
    the words in it."""
    results = {server.name: server.results(limit, len(queries)) for server in servers}
    return {kind: {name: compare_results(results[servers[0].name], theirs, chosen)
                   for name, theirs in results.items()}
            for kind, chosen in (
                ("words", [i for i, (_, query) in enumerate(queries) if '"' not in query]),
                ("phrases", [i for i, (_, query) in enumerate(queries) if '"' in query]))}


def compare_results(ours, theirs, chosen):
    shares, worst = [], 0.0
    for i in chosen:
        scores = dict(ours[i])
        both = [(scores[doc], score) for doc, score in theirs[i] if doc in scores]
        if scores:
            shares.append(len(both) / len(scores))
        worst = max([worst] + [abs(a - b) for a, b in both])
    return (sum(shares) / len(shares) if shares else 1.0, worst)


class Search:
    """What one group of engines showed on one collection."""

    def __init__(self, source, engines, queries, directories, cpu, work):
        self.name, self.engines, self.queries = source.name, engines, queries
        self.directories, self.cpu = directories, cpu
        self.file = shared.write_queries(pathlib.Path(work) / "data" / f"{source.name}."
                                         f"{len(queries)}.tsv", queries)
        self.rows, self.warmed, self.anonymous, self.agreement = {}, {}, {}, {}
        self.counts, self.passages = [], 0

    def open(self, k1="1.2", b="0.75", engines=None):
        return [Server(engine.name,
                       engine.serve_argv(self.directories[engine.name], self.file, k1, b),
                       self.cpu) for engine in engines or self.engines]

    def run(self, commands, passes):
        servers = self.open()
        self.passages = servers[0].passages
        self.counts = compare_counts(servers, self.queries)
        self.agree("1.2, 0.75", servers)
        classes = [kind for kind, _ in self.queries]
        for command in commands:
            print(f"  {self.name} {command}", flush=True)
            self.warmed[command] = timing.warm(servers, command)
            for name, times in timing.measure(servers, command, passes).items():
                for kind, row in timing.summary(times, classes).items():
                    if not (command == "COUNT" and kind in ("term", "sbg term")):
                        self.rows[command, kind, name] = row
        for server in servers:
            self.anonymous[server.name] = server.rss_anon()
            server.close()
        self.other_parameters()

    def other_parameters(self):
        able = [engine for engine in self.engines if engine.both_parameters]
        servers = self.open("0.9", "0.4", able)
        self.agree("0.9, 0.4", servers)
        for server in servers:
            server.close()

    def agree(self, parameters, servers):
        for kind, found in agreement(servers, self.queries).items():
            self.agreement[f"{parameters}: {kind}"] = found

    def classes(self):
        return list(dict.fromkeys(kind for kind, _ in self.queries))

    def best_peer(self, command, kind, which):
        """(value, label) of the best peer in one figure of a row."""
        found = [(getattr(self.rows[command, kind, engine.name], which), engine.label)
                 for engine in self.engines
                 if engine.peer and (command, kind, engine.name) in self.rows]
        return min(found) if found else (None, None)
