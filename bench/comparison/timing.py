"""Times of many passes, engines in turn, and what is said of them."""
import collections
import statistics
import time

COMMANDS = ("TOP_10", "TOP_100", "TOP_1000", "TOP_100_COUNT", "COUNT")


def warm(servers, command, limit=20, settled=0.02, seconds=60):
    """Passes until the median over all queries moves less than `settled` from pass to pass in every
    engine, twice in a row, or so many seconds are over. Returns how many each took."""
    took = {}
    for server in servers:
        last, calm, passes, end = None, 0, 0, time.monotonic() + seconds
        while calm < 2 and passes < limit and (passes < 2 or time.monotonic() < end):
            median = statistics.median(server.run(command))
            calm = calm + 1 if last and abs(median - last) < settled * last else 0
            last, passes = median, passes + 1
        took[server.name] = passes
    return took


def measure(servers, command, passes):
    """{engine: [[ns of each pass] of each query]}. A pass of one engine follows a pass of another,
    so that a slow moment of the machine meets all. What the other left of the caches is not what a
    warm engine finds: a pass that is not timed goes before each that is."""
    times = {server.name: [] for server in servers}
    for turn in range(passes):
        first = turn % len(servers)
        for server in servers[first:] + servers[:first]:
            server.run(command)
            times[server.name].append(server.run(command))
    return {name: list(zip(*rows)) for name, rows in times.items()}


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Row = collections.namedtuple("Row", "best mean median p99")


def summary(times, classes):
    """{class: Row} in microseconds: mean of best runs; mean, median and 99th percentile over the
    queries' medians."""
    groups = collections.defaultdict(list)
    for kind, runs in zip(classes, times):
        groups[kind].append(runs)
    out = {}
    for kind, queries in groups.items():
        medians = [statistics.median(runs) / 1e3 for runs in queries]
        best = statistics.mean(min(runs) for runs in queries) / 1e3
        out[kind] = Row(best, statistics.mean(medians), statistics.median(medians),
                        percentile(medians, 0.99))
    return out
