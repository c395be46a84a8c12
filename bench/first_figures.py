#!/usr/bin/env python3
"""Measures an index of the guardian corpus: see first-figures.sh, which calls this.

    first_figures.py NS CORPORA INDEX

Prints Markdown. Pruned and exhaustive search take turns, so that a slow moment of the machine
meets both; a query's time is the best or the median over all of its runs.
"""
import collections
import datetime
import json
import os
import pathlib
import platform
import re
import resource
import statistics
import subprocess
import sys

NS, CORPORA, INDEX = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
QUERIES = CORPORA / "queries-dev.tsv"
BUILDS, ROUNDS, PASSES, GOAL = 3, 5, 3, 0.25


def run(*args, fine=(0,)):
    result = subprocess.run(args, capture_output=True, text=True)
    if result.returncode not in fine:
        raise SystemExit(f"{args}: exit {result.returncode}\n{result.stderr}")
    return result


def first_line(*args):
    try:
        return run(*args).stdout.splitlines()[0]
    except (OSError, SystemExit, IndexError):
        return "unknown"


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    source = str(pathlib.Path(__file__).parent)
    changed = first_line("git", "-C", source, "status", "--porcelain", "--untracked-files=no")
    print(f"- machine: {cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, "
          f"{platform.system()} {platform.release()}; load at the start {os.getloadavg()[0]:.1f}")
    print(f"- date: {datetime.date.today()}; commit "
          f"{first_line('git', '-C', source, 'rev-parse', '--short', 'HEAD')}"
          f"{'' if changed == 'unknown' else ' with changes'}; {compiler()}")


def compiler():
    cache = (pathlib.Path(NS).parent / "CMakeCache.txt").read_text()
    found = re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", cache, re.M)
    return first_line(found[1] if found else "cc", "--version") + ", Release"


def build():
    """The index, built several times; the fastest counts."""
    best = None
    for _ in range(BUILDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = json.loads(run(NS, "index", "--json", "--fresh", "--index", INDEX,
                             CORPORA / "guardian.jsonl.gz").stdout)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        out["cpu"] = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
        best = out if best is None or out["cpu"] < best["cpu"] else best
    return best


def building():
    out, stats = build(), json.loads(run(NS, "stats", "--json", "--index", INDEX).stdout)
    text = out["text_bytes"]
    print("\n### Building\n")
    print("| what | figure |\n| --- | ---: |")
    print(f"| text (headlines and bodies) | {text / 1e6:.1f} MB |")
    print(f"| articles, passages | {stats['articles']:,}, {stats['passages']:,} |")
    print(f"| processor time, best of {BUILDS} | {out['cpu']:.2f} s |")
    print(f"| **text a second and core** (at least 15) | **{text / out['cpu'] / 1e6:.1f} MB/s** |")
    print(f"| index | {stats['bytes'] / 1e6:.1f} MB, {stats['bytes'] / text:.3f} of the text |")
    kinds, counts = stats["bytes_by_kind"], stats
    print("\n| part | bytes | of the text | each |\n| --- | ---: | ---: | --- |")
    each = {"postings": f"{kinds['postings'] / counts['postings']:.2f} bytes a posting",
            "positions": f"{kinds['positions'] / counts['positions']:.2f} bytes a position",
            "terms": f"{kinds['terms'] / counts['terms']:.1f} bytes a term",
            "articles": f"{kinds['articles'] / counts['articles']:.0f} bytes an article",
            "text": "records, compressed"}
    for kind, size in kinds.items():
        print(f"| {kind} | {size:,} | {size / text:.3f} | {each[kind]} |")


def profile(query):
    """What the engine says of a query; its numbers by name."""
    said = run(NS, "query", "--index", INDEX, "--profile", "--", query,
               fine=(0, 1)).stderr
    return {name: [int(n) for n in re.findall(r"\b\d+\b", rest)] for name, rest in
            re.findall(r"^(blocks|postings|windows|candidates) +(.*)$", said, re.M)}


def bench(*options):
    rows = run(NS, "bench", "--index", INDEX, "--queries", QUERIES, "--passes", str(PASSES),
               *options).stdout
    return [line.split("\t") for line in rows.splitlines()]


def measure():
    """(class, query) -> {pruned: ([bests], [medians])}"""
    times = collections.defaultdict(lambda: {True: ([], []), False: ([], [])})
    for _ in range(ROUNDS):
        for pruned in (True, False):
            for _, kind, query, _, best, median in bench(*([] if pruned else ["--no-pruning"])):
                times[kind, query][pruned][0].append(float(best))
                times[kind, query][pruned][1].append(float(median))
    return times


def ratio_row(name, keys, times):
    best = {p: sum(min(times[k][p][0]) for k in keys) / len(keys) for p in (True, False)}
    middle = {p: statistics.mean(statistics.median(times[k][p][1]) for k in keys)
              for p in (True, False)}
    ratio = best[True] / best[False]
    print(f"| {name} | {len(keys)} | {best[True]:.0f} | {best[False]:.0f} | {ratio:.3f} | "
          f"{middle[True]:.0f} | {middle[False]:.0f} | {middle[True] / middle[False]:.3f} |")
    return ratio


def searching():
    times = measure()
    kinds = list(dict.fromkeys(kind for kind, _ in times))
    lists = {key: profile(key[1])["postings"][0] for key in times if key[0] in ("or2", "and2")}
    or2 = sorted((k for k in times if k[0] == "or2"), key=lambda k: (-lists[k], k))
    print(f"\n### TOP_10: pruned against exhaustive\n\nMean microseconds of a query over {ROUNDS} "
          f"rounds of {PASSES} passes each, pruned and exhaustive in turn.\n")
    print("| class | queries | pruned, best | exhaustive, best | ratio | pruned, median | "
          "exhaustive, median | ratio |\n|" + " --- |" + " ---: |" * 7)
    ratio = ratio_row("**or2, the half with the most postings**", or2[:len(or2) // 2], times)
    for kind in kinds:
        ratio_row(kind, [k for k in times if k[0] == kind], times)
    ratio_row("all", list(times), times)
    print(f"\nThe first line has to be at most {GOAL}: "
          f"{'reached' if ratio <= GOAL else 'NOT reached'}.")
    and2 = max((k for k in lists if k[0] == "and2"), key=lambda k: (lists[k], k))
    print("\n### What the engine did (`ns query --profile`)\n")
    print("| query | blocks seen | decoded | skipped | postings in the lists | scored |\n"
          "| --- |" + " ---: |" * 5)
    for name, key in (("or2 with the most postings", or2[0]), ("and2 with the most", and2)):
        numbers = profile(key[1])
        cells = [f"{n:,}" for n in numbers["blocks"][:3] + numbers["postings"][:2]]
        print(f"| {name} | " + " | ".join(cells) + " |")
    return ratio <= GOAL


machine()
building()
sys.exit(0 if searching() else 1)
