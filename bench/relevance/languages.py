#!/usr/bin/env python3
"""Known-item queries in many languages: ns beside the tokenizers of SQLite's FTS5.

    bench/relevance/languages.py [--ns PROGRAM] [--work DIR] [--shared DIR] [LANGUAGE…]

A query is the headline of an article whose headline is blanked; where articles have none, their
first sentence, which is blanked in the body. Its article should be found. Prints Markdown: how
often it is among the first ten, and the mean reciprocal rank, by ns and by FTS5 with unicode61,
porter and trigram (words and trigrams joined by OR, ranked by its bm25()), and with unicode61 as it
comes: words side by side must all be there.
"""
import argparse
import gzip
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# What FTS5 cuts words by, and what stands between those of a query.
FTS5 = {"unicode61": ("unicode61", " OR "), "porter": ("porter unicode61", " OR "),
        "trigram": ("trigram", " OR "), "unicode61, all words": ("unicode61", " ")}
MOST_QUERIES, DEPTH = 500, 10
SENTENCE_END = re.compile(r"(?<=[.!?؟።])\s+|(?<=[。！？])")


def records(path):
    with gzip.open(path, "rt", encoding="utf-8") as source:
        return [json.loads(line) for line in source]


def judged(shared, name, prefix=""):
    """Records and topics of a collection whose headlines are blanked already."""
    folder = shared / "collections"
    answers = {}
    with open(folder / f"{name}.qrels", encoding="utf-8") as source:
        for line in source:
            topic, _, article, _ = line.split()
            answers[topic] = article
    queries = []
    with open(folder / f"{name}.queries.tsv", encoding="utf-8") as source:
        for line in source:
            topic, text = line.rstrip("\n").split("\t", 1)
            if topic.startswith(prefix) and topic in answers:
                queries.append((text, answers[topic]))
    return records(folder / f"{name}.jsonl.gz"), queries


def headlines(found):
    """Blanks headlines, which become the queries."""
    queries = [(record["title"], record["id"]) for record in found if record.get("title")]
    return [{**record, "title": ""} for record in found], queries


def first_sentences(found):
    """Blanks the first sentence where it can be told, at least 20 characters of it."""
    queries, out = [], []
    for record in found:
        parts = SENTENCE_END.split(record.get("body", "").strip(), maxsplit=1)
        if len(parts) == 2 and 20 <= len(parts[0]) <= 400 and len(parts[1]) > 200:
            queries.append((parts[0], record["id"]))
            record = {**record, "body": parts[1]}
        out.append(record)
    return out, queries


def cases(shared):
    """Of each language: what is asked and a function that gives records and queries."""
    corpora = shared / "corpora"

    def of(language):
        every = records(corpora / "wmt21_multi.jsonl.gz")
        return first_sentences([r for r in every if r.get("lang") == language])

    out = {"zh": ("headline", lambda: headlines(records(corpora / "crudrag_zh.jsonl.gz"))),
           "ja": ("headline", lambda: judged(shared, "livedoor_notitle")),
           "en": ("headline", lambda: judged(shared, "bbc_notitle"))}
    for language in ("am", "fr", "ha", "sw", "yo"):
        out[language] = ("headline",
                         lambda code=language: judged(shared, "masakhanews_notitle", code))
    out["de"] = ("sentence", lambda: first_sentences(records(corpora / "gnad10k_de.jsonl.gz")))
    out["ar"] = ("sentence", lambda: first_sentences(records(corpora / "moroccan_ar.jsonl.gz")))
    for language in ("ru", "cs", "is"):
        out[language] = ("sentence", lambda code=language: of(code))
    return out


def measured(ranks, count):
    """Found in the first ten, and mean reciprocal rank."""
    return sum(rank > 0 for rank in ranks) / count, sum(1 / r for r in ranks if r) / count


def by_ns(program, found, queries, work):
    with tempfile.TemporaryDirectory(dir=work) as folder:
        folder = pathlib.Path(folder)
        with open(folder / "in.jsonl", "w", encoding="utf-8") as out:
            for record in found:
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
        with open(folder / "topics.tsv", "w", encoding="utf-8") as topics, \
                open(folder / "qrels", "w", encoding="utf-8") as qrels:
            for number, (text, article) in enumerate(queries):
                topics.write(f"q{number}\t{' '.join(text.split())}\n")
                qrels.write(f"q{number} 0 {article} 1\n")
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "check": True}
        subprocess.run([program, "index", "--quiet", "--index", folder / "ns",
                        folder / "in.jsonl"], **quiet)
        done = subprocess.run([program, "eval", "--index", folder / "ns", "--topics",
                               folder / "topics.tsv", "--qrels", folder / "qrels", "--depth",
                               str(DEPTH), "--json"], **quiet)
        every = json.loads(done.stdout)["all"]
        return every["recall_100"], every["recip_rank"]


def words_of(text, way):
    """The query as FTS5 takes it: quoted words, or every trigram."""
    tokenizer, between = FTS5[way]
    if tokenizer == "trigram":
        text = re.sub(r"\s+", " ", text)
        pieces = [text[i:i + 3] for i in range(len(text) - 2)]
    else:
        pieces = re.findall(r"\w+", text)
    return between.join('"' + piece.replace('"', '""') + '"' for piece in dict.fromkeys(pieces))


def by_fts5(way, found, queries):
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(title, body, tokenize = "
                 f"'{FTS5[way][0]}')")
    base.executemany("INSERT INTO t (rowid, title, body) VALUES (?, ?, ?)",
                     [(row, record.get("title", ""), record.get("body", ""))
                      for row, record in enumerate(found)])
    ranks = []
    for text, article in queries:
        asked, rank = words_of(text, way), 0
        rows = base.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank, rowid LIMIT ?",
                            (asked, DEPTH)).fetchall() if asked else []
        for at, (row,) in enumerate(rows, 1):
            if found[row]["id"] == article:
                rank = at
        ranks.append(rank)
    return measured(ranks, len(queries))


def options(known):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--ns", default=ROOT / "build" / "ns", help="the program (build/ns)")
    parser.add_argument("--work", default=None, help="for temporary files")
    parser.add_argument("--shared", default=os.environ.get("NS_SHARED", ROOT.parent / "shared"),
                        help="the folder that holds collections/ and corpora/")
    parser.add_argument("--most", type=int, default=MOST_QUERIES, help="queries a language")
    parser.add_argument("names", nargs="*", metavar="LANGUAGE", help=", ".join(known))
    chosen = parser.parse_args()
    for name in chosen.names:
        if name not in known:
            parser.error(f"no queries in {name}")
    return chosen


def main():
    chosen = options(list(cases(pathlib.Path("."))))
    shared = pathlib.Path(chosen.shared)
    if not (shared / "collections").exists():
        raise SystemExit(f"{shared}/collections is missing; --shared names the folder that holds it")
    print("| language | queries | ns found, MRR | " +
          " | ".join(f"{name} found, MRR" for name in FTS5) + " |")
    print("| --- | ---: |" + " ---: |" * (1 + len(FTS5)))
    for language, (kind, load) in cases(shared).items():
        if chosen.names and language not in chosen.names:
            continue
        found, queries = load()
        step = max(1, len(queries) // chosen.most) if chosen.most else 1
        queries = queries[::step][:chosen.most] if chosen.most else queries
        cells = [by_ns(chosen.ns, found, queries, chosen.work)]
        cells += [by_fts5(name, found, queries) for name in FTS5]
        print(f"| {language} | {len(queries)}, {kind} | " +
              " | ".join(f"{share:.3f}, {mrr:.3f}" for share, mrr in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
