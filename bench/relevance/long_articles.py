#!/usr/bin/env python3
"""Long articles with an answer deep inside: passages beside whole articles.

    bench/relevance/long_articles.py [--ns PROGRAM] [--work DIR] [--shared DIR]

Joins twelve articles of the three news corpora at a time, headlines left out, to one long one. A
query is the headline of one in its second half; the long article it stands in should be found. 400
queries, among 2,322 long articles; the seed is fixed. Prints how often it is among the first ten
and the mean reciprocal rank: whole articles (--one-passage, plain BM25 at two settings), passages
(plain BM25), and the default ranking.
"""
import argparse
import gzip
import json
import os
import pathlib
import random
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPORA = ("guardian", "reuters21578", "chronam1916")
QUERIES, JOINED, DEPTH, SEED = 400, 12, 10, 7


def articles(shared):
    out = []
    for name in CORPORA:
        with gzip.open(shared / "corpora" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as source:
            for line in source:
                record = json.loads(line)
                body = record.get("body", "")
                if record.get("title") and 120 <= len(body.split()) <= 1500:
                    out.append((record["title"], body))
    random.Random(SEED).shuffle(out)
    return out


def plant(shared, work):
    """Writes records, topics and judgments; returns how many records."""
    found, numbers, count = articles(shared), random.Random(SEED), 0
    with open(work / "long.jsonl", "w", encoding="utf-8") as records, \
            open(work / "long.tsv", "w", encoding="utf-8") as topics, \
            open(work / "long.qrels", "w", encoding="utf-8") as qrels:
        for first in range(0, len(found) - JOINED + 1, JOINED):
            parts = found[first:first + JOINED]
            deep = JOINED // 2 + numbers.randrange(JOINED // 2)
            body = "\n\n".join(text for _, text in parts)
            records.write(json.dumps({"id": f"L{count}", "title": "", "body": body}) + "\n")
            if count < QUERIES:
                topics.write(f"P{count}\t{' '.join(parts[deep][0].split())}\n")
                qrels.write(f"P{count} 0 L{count} 1\n")
            count += 1
    return count


def measure(program, work, index, *options):
    out = subprocess.run([program, "eval", "--index", work / index, "--topics", work / "long.tsv",
                          "--qrels", work / "long.qrels", "--depth", str(DEPTH), "--json",
                          *options], capture_output=True, text=True, check=True).stdout
    every = json.loads(out)["all"]
    return f"{every['recall_100']:.3f} | {every['recip_rank']:.3f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--ns", default=ROOT / "build" / "ns", help="the program (build/ns)")
    parser.add_argument("--work", default=ROOT / "build" / "relevance", help="indexes")
    parser.add_argument("--shared", default=os.environ.get("NS_SHARED", ROOT.parent / "shared"),
                        help="the folder that holds corpora/")
    chosen = parser.parse_args()
    shared, work = pathlib.Path(chosen.shared), pathlib.Path(chosen.work)
    if not (shared / "corpora").exists():
        raise SystemExit(f"{shared}/corpora is missing; --shared names the folder that holds it")
    work.mkdir(parents=True, exist_ok=True)
    print(f"{plant(shared, work)} long articles, {QUERIES} queries\n")
    for index, options in (("long.ns", ()), ("whole.ns", ("--one-passage",))):
        subprocess.run([chosen.ns, "index", "--quiet", "--fresh", "--index", work / index, *options,
                        work / "long.jsonl"], check=True, stderr=subprocess.DEVNULL)
    print("| ranking | in the first ten | MRR |\n| --- | ---: | ---: |")
    for label, index, options in (
            ("whole articles, BM25 0.9, 0.4", "whole.ns", ("--k1", "0.9", "--b", "0.4")),
            ("whole articles, BM25 1.2, 0.75", "whole.ns", ("--k1", "1.2", "--b", "0.75")),
            ("passages, BM25", "long.ns", ("--ranking", "bm25")), ("default", "long.ns", ())):
        print(f"| {label} | {measure(chosen.ns, work, index, *options)} |", flush=True)


if __name__ == "__main__":
    main()
